"""Documents that are handed in: what is declared of a file, and what is shown of it."""

from typing import Any

import strawberry

from rules.documents import NAME_LENGTH
from rules.documents import Document as DocumentData
from schema.columns import looks_at
from schema.fields import PARENT
from schema.inputs import text


@strawberry.input(description="A file that is declared: what it is called, of which kind, how large, and its digest.")
class DocumentInput:
    """Handed to use cases as a GivenDocument."""

    name: str = text("The file's name.", most=NAME_LENGTH)
    media_type: str = text("As application/pdf.", most=100)
    size: int = strawberry.field(description="In bytes.")
    sha256: str = text("The file's SHA-256 in hexadecimal digits.", least=64, most=64)


@strawberry.type(description="A file that was declared.")
class Document:
    """The source object is a Document of the rules."""

    name: str = strawberry.field(description="The file's name.")
    media_type: str = strawberry.field(description="As application/pdf.")
    size: int = strawberry.field(description="In bytes.")
    sha256: str = strawberry.field(description="The file's SHA-256 in hexadecimal digits.")


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
