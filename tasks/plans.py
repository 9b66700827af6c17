"""Plans' clock: ends memberships and invitations whose time is over, and says beforehand that it will be."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.settings import Settings
from resolvers import plans
from resolvers.command import Command, run
from resolvers.context import Context
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=10)
_DUE: tuple[tuple[Callable[[Context], Awaitable[list[UUID]]], Command[..., Any]], ...] = (
    (plans.overdue_memberships, plans.expire_membership),
    (plans.ending_memberships, plans.announce_expiry),
)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Ends what is over and announces what will be, one command each; how many there were.

    One that fails does not stop the others: the first failure is raised when all have had their turn.
    """
    ctx = await system_context(settings, clock())
    failures: list[Exception] = []
    done = 0
    for find, command in _DUE:
        for membership_id in await find(ctx):
            try:
                await run(ctx, command, membership_id=membership_id)
            except Exception as failure:
                failures.append(failure)
            done += 1
    if failures:
        raise failures[0]
    return done


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every ten minutes."""

    @schedules.scheduled("plans.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
