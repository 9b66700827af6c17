"""GraphQL of distributors and resellers: applications, invitations, links, and parting."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from models.base import Mask
from models.resellers import ResellerApplication as ApplicationRow
from models.resellers import ResellerInvitation as InvitationRow
from models.resellers import ResellerLink as LinkRow
from resolvers import resellers as use_cases
from resolvers.context import Context
from resolvers.rules import plan_agreement
from rules.customers import InvitationState
from rules.plans import PlanCode
from rules.resellers import ApplicationStatus, LinkStatus
from schema.actions import ActionState
from schema.batch import BatchPayload, item, reasons
from schema.columns import looks_at
from schema.context import Info
from schema.fields import Payload, masked, mutation, query, relation
from schema.inputs import KeyedInput, SecretInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import connection
from schema.rules import Statement

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(
    ApplicationStatus,
    name="ResellerApplicationStatus",
    description="Where a company's application to a distributor stands.",
)
strawberry.enum(LinkStatus, name="ResellerLinkStatus", description="Whether a reseller belongs to its distributor.")

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
LinkToken = Annotated[str, strawberry.argument(description="The token, as it stands in the link.")]


@strawberry.type(description="A company's application to become a distributor's reseller.")
class ResellerApplication(Versioned, Node, OfRow):
    """The source object is a ResellerApplication row."""

    company_name: str = strawberry.field(description="The company that applies.")
    mobile = masked("mobile", Mask.MOBILE, "Its mobile number.")
    email = masked("email", Mask.EMAIL, "Its e-mail address.")
    status: ApplicationStatus = strawberry.field(description="Who has to decide, or what came of it.")
    applied_at: datetime = strawberry.field(description="When it applied.")
    vendor_approved_at: datetime | None = strawberry.field(description="When the vendor passed it on.")
    decided_at: datetime | None = strawberry.field(description="When the distributor decided.")
    reason: str | None = strawberry.field(description="Why it was rejected.")
    distributor = relation(use_cases.distributors_of, PartnerType | None, "The intended distributor.")
    actions = relation(
        use_cases.application_actions,
        list[ActionState],
        "What you may do with it now: APPROVE, REJECT.",
        columns=("distributor_id", "partner_id", "status"),
    )


@strawberry.type(description="A distributor's link by mail for a company that is to become its reseller.")
class ResellerInvitation(Versioned, Node, OfRow):
    """The source object is a ResellerInvitation row."""

    email = masked("email", Mask.EMAIL, "Where it was sent.")
    valid_until: datetime = strawberry.field(description="From this instant on it opens no more.")
    actions = relation(
        use_cases.invitation_actions,
        list[ActionState],
        "What may be done with it now: REVOKE.",
        columns=("state", "valid_until"),
    )

    @strawberry.field(description="Whether it still opens the door.", metadata=looks_at("state", "valid_until"))
    def state(self, info: Info) -> InvitationState:
        """The state that counts now."""
        row: Any = self
        return use_cases.state_of(info.context.ctx, row)


@strawberry.type(description="A reseller's belonging to its distributor, from its beginning to its end.")
class ResellerLink(Versioned, Node, OfRow):
    """The source object is a ResellerLink row."""

    company_name: str = strawberry.field(description="The reseller's company.")
    mobile = masked("mobile", Mask.MOBILE, "The reseller's mobile number.")
    email = masked("email", Mask.EMAIL, "The reseller's e-mail address.")
    status: LinkStatus = strawberry.field(description="ACTIVE, EXITING or ENDED.")
    began_at: datetime = strawberry.field(description="When it began.")
    exiting_at: datetime | None = strawberry.field(description="When they began to part.")
    exit_reason: str | None = strawberry.field(description="Why they part.")
    ended_at: datetime | None = strawberry.field(description="When they had parted.")
    distributor = relation(use_cases.distributors_of, PartnerType | None, "The distributor.")
    reseller = relation(use_cases.resellers_of, PartnerType | None, "The reseller.")
    actions = relation(
        use_cases.link_actions,
        list[ActionState],
        "What you may do with it now: START_EXIT, END_EXIT.",
        columns=("id", "distributor_id", "reseller_id", "status"),
    )


@strawberry.type(description="What a distributor's link offers to whoever opens it.")
class ResellerOffer:
    """The source object is an Offer."""

    distributor_name: str = strawberry.field(description="Who invites.")
    agreement_version: str = strawberry.field(description="The version of the reseller plan's agreement to accept.")

    @strawberry.field(description="The agreement itself.")
    def agreement(self) -> Statement | None:
        """The version in force."""
        return plan_agreement(PlanCode.RESELLER)  # type: ignore[return-value]


@strawberry.input(description="Which companies; every condition given must hold.")
class ResellerFilter:
    """Absent or null: any."""

    name_starts_with: str | None = text("How the company's name begins, whatever the case.", most=256, default=None)
    mobile: str | None = text("Its mobile number.", most=32, default=None)
    email: str | None = text("Its e-mail address.", most=64, default=None)

    def condition(self) -> use_cases.ResellerFilter:
        """For the use case."""
        return use_cases.ResellerFilter(self.name_starts_with, self.mobile, self.email)


def _condition(given: ResellerFilter | None) -> use_cases.ResellerFilter:
    return given.condition() if given else use_cases.ResellerFilter()


@strawberry.input
class DecideResellerApplicationsInput(KeyedInput):
    """Which applications, and yes or no to all of them."""

    ids: list[strawberry.ID] = ref(ApplicationRow, "The applications, at most 100.", argument="application_ids")
    approve: bool = strawberry.field(description="true: they become your resellers at once.")
    reason: str | None = text("Why not; required to reject, and read by the companies.", most=500, default=None)


@strawberry.input
class InviteResellerInput(KeyedInput):
    """Where the link goes."""

    email: str = text("The e-mail address of the company's account.", most=64)


@strawberry.input
class RevokeResellerInvitationInput(KeyedInput):
    """Which invitation ends."""

    id: strawberry.ID = ref(InvitationRow, "The invitation.", argument="invitation_id")


@strawberry.input
class AcceptResellerInvitationInput(SecretInput):
    """The link's token, and the agreement that is accepted."""

    token: str = text("The token, as it stands in the link.", most=100)
    agreement_version: str | None = text("Version of the agreement you accept.", most=20, default=None)


