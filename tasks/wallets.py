"""Gives back what was held too long."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import wallets
from resolvers.command import run
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)


async def expire_holds(settings: Settings, clock: Clock) -> int:
    """Ends every overdue hold, one command each; how many this run has ended."""
    ctx = await system_context(settings, clock())
    ended = 0
    for hold_id in await wallets.overdue_holds(ctx):
        outcome = await run(ctx, wallets.expire_ledger_hold, hold_id=hold_id)
        ended += outcome.result is not None
    return ended


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Runs it every minute."""

    @schedules.scheduled("wallets.expire_holds", every=EVERY, catch_up=CatchUp.LATEST)
    async def _expire(_slot: object) -> None:
        await expire_holds(settings, clock)
