"""Connections: pages of a list as Relay clients expect them, plus plain `nodes`."""

import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Generic, TypeVar

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from core.execution.errors import Code, RequestError
from resolvers.pages import DEFAULT, NEWEST_FIRST, BadPage, Order, Page, Window, page
from resolvers.query import Query
from resolvers.related import WHOLE
from schema.context import Info, database_errors
from schema.fields import query
from schema.planning import plan_page
from schema.scalars import Cursor

T = TypeVar("T")
PAGE_COST = Cost(weight=1, multiplier=("first", "last"))
_WINDOW = {"first": int | None, "after": Cursor | None, "last": int | None, "before": Cursor | None}


class CountPrecision(StrEnum):
    """Whether a count is exact."""

    EXACT = "EXACT"
    AT_LEAST = "AT_LEAST"


class OrderDirection(StrEnum):
    """Which way a list runs."""

    ASC = "ASC"
    DESC = "DESC"


strawberry.enum(CountPrecision, description="Whether a count is exact; counting stops at 10,000.")
strawberry.enum(OrderDirection, description="Which way a list runs.")


@strawberry.type(description="How many entries the whole list has.")
class Count:
    """A bounded count."""

    value: int = strawberry.field(description="The number counted, at most 10,000.")
    precision: CountPrecision = strawberry.field(description="AT_LEAST when the list is longer.")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """As Relay has it."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether some come before.")
    start_cursor: Cursor | None = strawberry.field(description="The first entry's cursor.")
    end_cursor: Cursor | None = strawberry.field(description="The last entry's cursor.")


@strawberry.type(description="An entry and its place.")
class Edge(Generic[T]):
    """As Relay has it."""

    cursor: Cursor = strawberry.field(description="The entry's place, for after and before.")
    node: T = strawberry.field(description="The entry.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """The source object holds the page it was made from."""

    nodes: list[T] = strawberry.field(description="The entries alone.", metadata={"extensions": {"cost": Cost(0)}})
    edges: list[Edge[T]] = strawberry.field(
        description="The entries with their places.", metadata={"extensions": {"cost": Cost(0)}}
    )
    page_info: PageInfo = strawberry.field(description="Where the page lies.")
    source: strawberry.Private[Page[Any]]

    @strawberry.field(
        description="How many entries the whole list has. Costs 10 points.",
        metadata={"extensions": {"cost": Cost(weight=10)}},
    )
    async def total_count(self) -> Count:
        """Counts up to ten thousand."""
        with database_errors():
            value, exact = await self.source.count()
        return Count(value=value, precision=CountPrecision.EXACT if exact else CountPrecision.AT_LEAST)


def connection(
    use_case: Query[Any, Any], node: Any, *, order: Order = NEWEST_FIRST, kind: Any = None
) -> Callable[[Callable[..., Any]], Any]:
    """Decorates a root field that is a list of `node`: its body (self, ctx, filters) returns the rows of the use case,
    at once or when awaited.

    The page's own arguments are added here, and cursors are bound to the filters' values. `kind` is a connection with
    fields of its own.
    """
    returned = kind or Connection[node]

    def decorate(rows: Callable[..., Any]) -> Any:
        async def resolve(self: Any, info: Info, **given: Any) -> Any:
            window = Window(*(given.pop(name, None) for name in _WINDOW))
            found = rows(self, info.context.ctx, **given)
            if inspect.iscoroutine(found):
                found = await found
            name = f"{rows.__name__}:{sorted(given.items())}"
            return await _connect(info, found, window, order=order, name=name)

        resolve.__name__, resolve.__doc__, resolve.__module__ = rows.__name__, rows.__doc__, rows.__module__
        resolve.__signature__ = _signature(rows, returned)  # type: ignore[attr-defined]
        return query(use_case, cost=PAGE_COST, planner=plan_page)(resolve)

    return decorate


def _signature(rows: Callable[..., Any], returned: Any) -> inspect.Signature:
    """That of the field: the filters of `rows`, then the page's arguments."""
    _, _, *filters = inspect.signature(rows).parameters.values()
    named = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    named.append(inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info))
    window = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=type_, default=None)
        for name, type_ in _WINDOW.items()
    ]
    return inspect.Signature([*named, *filters, *window], return_annotation=returned)


async def _connect(info: Info, rows: QuerySet[Any], window: Window, *, order: Order, name: str) -> "_Connected":
    """The connection of a page of `rows`; `name` stands for the filter, to which cursors are bound."""
    selection = getattr(info._raw_info, "planned", None) or WHOLE
    try:
        return _Connected(await page(info.context.ctx, rows, window, order=order, name=name, selection=selection))
    except BadPage as error:
        raise RequestError(Code.BAD_QUERY, str(error)) from error


class _Connected:
    """The source object of every connection; cursors are sealed only for those who ask for them."""

    __slots__ = ("_cursor", "source")

    def __init__(self, source: Page[Any]) -> None:
        self.source = source
        self._cursor: Callable[[Any], str] | None = None

    def _cursor_of(self, row: Any) -> str:
        """The row's place."""
        if self._cursor is None:
            self._cursor = self.source.cursors()
        return self._cursor(row)

    @property
    def nodes(self) -> list[Any]:
        """The rows."""
        return list(self.source.rows)

    @property
    def edges(self) -> list["_Placed"]:
        """The rows, each with its place."""
        return [_Placed(self._cursor_of, row) for row in self.source.rows]

    @property
    def page_info(self) -> "_Connected":
        """Where the page lies."""
        return self

    @property
    def has_next_page(self) -> bool:
        """Whether more follow."""
        return self.source.has_next

    @property
    def has_previous_page(self) -> bool:
        """Whether some come before."""
        return self.source.has_previous

    @property
    def start_cursor(self) -> str | None:
        """The first entry's cursor."""
        return self._cursor_of(self.source.rows[0]) if self.source.rows else None

    @property
    def end_cursor(self) -> str | None:
        """The last entry's cursor."""
        return self._cursor_of(self.source.rows[-1]) if self.source.rows else None


class _Placed:
    """The source object of an edge."""

    __slots__ = ("_cursor", "node")

    def __init__(self, cursor: Callable[[Any], str], node: Any) -> None:
        self._cursor = cursor
        self.node = node

    @property
    def cursor(self) -> str:
        """The row's place."""
        return self._cursor(self.node)


__all__ = ["DEFAULT", "PAGE_COST", "Connection", "Count", "Edge", "Order", "OrderDirection", "PageInfo", "connection"]
