"""So many of something an hour, for each key: counted where request budgets are, by nobody's database."""

from datetime import timedelta

from redis.asyncio import Redis

from core.clock import Clock, system_clock
from core.http.budget import Budget, Rate

_HOUR = 3_600_000
_RATE = Rate(capacity=_HOUR, refill=1_000)


class HourlyMeter:
    """A bucket for each key holds the milliseconds of an hour, and whatever is counted takes its share of them.

    So an hour's number can be had at once, and flows back within an hour. Without Redis each process counts by itself.
    """

    def __init__(self, redis: "Redis | None" = None, *, timeout: float = 0.3, clock: Clock = system_clock) -> None:
        self._budget = Budget(redis, rate=_RATE, timeout=timeout, clock=clock, prefix="cosell:meter:")

    async def count(self, key: str, per_hour: int) -> timedelta | None:
        """Counts one; None, or uncounted how long until there is one again. `per_hour` is 1 to 3,600."""
        charge = await self._budget.charge(key, _HOUR // per_hour)
        return None if charge.allowed else timedelta(milliseconds=charge.retry_after_ms or 0)
