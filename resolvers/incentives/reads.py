"""Lists of incentives, payouts and owed invoices, their sums, and what may be done with each now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from core.rows import read_sums
from models.incentives import Incentive, OwedInvoice, PayoutItem, PayoutRequest
from models.partners import Partner
from models.performance import PerformanceSheet
from models.vouchers import VoucherQuota
from resolvers.actions import ActionState, action
from resolvers.business_info import certified_among
from resolvers.context import Context
from resolvers.incentives.confirming import confirm_incentives
from resolvers.incentives.freezing import freeze_incentive, unfreeze_incentive
from resolvers.incentives.payouts import complete_payout, reject_payout, request_payout
from resolvers.incentives.scope import (
    claimable,
    facts_of,
    visible,
    visible_owed_invoices,
    visible_payouts,
)
from resolvers.partners.benefits import benefits_blockers
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.customers import AssociationType
from rules.errors import Violation
from rules.incentives.kinds import PAYOUT, IncentiveStatus, PayoutMethod, PayoutStatus
from rules.incentives.payout import check_business_info, check_payable, check_total, compute_methods
from rules.incentives.reconcile import check_confirm, check_freeze, check_together, check_unfreeze


@query(permission=Permission.INCENTIVES_READ)
def incentives(
    ctx: Context,
    *,
    period: str | None = None,
    status: IncentiveStatus | None = None,
    association_type: AssociationType | None = None,
    frozen: bool | None = None,
) -> QuerySet[Incentive]:
    """The partner's incentives; the vendor's staff see every partner's."""
    return _wanted(visible(ctx), period=period, status=status, association_type=association_type, frozen=frozen)


def incentives_to_confirm(ctx: Context) -> QuerySet[Incentive]:
    """Those incentives that can still be confirmed."""
    pending = incentives(ctx, status=IncentiveStatus.PENDING_CONFIRM)
    return pending.filter(claimable(ctx), confirm_deadline__gt=ctx.now)


@query(permission=Permission.INCENTIVES_READ)
def payout_requests(
    ctx: Context, *, status: PayoutStatus | None = None, method: PayoutMethod | None = None
) -> QuerySet[PayoutRequest]:
    """The partner's payouts; the vendor's staff see every partner's."""
    return _wanted(visible_payouts(ctx), status=status, method=method)


@query(permission=Permission.INCENTIVES_READ)
def owed_invoices(ctx: Context) -> QuerySet[OwedInvoice]:
    """The invoices that the partner owes the vendor."""
    return visible_owed_invoices(ctx)


def _wanted(rows: QuerySet[Any], **filters: object) -> QuerySet[Any]:
    return rows.filter(**{name: value for name, value in filters.items() if value is not None})


@dataclass(slots=True)
class IncentiveTotals:
    """Sums in minor units of one currency. `payable` is confirmed and not frozen: its payout may be requested."""

    currency: str
    pending: int = 0
    payable: int = 0
    frozen: int = 0
    paying_out: int = 0
    paid: int = 0


@query(permission=Permission.INCENTIVES_READ)
async def incentive_totals(ctx: Context) -> list[IncentiveTotals]:
    """How much is pending, payable, frozen, being paid out and paid, by currency. One statement."""
    found: dict[str, IncentiveTotals] = {}
    for one in await read_sums(visible(ctx), ("currency", "status", "frozen"), "amount"):
        currency, status, frozen = one.values
        totals = found.setdefault(currency, IncentiveTotals(currency))
        name = _SUMS.get(status)
        if name is not None and frozen:
            name = "frozen"
        if name is not None:
            setattr(totals, name, getattr(totals, name) + one.total)
    return [found[currency] for currency in sorted(found)]


@dataclass(frozen=True, slots=True)
class IncentiveTotal:
    """How many incentives of a list are in one currency, and their sum in its minor units."""

    currency: str
    count: int
    total: int


async def totals_of(rows: QuerySet[Incentive]) -> list[IncentiveTotal]:
    """Number and sum of a list's incentives by currency. One statement."""
    sums = await read_sums(rows, ("currency",), "amount")
    found = [IncentiveTotal(one.values[0], one.count, one.total) for one in sums]
    return sorted(found, key=attrgetter("currency"))


