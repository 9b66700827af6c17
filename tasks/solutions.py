"""The clock of solutions: certifications that near their end, or are over."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import solutions
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)
_DUE = Due(solutions.due_solutions, solutions.pass_solution_time, "solution_id")


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Carries out what is due, one command for each solution; how many there were."""
    return len(await carry_out(settings, clock, _DUE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every hour."""

    @schedules.scheduled("solutions.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
