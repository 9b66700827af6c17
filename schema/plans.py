"""GraphQL of partner plans: the catalogue, memberships and their progress, joining, leaving and deciding."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from models.partners import Partner as PartnerRow
from models.plans import PlanMembership as PlanMembershipRow
from resolvers import plans
from resolvers.context import Context
from rules.plans import PLANS, ExitMode, JoinMode, MembershipState, Plan, PlanCode
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.errors import UserError
from schema.fields import Payload, mutation, query, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned, encoded
from schema.pages import connection

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(PlanCode, description="A plan that partners join.")
strawberry.enum(JoinMode, name="PlanJoinMode", description="Who takes the first step into a plan.")
strawberry.enum(ExitMode, name="PlanExitMode", description="How a plan is left.")
strawberry.enum(MembershipState, name="PlanMembershipState", description="A partner is in the plan in JOINED alone.")


def _title(plan: Plan, info: Info) -> str:
    return plan.titles[info.context.ctx.locale]


@strawberry.type(description="What certifies a membership, as fields and as a text.")
class PlanCertificate:
    """The source object is a Certificate."""

    number: str = strawberry.field(description="Its number, which a renewal leaves as it is.")
    holder: str = strawberry.field(description="The partner's name.")
    valid_from: date = strawberry.field(description="First day on which it holds, on the partner's site.")
    valid_to: date | None = strawberry.field(description="Last day on which it holds; null without an end.")

    @strawberry.field(description="The plan's name in the caller's language.")
    def plan_name(self, info: Info) -> str:
        """The title from the catalogue."""
        return _certificate(self).title(info.context.ctx.locale)

    @strawberry.field(description="The tier's name in the caller's language; null where the plan has none.")
    def tier_name(self, info: Info) -> str | None:
        """The title from the catalogue."""
        return _certificate(self).tiers.get(info.context.ctx.locale)

    @strawberry.field(description="The certificate as plain text in English and Chinese.")
    def document(self) -> str:
        """Made from the fields."""
        return _certificate(self).document()


def _certificate(source: Any) -> plans.Certificate:
    certificate: plans.Certificate = source
    return certificate


@strawberry.type(description="A partner's way through a plan, from invitation or application to its end.")
class PlanMembership(Versioned, Node, OfRow):
    """The source object is a PlanMembership row."""

    plan: PlanCode = strawberry.field(description="Which plan.")
    state: MembershipState = strawberry.field(description="Where it stands.")
    invited_at: datetime | None = strawberry.field(description="When the vendor invited.")
    applied_at: datetime | None = strawberry.field(description="When the partner applied last.")
    joined_at: datetime | None = strawberry.field(description="When it joined.")
    ended_at: datetime | None = strawberry.field(description="When it was withdrawn, left or expired.")
    invited_until: datetime | None = strawberry.field(description="From this instant on it cannot be followed.")
    valid_from: datetime | None = strawberry.field(description="From when on it holds; a renewal leaves it as it is.")
    valid_to: datetime | None = strawberry.field(
        description="From this instant on it holds no more; null without an end."
    )
    tier: str | None = strawberry.field(description="The partner's tier; null where the plan has none.")
    certificate_no: str | None = strawberry.field(description="Number of the certificate.")
    agreement_version: str | None = strawberry.field(description="Version of the agreement that was accepted.")
    signed_at: datetime | None = strawberry.field(description="When the agreement was accepted.")
    reason: str | None = strawberry.field(description="Why it was rejected or ended.")
    decided_at: datetime | None = strawberry.field(description="When the vendor decided.")
    partner = relation(
        plans.partners_of, Annotated["Partner", strawberry.lazy("schema.partners")], "The partner it belongs to."
    )
    actions = relation(
        plans.actions_of,
        list[ActionState],
        "What you may do with it now: JOIN, DECLINE, REVOKE, WITHDRAW, RENEW, ACCEPT_AGREEMENT, EXIT, DECIDE, "
        "RECORD_EXIT. ACCEPT_AGREEMENT is allowed when the agreement has a new version.",
        columns=("agreement_version", "invited_until", "partner_id", "plan", "state", "valid_to"),
    )
    certificate = relation(
        plans.certificates_of,
        PlanCertificate | None,
        "The certificate; null unless the membership is in force.",
        columns=("certificate_no", "partner_id", "plan", "state", "tier", "valid_from", "valid_to"),
    )

    @strawberry.field(description="The plan's name in the caller's language.", metadata=looks_at("plan"))
    def plan_name(self, info: Info) -> str:
        """The title from the catalogue."""
        return _title(PLANS[self.plan], info)


@strawberry.type(description="One acceptance of a plan's agreement.")
class PlanAgreement(Node, OfRow):
    """The source object is a PlanAgreement row."""

    plan: PlanCode = strawberry.field(description="Whose agreement.")
    agreement_version: str = strawberry.field(description="Which version.")
    signed_at: datetime = strawberry.field(description="When it was accepted.")
    partner = relation(
        plans.partners_of, Annotated["Partner", strawberry.lazy("schema.partners")], "In whose name it was accepted."
    )
    membership = relation(plans.memberships_of, PlanMembership, "The membership that it is part of.")

    @strawberry.field(description="The account of the person who accepted it.", metadata=looks_at("signed_by"))
    def signed_by_id(self) -> strawberry.ID:
        """Its public id."""
        row: Any = self
        return encoded("acc", row.signed_by)


@strawberry.type(description="Whether the acting partner may apply for a plan now.")
class PlanEligibility:
    """Made from the guards of joinPlan."""

    eligible: bool = strawberry.field(description="Whether nothing stands in the way.")
    reasons: list[UserError] = strawberry.field(description="Every reason against it.")


@strawberry.type(name="Plan", description="A plan of the catalogue as the acting partner sees it.")
class PlanType:
    """The source object is a PlanOffer."""

    @strawberry.field(description="Its stable code.")
    def code(self) -> PlanCode:
        """The plan's code."""
        return _plan(self).code

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """The title from the catalogue."""
        return _title(_plan(self), info)

    @strawberry.field(description="Whether partners apply by themselves or after an invitation.")
    def join_mode(self) -> JoinMode:
        """How it is joined."""
        return _plan(self).join

    @strawberry.field(description="Whether partners leave by themselves or through their ecosystem manager.")
    def exit_mode(self) -> ExitMode:
        """How it is left."""
        return _plan(self).exit

    @strawberry.field(description="Whether members have a tier.")
    def tiered(self) -> bool:
        """Whether it has tiers."""
        return _plan(self).tiered

    @strawberry.field(description="The version of the agreement to accept with joinPlan.")
    def agreement_version(self) -> str:
        """The present version."""
        return _plan(self).agreement

    @strawberry.field(description="Whether your partner may apply now, and if not, why; null when no partner acts.")
    def eligibility(self) -> PlanEligibility | None:
        """The reasons of the guards."""
        offer: Any = self
        if offer.reasons is None:
            return None
        return PlanEligibility(eligible=not offer.reasons, reasons=offer.reasons)

    membership: PlanMembership | None = strawberry.field(description="Your partner's latest membership of it.")