_SUMS = {
    IncentiveStatus.PENDING_CONFIRM: "pending",
    IncentiveStatus.CONFIRMED: "payable",
    IncentiveStatus.PAYING_OUT: "paying_out",
    IncentiveStatus.PAID: "paid",
}


def methods_of(ctx: Context, row: Incentive) -> tuple[PayoutMethod, ...]:
    """By which methods an incentive may be paid out."""
    return compute_methods(row.association_type, row.generated_at, ctx.policy_of(row))


async def actions_of(ctx: Context, parents: Sequence[Incentive]) -> list[list[ActionState]]:
    """What the actor may do with each incentive, by the guards of the commands. Four statements."""
    partners = {parent.partner_id for parent in parents}
    certified = await certified_among(partners)
    gates = await benefits_blockers(ctx, *await Partner.filter(id__in=partners).only("id", "kind"))
    for partner_id, gate in gates.items():
        gate += check_business_info(partner_id in certified)
    pending = await _pending(ctx, partners)
    return [_actions(ctx, row, gates[row.partner_id], pending[row.partner_id, row.period]) for row in parents]


async def _pending(ctx: Context, partners: set[UUID]) -> dict[tuple[UUID, str], set[UUID]]:
    """(partner, month) → its incentives that can still be confirmed."""
    rows = incentives_to_confirm(ctx).filter(partner_id__in=partners)
    found: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for row in await rows.only("id", "partner_id", "period"):
        found[row.partner_id, row.period].add(row.id)
    return found


def _actions(ctx: Context, row: Incentive, gate: list[Violation], pending: set[UUID]) -> list[ActionState]:
    facts, policy = facts_of(row), ctx.policy_of(row)
    confirming = check_confirm(facts, now=ctx.now) or check_together(len(pending - {row.id}), policy=policy)
    paying = gate + check_payable(facts, now=ctx.now) + check_total(facts.amount)
    return [
        action(ctx, "CONFIRM", confirm_incentives, confirming),
        action(ctx, "REQUEST_PAYOUT", request_payout, paying),
        action(ctx, "FREEZE", freeze_incentive, check_freeze(facts, now=ctx.now)),
        action(ctx, "UNFREEZE", unfreeze_incentive, check_unfreeze(facts, now=ctx.now)),
    ]


async def payout_actions(ctx: Context, parents: Sequence[PayoutRequest]) -> list[list[ActionState]]:
    """What the actor may do with each payout."""
    return [
        [
            action(ctx, "COMPLETE", complete_payout, PAYOUT.check(row.status, "complete")),
            action(ctx, "REJECT", reject_payout, PAYOUT.check(row.status, "reject")),
        ]
        for row in parents
    ]


async def items_of(ctx: Context, parents: Sequence[PayoutRequest]) -> list[list[PayoutItem]]:
    """The incentives of each payout with what they count there."""
    rows = await PayoutItem.filter(payout_id__in=[row.id for row in parents]).order_by("id").select_related("incentive")
    return [[row for row in rows if row.payout_id == parent.id] for parent in parents]


async def payouts_of(ctx: Context, parents: Sequence[Incentive]) -> list[PayoutRequest | None]:
    """The payout that each incentive is in; None while there is none."""
    items = await PayoutItem.filter(incentive_id__in=[row.id for row in parents], released=False).select_related(
        "payout"
    )
    found = {item.incentive_id: item.payout for item in items}
    return [found.get(parent.id) for parent in parents]


sheets_of = to_one("sheet_id", PerformanceSheet)
"""The month of performance that each incentive comes from."""


quotas_of = to_one("quota_id", VoucherQuota)
"""The quota that each payout became; None for other methods."""


partners_of = to_one("partner_id", Partner)
"""The partner of each incentive or payout."""


resubmitted_of = to_one("payout_id", PayoutRequest, visible=visible_payouts)
"""The payout that each deferred one became."""
