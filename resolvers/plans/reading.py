"""Reads about plans: the catalogue with its reasons, the panel of joined plans, applications and their progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tortoise.queryset import QuerySet

from models.partners import Partner
from models.plans import PlanAgreement, PlanMembership
from resolvers.context import Context
from resolvers.locking import access_with_partner
from resolvers.nodes import findable, own_rows
from resolvers.partners.scope import is_inside
from resolvers.plans.candidates import candidate
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.errors import Violation
from rules.plans import PLANS, MembershipState, Plan, PlanCode, check_eligibility

_REQUESTED = (
    MembershipState.INVITED,
    MembershipState.IN_REVIEW,
    MembershipState.DISTRIBUTOR_REVIEW,
    MembershipState.REJECTED,
    MembershipState.WITHDRAWN,
    MembershipState.DECLINED,
    MembershipState.REVOKED,
)


def visible(ctx: Context) -> QuerySet[PlanMembership]:
    """The vendor sees every membership, a partner's people its own."""
    return own_rows(ctx, PlanMembership)


def visible_agreements(ctx: Context) -> QuerySet[PlanAgreement]:
    """The vendor sees every acceptance, a partner's people its own."""
    return own_rows(ctx, PlanAgreement)


findable(PlanMembership, Permission.PLANS_READ, visible)
findable(PlanAgreement, Permission.PLANS_READ, visible_agreements)


access_membership = partial(access_with_partner, PlanMembership)
"""The partner and the membership, both locked; NOT_FOUND when the actor may not see it."""


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """One plan as the acting partner sees it; `reasons` is None when no partner acts."""

    plan: Plan
    reasons: list[Violation] | None
    membership: PlanMembership | None


@query(permission=Permission.PLANS_READ)
async def plan_catalogue(ctx: Context) -> list[PlanOffer]:
    """Every plan in the catalogue's order, with what keeps the acting partner from applying for it now."""
    own = await Partner.get_or_none(id=ctx.actor.partner_id) if ctx.actor.partner_id else None
    if own is None:
        return [PlanOffer(plan, None, None) for plan in PLANS.values()]
    facts = await candidate(own, now=ctx.now)
    latest = {row.plan: row for row in await PlanMembership.filter(partner_id=own.id).order_by("id")}
    return [PlanOffer(plan, check_eligibility(facts, plan), latest.get(plan.code)) for plan in PLANS.values()]


@query(permission=Permission.PLANS_READ)
async def joined_plans(ctx: Context) -> list[PlanMembership]:
    """The panel of joined plans: a partner is in a plan exactly when it is listed here."""
    if ctx.actor.partner_id is None:
        return []
    return await _joined().filter(partner_id=ctx.actor.partner_id)


@query(permission=Permission.PLANS_READ)
def plan_applications(ctx: Context) -> QuerySet[PlanMembership]:
    """The partner's requested plans with their progress, invitations included; joined and left ones are not here."""
    return PlanMembership.filter(partner_id=ctx.actor.partner_id, state__in=_REQUESTED)


@query(permission=Permission.PLANS_DECIDE)
def plan_applications_in_review(ctx: Context, *, plan: PlanCode | None = None) -> QuerySet[PlanMembership]:
    """The vendor's queue of applications for plans."""
    waiting = visible(ctx).filter(state=MembershipState.IN_REVIEW)
    return waiting if plan is None else waiting.filter(plan=plan)


@query(permission=Permission.PLANS_READ)
def plan_agreements(ctx: Context, *, plan: PlanCode | None = None) -> QuerySet[PlanAgreement]:
    """Which versions of plans' agreements were accepted when and by whom."""
    rows = visible_agreements(ctx)
    return rows if plan is None else rows.filter(plan=plan)


async def joined_of(ctx: Context, parents: Sequence[Partner]) -> list[list[PlanMembership] | None]:
    """The joined plans of each partner; None where the actor is one of its customers."""
    rows = await _joined().filter(partner_id__in=[parent.id for parent in parents])
    return [
        [row for row in rows if row.partner_id == parent.id] if is_inside(ctx, parent) else None for parent in parents
    ]


def _joined() -> QuerySet[PlanMembership]:
    return PlanMembership.filter(state=MembershipState.JOINED).order_by("joined_at", "id")


partners_of = to_one("partner_id", Partner)
"""The partner of each membership or acceptance."""


memberships_of = to_one("membership_id", PlanMembership)
"""The membership of each acceptance."""
