"""Files as inputs name them, and as whatever refers to them shows them."""

from pathlib import PurePath
from typing import Any

import strawberry

from models.uploads import Upload
from resolvers.uploads import reading_path
from rules.access import Permission, may
from rules.documents import Document as DocumentData
from schema.columns import looks_at
from schema.context import Info
from schema.fields import PARENT
from schema.inputs import ref


def handed_in(description: str, *, argument: str, **more: Any) -> Any:
    """A field for a file that has been uploaded; handed to the use case as UUID under `argument`."""
    return ref(Upload, f"{description} Id of an upload whose content has arrived.", argument=argument, **more)


@strawberry.type(description="A file that was handed in.")
class Document:
    """The source object is a Document of the rules."""

    upload_id: strawberry.ID = strawberry.field(description="The upload it came by.")

    name: str = strawberry.field(description="The file's name.")
    media_type: str = strawberry.field(description="As application/pdf.")
    size: int = strawberry.field(description="In bytes.")
    sha256: str = strawberry.field(description="The file's SHA-256 in hexadecimal digits.")

    @strawberry.field(
        description="Where to GET its content for some minutes: a path below this server. It answers 409 until the"
        " scanner has looked at it, 403 when that has found something. Null for a person's proof that is not yours to"
        " open."
    )
    def url(self, info: Info) -> str | None:
        """Whoever has the address can read the file: treat it as a secret."""
        document: Any = self
        return None if isinstance(document, Closed) else reading_path(info.context.ctx, document)


class Closed(DocumentData):
    """A document whose reader learns that it is there."""

    __slots__ = ()


def declared(column: str, description: str) -> Any:
    """A field that shows the document whose JSON is kept in this column; null for none."""

    def resolve(root: Any) -> Any:
        stored = getattr(root, column)
        return DocumentData(**stored) if stored else None

    resolve.__annotations__ = {"root": PARENT, "return": Document | None}
    return strawberry.field(resolver=resolve, description=description, metadata=looks_at(column))


def declared_list(column: str, description: str) -> Any:
    """A field that shows the documents whose JSON is kept in this column."""

    def resolve(root: Any) -> Any:
        return [DocumentData(**stored) for stored in getattr(root, column)]

    resolve.__annotations__ = {"root": PARENT, "return": list[Document]}
    return strawberry.field(resolver=resolve, description=description, metadata=looks_at(column))


def proof(column: str, description: str, *seen_with: Permission) -> Any:
    """As `declared`, of a person: whoever has none of these permissions opens only its own, and of others' sees neither
    content nor name, for a file is often called like the person.
    """

    def resolve(root: Any, info: Any) -> Any:
        stored = getattr(root, column)
        return _shown(stored, root, info, seen_with) if stored else None

    resolve.__annotations__ = {"root": PARENT, "info": Info, "return": Document | None}
    return strawberry.field(resolver=resolve, description=description, metadata=looks_at(column, "account_id"))


def proofs(column: str, description: str, *seen_with: Permission) -> Any:
    """As `proof`, for a list."""

    def resolve(root: Any, info: Any) -> Any:
        return [_shown(stored, root, info, seen_with) for stored in getattr(root, column)]

    resolve.__annotations__ = {"root": PARENT, "info": Info, "return": list[Document]}
    return strawberry.field(resolver=resolve, description=description, metadata=looks_at(column, "account_id"))


def _shown(stored: dict[str, Any], root: Any, info: Any, seen_with: tuple[Permission, ...]) -> DocumentData:
    actor = info.context.ctx.actor
    if root.account_id == actor.account_id or any(may(actor, one) for one in seen_with):
        return DocumentData(**stored)
    return Closed(**{**stored, "name": f"***{PurePath(stored['name']).suffix}"})
