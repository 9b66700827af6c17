"""Files as what other things refer to: found for a command, and opened for whoever sees what refers to them."""

from collections.abc import Iterable, Mapping, Sequence
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


Found = Mapping[UUID, Upload]
"""Uploads of the actor's account or partner, locked, by their ids."""


async def find_uploads(ctx: Context, upload_ids: Iterable[UUID]) -> Found:
    """Those of the ids that are uploads of the actor's account or partner. One statement for all of a command."""
    own = Q(account_id=ctx.actor.account_id)
    if ctx.actor.partner_id is not None:
        own |= Q(partner_id=ctx.actor.partner_id)
    wanted = sorted(set(upload_ids))
    rows = await Upload.filter(own, id__in=wanted).order_by("id").select_for_update() if wanted else []
    return {row.id: row for row in rows}


async def take_document(
    ctx: Context, found: Found, upload_id: UUID, *path: str
) -> tuple[Document | None, list[Violation]]:
    """The document of an upload among those found, from now on in use; or every reason against it, at `path`:
    NOT_FOUND, UPLOAD_NOT_RECEIVED, UPLOAD_QUARANTINED. Writes, so it belongs into a command.
    """
    upload = found.get(upload_id)
    if upload is None:
        return None, [Violation(ErrorCode.NOT_FOUND, path)]
    wrong = check_usable(upload.state, path=path)
    if wrong:
        return None, wrong
    if upload.used_at is None:
        await upload.change(now=ctx.now, used_at=ctx.now)
    public_id = encode_id(Upload.prefix, upload.id)
    return Document(upload.file_name, upload.media_type, upload.size, upload.sha256, public_id), []


async def take_documents(
    ctx: Context, found: Found, upload_ids: Sequence[UUID], *path: str
) -> tuple[list[Document], list[Violation]]:
    """As `take_document`, for several; what is wrong with one is reported at its number below `path`."""
    documents, wrong = [], []
    for number, upload_id in enumerate(upload_ids):
        document, against = await take_document(ctx, found, upload_id, *path, str(number))
        documents += [] if document is None else [document]
        wrong += against
    return documents, wrong


async def find_document(ctx: Context, upload_id: UUID, *path: str) -> tuple[Document | None, list[Violation]]:
    """As `take_document`, of the one upload that a command asks for."""
    return await take_document(ctx, await find_uploads(ctx, [upload_id]), upload_id, *path)


async def find_documents(
    ctx: Context, upload_ids: Sequence[UUID], *path: str
) -> tuple[list[Document], list[Violation]]:
    """As `take_documents`, of the one list that a command asks for."""
    return await take_documents(ctx, await find_uploads(ctx, upload_ids), upload_ids, *path)


def reading_path(ctx: Context, document: Document) -> str:
    """Where the content of a document can be read for some minutes; asked of what shows the document."""
    _, upload_id = decode_id(document.upload_id)
    return sealed_path(ctx.secret, "read", upload_id, ctx.now + OPENS_FOR)
