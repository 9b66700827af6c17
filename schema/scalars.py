"""Scalars and what a string may be: instants in UTC with milliseconds, days, and text without control tricks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, NewType

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

from rules.money import format_amount

Cursor = NewType("Cursor", str)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DAYS = 4096


class _Days(dict[int, str]):
    """Days since 1970 → how an instant of that day begins; the last few thousand are kept."""

    def __missing__(self, number: int) -> str:
        if len(self) >= _MOST_DAYS:
            self.clear()
        text = self[number] = f"{(_BEGINNING + timedelta(number)).date().isoformat()}T"
        return text


_DAYS = _Days()
_MINUTES = [f"{number // 60:02}:{number % 60:02}:" for number in range(1440)]
_SECONDS = [f"{number:02}." for number in range(60)]
_MILLISECONDS = [f"{number:03}Z" for number in range(1000)]


def write_instant(value: datetime) -> str:
    """`2026-11-21T08:00:00.000Z`."""
    passed = value - _BEGINNING
    seconds = passed.seconds
    minutes = seconds // 60
    return (
        f"{_DAYS[passed.days]}{_MINUTES[minutes]}{_SECONDS[seconds - 60 * minutes]}"
        f"{_MILLISECONDS[passed.microseconds // 1000]}"
    )


_YEARS = range(1900, 2200)
"""What a caller may name: at the ends of the calendar neither a deadline nor a zone can be worked out."""


def read_instant(value: Any) -> datetime:
    """An RFC 3339 instant with its offset, of a year that can be worked with; anything else is refused."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError("An instant looks like 2026-11-21T08:00:00.000Z.") from None
    if instant.tzinfo is None:
        raise GraphQLError("An instant needs its offset, as in 2026-11-21T08:00:00.000Z.")
    _check_year(instant)
    return instant.astimezone(UTC)


def read_day(value: Any) -> date:
    """An ISO day of a year that can be worked with; anything else is refused."""
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError("A day looks like 2026-11-21.") from None
    _check_year(day)
    return day


def _check_year(day: date) -> None:
    if day.year not in _YEARS:
        raise GraphQLError(f"Years go from {_YEARS[0]} to {_YEARS[-1]}.")


SCALARS: dict[Any, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant: RFC 3339 in UTC with milliseconds, as in 2026-11-21T08:00:00.000Z.",
        serialize=write_instant,
        parse_value=read_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of accounting, in the site's zone: 2026-11-21.",
        serialize=date.isoformat,
        parse_value=read_day,
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="A place in a list. Opaque, and good only for the list and filter it came from.",
        serialize=str,
        parse_value=str,
    ),
}
WRITTEN: dict[str, tuple[type, Callable[[Any], str]]] = {
    "DateTime": (datetime, write_instant),
    "Date": (date, date.isoformat),
    "Cursor": (str, str),
}
"""Scalar → the class of its usual values, and how these are written: never as null."""


@strawberry.type(description="An amount of money.")
class Money:
    """Made from minor units at the edge."""

    amount: str = strawberry.field(description="Decimal, as 1200.50.")
    currency: str = strawberry.field(description="ISO 4217, as CNY.")


class _Amount(NamedTuple):
    """What stands for Money: made in a third of the time."""

    amount: str
    currency: str


def money_of(minor: int, currency: str) -> Money:
    """Minor units as the API shows them."""
    return _Amount(format_amount(minor), currency)  # type: ignore[return-value]


def money(row: Any, attribute: str) -> Money:
    """An amount of a row in minor units, in the row's currency."""
    return money_of(getattr(row, attribute), row.currency)


__all__ = [
    "JSON",
    "SCALARS",
    "WRITTEN",
    "Cursor",
    "Money",
    "money",
    "money_of",
    "read_day",
    "read_instant",
    "write_instant",
]
