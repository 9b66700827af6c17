"""Business time. Read at the edge once per request, then passed on as `ctx.now`; nothing else asks what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant in UTC, cut to milliseconds (the precision the API shows)."""
    now = datetime.now(UTC)  # noqa: TID251 - the one place that reads the clock
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class SettableClock:
    """A clock that stands still until it is moved; tests and the sample data's history use it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> datetime:
        """Moves forward by `timedelta(**delta)` and returns the new instant."""
        self.at += timedelta(**delta)
        return self.at
