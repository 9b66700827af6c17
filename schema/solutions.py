"""GraphQL of solutions: the registry with its certifications, and sharing them inside a company."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.ids import encode_id
from models.base import Mask
from models.solutions import Solution as SolutionRow
from resolvers import solutions as use_cases
from resolvers.context import Context
from rules.access import Permission
from rules.solutions import DESCRIPTION_LENGTH, SolutionForm, SolutionKind, SolutionState
from schema.actions import ActionState
from schema.context import Info
from schema.fields import Owner, Payload, masked, mutation, query, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import connection

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(SolutionKind, description="How demanding a solution's certification is.")
strawberry.enum(SolutionForm, description="What a solution is made of.")
strawberry.enum(SolutionState, description="Where a solution's certification stands.")
_SEEN = (Permission.SOLUTIONS_DECIDE,)
_OWNER = Owner("partner_id", Permission.SOLUTIONS_EDIT)


@strawberry.type(description="A partner's solution with its certification.")
class Solution(Versioned, Node, OfRow):
    """The source object is a Solution row."""

    kind: SolutionKind = strawberry.field(description="How demanding its certification is.")
    form: SolutionForm = strawberry.field(description="What it is made of.")
    state: SolutionState = strawberry.field(description="Where its certification stands.")
    name: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What it does.")
    industry: str = strawberry.field(description="For which industry.")
    services: list[str] = strawberry.field(description="The cloud services it uses.")
    contact_name = masked("contact_name", Mask.NAME, "Who answers for it.", seen_with=_SEEN, owner=_OWNER)
    contact_mobile = masked("contact_mobile", Mask.MOBILE, "How to call them.", seen_with=_SEEN, owner=_OWNER)
    contact_email = masked("contact_email", Mask.EMAIL, "How to write to them.", seen_with=_SEEN, owner=_OWNER)
    certified_at: datetime | None = strawberry.field(description="When it was certified last.")
    valid_until: datetime | None = strawberry.field(
        description="Until when that certification is valid, also while the next one is reviewed."
    )
    reason: str | None = strawberry.field(description="Why it was rejected last.")
    partner = relation(
        use_cases.partners_of, Annotated["Partner", strawberry.lazy("schema.partners")], "The partner it belongs to."
    )
    actions = relation(
        use_cases.actions_of,
        list[ActionState],
        "What you may do with it now: CHANGE, SUBMIT.",
        columns=(
            "state",
            "partner_id",
            "name",
            "description",
            "industry",
            "services",
            "contact_name",
            "contact_mobile",
            "contact_email",
        ),
    )


@strawberry.type(description="An account's reference to a certification of another account of its company.")
class SolutionShare(Node, OfRow):
    """The source object is a SolutionShare row."""

    solution_name: str = strawberry.field(description="The name of the solution that it rests on.")
    shared_at: datetime = strawberry.field(description="Since when.")


@strawberry.type(description="A valid certification of another account of your company.")
class SharableCertification:
    """The source object is the use case's."""

    kind: SolutionKind = strawberry.field(description="How demanding it is.")
    name: str = strawberry.field(description="The solution's name.")
    partner_name: str = strawberry.field(description="The account's name.")
    valid_until: datetime = strawberry.field(description="Until when it is valid, and a share of it.")

    @strawberry.field(description="What to name with shareCertification.")
    def solution_id(self) -> strawberry.ID:
        """The solution's id."""
        offered: Any = self
        return strawberry.ID(encode_id(SolutionRow.prefix, offered.solution_id))


@strawberry.input
class CreateSolutionInput(KeyedInput):
    """A draft; what is missing may come later, all of it is asked with the submission."""

    kind: SolutionKind = strawberry.field(description="How demanding its certification is.")
    form: SolutionForm = strawberry.field(description="What it is made of.")
    name: str = text("Its name.", most=200)
    description: str | None = text("What it does.", most=DESCRIPTION_LENGTH, default=None)
    industry: str | None = text("For which industry.", most=100, default=None)
    services: list[str] | None = text("The cloud services it uses, 100 at most, each", most=64, default=None)
    contact_name: str | None = text("Who answers for it.", most=100, default=None)
    contact_mobile: str | None = text("How to call them.", most=30, default=None)
    contact_email: str | None = text("How to write to them.", most=200, default=None)


@strawberry.input
class UpdateSolutionInput(KeyedInput):
    """What changes; null: stays."""

    id: strawberry.ID = ref(SolutionRow, "Id of the solution.", argument="solution_id")
    name: str | None = text("Its name.", most=200, default=None)
    description: str | None = text("What it does.", most=DESCRIPTION_LENGTH, default=None)
    industry: str | None = text("For which industry.", most=100, default=None)
    services: list[str] | None = text("The cloud services it uses, 100 at most, each", most=64, default=None)
    contact_name: str | None = text("Who answers for it.", most=100, default=None)
    contact_mobile: str | None = text("How to call them.", most=30, default=None)
    contact_email: str | None = text("How to write to them.", most=200, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SubmitSolutionInput(KeyedInput):
    """The solution to submit."""

    id: strawberry.ID = ref(SolutionRow, "Id of the solution.", argument="solution_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ShareCertificationInput(KeyedInput):
    """The certification to share."""

    solution_id: strawberry.ID = ref(SolutionRow, "Id of the solution, from sharableCertifications.")


@strawberry.type(description="The solution concerned.")
class SolutionPayload(Payload):
    """The source object is a Solution."""

    solution: Solution | None = strawberry.field(description="The solution as it stands now.")


@strawberry.type(description="The share that was made.")
class SolutionSharePayload(Payload):
    """The source object is a SolutionShare."""

    share: SolutionShare | None = strawberry.field(description="The share.")


@strawberry.type
class SolutionQueries:
    """Root reads of this domain."""

    @connection(use_cases.solutions, Solution)
    def solutions(
        self, ctx: Context, state: SolutionState | None = None, kind: SolutionKind | None = None
    ) -> QuerySet[Any]:
        """Solutions that you see, newest first: your partner's, for the vendor everybody's."""
        return use_cases.solutions(ctx, state=state, kind=kind)

    @query(use_cases.sharable_certifications)
    async def sharable_certifications(self, info: Info) -> list[SharableCertification]:
        """The valid certifications of your company's other accounts that your account has not shared yet."""
        return await use_cases.sharable_certifications(info.context.ctx)  # type: ignore[return-value]


@strawberry.type
class SolutionMutations:
    """Root mutations of this domain."""

    create_solution = mutation(use_cases.create_solution, CreateSolutionInput, SolutionPayload)
    update_solution = mutation(use_cases.update_solution, UpdateSolutionInput, SolutionPayload)
    submit_solution = mutation(use_cases.submit_solution, SubmitSolutionInput, SolutionPayload)
    share_certification = mutation(use_cases.share_certification, ShareCertificationInput, SolutionSharePayload)
