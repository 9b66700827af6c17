"""How bound employees become project specialists: what was handed in, and the inputs for it."""

import strawberry

from models.accounts import Account as AccountRow
from models.specialists import SpecialistBinding as BindingRow
from resolvers import specialists as use_cases
from rules.paths import PathCode
from rules.specialists import DeployMode
from schema.documents import handed_in, proof, proofs
from schema.fields import relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.specialists.profiles import PROOF_READERS

strawberry.enum(DeployMode, name="SpecialistDeployMode", description="Where a specialist of the service path is sent.")


@strawberry.type(description="What a partner handed in when it applied for one person as a project specialist.")
class SpecialistApplication(Versioned, Node, OfRow):
    """The source object is a SpecialistApplication row."""

    path: PathCode = strawberry.field(description="For which path.")
    deploy_mode: DeployMode | None = strawberry.field(description="Where the person is sent; on the service path.")
    base_location = relation(
        use_cases.base_locations_of,
        str | None,
        "The person's base location at that time; for its partner null from the end of the binding on.",
        columns=("account_id", "base_location", "binding_id"),
    )
    documents = proofs("documents", "What was handed in, 10 at most.", *PROOF_READERS)


@strawberry.type(description="Why a project specialist is to be cancelled.")
class SpecialistCancellation(Versioned, Node, OfRow):
    """The source object is a SpecialistCancellation row."""

    by_vendor: bool = strawberry.field(description="Whether the vendor did it by itself.")
    reason: str = strawberry.field(description="Why.")
    document = proof("document", "What the partner handed in.", *PROOF_READERS)


@strawberry.input
class ApplyForSpecialistsInput(KeyedInput):
    """For whom, and as what."""

    ids: list[strawberry.ID] = ref(BindingRow, "The bindings, at most 100.", argument="binding_ids")
    path: PathCode = strawberry.field(description="A path that your partner is on.")
    deploy_mode: DeployMode | None = strawberry.field(default=None, description="Required on the service path.")
    document_ids: list[strawberry.ID] = handed_in("What you hand in, at most 10 files.", argument="upload_ids")


@strawberry.input
class RequestSpecialistCancellationInput(KeyedInput):
    """Who is to be a specialist no longer, and why."""

    id: strawberry.ID = ref(BindingRow, "The binding.", argument="binding_id")
    reason: str = text("Why; the vendor reads it.", most=500)
    document_id: strawberry.ID = handed_in("What you hand in.", argument="upload_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class WithdrawSpecialistCancellationInput(KeyedInput):
    """Who is to stay a specialist after all."""

    id: strawberry.ID = ref(BindingRow, "The binding.", argument="binding_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class CancelSpecialistInput(KeyedInput):
    """Who is a specialist no longer, and why."""

    id: strawberry.ID = ref(BindingRow, "The binding.", argument="binding_id")
    reason: str = text("Why; both sides read it.", most=500)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class AssignSpecialistMemberInput(KeyedInput):
    """Which member a bound person is."""

    id: strawberry.ID = ref(BindingRow, "The binding.", argument="binding_id")
    member_id: strawberry.ID | None = ref(AccountRow, "The member; absent: none.", argument="member_id", default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")