def _plan(offer: Any) -> Plan:
    plan: Plan = offer.plan
    return plan


@strawberry.input
class JoinPlanInput(KeyedInput):
    """Which plan, and the agreement that is accepted."""

    plan: PlanCode = strawberry.field(description="The plan to join.")
    agreement_version: str | None = text("Version of the agreement you accept.", most=20, default=None)
    distributor_id: strawberry.ID | None = ref(
        PartnerRow, "For the reseller plan: the distributor you want to work with.", default=None
    )


@strawberry.input
class WithdrawPlanApplicationInput(KeyedInput):
    """The application to take back."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ExitPlanInput(KeyedInput):
    """The membership to end."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class InviteToPlanInput(KeyedInput):
    """Whom the vendor invites to which plan."""

    partner_id: strawberry.ID = ref(PartnerRow, "Id of the partner.")
    plan: PlanCode = strawberry.field(description="The plan.")


@strawberry.input
class DeclinePlanInvitationInput(KeyedInput):
    """The invitation to say no to."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RevokePlanInvitationInput(KeyedInput):
    """The invitation to take back."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RenewPlanInput(KeyedInput):
    """The membership to renew, and the agreement that is accepted."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    agreement_version: str | None = text("Version of the agreement you accept.", most=20, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class AcceptPlanAgreementInput(KeyedInput):
    """The membership, and the new version of its agreement."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    agreement_version: str | None = text("Version of the agreement you accept.", most=20, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class DecidePlanApplicationInput(KeyedInput):
    """The vendor's decision about an application."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    approve: bool = strawberry.field(description="Approve or reject.")
    tier: str | None = text("The tier to begin with; default: the site's first.", most=30, default=None)
    reason: str | None = text("Why it is rejected.", most=500, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version the decision is about.")


@strawberry.input
class RecordPlanExitInput(KeyedInput):
    """An exit agreed on with the ecosystem manager."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    reason: str | None = text("Why.", most=500, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The membership concerned.")
