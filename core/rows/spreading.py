"""Rows with one of a few values of a column, in order: each value's first ones from an index, then the first of all.

PostgreSQL by itself would read all rows of all the values, and sort them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.indexes import Index
from tortoise.queryset import QuerySet

from core.rows.conditions import plain

MOST_VALUES = 32
"""Of more values a page would read more rows than it saves."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A column, its values and their type in SQL; `rest` are the rows without that condition."""

    column: str
    values: list[Any]
    kind: str
    rest: QuerySet[Any]


def spread_of(rows: QuerySet[Any], order: Sequence[str]) -> Spread | None:
    """How to read the rows value by value; None where no index of the model holds each value's rows in this order.

    `order` are the fields by which they are sorted, all in the same direction.
    """
    conditions = list(_demanded(rows._q_objects))
    compared = [(one, key, value) for one in conditions if _is_plain(one) for key, value in one.filters.items()]
    equal = {key for _, key, value in compared if value is not None}
    indexes = [list(index.fields) for index in rows.model._meta.indexes if isinstance(index, Index)]
    for one, key, value in compared:
        column, _, operator = key.partition("__")
        values = _few(value) if operator == "in" else None
        if values is not None and any(_holds(index, column, equal, list(order)) for index in indexes):
            kind = "uuid" if isinstance(values[0], UUID) else "text"
            return Spread(column, values, kind, _without(rows, conditions, one, key))
    return None


def _demanded(conditions: Iterable[Q]) -> Iterator[Q]:
    """The conditions, each of which every row must fulfil."""
    for one in conditions:
        if one.children and (one.join_type == Q.AND or len(one.children) == 1) and not one._is_negated:
            yield from _demanded(one.children)
        else:
            yield one


def _is_plain(condition: Q) -> bool:
    """Whether every row must fulfil each of its comparisons."""
    return not condition._is_negated and (condition.join_type == Q.AND or len(condition.filters) == 1)


def _few(value: Any) -> list[Any] | None:
    """The values as the driver takes them, each once; None for one, for too many, and for others than ids and texts."""
    if isinstance(value, Subquery | str) or not hasattr(value, "__iter__"):
        return None
    values = list(dict.fromkeys(plain(one) for one in value))
    known = any(all(isinstance(one, kind) for one in values) for kind in (UUID, str))
    return values if known and 1 < len(values) <= MOST_VALUES else None


def _holds(index: list[str], column: str, equal: set[str], order: list[str]) -> bool:
    place = index.index(order[0]) if order[0] in index else 0
    head = set(index[:place])
    return index[place : place + len(order)] == order and column in head and head <= {column, *equal}


def _without(rows: QuerySet[Any], conditions: list[Q], condition: Q, key: str) -> QuerySet[Any]:
    rest = rows.all()
    kept = Q(**{name: value for name, value in condition.filters.items() if name != key})  # type: ignore[arg-type]
    rest._q_objects = [*(one for one in conditions if one is not condition), kept]
    return rest
