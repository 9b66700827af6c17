"""The clock of development paths: invitations that are over, and what is due to a certificate's year."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.settings import Settings
from resolvers import paths
from resolvers.command import Command, run
from resolvers.context import Context
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)
_STEPS: tuple[tuple[Callable[[Context], Awaitable[list[UUID]]], Command[..., Any]], ...] = (
    (paths.overdue_path_invitations, paths.expire_path_invitation),
    (paths.due_enrollments, paths.pass_path_year),
)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Carries out what is due, one command for each enrollment; how many there were.

    One that fails does not stop the others: the first failure is raised when all have had their turn.
    """
    ctx = await system_context(settings, clock())
    done, failures = 0, []
    for due, step in _STEPS:
        for enrollment_id in await due(ctx):
            done += 1
            try:
                await run(ctx, step, enrollment_id=enrollment_id)
            except Exception as failure:
                failures.append(failure)
    if failures:
        raise failures[0]
    return done


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every hour."""

    @schedules.scheduled("paths.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
