"""What time does to opportunities: reminds offices, rejects what nobody verified, settles provisional deadlines."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.settings import Settings
from resolvers import opportunities
from resolvers.command import Command, run
from resolvers.context import Context
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)
SETTLE_AT = "05:30"

Find = Callable[[Context], Awaitable[list[UUID]]]
_BY_THE_MINUTE: tuple[tuple[Find, Command[..., Any]], ...] = (
    (opportunities.overdue_verifications, opportunities.expire_verification),
    (opportunities.verifications_to_remind, opportunities.remind_office),
)
_BY_THE_DAY: tuple[tuple[Find, Command[..., Any]], ...] = (
    (opportunities.provisional_verifications, opportunities.settle_verification_deadline),
)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Rejects what is overdue and reminds of what soon will be, one command for each; how many there were."""
    return await _each(settings, clock, _BY_THE_MINUTE)


async def settle_deadlines(settings: Settings, clock: Clock) -> int:
    """Computes provisional deadlines anew; how many were looked at."""
    return await _each(settings, clock, _BY_THE_DAY)


async def _each(settings: Settings, clock: Clock, work: tuple[tuple[Find, Command[..., Any]], ...]) -> int:
    """One that fails does not stop the others: the first failure is raised when all have had their turn."""
    ctx = await system_context(settings, clock())
    failures: list[Exception] = []
    done = 0
    for find, command in work:
        for row_id in await find(ctx):
            try:
                await run(ctx, command, opportunity_id=row_id)
            except Exception as failure:
                failures.append(failure)
            done += 1
    if failures:
        raise failures[0]
    return done


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every minute what time does, every morning the deadlines that hung on unpublished days."""

    @schedules.scheduled("opportunities.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)

    @schedules.scheduled("opportunities.settle_deadlines", daily=SETTLE_AT, catch_up=CatchUp.LATEST)
    async def _settle(_slot: object) -> None:
        await settle_deadlines(settings, clock)
