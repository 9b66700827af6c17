"""One statement for the rows of a query set: the conditions it states, the columns asked for, an order and a bound."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from tortoise.models import Model
from tortoise.queryset import QuerySet

from core import db
from core.rows.conditions import Statement, Unreadable, column_of
from core.rows.hydration import maker

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Sort:
    """A field and its direction."""

    name: str
    descending: bool = False


async def read_rows(
    rows: QuerySet[M], *, sort: Sequence[Sort], limit: int, names: tuple[str, ...] | None = None
) -> list[M]:
    """The first rows of the query set in this order; `names` are the fields that are needed (default: all).

    One statement. What is more than conditions on columns the ORM reads, with all fields.
    """
    statement = Statement()
    try:
        text = _select(statement, rows, sort, limit, names or all_names(rows.model))
    except Unreadable:
        return await rows.order_by(*(f"{'-' * one.descending}{one.name}" for one in sort)).limit(limit)
    make = maker(rows.model, names or all_names(rows.model))
    return [make(record) for record in await db.fetch_records(text, *statement.values)]


async def read_newest(rows: QuerySet[M], column: str, parents: Sequence[UUID], first: int) -> list[list[M]]:
    """For each parent the newest of the rows that name it in `column`, at most `first`, newest first.

    One statement, whose cost grows with the parents and `first` alone where (column, id) is indexed. The query set must
    be conditions on columns: raises `Unreadable` otherwise.
    """
    model, statement = rows.model, Statement()
    alias, names = statement.alias(), all_names(model)
    where = f'{statement.where(rows, alias)} and {alias}."{column_of(model, column)}" = parent.id'
    columns = ", ".join(f'{alias}."{column_of(model, name)}"' for name in names)
    newest = f'select {columns} from "{model._meta.db_table}" {alias} where {where} order by {alias}."id" desc'
    text = (
        f"select newest.* from unnest({statement.bind(list(parents))}::uuid[]) as parent (id)"
        f" cross join lateral ({newest} limit {statement.bind(first)}) as newest order by newest.id desc"
    )
    make, by_parent = maker(model, names), defaultdict[UUID, list[M]](list)
    for record in await db.fetch_records(text, *statement.values):
        by_parent[record[column_of(model, column)]].append(make(record))
    return [by_parent[parent] for parent in parents]


def all_names(model: type[Model]) -> tuple[str, ...]:
    """The names of all fields that are columns."""
    return tuple(model._meta.fields_db_projection)


def _select(statement: Statement, rows: QuerySet[Any], sort: Sequence[Sort], limit: int, names: tuple[str, ...]) -> str:
    alias = statement.alias()
    where = statement.where(rows, alias)
    columns = ", ".join(f'{alias}."{column_of(rows.model, name)}"' for name in names)
    terms = ", ".join(f'{alias}."{column_of(rows.model, one.name)}"{" desc" * one.descending}' for one in sort)
    order = f" order by {terms}" if sort else ""
    table = rows.model._meta.db_table
    return f'select {columns} from "{table}" {alias} where {where}{order} limit {statement.bind(limit)}'