@strawberry.input
class StartResellerExitInput(KeyedInput):
    """With whom to part, and why."""

    id: strawberry.ID = ref(LinkRow, "The link to the reseller.", argument="link_id")
    reason: str = text("Why; both sides read it.", most=500)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class EndResellerExitInput(KeyedInput):
    """Which link ends."""

    id: strawberry.ID = ref(LinkRow, "The link to the reseller.", argument="link_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="What became of one application.")
class ResellerApplicationResult:
    """The source object is a batch's Item."""

    application = item(ResellerApplication, "The application as it stands now.")
    user_errors = reasons()


@strawberry.type(description="A result for each application, in the order given.")
class DecideResellerApplicationsPayload(BatchPayload):
    """The source object is a Batch of applications."""

    results: list[ResellerApplicationResult] = strawberry.field(description="What became of each.")


@strawberry.type(description="The invitation concerned.")
class ResellerInvitationPayload(Payload):
    """The source object is a ResellerInvitation."""

    invitation: ResellerInvitation | None = strawberry.field(description="The invitation as it stands now.")


@strawberry.type(description="The link concerned.")
class ResellerLinkPayload(Payload):
    """The source object is a ResellerLink."""

    link: ResellerLink | None = strawberry.field(description="The link as it stands now.")


@strawberry.type
class ResellerQueries:
    """Root reads of this domain."""

    @connection(use_cases.resellers, ResellerLink)
    def resellers(
        self, ctx: Context, filter: ResellerFilter | None = None, status: LinkStatus | None = None
    ) -> QuerySet[Any]:
        """Your resellers, present and former ones, newest first; for the vendor those of all distributors."""
        return use_cases.resellers(ctx, filter=_condition(filter), status=status)

    @connection(use_cases.reseller_applications, ResellerApplication)
    def reseller_applications(
        self, ctx: Context, filter: ResellerFilter | None = None, status: ApplicationStatus | None = None
    ) -> QuerySet[Any]:
        """Companies that want to be your resellers, from the vendor's approval on, newest first."""
        return use_cases.reseller_applications(ctx, filter=_condition(filter), status=status)

    @connection(use_cases.reseller_invitations, ResellerInvitation)
    def reseller_invitations(self, ctx: Context, state: InvitationState | None = None) -> QuerySet[Any]:
        """Your invitations to companies, newest first."""
        return use_cases.reseller_invitations(ctx, state=state)

    @query(use_cases.my_distributor, cost=Cost(weight=2))
    async def my_distributor(self, info: Info) -> ResellerLink | None:
        """For a reseller: its link to its distributor, until they have parted."""
        return await use_cases.my_distributor(info.context.ctx)  # type: ignore[return-value]

    @query(use_cases.reseller_invitation, cost=Cost(weight=5))
    async def reseller_invitation(self, info: Info, token: LinkToken) -> ResellerOffer | None:
        """What the link with this token offers; null alike for one that is unknown, used, revoked or over."""
        return await use_cases.reseller_invitation(info.context.ctx, token=token)  # type: ignore[return-value]


@strawberry.type
class ResellerMutations:
    """Root mutations of this domain."""

    decide_reseller_applications = mutation(
        use_cases.decide_reseller_applications, DecideResellerApplicationsInput, DecideResellerApplicationsPayload
    )
    invite_reseller = mutation(use_cases.invite_reseller, InviteResellerInput, ResellerInvitationPayload)
    revoke_reseller_invitation = mutation(
        use_cases.revoke_reseller_invitation, RevokeResellerInvitationInput, ResellerInvitationPayload
    )
    accept_reseller_invitation = mutation(
        use_cases.accept_reseller_invitation, AcceptResellerInvitationInput, ResellerLinkPayload
    )
    start_reseller_exit = mutation(use_cases.start_reseller_exit, StartResellerExitInput, ResellerLinkPayload)
    end_reseller_exit = mutation(use_cases.end_reseller_exit, EndResellerExitInput, ResellerLinkPayload)
