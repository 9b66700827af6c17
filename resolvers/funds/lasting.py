"""What time does to cases of the market development fund: notices, and the end of what nobody claims."""

from datetime import datetime
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.funds import MdfCase
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.funds.quotas import release
from resolvers.funds.scope import lock_case
from resolvers.system import near_end
from rules.access import Permission
from rules.funds.kinds import CLAIMABLE, MDF_CASE
from rules.funds.timing import compute_claim_notice, compute_notice_horizon
from rules.sites import Site

BATCH = 500


async def due_mdf_cases(ctx: Context) -> list[UUID]:
    """Approved cases whose partner is to be told that their time nears its end, and those that nobody claimed."""
    near = near_end(ctx, "due_at", compute_notice_horizon)
    async with db.read(EVERYTHING):
        rows = MdfCase.filter(near, state__in=CLAIMABLE).order_by("due_at", "id")
        found = await rows.values_list("id", "due_at", "noticed_days", "reserved", "partner__site")
        return [case_id for case_id, *facts in found if _turn(ctx, *facts) is not None][:BATCH]


def _turn(ctx: Context, due_at: datetime | None, noticed: int | None, reserved: int, site: str) -> int | None:
    """0 for a claimable case whose time is over, the days before its end for one with a notice to be given, else None.

    Notices are given a day ahead at the latest, and none of a case that holds nothing of the fund.
    """
    if due_at is None:
        return None
    if ctx.now >= due_at:
        return 0
    if not reserved:
        return None
    return compute_claim_notice(due_at, noticed, now=ctx.now, policy=ctx.policies.at(Site(site), ctx.now))


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("mdf_case.deadline_noticed", "mdf_case.expired"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def pass_mdf_time(ctx: Context, *, case_id: UUID) -> MdfCase | None:
    """Tells a partner that the time of a claim nears its end, or ends the case and frees what it held of the quota."""
    own, row = await lock_case(case_id)
    turn = _turn(ctx, row.due_at, row.noticed_days, row.reserved, own.site) if row.state in CLAIMABLE else None
    if turn is None or row.due_at is None:
        return None
    names, instants = {"activity": row}, {"until": row.due_at}
    if turn > 0:
        await row.change(now=ctx.now, noticed_days=turn)
        ctx.event("mdf_case.deadline_noticed", row, partner_id=own.id, days=turn)
        ctx.effect("mdf_case.deadline_noticed", row)
        ctx.notify("mdf_claim_ending", own, about=row, names=names, instants=instants)
        return row
    lost = row.reserved
    await release(ctx, row)
    await row.change(now=ctx.now, state=MDF_CASE.after(row.state, "expire"), reserved=0)
    ctx.event("mdf_case.expired", row, partner_id=own.id)
    ctx.effect("mdf_case.expired", row)
    if lost:
        ctx.notify("mdf_claim_expired", own, about=row, names=names, instants=instants)
    return row
