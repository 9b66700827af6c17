"""Incentives' clock: what becomes of those that nobody confirmed, and deadlines over days not published before."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.settings import Settings
from resolvers.command import Command, run
from resolvers.context import Context
from resolvers.incentives.claims import lapsing_incentives
from resolvers.incentives.deadlines import close_incentive, due_incentives, provisional_incentives, settle_deadline
from resolvers.incentives.lapsing import lapse_incentive
from resolvers.incentives.resubmitting import due_resubmissions, resubmit_payout
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)
DAILY = "00:20"
LAPSED = "00:30"
RESUBMITTED = "09:00"


async def pass_deadlines(settings: Settings, clock: Clock) -> int:
    """Confirms or expires everything overdue, one command each; how many there were."""
    return await _each(settings, clock, due_incentives, close_incentive)


async def settle_deadlines(settings: Settings, clock: Clock) -> int:
    """Counts provisional deadlines anew; how many there were."""
    return await _each(settings, clock, provisional_incentives, settle_deadline)


async def lapse_unclaimed(settings: Settings, clock: Clock) -> int:
    """Ends what partners have not claimed in time after leaving their plan; how many there were."""
    return await _each(settings, clock, lapsing_incentives, lapse_incentive)


async def resubmit_payouts(settings: Settings, clock: Clock) -> int:
    """Asks again for the payouts of partners certified before today; how many there were."""
    ctx = await system_context(settings, clock())
    found = await due_resubmissions(ctx)
    for deferred_id in found:
        await run(ctx, resubmit_payout, deferred_id=deferred_id)
    return len(found)


async def _each(
    settings: Settings, clock: Clock, find: Callable[[Context], Awaitable[list[UUID]]], command: Command[..., Any]
) -> int:
    """One that fails does not stop the others: the first failure is raised when all have had their turn."""
    ctx = await system_context(settings, clock())
    found, failures = await find(ctx), []
    for incentive_id in found:
        try:
            await run(ctx, command, incentive_id=incentive_id)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return len(found)


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """The deadlines every minute, the calendar and claims every night, deferred payouts every morning."""

    @schedules.scheduled("incentives.pass_deadlines", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass(_slot: object) -> None:
        await pass_deadlines(settings, clock)

    @schedules.scheduled("incentives.settle_deadlines", daily=DAILY, catch_up=CatchUp.LATEST)
    async def _settle(_slot: object) -> None:
        await settle_deadlines(settings, clock)

    @schedules.scheduled("incentives.lapse_unclaimed", daily=LAPSED, catch_up=CatchUp.LATEST)
    async def _lapse(_slot: object) -> None:
        await lapse_unclaimed(settings, clock)

    @schedules.scheduled("incentives.resubmit_payouts", daily=RESUBMITTED, catch_up=CatchUp.LATEST)
    async def _resubmit(_slot: object) -> None:
        await resubmit_payouts(settings, clock)
