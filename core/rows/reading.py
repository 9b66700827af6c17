"""One statement for the rows of a query set: the conditions it states, the columns asked for, an order and a bound."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from tortoise.models import Model
from tortoise.queryset import QuerySet

from core import db
from core.rows.conditions import ALL, Statement, Unreadable, column_of
from core.rows.hydration import Shape, maker
from core.rows.spreading import Spread, spread_of
from core.scope import EVERYTHING

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Sort:
    """A field and its direction."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """A row read together with the one that names it, and held by it under `key`; None where there is none.

    `column` is the field that holds the id; `rows` says which rows may be found, as conditions on columns alone.
    """

    key: Hashable
    column: str
    rows: QuerySet[Any]
    names: tuple[str, ...]
    joins: tuple["Join", ...] = ()


async def read_rows(
    rows: QuerySet[M],
    *,
    sort: Sequence[Sort],
    limit: int,
    names: tuple[str, ...] | None = None,
    joins: tuple[Join, ...] = (),
) -> list[M]:
    """The first rows of the query set in this order; `names` are the fields that are needed (default: all).

    One statement, joins included. What is more than conditions on columns the ORM reads, with all fields and no joins.
    """
    statement = Statement(db.current().scope)
    names = names or all_names(rows.model)
    try:
        text = _select(statement, rows, sort, limit, names, joins)
    except Unreadable:
        return await rows.order_by(*(f"{'-' * one.descending}{one.name}" for one in sort)).limit(limit)
    make = maker(_shape(rows.model, names, joins))
    return [make(record) for record in await db.fetch_scoped(text, *statement.values)]


async def read_all(rows: QuerySet[M], sort: Sequence[Sort], limit: int | None) -> list[M]:
    """The rows in this order with all their fields, at most `limit`, as the open transaction sees them; raises
    `Unreadable` for more than conditions on columns.
    """
    statement, names = Statement(EVERYTHING), all_names(rows.model)  # whose rows, row-level security says
    text = _select(statement, rows, sort, limit, names, ())
    make = maker(_shape(rows.model, names, ()))
    _, records = await db.current().execute_query(text, statement.values)
    return [make(record) for record in records]


def _shape(model: type[Model], names: tuple[str, ...], joins: tuple[Join, ...]) -> Shape:
    return Shape(model, names, tuple((one.key, _shape(one.rows.model, one.names, one.joins)) for one in joins))


async def read_newest(
    rows: QuerySet[M],
    column: str,
    parents: Sequence[UUID],
    first: int,
    *,
    names: tuple[str, ...] | None = None,
    joins: tuple[Join, ...] = (),
) -> list[list[M]]:
    """For each parent the newest of the rows that name it in `column`, at most `first`, newest first.

    `names` are the fields that are needed, `id` and `column` among them (default: all). One statement, joins included,
    whose cost grows with the parents and `first` alone where (column, id) is indexed. The query set must be conditions
    on columns: raises `Unreadable` otherwise.
    """
    model, statement = rows.model, Statement(db.current().scope)
    spread = Spread(column, list(parents), "uuid", rows)
    names, newest = names or all_names(model), (Sort("id", descending=True),)
    each = _each(statement, spread, newest, statement.bind(first), names, joins)
    text = f"{_joined(statement, model, 'found', each, names, joins)}{_order(model, 'found', newest)}"
    make, by_parent = maker(_shape(model, names, joins)), defaultdict[UUID, list[M]](list)
    for record in await db.fetch_scoped(text, *statement.values):
        row = make(record)
        by_parent[getattr(row, column)].append(row)
    return [by_parent[parent] for parent in parents]


async def read_counts(
    parents: Sequence[UUID], counted: Mapping[str, tuple[QuerySet[Any], str]]
) -> dict[UUID, dict[str, int]]:
    """Parent → under each name how many rows of its query set name the parent in its column. One statement.

    The query sets must be conditions on columns: raises `Unreadable` otherwise.
    """
    statement = Statement(db.current().scope)
    source, numbers = _once(statement, parents, "uuid"), []
    for rows, column in counted.values():
        alias = statement.alias()
        where = f'{statement.where(rows, alias)} and {alias}."{column_of(rows.model, column)}" = one.value'
        numbers.append(f'(select count(*) from "{rows.model._meta.db_table}" {alias} where {where})')
    text = f"select {', '.join(['one.value', *numbers])} from {source}"
    records = await db.fetch_scoped(text, *statement.values)
    return {record[0]: dict(zip(counted, record[1:], strict=True)) for record in records}


def _once(statement: Statement, values: Sequence[Any], kind: str) -> str:
    """The values as the table `one (value)`. A single one stands by itself: of an array PostgreSQL would plan each time
    anew, since it guesses ten where it sees one.
    """
    each = list(dict.fromkeys(values))
    if len(each) == 1:
        return f"(select {statement.bind(each[0])}::{kind} as value) as one"
    return f"unnest({statement.bind(each)}::{kind}[]) as one (value)"


async def read_count(rows: QuerySet[Any], most: int) -> int:
    """How many rows the query set has, counting no further than `most`."""
    statement = Statement(db.current().scope)
    alias = statement.alias()
    try:
        found = f'select from "{rows.model._meta.db_table}" {alias} where {statement.where(rows, alias)}'
    except Unreadable:
        return len(await rows.limit(most).values_list("id", flat=True))
    text = f"select count(*) from ({found} limit {statement.bind(most)}) as found"
    ((number,),) = await db.fetch_scoped(text, *statement.values)
    return int(number)


@dataclass(frozen=True, slots=True)
class Sum:
    """The rows with these values in the fields they were grouped by: how many, and one field of theirs summed up."""

    values: tuple[Any, ...]
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Head:
    """The first rows of a query set by the field `by` and then by id: the values of `names`, which begin with `id`."""

    rows: QuerySet[Any]
    names: tuple[str, ...]
    by: str


async def read_heads(heads: Sequence[Head], limit: int) -> list[list[tuple[Any, ...]]]:
    """For each head the values of its first rows, at most `limit`, as the driver gives them. One statement for all.

    The fields in the same place must be of one type in all heads. The query sets must be conditions on columns: raises
    `Unreadable` otherwise.
    """
    statement, parts = Statement(db.current().scope), []
    bound = statement.bind(limit)
    for number, head in enumerate(heads):
        model, alias = head.rows.model, statement.alias()
        where, columns = statement.where(head.rows, alias), ", ".join(_columns(model, alias, head.names))
        order = _order(model, alias, (Sort(head.by), Sort("id")))
        rank = f"row_number() over ({order.lstrip()})"
        parts.append(
            f'(select {number}, {rank}, {columns} from "{model._meta.db_table}" {alias} where {where}{order}'
            f" limit {bound})"
        )
    found: list[list[tuple[Any, ...]]] = [[] for _ in heads]
    if parts:
        text = f"select * from ({' union all '.join(parts)}) as found order by 1, 2"
        for number, _, *values in await db.fetch_scoped(text, *statement.values):
            found[number].append(tuple(values))
    return found


async def read_sums(rows: QuerySet[Any], by: Sequence[str], summed: str) -> list[Sum]:
    """Number and sum of the query set's rows for each setting of the fields `by`. One statement.

    The query set must be conditions on columns: raises `Unreadable` otherwise.
    """
    model, statement = rows.model, Statement(db.current().scope)
    alias = statement.alias()
    where, groups = statement.where(rows, alias), ", ".join(_columns(model, alias, by))
    text = (
        f'select {groups}, count(*), sum({alias}."{column_of(model, summed)}") from "{model._meta.db_table}" {alias}'
        f" where {where} group by {groups}"
    )
    records = await db.fetch_scoped(text, *statement.values)
    return [Sum(tuple(values), count, int(total)) for *values, count, total in records]


async def read_values(rows: QuerySet[Any], name: str) -> list[Any]:
    """The values of one field of all rows of the query set, as the driver gives them. One statement."""
    statement = Statement(db.current().scope)
    model, alias = rows.model, statement.alias()
    try:
        where = statement.where(rows, alias)
    except Unreadable:
        return list(await rows.values_list(name, flat=True))
    text = f'select {alias}."{column_of(model, name)}" from "{model._meta.db_table}" {alias} where {where}'
    return [record[0] for record in await db.fetch_scoped(text, *statement.values)]


async def read_first(rows: QuerySet[M]) -> M | None:
    """The first row of a query set by its id; None when there is none."""
    found = await read_rows(rows, sort=(Sort("id"),), limit=1)
    return found[0] if found else None


def all_names(model: type[Model]) -> tuple[str, ...]:
    """The names of all fields that are columns."""
    return tuple(model._meta.fields_db_projection)


def _select(
    statement: Statement,
    rows: QuerySet[Any],
    sort: Sequence[Sort],
    limit: int | None,
    names: tuple[str, ...],
    joins: tuple[Join, ...],
) -> str:
    in_order = limit is not None and len({one.descending for one in sort}) == 1
    spread = spread_of(rows, [one.name for one in sort]) if in_order else None
    if spread is not None:
        bound, order = statement.bind(limit), _order(rows.model, "found", sort)
        found = f"(select found.* from {_each(statement, spread, sort, bound, names, joins)}{order} limit {bound})"
        return f"{_joined(statement, rows.model, 'found', f'{found} as found', names, joins)}{order}"
    alias, model = statement.alias(), rows.model
    where = statement.where(rows, alias)
    text = _joined(statement, model, alias, f'"{model._meta.db_table}" {alias}', names, joins)
    text = f"{text} where {where}{_order(model, alias, sort)}"
    return text if limit is None else f"{text} limit {statement.bind(limit)}"


def _each(
    statement: Statement,
    spread: Spread,
    sort: Sequence[Sort],
    bound: str,
    names: tuple[str, ...],
    joins: tuple[Join, ...],
) -> str:
    """For each value the first rows in this order, as the table `found`: at most as many as stand at `bound`."""
    rows, model, alias = spread.rest, spread.rest.model, statement.alias()
    where = f'{statement.where(rows, alias)} and {alias}."{column_of(model, spread.column)}" = one.value'
    read = dict.fromkeys([*names, *(one.name for one in sort), *(join.column for join in joins)])
    inner = f'select {", ".join(_columns(model, alias, read))} from "{model._meta.db_table}" {alias} where {where}'
    values, first = _once(statement, spread.values, spread.kind), f"{_order(model, alias, sort)} limit {bound}"
    return f"{values} cross join lateral ({inner}{first}) as found"


def _joined(
    statement: Statement, model: type[Model], alias: str, source: str, names: tuple[str, ...], joins: tuple[Join, ...]
) -> str:
    """Selects these fields of the source, and those of the rows joined to it."""
    columns, tables = list(_columns(model, alias, names)), [source]
    _add_joins(statement, model, alias, joins, columns, tables)
    return f"select {', '.join(columns)} from {' left join '.join(tables)}"


def _order(model: type[Model], alias: str, sort: Sequence[Sort]) -> str:
    terms = ", ".join(f'{alias}."{column_of(model, one.name)}"{" desc" * one.descending}' for one in sort)
    return f" order by {terms}" if sort else ""


def _columns(model: type[Model], alias: str, names: Iterable[str]) -> tuple[str, ...]:
    return _named_columns(model, alias, tuple(names))


@lru_cache(maxsize=1024)
def _named_columns(model: type[Model], alias: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'{alias}."{column_of(model, name)}"' for name in names)


def _add_joins(
    statement: Statement, model: type[Model], alias: str, joins: tuple[Join, ...], columns: list[str], tables: list[str]
) -> None:
    """Columns and tables of the joins, each before those that hang on it; a row out of sight is as one not there."""
    for join in joins:
        other, target = statement.alias(), join.rows.model
        seen = statement.where(join.rows, other)
        columns += _columns(target, other, join.names)
        named = f'{other}."id" = {alias}."{column_of(model, join.column)}"'
        tables.append(f'"{target._meta.db_table}" {other} on {named}{"" if seen == ALL else f" and {seen}"}')
        _add_joins(statement, target, other, join.joins, columns, tables)
