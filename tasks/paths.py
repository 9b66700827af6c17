"""The clock of development paths: invitations that are over, and what is due to a certificate's year."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import paths
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)
_DUE = (
    Due(paths.overdue_path_invitations, paths.expire_path_invitation, "enrollment_id"),
    Due(paths.due_enrollments, paths.pass_path_year, "enrollment_id"),
)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Carries out what is due, one command for each enrollment; how many there were."""
    return len(await carry_out(settings, clock, *_DUE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every hour."""

    @schedules.scheduled("paths.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
