"""GraphQL of files that are handed in. Their contents come and go beside it (`schema/contents.py`)."""

from datetime import datetime
from typing import Any, cast

import strawberry
from tortoise.queryset import QuerySet

from models.base import Mask
from resolvers import uploads as use_cases
from resolvers.context import Context
from rules.documents import NAME_LENGTH
from rules.uploads import ReadingState, UploadPurpose, UploadState
from schema.columns import looks_at
from schema.context import Info
from schema.fields import Payload, masked, mutation
from schema.inputs import KeyedInput, text
from schema.nodes import Node, OfRow
from schema.pages import connection

strawberry.enum(UploadState, description="Where a file stands that is handed in.")
strawberry.enum(UploadPurpose, description="What a file shows, where what it says is to be read.")
strawberry.enum(ReadingState, description="What became of reading a file.")


@strawberry.type(description="What was read from the picture of a business licence: a suggestion for a form.")
class LicenceReading:
    """The source object is a Reading of the use cases."""

    state: ReadingState = strawberry.field(description="What became of reading it.")
    name: str | None = strawberry.field(description="The company's name.")
    credit_code = masked("credit_code", Mask.IDENTIFIER, "Its credit code.")
    legal_representative = masked("legal_representative", Mask.NAME, "Who represents it by law.")
    address: str | None = strawberry.field(description="Where it is registered.")


@strawberry.type(description="A file that you hand in: name its id where an input asks for a file.")
class Upload(Node, OfRow):
    """The source object is an Upload row."""

    file_name: str = strawberry.field(description="The file's name.")
    media_type: str = strawberry.field(description="As application/pdf.")
    size: int = strawberry.field(description="In bytes.")
    sha256: str = strawberry.field(description="The content's SHA-256 in hexadecimal digits.")
    state: UploadState = strawberry.field(description="Where it stands.")
    expires_at: datetime = strawberry.field(description="When it ends, unless something refers to it.")
    used_at: datetime | None = strawberry.field(description="Since when something refers to it.")
    purpose: UploadPurpose | None = strawberry.field(description="What it shows, where what it says is to be read.")

    @strawberry.field(
        description="Where to PUT the content, with the media type as Content-Type: a path below this server. Null once"
        " it has arrived.",
        metadata=looks_at("id", "state", "expires_at"),
    )
    def url(self, info: Info) -> str | None:
        """Whoever has the address may send the content: treat it as a secret."""
        row: Any = self
        return use_cases.sending_path(info.context.ctx, row) if row.state is UploadState.OPEN else None

    @strawberry.field(
        description="What it says, of a licence; null for other files, and once the file is gone.",
        metadata=looks_at("account_id", "reading", *use_cases.READ_COLUMNS),
    )
    def reading(self) -> LicenceReading | None:
        """A suggestion: what a form says is what its sender has checked."""
        row: Any = self
        found: Any = use_cases.reading_of(row)
        return cast("LicenceReading | None", found)


@strawberry.input
class OpenUploadInput(KeyedInput):
    """What the file is: content that differs from it is refused."""

    name: str = text("The file's name.", most=NAME_LENGTH)
    media_type: str = text("application/pdf, image/bmp, image/jpeg or image/png.", most=100)
    size: int = strawberry.field(description="In bytes.")
    sha256: str = text("The content's SHA-256 in hexadecimal digits.", least=64, most=64)
    purpose: UploadPurpose | None = strawberry.field(
        default=None, description="What it shows, for what it says to be read; null to have it read by nobody."
    )


@strawberry.type(description="The slot that was opened.")
class UploadPayload(Payload):
    """The source object is an Upload."""

    upload: Upload | None = strawberry.field(description="The file, and where to put its content.")


@strawberry.type
class UploadQueries:
    """Reads."""

    @connection(use_cases.uploads, Upload)
    def uploads(self, ctx: Context) -> QuerySet[Any]:
        """The files that you have sent, newest first."""
        return use_cases.uploads(ctx)


@strawberry.type
class UploadMutations:
    """Writes."""

    open_upload = mutation(use_cases.open_upload, OpenUploadInput, UploadPayload)
