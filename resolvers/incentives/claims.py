"""What becomes of a partner's incentives when it has left its selling plan: claimed for a year, then gone for good."""

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.scope import EVERYTHING
from models.base import Row
from models.incentives import Incentive
from models.partners import Partner
from models.plans import PlanMembership
from resolvers.context import Context
from rules.incentives.kinds import IncentiveStatus
from rules.incentives.reconcile import compute_claim_end
from rules.plans import PLANS, MembershipState
from rules.sites import Site

_UNPAID = (IncentiveStatus.PENDING_CONFIRM, IncentiveStatus.CONFIRMED, IncentiveStatus.PAYING_OUT)
_SELLING = tuple(code for code, plan in PLANS.items() if plan.kind is not None)
_ENDED = (MembershipState.EXITED, MembershipState.EXPIRED)


async def limit_claims(ctx: Context, own: Partner, ended: Row) -> None:
    """Sets the end of claiming for what a partner has not been paid yet; `ended` is the membership that has just ended.

    An earlier end stays: a second plan does not give back what the first one has taken.
    """
    until = compute_claim_end(ctx.now, policy=ctx.policy_of(own))
    rows = Incentive.filter(partner_id=own.id, status__in=_UNPAID, claim_until__isnull=True)
    found = await rows.order_by("id").select_for_update()
    for row in found:
        await row.change(now=ctx.now, claim_until=until)
    if any(row.amount > 0 for row in found):
        ctx.notify("incentives_claimable", own, about=ended, instants={"end": until})


async def claim_end_of(ctx: Context, own: Partner) -> datetime | None:
    """Until when a partner can claim what is made for it now; None while it is in a selling plan, or never was."""
    if own.kind is not None:
        return None
    ended = PlanMembership.filter(partner_id=own.id, plan__in=_SELLING, state__in=_ENDED, joined_at__isnull=False)
    last = await ended.order_by("-ended_at").first()
    if last is None or last.ended_at is None:
        return None
    return compute_claim_end(last.ended_at, policy=ctx.policies.at(Site(own.site), last.ended_at))


async def lapsing_incentives(ctx: Context, *, limit: int = 500) -> list[UUID]:
    """Incentives whose time to be claimed is over, the oldest end first. Those whose deadline of confirmation has
    passed as well are closed first, by their own clock.
    """
    async with db.read(EVERYTHING):
        waiting = Q(status=IncentiveStatus.PENDING_CONFIRM, confirm_deadline__gt=ctx.now)
        rows = Incentive.filter(Q(status=IncentiveStatus.CONFIRMED) | waiting, claim_until__lte=ctx.now, amount__gt=0)
        return [row.id for row in await rows.order_by("claim_until", "id").limit(limit).only("id")]
