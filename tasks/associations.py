"""Ends requests to unbind or switch that nobody answered in time."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import associations
from resolvers.command import run
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)


async def expire_requests(settings: Settings, clock: Clock) -> int:
    """Ends everything overdue, one command each, so that one failure does not stop the others; how many were ended."""
    ctx = await system_context(settings, clock())
    overdue = await associations.overdue_requests(ctx)
    for request_id in overdue:
        await run(ctx, associations.expire_association_request, request_id=request_id)
    return len(overdue)


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Runs it every minute."""

    @schedules.scheduled("associations.expire_requests", every=EVERY, catch_up=CatchUp.LATEST)
    async def _expire(_slot: object) -> None:
        await expire_requests(settings, clock)
