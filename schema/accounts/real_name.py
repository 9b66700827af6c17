"""GraphQL of real-name authentication: a case, what was handed in with it, its submission and decision."""

from datetime import datetime
from typing import Any, cast

import strawberry

from models.accounts import RealNameCase as RealNameCaseRow
from models.base import Mask
from resolvers import accounts
from rules.access import Permission, may
from rules.accounts import RealNameKind, RealNameState
from rules.accounts.real_name import RealNameFileKind
from rules.documents import Document as DocumentData
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.documents import Document, handed_in
from schema.fields import Payload, masked, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned

strawberry.enum(RealNameKind, description="Whom the real name belongs to.")
strawberry.enum(RealNameState, description="Where real-name authentication stands.")
strawberry.enum(RealNameFileKind, description="What a file shows that is handed in with a real name.")

K = RealNameFileKind
_DECIDES = Permission.ACCOUNTS_DECIDE_REAL_NAME


@strawberry.type(description="A file that was handed in with a real name.")
class RealNameFile:
    """Made from what the case keeps."""

    kind: RealNameFileKind = strawberry.field(description="What it shows.")
    file: Document = strawberry.field(description="The file.")


@strawberry.type(description="A submission for real-name authentication.")
class RealNameCase(Versioned, Node, OfRow):
    """The source object is a RealNameCase row."""

    kind: RealNameKind = strawberry.field(description="Whose real name.")
    state: RealNameState = strawberry.field(description="IN_REVIEW until the vendor decides.")
    reason: str | None = strawberry.field(description="Why it failed.")
    decided_at: datetime | None = strawberry.field(description="When it was decided.")
    legal_name = masked("legal_name", Mask.NAME, "The name as on the certificate.", seen_with=(_DECIDES,))
    document_number = masked("document_number", Mask.IDENTIFIER, "The certificate's number.", seen_with=(_DECIDES,))

    @strawberry.field(
        description=f"What was handed in with it; null unless it is your own or you have {_DECIDES.value}.",
        metadata=looks_at("account_id", "files"),
    )
    def files(self, info: Info) -> list[RealNameFile] | None:
        """Pictures of documents are nobody else's to see, and cannot be masked."""
        row: Any = self
        actor = info.context.ctx.actor
        if row.account_id != actor.account_id and not may(actor, _DECIDES):
            return None
        found: Any = [
            RealNameFile(kind=K(one["kind"]), file=cast("Any", DocumentData(**one["file"]))) for one in row.files
        ]
        return list(found)

    actions = relation(
        accounts.actions_of, list[ActionState], "What you may do with it now: DECIDE.", columns=("state",)
    )


def _pictures(description: str, argument: str) -> Any:
    return handed_in(
        f"{description} Some pages, at most as many as the policy says.", argument=argument, default_factory=list
    )


@strawberry.input
class SubmitRealNameInput(KeyedInput):
    """Whose real name, the certificate's data, and pictures of what shows it: BMP, JPEG or PNG, 10 MB each at most."""

    kind: RealNameKind = strawberry.field(description="PERSONAL or ENTERPRISE.")
    legal_name: str = text("The name as on the certificate.", most=256)
    document_number: str = text("The certificate's number; CN companies: unified social credit code.", most=40)
    certificate_ids: list[strawberry.ID] = _pictures(
        "A person's certificate; of a company its legal person's.", "certificates"
    )
    licence_ids: list[strawberry.ID] = _pictures("A company's business licence.", "licences")
    power_of_attorney_ids: list[strawberry.ID] = _pictures(
        "The stamped power of attorney of who acts for a company's legal person.", "powers_of_attorney"
    )


@strawberry.input
class DecideRealNameInput(KeyedInput):
    """The vendor's decision."""

    id: strawberry.ID = ref(RealNameCaseRow, "Id of the case.", argument="case_id")
    approve: bool = strawberry.field(description="Pass or fail.")
    reason: str | None = text("Why it fails.", most=500, default=None)


@strawberry.type(description="The case concerned.")
class RealNameCasePayload(Payload):
    """The source object is a RealNameCase."""

    case: RealNameCase | None = strawberry.field(description="The case as it stands now.")
