"""The end of files: slots that nothing came into, contents that nothing refers to, what was held back long enough."""

from collections.abc import Iterable
from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.scope import EVERYTHING
from models.uploads import Upload
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.uploads.reading import FORGOTTEN
from resolvers.uploads.receiving import ATTEMPTS, ERASE_TOPIC
from rules.access import Permission
from rules.uploads import UPLOAD, UploadState

BATCH = 500
_DUE = Q(state__in=[UploadState.OPEN, UploadState.RECEIVED, UploadState.CLEAN], used_at=None) | Q(
    state=UploadState.QUARANTINED
)


async def due_uploads(ctx: Context) -> list[UUID]:
    """Files whose time is over, at most some hundreds."""
    async with db.read(EVERYTHING):
        rows = Upload.filter(_DUE, expires_at__lte=ctx.now).order_by("expires_at").limit(BATCH)
        return [row.id for row in await rows.only("id")]


@command(permission=Permission.RUN_SCHEDULES, emits=("upload.ended",), key=Key.OPTIONAL, as_system=True)
async def pass_upload_time(ctx: Context, *, upload_id: UUID) -> Upload | None:
    """Ends a file whose time is over; its content is taken out of the storage."""
    upload = await Upload.filter(_DUE, id=upload_id, expires_at__lte=ctx.now).select_for_update().first()
    if upload is not None:
        await end_uploads(ctx, [upload])
    return upload


async def end_uploads(ctx: Context, files: Iterable[Upload]) -> None:
    """Ends these files, locked, forgets what was read from them, and has their contents erased once the transaction
    commits.
    """
    for upload in files:
        event = "expire" if upload.state is UploadState.OPEN else "erase"
        await upload.change(now=ctx.now, state=UPLOAD.after(upload.state, event), **FORGOTTEN)
        ctx.event("upload.ended", upload, partner_id=upload.partner_id, state=upload.state.value)
        ctx.effect("upload.ended", upload, name=upload.file_name)
        ctx.enqueue(ERASE_TOPIC, str(upload.id), max_attempts=ATTEMPTS, upload_id=str(upload.id))
