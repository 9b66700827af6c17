"""The types of partner plans: the catalogue, memberships with their certificates, acceptances of agreements."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import plans
from resolvers.rules import plan_agreement
from rules.plans import PLANS, ExitMode, JoinMode, MembershipState, Plan, PlanCode
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.fields import relation
from schema.nodes import Node, OfRow, Versioned, encoded
from schema.plans.tiers import PlanEligibility, TierOffer
from schema.rules import Statement

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
        "RECORD_EXIT, UPGRADE_TIER, PROPOSE_TIER. ACCEPT_AGREEMENT is allowed when the agreement has a new version; "
        "the last two are about the next tier above the present one.",
        columns=("agreement_version", "invited_until", "partner_id", "plan", "state", "tier", "valid_to"),
    )
    higher_tiers = relation(
        plans.higher_tiers_of,
        list[TierOffer],
        "The tiers above its own, the next one first; empty unless it is in force in a plan in which members can rise.",
        columns=("partner_id", "plan", "state", "tier"),
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

    @strawberry.field(description="What was accepted.", metadata=looks_at("plan", "agreement_version"))
    def agreement(self) -> Statement | None:
        """The version that was accepted."""
        row: Any = self
        return plan_agreement(row.plan, row.agreement_version)  # type: ignore[return-value]

    @strawberry.field(description="The account of the person who accepted it.", metadata=looks_at("signed_by"))
    def signed_by_id(self) -> strawberry.ID:
        """Its public id."""
        row: Any = self
        return encoded("acc", row.signed_by)


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

    @strawberry.field(description="The agreement itself.")
    def agreement(self) -> Statement | None:
        """The version in force."""
        return plan_agreement(_plan(self).code)  # type: ignore[return-value]

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
