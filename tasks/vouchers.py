"""Ends vouchers and quotas whose time is over."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import vouchers
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)
_DUE = (
    Due(vouchers.overdue_vouchers, vouchers.expire_voucher, "voucher_id", drains=True),
    Due(vouchers.overdue_quotas, vouchers.expire_quota, "quota_id", drains=True),
)


async def expire(settings: Settings, clock: Clock) -> int:
    """Ends everything overdue, vouchers before quotas, one command each; how many were ended."""
    return len(await carry_out(settings, clock, *_DUE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Runs it every hour."""

    @schedules.scheduled("vouchers.expire", every=EVERY, catch_up=CatchUp.LATEST)
    async def _expire(_slot: object) -> None:
        await expire(settings, clock)
