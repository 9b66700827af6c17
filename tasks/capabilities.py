"""The clock of capability labels: those that near their end, or are over."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import capabilities
from resolvers.command import run
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Carries out what is due, one command for each label; how many there were.

    One that fails does not stop the others: the first failure is raised when all have had their turn.
    """
    ctx = await system_context(settings, clock())
    due, failures = await capabilities.due_capabilities(ctx), []
    for application_id in due:
        try:
            await run(ctx, capabilities.pass_capability_time, application_id=application_id)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return len(due)


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every hour."""

    @schedules.scheduled("capabilities.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
