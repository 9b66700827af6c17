"""What licences say: read by a provider after the scanner's look, kept with the file as a suggestion for the form."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal
from uuid import UUID

from core.settings import RecognitionProvider
from models.accounts import Account
from models.uploads import Upload
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.uploads.scope import lock_upload
from rules.access import Permission
from rules.partners.licences import Licence, compute_suggestion
from rules.sites import Site
from rules.uploads import READING, ReadingState, UploadPurpose, is_to_be_read

READ_TOPIC = "upload.read"
READ_ATTEMPTS = 6

ReadingEvent = Literal["read", "give_up", "switch_off"]
_PIECES = [field.name for field in fields(Licence)]
_NOTHING: dict[str, Any] = {f"licence_{piece}": None for piece in _PIECES}
READ_COLUMNS = tuple(_NOTHING)
"""The columns of a file that hold what was read from it."""
FORGOTTEN: dict[str, Any] = {"reading": None, **_NOTHING}
"""The columns of a file of which nothing is kept any more."""


def opened_reading(ctx: Context, purpose: UploadPurpose | None) -> ReadingState | None:
    """Where the reading of a file begins; None for one that nobody is to read."""
    if purpose is None:
        return None
    off = ctx.settings.recognition_provider is RecognitionProvider.NONE
    return ReadingState.OFF if off else ReadingState.WAITING


def request_reading(ctx: Context, upload: Upload) -> None:
    """Has a file read that waits for it, once the transaction commits; the scanner has found nothing in it."""
    if is_to_be_read(upload.state, upload.reading):
        ctx.enqueue(READ_TOPIC, str(upload.id), max_attempts=READ_ATTEMPTS, upload_id=str(upload.id))


def passed_over(upload: Upload) -> ReadingState | None:
    """The reading of a file that nobody is shown."""
    waits = upload.reading is ReadingState.WAITING
    return READING.after(ReadingState.WAITING, "pass_over") if waits else upload.reading


@command(permission=Permission.RUN_SCHEDULES, emits=("upload.reading_ended",), key=Key.OPTIONAL, as_system=True)
async def settle_reading(
    ctx: Context, *, upload_id: UUID, event: ReadingEvent, licence: Licence | None = None
) -> Upload:
    """What became of reading a file. Once: what has ended, or was settled before, stays as it is."""
    upload = await lock_upload(upload_id)
    if not is_to_be_read(upload.state, upload.reading):
        return upload
    account = await Account.get(id=upload.account_id)
    kept = None if licence is None else compute_suggestion(licence, Site(account.site))
    state = READING.after(ReadingState.WAITING, "pass_over" if event == "read" and kept is None else event)
    pieces = _NOTHING if kept is None else {f"licence_{piece}": value for piece, value in asdict(kept).items()}
    await upload.change(now=ctx.now, reading=state, **pieces)
    ctx.event("upload.reading_ended", upload, partner_id=upload.partner_id, state=state.value)
    ctx.effect("upload.reading_ended", upload, name=upload.file_name)
    return upload


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Reading(Licence):
    """What a file says and what became of reading it, as what is masked wants it: with its owner, and no row."""

    account_id: UUID
    state: ReadingState
    id: None = None


def reading_of(upload: Upload) -> Reading | None:
    """What was read from a file; None for one that is not to be read."""
    if upload.reading is None:
        return None
    pieces = {piece: getattr(upload, f"licence_{piece}") for piece in _PIECES}
    return Reading(account_id=upload.account_id, state=upload.reading, **pieces)
