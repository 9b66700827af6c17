"""Whose files an actor sees, and the sealed addresses under which contents come and go."""

import base64
from datetime import datetime
from uuid import UUID

from tortoise.queryset import QuerySet

from core.ids import encode_id
from core.tokens import equal, keyed
from models.uploads import Upload
from resolvers.context import Context
from resolvers.nodes import findable
from rules.access import Permission
from rules.errors import ErrorCode, refuse


def visible_uploads(ctx: Context) -> QuerySet[Upload]:
    """The files that the actor's own account has sent; what refers to a file shows it to others."""
    return Upload.filter(account_id=ctx.actor.account_id)


async def lock_upload(upload_id: UUID) -> Upload:
    """The file, locked; NOT_FOUND for none."""
    upload = await Upload.filter(id=upload_id).select_for_update().first()
    if upload is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return upload


findable(Upload, Permission.UPLOADS_READ, visible_uploads)


def sealed_path(secret: bytes, purpose: str, upload_id: UUID, until: datetime) -> str:
    """An address below this server that opens one file for one purpose until then, to whoever holds it."""
    end = int(until.timestamp())
    return f"/uploads/{encode_id(Upload.prefix, upload_id)}?until={end}&seal={_seal(secret, purpose, upload_id, end)}"


def opens(secret: bytes, purpose: str, upload_id: UUID, until: str, seal: str, *, now: datetime) -> bool:
    """Whether this is such an address for the purpose, in time."""
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        return False
    return equal(_seal(secret, purpose, upload_id, int(until)), seal) and now.timestamp() < int(until)


def _seal(secret: bytes, purpose: str, upload_id: UUID, end: int) -> str:
    sealed = keyed(secret, f"upload.{purpose}", upload_id.bytes, str(end))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")
