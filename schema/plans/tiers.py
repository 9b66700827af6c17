"""The types of tiers: those above a member's own, and applications for them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import plans
from rules.plans import TierRequirementKind, UpgradeState
from schema.actions import ActionState
from schema.context import Info
from schema.errors import UserError
from schema.fields import relation
from schema.nodes import Node, OfRow, Versioned

if TYPE_CHECKING:
    from schema.partners import Partner
    from schema.plans.types import PlanMembership

strawberry.enum(UpgradeState, name="TierUpgradeState", description="Where an application for a higher tier stands.")
strawberry.enum(TierRequirementKind, description="What a tier asks for in numbers.")


@strawberry.type(description="Whether the partner may apply now, for a plan or a tier.")
class PlanEligibility:
    """Made from the guards of the mutation."""

    eligible: bool = strawberry.field(description="Whether nothing stands in the way.")
    reasons: list[UserError] = strawberry.field(description="Every reason against it.")


@strawberry.type(description="One thing that a tier asks for.")
class TierRequirement:
    """Made from the rule's requirement."""

    kind: TierRequirementKind = strawberry.field(description="What is asked for.")
    needed: int = strawberry.field(description="How much is needed.")
    have: int = strawberry.field(description="How much there is.")
    met: bool = strawberry.field(description="Whether there is enough.")


@strawberry.type(description="A tier above a member's own.")
class TierOffer:
    """The source object is a TierOffer of the use cases."""

    requirements: list[TierRequirement] = strawberry.field(
        description="What it asks for beside a validated role of some account of the company."
    )

    @strawberry.field(description="Its stable code on the site.")
    def code(self) -> str:
        """The tier's code."""
        return _offer(self).tier.code

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """The title from the catalogue."""
        return _offer(self).tier.titles[info.context.ctx.locale]

    @strawberry.field(description="Whether the ecosystem manager alone applies for it.")
    def by_manager(self) -> bool:
        """Whether it is assigned."""
        return _offer(self).tier.assigned

    @strawberry.field(description="Whether the partner may apply for it now by upgradeTier, and if not, why.")
    def eligibility(self) -> PlanEligibility:
        """The reasons of the guards."""
        reasons: list[Any] = _offer(self).reasons
        return PlanEligibility(eligible=not reasons, reasons=reasons)


def _offer(source: Any) -> plans.TierOffer:
    offer: plans.TierOffer = source
    return offer


@strawberry.type(description="An application for a higher tier, by the partner or its ecosystem manager.")
class TierUpgrade(Versioned, Node, OfRow):
    """The source object is a TierUpgrade row."""

    from_tier: str = strawberry.field(description="The tier it was made in.")
    tier: str = strawberry.field(description="The tier it asks for.")
    statement: str | None = strawberry.field(description="What the applicant has said in support.")
    state: UpgradeState = strawberry.field(description="Where it stands.")
    by_vendor: bool = strawberry.field(description="Whether the ecosystem manager has made it on the partner's behalf.")
    applied_at: datetime = strawberry.field(description="When it was made.")
    ended_at: datetime | None = strawberry.field(description="When it was decided or withdrawn.")
    reason: str | None = strawberry.field(description="Why it was rejected.")
    partner = relation(
        plans.partners_of, Annotated["Partner", strawberry.lazy("schema.partners")], "The partner it is about."
    )
    membership = relation(
        plans.memberships_of,
        Annotated["PlanMembership", strawberry.lazy("schema.plans.types")],
        "The membership whose tier it is about.",
    )
    actions = relation(
        plans.upgrade_actions_of, list[ActionState], "What you may do with it now: WITHDRAW.", columns=("state",)
    )
