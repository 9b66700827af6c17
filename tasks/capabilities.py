"""The clock of capability labels: those that near their end, or are over, and assessments not given in time."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import capabilities
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)
_DUE = (
    Due(capabilities.due_capabilities, capabilities.pass_capability_time, "application_id"),
    Due(capabilities.due_assessments, capabilities.expire_assessment, "assessment_id"),
)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Carries out what is due, one command for each label or assessment; how many there were."""
    return len(await carry_out(settings, clock, *_DUE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every hour."""

    @schedules.scheduled("capabilities.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