class PlanMembershipPayload(Payload):
    """The source object is a PlanMembership."""

    membership: PlanMembership | None = strawberry.field(description="The membership as it stands now.")


@strawberry.type
class PlanQueries:
    """Root reads of this domain."""

    @query(plans.plan_catalogue)
    async def plan_catalogue(self, info: Info) -> list[PlanType]:
        """Every plan, with what keeps your partner from applying for it now."""
        return await plans.plan_catalogue(info.context.ctx)  # type: ignore[return-value]

    @query(plans.joined_plans)
    async def joined_plans(self, info: Info) -> list[PlanMembership]:
        """The panel of joined plans: your partner is in a plan exactly when it is listed here."""
        return await plans.joined_plans(info.context.ctx)  # type: ignore[return-value]

    @connection(plans.plan_applications, PlanMembership)
    def plan_applications(self, ctx: Context) -> QuerySet[Any]:
        """Your partner's requested plans and invitations with their progress, newest first."""
        return plans.plan_applications(ctx)

    @connection(plans.plan_agreements, PlanAgreement)
    def plan_agreements(self, ctx: Context, plan: PlanCode | None = None) -> QuerySet[Any]:
        """Which versions of plans' agreements your partner has accepted, when and by whom; the vendor sees all."""
        return plans.plan_agreements(ctx, plan=plan)

    @connection(plans.plan_applications_in_review, PlanMembership)
    def plan_applications_in_review(self, ctx: Context, plan: PlanCode | None = None) -> QuerySet[Any]:
        """The vendor's queue of applications for plans, newest first."""
        return plans.plan_applications_in_review(ctx, plan=plan)


@strawberry.type
class PlanMutations:
    """Root mutations of this domain."""

    join_plan = mutation(plans.join_plan, JoinPlanInput, PlanMembershipPayload)
    withdraw_plan_application = mutation(
        plans.withdraw_plan_application, WithdrawPlanApplicationInput, PlanMembershipPayload
    )
    exit_plan = mutation(plans.exit_plan, ExitPlanInput, PlanMembershipPayload)
    renew_plan = mutation(plans.renew_plan, RenewPlanInput, PlanMembershipPayload)
    accept_plan_agreement = mutation(plans.accept_plan_agreement, AcceptPlanAgreementInput, PlanMembershipPayload)
    invite_to_plan = mutation(plans.invite_to_plan, InviteToPlanInput, PlanMembershipPayload)
    decline_plan_invitation = mutation(plans.decline_plan_invitation, DeclinePlanInvitationInput, PlanMembershipPayload)
    revoke_plan_invitation = mutation(plans.revoke_plan_invitation, RevokePlanInvitationInput, PlanMembershipPayload)
    decide_plan_application = mutation(plans.decide_plan_application, DecidePlanApplicationInput, PlanMembershipPayload)
    record_plan_exit = mutation(plans.record_plan_exit, RecordPlanExitInput, PlanMembershipPayload)
