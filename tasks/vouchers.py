"""Ends vouchers and quotas whose time is over."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.settings import Settings
from resolvers import vouchers
from resolvers.command import Command, run
from resolvers.context import Context
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)
_DUE: tuple[tuple[Callable[[Context], Awaitable[list[UUID]]], Command[..., Any], str], ...] = (
    (vouchers.overdue_vouchers, vouchers.expire_voucher, "voucher_id"),
    (vouchers.overdue_quotas, vouchers.expire_quota, "quota_id"),
)


async def expire(settings: Settings, clock: Clock) -> int:
    """Ends everything overdue, vouchers before quotas, one command each; how many were ended.

    One that fails does not stop the others: the first failure is raised when all have had their turn.
    """
    ctx = await system_context(settings, clock())
    failures: list[Exception] = []
    done = 0
    for find, command, name in _DUE:
        while found := await find(ctx):
            before = len(failures)
            for row_id in found:
                try:
                    await run(ctx, command, **{name: row_id})
                except Exception as failure:
                    failures.append(failure)
                done += 1
            if len(failures) - before == len(found):
                break
    if failures:
        raise failures[0]
    return done


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Runs it every hour."""

    @schedules.scheduled("vouchers.expire", every=EVERY, catch_up=CatchUp.LATEST)
    async def _expire(_slot: object) -> None:
        await expire(settings, clock)
