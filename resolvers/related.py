"""Relations to one row, by a column that holds its id: declared once, read for all parents at once or with them."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tortoise.queryset import QuerySet

from core.rows import Join, all_names, read_rows
from models.base import Row
from resolvers.context import Context

R = TypeVar("R", bound=Row)
Visible = Callable[[Context], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class ToOne:
    """The parent's column, the model it leads to, and which of its rows the actor sees (None: all in its scope)."""

    column: str
    model: type[Row]
    visible: Visible | None

    def rows(self, ctx: Context) -> QuerySet[Any]:
        """The rows that it may lead to."""
        return self.model.all() if self.visible is None else self.visible(ctx)


@dataclass(frozen=True, slots=True)
class Related:
    """A related row that is read together with its parent; `key` is what it is found by later."""

    key: Hashable
    to_one: ToOne
    selection: "Selection"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of a row: fields (None: all) and rows related to it."""

    names: tuple[str, ...] | None = None
    related: tuple[Related, ...] = ()

    def joins(self, ctx: Context) -> tuple[Join, ...]:
        """The related rows as the actor may see them."""
        return tuple(
            Join(
                one.key,
                one.to_one.column,
                one.to_one.rows(ctx),
                one.selection.names or all_names(one.to_one.model),
                one.selection.joins(ctx),
            )
            for one in self.related
        )

    def __or__(self, other: "Selection") -> "Selection":
        """What either asks for."""
        names = None if self.names is None else other.names_with(*self.names)
        related = {one.key: one for one in self.related}
        for one in other.related:
            known = related.get(one.key)
            related[one.key] = one if known is None else replace(one, selection=known.selection | one.selection)
        return Selection(names, tuple(related.values()))

    def names_with(self, *more: str) -> tuple[str, ...] | None:
        """The fields, and those that the reader needs itself."""
        return None if self.names is None else tuple(sorted({*self.names, *more}))


WHOLE = Selection()


def to_one(
    column: str, model: type[R], *, visible: Callable[[Context], QuerySet[R]] | None = None
) -> Callable[..., Awaitable[list[R | None]]]:
    """The relation from rows with this column to rows of the model; None where it is null or out of sight.

    One statement for all parents, none when nobody names one; read as far as `selection` says.
    """
    declared = ToOne(column, model, visible)

    async def load(ctx: Context, parents: Sequence[Any], *, selection: Selection = WHOLE) -> list[R | None]:
        ids = {found for row in parents if (found := getattr(row, column)) is not None}
        if not ids:
            return [None for _ in parents]
        rows, names = declared.rows(ctx).filter(id__in=list(ids)), selection.names_with("id")
        read = await read_rows(rows, sort=(), limit=len(ids), names=names, joins=selection.joins(ctx))
        found = {row.id: row for row in read}
        return [found.get(getattr(row, column)) for row in parents]

    load.to_one = declared  # type: ignore[attr-defined]
    return load
