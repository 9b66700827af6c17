"""What time does to cases of the market development fund: notices, and the end of what nobody claims."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.funds import MdfCase
from models.partners import Partner
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.funds.quotas import release
from resolvers.funds.scope import lock_case
from rules.access import Permission
from rules.funds.kinds import CLAIMABLE, MDF_CASE
from rules.funds.timing import compute_claim_notice, compute_notice_horizon
from rules.sites import Site

BATCH = 500


async def due_mdf_cases(ctx: Context) -> list[UUID]:
    """Approved cases whose partner is to be told that their time nears its end, and those that nobody claimed."""
    window = max(compute_notice_horizon(ctx.policies.at(site, ctx.now)) for site in Site)
    async with db.read(EVERYTHING):
        rows = MdfCase.filter(state__in=CLAIMABLE, due_at__lte=ctx.now + window).select_related("partner")
        due = [row.id for row in await rows.order_by("due_at", "id") if _turn(ctx, row, row.partner) is not None]
        return due[:BATCH]


def _turn(ctx: Context, row: MdfCase, own: Partner) -> int | None:
    """0 for a case whose time is over, the days before its end for one with a notice to be given, else None.

    Notices are given a day ahead at the latest.
    """
    if row.state not in CLAIMABLE or row.due_at is None:
        return None
    if ctx.now >= row.due_at:
        return 0
    return compute_claim_notice(row.due_at, row.noticed_days, now=ctx.now, policy=ctx.policy_of(own))


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("mdf_case.deadline_noticed", "mdf_case.expired"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def pass_mdf_time(ctx: Context, *, case_id: UUID) -> MdfCase | None:
    """Tells a partner that the time of a claim nears its end, or ends the case and frees what it held of the quota."""
    own, row = await lock_case(case_id)
    turn = _turn(ctx, row, own)
    if turn is None:
        return None
    assert row.due_at is not None
    names, instants = {"activity": row}, {"until": row.due_at}
    if turn > 0:
        await row.change(now=ctx.now, noticed_days=turn)
        ctx.event("mdf_case.deadline_noticed", row, partner_id=own.id, days=turn)
        ctx.effect("mdf_case.deadline_noticed", row)
        ctx.notify("mdf_claim_ending", own, about=row, names=names, instants=instants)
        return row
    await release(ctx, row)
    await row.change(now=ctx.now, state=MDF_CASE.after(row.state, "expire"), reserved=0)
    ctx.event("mdf_case.expired", row, partner_id=own.id)
    ctx.effect("mdf_case.expired", row)
    ctx.notify("mdf_claim_expired", own, about=row, names=names, instants=instants)
    return row
