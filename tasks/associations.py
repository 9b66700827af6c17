"""Ends requests to unbind or switch that nobody answered in time."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import associations
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)
_OVERDUE = Due(associations.overdue_requests, associations.expire_association_request, "request_id")


async def expire_requests(settings: Settings, clock: Clock) -> int:
    """Ends everything overdue, one command each; how many were ended."""
    return len(await carry_out(settings, clock, _OVERDUE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Runs it every minute."""

    @schedules.scheduled("associations.expire_requests", every=EVERY, catch_up=CatchUp.LATEST)
    async def _expire(_slot: object) -> None:
        await expire_requests(settings, clock)
