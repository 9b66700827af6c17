"""Gives back what was held too long."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import wallets
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)
_OVERDUE = Due(wallets.overdue_holds, wallets.expire_ledger_hold, "hold_id")


async def expire_holds(settings: Settings, clock: Clock) -> int:
    """Ends every overdue hold, one command each; how many this run has ended."""
    return sum(outcome.result is not None for outcome in await carry_out(settings, clock, _OVERDUE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Runs it every minute."""

    @schedules.scheduled("wallets.expire_holds", every=EVERY, catch_up=CatchUp.LATEST)
    async def _expire(_slot: object) -> None:
        await expire_holds(settings, clock)
