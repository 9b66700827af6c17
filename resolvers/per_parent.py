"""A list asked once for many parents: the newest rows of each, or how many each has.

Both take the rows as the list itself has them, in scope and filtered, so that a relation never says again who sees
what; the parent stands in them as a column of the statement around them.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import RawSQL, Subquery
from tortoise.queryset import QuerySet

from core import db
from models.base import Row
from resolvers.context import Context
from resolvers.query import Query
from rules.access import may

R = TypeVar("R", bound=Row)


def may_read(ctx: Context, use_case: "Query[..., QuerySet[R]]") -> bool:
    """Whether the actor may ask for the list at all."""
    return may(ctx.actor, use_case.spec.permission)


async def newest_of(rows: QuerySet[R], column: str, parents: Sequence[Row], first: int) -> list[list[R]]:
    """For each parent the newest of `rows` that name it in `column`, at most `first`, newest first. One statement."""
    one = rows.filter(**{column: RawSQL("parent.id")}).order_by("-id").limit(first)
    one.sql()
    newest, values = one.query.get_parameterized_sql()
    found = await db.fetch(
        f"select newest.* from unnest(${len(values) + 1}::uuid[]) as parent (id)"  # noqa: S608
        f" cross join lateral ({newest}) as newest order by newest.id desc",
        *values,
        [parent.id for parent in parents],
    )
    by_parent: dict[UUID, list[R]] = defaultdict(list)
    for row in found:
        by_parent[row[column]].append(rows.model._init_from_db(**row))
    return [by_parent[parent.id] for parent in parents]


def counted(rows: QuerySet[R], column: str, parent: type[Row]) -> Subquery:
    """How many of `rows` name the `parent` of the statement around it in `column`."""
    return Subquery(rows.filter(**{column: RawSQL(f'"{parent._meta.db_table}"."id"')}).count())
