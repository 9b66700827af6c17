"""The way of a content: a slot is opened for what is declared of it, it arrives there, and the scanner looks at it."""

from uuid import UUID

from tortoise.queryset import QuerySet

from models.accounts import Account
from models.uploads import Upload
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.query import query
from resolvers.uploads.reading import opened_reading, passed_over, request_reading
from resolvers.uploads.scope import lock_upload, sealed_path, visible_uploads
from rules.access import Permission
from rules.documents import Document
from rules.errors import ErrorCode, require
from rules.uploads import DAY, UPLOAD, UploadPurpose, UploadState, check_slot, compute_end

SCAN_TOPIC = "upload.scan"
ERASE_TOPIC = "upload.erase"
ATTEMPTS = 12


@query(permission=Permission.UPLOADS_READ)
def uploads(ctx: Context) -> QuerySet[Upload]:
    """The files that you have sent."""
    return visible_uploads(ctx)


def sending_path(ctx: Context, upload: Upload) -> str:
    """Where the content of an open slot is to be put."""
    return sealed_path(ctx.secret, "send", upload.id, upload.expires_at)


@command(
    permission=Permission.UPLOADS_SEND,
    refuses=(ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT, ErrorCode.OUT_OF_RANGE, ErrorCode.UPLOAD_LIMIT),
    emits=("upload.opened",),
)
async def open_upload(
    ctx: Context, *, name: str, media_type: str, size: int, sha256: str, purpose: UploadPurpose | None = None
) -> Upload:
    """Opens a slot for one file: PUT its content to `url`, with the declared type as Content-Type, before `expiresAt`.

    Name the upload's id where an input asks for a file. Putting the same content again does no harm. A file to which
    nothing refers is erased after a time. What a licence says is read once the scanner has looked at it: see `reading`.
    """
    declared = Document(name.strip(), media_type, size, sha256.lower())
    account = await Account.filter(id=ctx.actor.account_id).select_for_update(no_key=True).get()
    lately = Upload.filter(account_id=account.id, created_at__gt=ctx.now - DAY)
    first = await lately.order_by("created_at").first()
    oldest = None if first is None else first.created_at
    require(check_slot(declared, await lately.count(), oldest, policy=ctx.policy))
    upload = await Upload.insert(
        now=ctx.now,
        account_id=account.id,
        partner_id=ctx.actor.partner_id,
        file_name=declared.name,
        media_type=declared.media_type,
        size=declared.size,
        sha256=declared.sha256,
        purpose=purpose,
        reading=opened_reading(ctx, purpose),
        state=UploadState.OPEN,
        expires_at=compute_end(UploadState.OPEN, now=ctx.now, policy=ctx.policy),
    )
    ctx.event("upload.opened", upload)
    ctx.effect("upload.opened", upload, name=upload.file_name)
    return upload


async def _enter(ctx: Context, upload: Upload, event: str, **values: object) -> None:
    state = UPLOAD.after(upload.state, event)
    account = await Account.get(id=upload.account_id)
    end = compute_end(state, now=ctx.now, policy=ctx.policy_of(account))
    await upload.change(now=ctx.now, state=state, expires_at=end, **values)


@command(
    permission=Permission.RUN_SCHEDULES,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("upload.received",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def receive_upload(ctx: Context, *, upload_id: UUID) -> Upload:
    """The content of a slot lies in the storage: the scanner is to look at it."""
    upload = await lock_upload(upload_id)
    await _enter(ctx, upload, "receive", received_at=ctx.now)
    ctx.event("upload.received", upload, partner_id=upload.partner_id)
    ctx.effect("upload.received", upload, name=upload.file_name)
    ctx.enqueue(SCAN_TOPIC, str(upload.id), max_attempts=ATTEMPTS, upload_id=str(upload.id))
    return upload


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("upload.cleared", "upload.quarantined"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def settle_upload(ctx: Context, *, upload_id: UUID, finding: str | None) -> Upload:
    """What the scanner says: the file may be opened, or is held back and whoever sent it is told. Once."""
    upload = await lock_upload(upload_id)
    if upload.state is not UploadState.RECEIVED:
        return upload
    if finding is None:
        await _enter(ctx, upload, "clear")
        ctx.event("upload.cleared", upload, partner_id=upload.partner_id)
        ctx.effect("upload.cleared", upload, name=upload.file_name)
        request_reading(ctx, upload)
        return upload
    await _enter(ctx, upload, "quarantine", finding=finding, reading=passed_over(upload))
    ctx.event("upload.quarantined", upload, partner_id=upload.partner_id)
    ctx.effect("upload.quarantined", upload, name=upload.file_name)
    ctx.notify("upload_quarantined", await Account.get(id=upload.account_id), about=upload, names={"file": upload})
    return upload
