"""Whose incentives and payouts an actor sees, and how a command gets at them."""

from collections.abc import Collection
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.incentives import DeferredPayout, Incentive, OwedInvoice, PayoutRequest
from resolvers.context import Context
from resolvers.nodes import findable, own_rows
from rules.access import Permission
from rules.errors import ErrorCode, refuse
from rules.incentives.reconcile import IncentiveFacts


def visible(ctx: Context) -> QuerySet[Incentive]:
    """The vendor sees every incentive, a partner its own."""
    return own_rows(ctx, Incentive)


def visible_payouts(ctx: Context) -> QuerySet[PayoutRequest]:
    """The vendor sees every payout, a partner its own."""
    return own_rows(ctx, PayoutRequest)


def visible_owed_invoices(ctx: Context) -> QuerySet[OwedInvoice]:
    """The vendor sees every owed invoice, a partner its own."""
    return own_rows(ctx, OwedInvoice)


def visible_deferred(ctx: Context) -> QuerySet[DeferredPayout]:
    """The vendor sees every payout that waits for certification, a partner its own."""
    return own_rows(ctx, DeferredPayout)


findable(Incentive, Permission.INCENTIVES_READ, visible)
findable(PayoutRequest, Permission.INCENTIVES_READ, visible_payouts)
findable(DeferredPayout, Permission.INCENTIVES_READ, visible_deferred)
findable(OwedInvoice, Permission.INCENTIVES_READ, visible_owed_invoices)


def claimable(ctx: Context) -> Q:
    """That an incentive has not lapsed, marked or not."""
    return Q(amount__lt=0) | Q(claim_until__isnull=True) | Q(claim_until__gt=ctx.now)


async def lock_incentives(ctx: Context, ids: Collection[UUID]) -> dict[UUID, Incentive]:
    """Those of the ids that the actor sees, locked in the order of their ids. One statement."""
    rows = await visible(ctx).filter(id__in=list(ids)).order_by("id").select_for_update()
    return {row.id: row for row in rows}


async def access_incentive(ctx: Context, incentive_id: UUID) -> Incentive:
    """The incentive, locked; NOT_FOUND for one the actor may not see."""
    found = await lock_incentives(ctx, [incentive_id])
    if incentive_id not in found:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return found[incentive_id]


async def access_payout(ctx: Context, payout_id: UUID) -> PayoutRequest:
    """The payout, locked; NOT_FOUND for one the actor may not see."""
    row = await visible_payouts(ctx).filter(id=payout_id).select_for_update().first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row


def facts_of(row: Incentive) -> IncentiveFacts:
    """What the rules ask about an incentive."""
    return IncentiveFacts(
        status=row.status,
        amount=row.amount,
        association_type=row.association_type,
        generated_at=row.generated_at,
        deadline=row.confirm_deadline,
        on_deadline=row.on_deadline,
        frozen=row.frozen,
        claim_until=row.claim_until,
    )
