"""What time does to incentives: confirms or expires them, offsets negative ones with what expires."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.incentives import Incentive, IncentiveOffset
from models.partners import Partner
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.incentives.confirming import confirm, open_credit
from resolvers.incentives.generation import working_days
from resolvers.incentives.scope import facts_of, lock_incentives
from rules.access import Permission
from rules.incentives.kinds import INCENTIVE, IncentiveStatus
from rules.incentives.policies import policy_of
from rules.incentives.reconcile import compute_confirm_deadline, compute_deadline_event, compute_offsets
from rules.sites import Site

_OPEN = (IncentiveStatus.PENDING_CONFIRM, IncentiveStatus.CONFIRMED)


async def due_incentives(ctx: Context, *, limit: int = 500) -> list[UUID]:
    """Pending incentives whose deadline has passed, oldest deadline first."""
    async with db.read(EVERYTHING):
        rows = Incentive.filter(status=IncentiveStatus.PENDING_CONFIRM, confirm_deadline__lte=ctx.now)
        return [row.id for row in await rows.order_by("confirm_deadline", "id").limit(limit).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("incentive.confirmed", "incentive.expired", "incentive.reduced"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def close_incentive(ctx: Context, *, incentive_id: UUID) -> Incentive | None:
    """Confirms or expires an incentive at its deadline, as its policy says, and tells the partner."""
    found = await Incentive.get_or_none(id=incentive_id)
    if found is None:
        return None
    rows = await lock_incentives(ctx, [found.id, *await negatives_of(found)])
    row = rows.pop(found.id)
    event = compute_deadline_event(facts_of(row), ctx.now)
    if event is None:
        return None
    partner = await Partner.get(id=row.partner_id)
    if event == "auto_confirm":
        await confirm(ctx, row, event, await open_credit(ctx, [row]))
        ctx.notify("incentive_confirmed", partner, about=row, facts={"period": row.period})
        return row
    await row.change(now=ctx.now, status=INCENTIVE.after(row.status, event))
    ctx.event("incentive.expired", row, partner_id=row.partner_id, period=row.period, status=row.status.value)
    ctx.effect("incentive.expired", row, money=(row.amount, row.currency))
    ctx.notify("incentive_expired", partner, about=row, facts={"period": row.period})
    await offset(ctx, row, list(rows.values()))
    return row


async def negatives_of(expiring: Incentive) -> list[UUID]:
    """Negative incentives of the same partner and currency that are not being settled yet."""
    owing = Incentive.filter(
        partner_id=expiring.partner_id, currency=expiring.currency, amount__lt=0, status__in=list(_OPEN)
    )
    return [row.id for row in await owing.only("id")]


async def offset(ctx: Context, expired: Incentive, negatives: list[Incentive]) -> None:
    """Oldest first. Those that were settled while their locks were awaited are passed over. B 16.4."""
    owing = [row for row in negatives if row.amount < 0 and row.status in _OPEN]
    owing.sort(key=lambda row: (row.generated_at, row.id))
    for row, offset in zip(owing, compute_offsets(expired.amount, [row.amount for row in owing]), strict=True):
        if not offset:
            continue
        await row.change(now=ctx.now, amount=row.amount + offset)
        await IncentiveOffset.create(
            partner_id=row.partner_id, expired_id=expired.id, negative_id=row.id, amount=offset, at=ctx.now
        )
        ctx.event("incentive.reduced", row, partner_id=row.partner_id, period=row.period)
        ctx.effect("incentive.reduced", row)


async def provisional_incentives(ctx: Context, *, limit: int = 500) -> list[UUID]:
    """Pending incentives whose deadline counts days that were not published when it was stored."""
    async with db.read(EVERYTHING):
        rows = Incentive.filter(status=IncentiveStatus.PENDING_CONFIRM, deadline_provisional=True)
        return [row.id for row in await rows.order_by("id").limit(limit).only("id")]


@command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True)
async def settle_deadline(ctx: Context, *, incentive_id: UUID) -> Incentive | None:
    """Counts a provisional deadline anew, by the days that are known now; None when nothing changed."""
    row = (await lock_incentives(ctx, [incentive_id])).get(incentive_id)
    if row is None or row.status is not IncentiveStatus.PENDING_CONFIRM or not row.deadline_provisional:
        return None
    policy = policy_of(row.policy_id, row.policy_version, Site(row.site))
    deadline = compute_confirm_deadline(row.generated_at, policy, await working_days(policy.site))
    if (deadline.at, deadline.provisional) == (row.confirm_deadline, True):
        return None
    await row.change(now=ctx.now, confirm_deadline=deadline.at, deadline_provisional=deadline.provisional)
    return row
