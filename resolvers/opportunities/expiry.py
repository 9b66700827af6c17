"""What time does to a verification: a reminder, the rejection by itself, deadlines settled once a year is published."""

from uuid import UUID

from tortoise.queryset import QuerySet

from core import db
from core.scope import EVERYTHING
from models.opportunities import Opportunity
from models.schedules import calendar_entries
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.opportunities.review import reject
from resolvers.opportunities.telling import psms_of
from rules.access import Permission
from rules.opportunities import (
    OpportunityState,
    VerdictReason,
    compute_deadline,
    compute_reminder,
    compute_state,
)
from rules.sites import Site

BATCH = 500


async def overdue_verifications(ctx: Context) -> list[UUID]:
    """Opportunities that nobody verified in time, oldest deadline first."""
    return await _ids(_waiting().filter(deadline__lte=ctx.now).order_by("deadline"))


async def verifications_to_remind(ctx: Context) -> list[UUID]:
    """Opportunities of which the office is to be reminded, earliest first."""
    return await _ids(_waiting().filter(remind_at__lte=ctx.now, deadline__gt=ctx.now).order_by("remind_at"))


async def provisional_verifications(ctx: Context) -> list[UUID]:
    """Opportunities whose deadline hung on days that were not published."""
    return await _ids(_waiting().filter(deadline_provisional=True).order_by("deadline"))


def _waiting() -> QuerySet[Opportunity]:
    return Opportunity.filter(state=OpportunityState.VERIFYING)


async def _ids(rows: QuerySet[Opportunity]) -> list[UUID]:
    async with db.read(EVERYTHING):
        return [row[0] for row in await rows.limit(BATCH).values_list("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("opportunity.verification_rejected",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_verification(ctx: Context, *, opportunity_id: UUID) -> Opportunity | None:
    """Rejects an opportunity that nobody verified in time, and tells the partner and the office."""
    held = await _waiting().filter(id=opportunity_id).select_for_update(no_key=True).first()
    if held is None or compute_state(held.state, held.deadline, now=ctx.now) is OpportunityState.VERIFYING:
        return None
    return await reject(ctx, held, "expire", VerdictReason.DEADLINE_PASSED, None)


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("opportunity.verification_expiring",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def remind_office(ctx: Context, *, opportunity_id: UUID) -> Opportunity | None:
    """Tells the office once that an opportunity still waits for it."""
    held = await _waiting().filter(id=opportunity_id, remind_at__lte=ctx.now).select_for_update(no_key=True).first()
    if held is None or held.deadline is None or ctx.now >= held.deadline:
        return None
    await held.change(now=ctx.now, remind_at=None)
    office = await psms_of(held.rep_office_id)
    ctx.notify(
        "opportunity_reminder", office, about=held, names={"opportunity": held}, instants={"deadline": held.deadline}
    )
    ctx.event("opportunity.verification_expiring", held, partner_id=held.partner_id)
    return held


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("opportunity.deadline_settled",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def settle_verification_deadline(ctx: Context, *, opportunity_id: UUID) -> Opportunity | None:
    """Computes a provisional deadline anew, once all days on the way to it are published."""
    rows = _waiting().filter(id=opportunity_id, deadline_provisional=True)
    held = await rows.select_for_update(no_key=True).first()
    if held is None or held.audited_at is None:
        return None
    site = Site(held.site)
    # The numbers of the day of the audit: what was promised then does not change with the policy.
    policy, entries = ctx.policies.at(site, held.audited_at), await calendar_entries(site)
    deadline = compute_deadline(held.audited_at, policy, entries)
    if deadline.provisional:
        return None
    reminder = None if held.remind_at is None else compute_reminder(held.audited_at, policy, entries).at
    await held.change(now=ctx.now, deadline=deadline.at, deadline_provisional=False, remind_at=reminder)
    ctx.event("opportunity.deadline_settled", held, partner_id=held.partner_id, deadline=deadline.at.isoformat())
    return held
