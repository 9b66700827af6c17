"""Files as what other things refer to: found for a command, and opened for whoever sees what refers to them."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import Q

from core.ids import decode_id, encode_id
from models.uploads import Upload
from resolvers.context import Context
from resolvers.uploads.scope import sealed_path
from rules.documents import Document
from rules.errors import ErrorCode, Violation
from rules.uploads import OPENS_FOR, check_usable

REFUSALS = (ErrorCode.UPLOAD_NOT_RECEIVED, ErrorCode.UPLOAD_QUARANTINED)
"""What a command may answer that asks for a file."""


async def find_document(ctx: Context, upload_id: UUID, *path: str) -> tuple[Document | None, list[Violation]]:
    """The document of an upload of the actor's account or partner, from now on in use; or every reason against it, at
    `path`: NOT_FOUND, UPLOAD_NOT_RECEIVED, UPLOAD_QUARANTINED. Writes, so it belongs into a command.
    """
    own = Q(account_id=ctx.actor.account_id)
    if ctx.actor.partner_id is not None:
        own |= Q(partner_id=ctx.actor.partner_id)
    upload = await Upload.filter(own, id=upload_id).select_for_update().first()
    if upload is None:
        return None, [Violation(ErrorCode.NOT_FOUND, path)]
    wrong = check_usable(upload.state, path=path)
    if wrong:
        return None, wrong
    if upload.used_at is None:
        await upload.change(now=ctx.now, used_at=ctx.now)
    public_id = encode_id(Upload.prefix, upload.id)
    return Document(upload.file_name, upload.media_type, upload.size, upload.sha256, public_id), []


async def find_documents(
    ctx: Context, upload_ids: Sequence[UUID], *path: str
) -> tuple[list[Document], list[Violation]]:
    """As `find_document`, for several; what is wrong with one is reported at its number below `path`."""
    documents, wrong = [], []
    for number, upload_id in enumerate(upload_ids):
        document, against = await find_document(ctx, upload_id, *path, str(number))
        documents += [] if document is None else [document]
        wrong += against
    return documents, wrong


def reading_path(ctx: Context, document: Document) -> str:
    """Where the content of a document can be read for some minutes; asked of what shows the document."""
    _, upload_id = decode_id(document.upload_id)
    return sealed_path(ctx.secret, "read", upload_id, ctx.now + OPENS_FOR)
