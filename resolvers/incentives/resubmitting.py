"""Payouts refused while business information was being certified: asked for again the day after it was."""

from uuid import UUID

from tortoise.queryset import QuerySet

from core import db
from core.scope import EVERYTHING
from models.business_info import BusinessInfo
from models.incentives import DeferredPayout
from models.partners import Partner
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.incentives.payouts import check_list, open_payout
from resolvers.incentives.scope import facts_of, lock_incentives, visible_deferred
from resolvers.partners.benefits import benefits_blockers
from resolvers.query import query
from rules.access import Permission
from rules.business_info import BusinessInfoState
from rules.errors import ErrorCode, Violation, refuse, require
from rules.incentives.kinds import DEFERRED, DeferredStatus
from rules.incentives.payout import check_payout, compute_resubmission

BATCH = 500


@query(permission=Permission.INCENTIVES_READ)
def deferred_payouts(ctx: Context, *, status: DeferredStatus | None = None) -> QuerySet[DeferredPayout]:
    """The partner's payouts that wait for its certification, newest first; the vendor's staff see every partner's."""
    rows = visible_deferred(ctx)
    return rows if status is None else rows.filter(status=status)


@command(
    permission=Permission.INCENTIVES_REQUEST_PAYOUT,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("deferred_payout.withdrawn",),
)
async def withdraw_deferred_payout(
    ctx: Context, *, deferred_id: UUID, expected_version: int | None = None
) -> DeferredPayout:
    """Takes back a payout that waits for the certification of your business information."""
    row = await visible_deferred(ctx).filter(id=deferred_id).select_for_update().first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    expect_version(row, expected_version)
    require(DEFERRED.check(row.status, "withdraw"))
    await row.change(now=ctx.now, status=DEFERRED.after(row.status, "withdraw"), ended_at=ctx.now)
    ctx.event("deferred_payout.withdrawn", row, partner_id=row.partner_id, status=row.status.value)
    ctx.effect("deferred_payout.withdrawn", row)
    return row


async def due_resubmissions(ctx: Context) -> list[UUID]:
    """Payouts that wait and whose partner was certified before today, the oldest first."""
    async with db.read(EVERYTHING):
        waiting = await DeferredPayout.filter(status=DeferredStatus.WAITING).order_by("id").limit(BATCH)
        partners = [row.partner_id for row in waiting]
        records = await BusinessInfo.filter(partner_id__in=partners, state=BusinessInfoState.CERTIFIED)
    due = {row.partner_id for row in records if _is_due(ctx, row)}
    return [row.id for row in waiting if row.partner_id in due]


def _is_due(ctx: Context, record: BusinessInfo | None) -> bool:
    certified = None if record is None else record.certified_at
    return certified is not None and ctx.now >= compute_resubmission(certified)


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=(
        "deferred_payout.resubmitted",
        "deferred_payout.dropped",
        "incentive.confirmed",
        "payout.requested",
        "payout.completed",
        "voucher_quota.granted",
    ),
    key=Key.OPTIONAL,
    as_system=True,
)
async def resubmit_payout(ctx: Context, *, deferred_id: UUID) -> DeferredPayout | None:
    """Asks again for a payout that was refused before the certification; None when it is not its time, or no more.

    What stands against it now is told to the partner, and it is dropped.
    """
    row = await DeferredPayout.filter(id=deferred_id, status=DeferredStatus.WAITING).select_for_update().first()
    if row is None:
        return None
    certified = BusinessInfo.filter(partner_id=row.partner_id, state=BusinessInfoState.CERTIFIED)
    if not _is_due(ctx, await certified.first()):
        return None
    partner = await Partner.get(id=row.partner_id)
    policy = ctx.policy_of(partner)
    ids = [UUID(text) for text in row.incentive_ids]
    rows = await lock_incentives(ctx, ids)
    facts = {place: facts_of(rows[one]) for place, one in enumerate(ids) if one in rows}
    against = (
        check_list(ids, rows)
        + (await benefits_blockers(ctx, partner))[partner.id]
        + check_payout(row.method, facts, certified=True, now=ctx.now, policy=policy)
    )
    if against:
        return await _drop(ctx, row, partner, against)
    payout = await open_payout(ctx, partner, list(rows.values()), row.method, policy, requested_by=row.requested_by)
    status = DEFERRED.after(row.status, "resubmit")
    await row.change(now=ctx.now, status=status, ended_at=ctx.now, payout_id=payout.id)
    ctx.event("deferred_payout.resubmitted", row, partner_id=row.partner_id, status=status.value)
    ctx.effect("deferred_payout.resubmitted", row)
    ctx.notify("payout_resubmitted", partner, about=row)
    return row


async def _drop(ctx: Context, row: DeferredPayout, partner: Partner, against: list[Violation]) -> DeferredPayout:
    codes = list(dict.fromkeys(violation.code.value for violation in against))
    status = DEFERRED.after(row.status, "drop")
    await row.change(now=ctx.now, status=status, ended_at=ctx.now, codes=codes)
    ctx.event("deferred_payout.dropped", row, partner_id=row.partner_id, status=status.value)
    ctx.effect("deferred_payout.dropped", row)
    ctx.notify("payout_not_resubmitted", partner, about=row)
    return row
