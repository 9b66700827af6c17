"""A list asked once for many parents: the newest rows of each.

The rows are taken as the list itself has them, in scope and filtered: a relation never says again who sees what.
"""

from collections.abc import Sequence
from typing import TypeVar

from tortoise.queryset import QuerySet

from core.rows import read_newest
from models.base import Row
from resolvers.context import Context
from resolvers.query import Query
from resolvers.related import WHOLE, Selection
from rules.access import may

R = TypeVar("R", bound=Row)


def may_read(ctx: Context, use_case: "Query[..., QuerySet[R]]") -> bool:
    """Whether the actor may ask for the list at all."""
    return may(ctx.actor, use_case.spec.permission)


async def newest_of(
    ctx: Context, rows: QuerySet[R], column: str, parents: Sequence[Row], *, first: int, selection: Selection = WHOLE
) -> list[list[R]]:
    """For each parent the newest of `rows` that name it in `column`, at most `first`, newest first. One statement.

    They are read as far as `selection` says. Of a parent only its id is looked at.
    """
    ids, names = [parent.id for parent in parents], selection.names_with("id", column)
    return await read_newest(rows, column, ids, first, names=names, joins=selection.joins(ctx))


async def newest_one_of(
    ctx: Context, rows: QuerySet[R], column: str, parents: Sequence[Row], *, selection: Selection = WHOLE
) -> list[R | None]:
    """As `newest_of`, the newest one alone; None where there is none."""
    found = await newest_of(ctx, rows, column, parents, first=1, selection=selection)
    return [newest[0] if newest else None for newest in found]
