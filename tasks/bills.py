"""The months of consumption: estimated every day, closed when they are over."""

from core.clock import Clock
from core.settings import Settings
from resolvers.command import run
from resolvers.incentives import performance_months as months
from resolvers.system import system_context
from rules.sites import Site
from tasks.schedules import CatchUp, Schedules

CLOSE_AT = "02:00"
ESTIMATE_AT = "05:00"


class StillCounting(Exception):
    """Somebody else counts a month just now; the job is tried again."""


async def close_months(settings: Settings, clock: Clock) -> int:
    """Closes every month that is over on its site, then counts those not counted yet; how many were counted.

    Both can be repeated by any number of workers: a month is closed once and counted once.
    """
    ctx = await system_context(settings, clock())
    for site in Site:
        for period in await months.months_to_close(ctx, site):
            await run(ctx, months.close_month, site=site, period=period)
    counted = 0
    for site, period in await months.unsettled_months():
        outcome = await run(ctx, months.close_performance, site=site, period=period)
        counted += outcome.result is not None
    left = await months.unsettled_months()
    if left:
        raise StillCounting(", ".join(f"{site} {period}" for site, period in left))
    return counted


async def estimate_months(settings: Settings, clock: Clock) -> None:
    """Counts the months that are still open as they stand."""
    ctx = await system_context(settings, clock())
    for site in Site:
        for period in await months.open_months(ctx, site):
            await run(ctx, months.estimate_performance, site=site, period=period)


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Both every day: on the first of a month the one that is over is closed, on other days what was missed.

    The job of 02:00 in Shanghai comes before the end of the month of a site further west: that one's turn is a day on.
    """

    @schedules.scheduled("bills.close_months", daily=CLOSE_AT, catch_up=CatchUp.LATEST)
    async def _close(_slot: object) -> None:
        await close_months(settings, clock)

    @schedules.scheduled("bills.estimate_months", daily=ESTIMATE_AT, catch_up=CatchUp.LATEST)
    async def _estimate(_slot: object) -> None:
        await estimate_months(settings, clock)
