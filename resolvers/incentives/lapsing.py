"""What time does to incentives of partners that have left their plan."""

from uuid import UUID

from models.incentives import Incentive
from models.partners import Partner
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.incentives.confirming import credit_of
from resolvers.incentives.deadlines import negatives_of, offset
from resolvers.incentives.scope import facts_of, lock_incentives
from resolvers.wallets.ledger import Leg, lock, post
from rules.access import Permission
from rules.incentives.kinds import INCENTIVE, IncentiveStatus
from rules.incentives.reconcile import compute_deadline_event, is_claim_over
from rules.wallets import Posting


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("incentive.lapsed", "incentive.reduced"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def lapse_incentive(ctx: Context, *, incentive_id: UUID) -> Incentive | None:
    """Ends an incentive that was not claimed within its time after the plan's end; what had been credited goes back to
    the vendor, negative incentives are offset first. None when nothing is due.
    """
    found = await Incentive.get_or_none(id=incentive_id)
    if found is None:
        return None
    rows = await lock_incentives(ctx, [found.id, *await negatives_of(found)])
    row = rows.pop(found.id)
    due = INCENTIVE.target(row.status, "lapse") is not None and is_claim_over(facts_of(row), ctx.now)
    if not due or compute_deadline_event(facts_of(row), ctx.now) is not None:
        return None
    partner = await Partner.get(id=row.partner_id)
    if row.status is IncentiveStatus.CONFIRMED:
        credit = await credit_of(ctx, partner, row.currency)
        await lock(ctx, [credit.pool, credit.payable])
        legs = [Leg(credit.payable, -row.amount), Leg(credit.pool, row.amount)]
        await post(ctx, Posting.INCENTIVE_LAPSE, legs, subject=row)
    await row.change(now=ctx.now, status=INCENTIVE.after(row.status, "lapse"))
    ctx.event("incentive.lapsed", row, partner_id=row.partner_id, period=row.period, status=row.status.value)
    ctx.effect("incentive.lapsed", row, money=(row.amount, row.currency))
    ctx.notify("incentive_lapsed", partner, about=row, facts={"period": row.period})
    await offset(ctx, row, list(rows.values()))
    return row
