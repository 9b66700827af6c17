"""What time does to lists: reminds their partners, ends what nobody has taken care of, counts deadlines anew."""

from collections.abc import Sequence
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.experts import ExpertIncentive
from models.schedules import calendar_entries
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.experts.scope import facts_of, lock_list
from resolvers.experts.telling import happened, told_of
from resolvers.incentives.reminding import reminder_of, reminders_due
from rules.access import Permission
from rules.experts import (
    EXPERT_INCENTIVE,
    SCHEMES,
    WAITING,
    ExpertIncentiveStatus,
    compute_list_deadline,
    compute_materials_deadline,
)
from rules.sites import Site

BATCH = 500
S = ExpertIncentiveStatus


async def overdue_lists(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Lists whose partner has let their time pass, the oldest deadline first; none of those `without`."""
    async with db.read(EVERYTHING):
        rows = ExpertIncentive.filter(status__in=WAITING, deadline__lte=ctx.now)
        found = rows.exclude(id__in=list(without)).order_by("deadline", "id")
        return [row.id for row in await found.limit(BATCH).only("id")]


@command(permission=Permission.RUN_SCHEDULES, emits=("expert_incentive.expired",), key=Key.OPTIONAL, as_system=True)
async def expire_expert_incentive(ctx: Context, *, incentive_id: UUID) -> ExpertIncentive | None:
    """Ends a list that was not checked, or whose materials were not handed in, in time; None when nothing is due."""
    own, row = await lock_list(incentive_id)
    if not facts_of(row).is_over(ctx.now):
        return None
    await row.change(now=ctx.now, status=EXPERT_INCENTIVE.after(row.status, "expire"))
    happened(ctx, "expert_incentive.expired", row)
    ctx.effect("expert_incentive.expired", row, money=(row.amount, row.currency))
    ctx.notify("expert_list_expired", own, about=row, facts=told_of(row))
    return row


async def provisional_lists(ctx: Context) -> list[UUID]:
    """Lists whose deadline counts days that were not published when it was stored."""
    async with db.read(EVERYTHING):
        rows = ExpertIncentive.filter(status__in=WAITING, deadline_provisional=True)
        return [row.id for row in await rows.order_by("id").limit(BATCH).only("id")]


@command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True)
async def settle_list_deadline(ctx: Context, *, incentive_id: UUID) -> ExpertIncentive | None:
    """Counts a provisional deadline anew, by the days that are known now; None when nothing changed."""
    own, row = await lock_list(incentive_id)
    if row.status not in WAITING or not row.deadline_provisional:
        return None
    policy, entries = ctx.policies.at(Site(own.site), row.waits_since), await calendar_entries(Site(own.site))
    listed = compute_list_deadline(SCHEMES[row.scheme], row.waits_since, policy=policy, entries=entries)
    deadline = listed if row.status is S.PENDING_CONFIRM and listed is not None else None
    deadline = deadline or compute_materials_deadline(row.waits_since, policy=policy, entries=entries)
    if (deadline.at, deadline.provisional) == (row.deadline, True):
        return None
    await row.change(now=ctx.now, deadline=deadline.at, deadline_provisional=deadline.provisional)
    return row


async def lists_to_remind(ctx: Context) -> list[UUID]:
    """Lists that wait for their partner, which is to be reminded now."""
    waiting = ExpertIncentive.filter(status__in=WAITING)
    return await reminders_due(ctx, waiting, since="waits_since", deadline="deadline")


@command(permission=Permission.RUN_SCHEDULES, emits=("expert_incentive.reminded",), key=Key.OPTIONAL, as_system=True)
async def remind_of_expert_incentive(ctx: Context, *, incentive_id: UUID) -> ExpertIncentive | None:
    """Reminds a partner of a list to be checked, or of its materials; None when nothing is due any more."""
    own, row = await lock_list(incentive_id)
    if row.status not in WAITING:
        return None
    due = await reminder_of(ctx, Site(row.site), row.waits_since, row.deadline, row.reminded)
    if due is None:
        return None
    await row.change(now=ctx.now, reminded=due.ahead)
    happened(ctx, "expert_incentive.reminded", row)
    ctx.effect("expert_incentive.reminded", row, money=(row.amount, row.currency))
    template = "expert_list_reminder" if row.status is S.PENDING_CONFIRM else "expert_materials_reminder"
    facts = {**told_of(row), "days": str(due.left)}
    ctx.notify(template, own, about=row, facts=facts, instants={"deadline": row.deadline})
    return row
