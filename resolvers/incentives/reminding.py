"""Reminding partners of incentives that wait for them, some working days before it is too late."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core import db
from core.scope import EVERYTHING
from models.incentives import Incentive
from models.partners import Partner
from models.schedules import calendar_entries
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.incentives.scope import facts_of, lock_incentives
from rules.access import Permission
from rules.incentives.kinds import IncentiveStatus
from rules.incentives.reminding import Reminder, compute_reminder, compute_reminder_horizon
from rules.money import format_amount
from rules.sites import Site

BATCH = 5_000
"""Open deadlines that are read at once."""


async def reminders_due(ctx: Context, rows: QuerySet[Any], *, since: str, deadline: str) -> list[UUID]:
    """Of rows with a site and the last reminder all those that are due one, of each site the next deadlines first;
    `since` and `deadline` name the columns of the time that runs.
    """
    due: list[UUID] = []
    async with db.read(EVERYTHING):
        for site in Site:
            policy, entries = ctx.policies.at(site, ctx.now), await calendar_entries(site)
            horizon = compute_reminder_horizon(ctx.now, policy=policy, entries=entries)
            near = rows.filter(**{"site": site, f"{deadline}__gt": ctx.now, f"{deadline}__lt": horizon})
            near, behind = near.order_by(deadline, "id").limit(BATCH), Q()
            while batch := await near.filter(behind).values_list("id", since, deadline, "reminded"):
                due += [
                    row_id
                    for row_id, *times in batch
                    if compute_reminder(*times, now=ctx.now, policy=policy, entries=entries) is not None
                ]
                last_id, _, last, _ = batch[-1]
                behind = Q(**{f"{deadline}__gt": last}) | Q(**{deadline: last, "id__gt": last_id})
    return due


async def reminder_of(
    ctx: Context, site: Site, begun: datetime, until: datetime, reminded: int | None
) -> Reminder | None:
    """The reminder of a deadline that is due now; None for none."""
    policy, entries = ctx.policies.at(site, ctx.now), await calendar_entries(site)
    return compute_reminder(begun, until, reminded, now=ctx.now, policy=policy, entries=entries)


async def incentives_to_remind(ctx: Context) -> list[UUID]:
    """Incentives that nobody has confirmed and whose partner is to be reminded now."""
    pending = Incentive.filter(status=IncentiveStatus.PENDING_CONFIRM)
    return await reminders_due(ctx, pending, since="generated_at", deadline="confirm_deadline")


@command(permission=Permission.RUN_SCHEDULES, emits=("incentive.reminded",), key=Key.OPTIONAL, as_system=True)
async def remind_of_incentive(ctx: Context, *, incentive_id: UUID) -> Incentive | None:
    """Reminds a partner of an incentive to be confirmed; None when nothing is due any more. Once for each number of
    days.
    """
    row = (await lock_incentives(ctx, [incentive_id])).get(incentive_id)
    if row is None or facts_of(row).standing(ctx.now) is not IncentiveStatus.PENDING_CONFIRM:
        return None
    due = await reminder_of(ctx, Site(row.site), row.generated_at, row.confirm_deadline, row.reminded)
    if due is None:
        return None
    await row.change(now=ctx.now, reminded=due.ahead)
    ctx.event("incentive.reminded", row, partner_id=row.partner_id, period=row.period, days=due.left)
    ctx.effect("incentive.reminded", row)
    facts = {"period": row.period, "days": str(due.left), "amount": f"{format_amount(row.amount)} {row.currency}"}
    ctx.notify(
        "incentive_reminder",
        await Partner.get(id=row.partner_id),
        about=row,
        occasion=str(due.ahead),
        facts=facts,
        instants={"deadline": row.confirm_deadline},
    )
    return row
