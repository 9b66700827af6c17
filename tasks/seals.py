"""Seals of earlier keys, made anew every hour."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers.seals import renew_seals, stale_seals
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)
_STALE = Due(stale_seals, renew_seals, "row_id", drains=True)


async def renew(settings: Settings, clock: Clock) -> int:
    """Seals anew, batch by batch, what was sealed with an earlier key; how many rows there were."""
    return len(await carry_out(settings, clock, _STALE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every hour."""

    @schedules.scheduled("seals.renew", every=EVERY, catch_up=CatchUp.LATEST)
    async def _renew(_slot: object) -> None:
        await renew(settings, clock)
