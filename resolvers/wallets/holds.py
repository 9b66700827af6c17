"""Holds whose time is over: found by the schedule, given back one by one."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.wallets import LedgerHold
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.wallets import ledger
from rules.access import Permission
from rules.errors import ErrorCode
from rules.wallets import HoldState


async def overdue_holds(ctx: Context, *, limit: int = 500) -> list[UUID]:
    """Holds that stand and whose end has passed, the oldest end first."""
    async with db.read(EVERYTHING):
        rows = LedgerHold.filter(state=HoldState.HELD, expires_at__lte=ctx.now).order_by("expires_at")
        return [row.id for row in await rows.limit(limit).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    refuses=(ErrorCode.STATE_CONFLICT,),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_ledger_hold(ctx: Context, *, hold_id: UUID) -> LedgerHold:
    """Gives back the money of a hold whose time is over; refused when somebody else has ended it."""
    await ledger.expire(ctx, hold_id)
    return await LedgerHold.get(id=hold_id)
