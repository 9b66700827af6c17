"""Scalars and what a string may be: instants in UTC with milliseconds, days, and text without control tricks."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

from rules.money import format_amount

Cursor = NewType("Cursor", str)
_TWO = [f"{number:02}" for number in range(100)]
_THREE = [f"{number:03}" for number in range(1000)]


def write_instant(value: datetime) -> str:
    """`2026-11-21T08:00:00.000Z`."""
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    two = _TWO
    return (
        f"{value.year:04}-{two[value.month]}-{two[value.day]}T{two[value.hour]}:{two[value.minute]}:{two[value.second]}"
        f".{_THREE[value.microsecond // 1000]}Z"
    )


def read_instant(value: Any) -> datetime:
    """An RFC 3339 instant with its offset; anything else is refused."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError("An instant looks like 2026-11-21T08:00:00.000Z.") from None
    if instant.tzinfo is None:
        raise GraphQLError("An instant needs its offset, as in 2026-11-21T08:00:00.000Z.")
    return instant.astimezone(UTC)


def read_day(value: Any) -> date:
    """An ISO day; anything else is refused."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError("A day looks like 2026-11-21.") from None


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


def money(row: Any, attribute: str) -> Money:
    """An amount of a row in minor units, in the row's currency."""
    return Money(amount=format_amount(getattr(row, attribute)), currency=row.currency)


__all__ = ["JSON", "SCALARS", "WRITTEN", "Cursor", "Money", "money", "read_day", "read_instant", "write_instant"]
