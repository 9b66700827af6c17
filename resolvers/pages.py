"""Pages of a list: keyset cursors over (sort key, id), bound to the list and filter they came from."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core.rows import Sort, read_count, read_rows
from core.tokens import equal, sealer
from models.base import Row
from resolvers.context import Context
from resolvers.related import WHOLE, Selection

R = TypeVar("R", bound=Row)
DEFAULT = 20
MOST = 200
COUNTED = 10_000
_SEAL, _ID = 8, 16


class BadPage(ValueError):
    """The page asked for cannot be: sizes out of bounds, both directions at once, or a cursor of another list."""


@dataclass(frozen=True, slots=True)
class Order:
    """A sort: a column that is never null (or the id itself), and its direction; ties are broken by id alike."""

    column: str = "id"
    descending: bool = True

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """By the column, then by id."""
        by_id = Sort("id", self.descending)
        return (by_id,) if self.column == "id" else (Sort(self.column, self.descending), by_id)

    def reversed(self) -> "Order":
        """The other direction."""
        return Order(self.column, not self.descending)


NEWEST_FIRST = Order()


@dataclass(frozen=True, slots=True)
class Window:
    """What part of the list is asked for, as Relay has it."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page, with what it takes to count the whole list and to name places in it."""

    rows: Sequence[R]
    has_next: bool
    has_previous: bool
    order: Order
    list_name: str
    secret: bytes
    whole: QuerySet[R]

    def cursors(self) -> Callable[[R], str]:
        """Tells the place of a row in this list."""
        return cursor_writer(self.secret, self.list_name, self.order)

    async def count(self) -> tuple[int, bool]:
        """How many rows the list has, and whether that is exact; counting stops at ten thousand."""
        found = await read_count(self.whole, COUNTED + 1)
        return min(found, COUNTED), found <= COUNTED


async def page(
    ctx: Context,
    rows: QuerySet[R],
    window: Window,
    *,
    order: Order = NEWEST_FIRST,
    name: str = "",
    selection: Selection = WHOLE,
) -> Page[R]:
    """The page of `rows` (already in scope and filtered) that `window` asks for, read as far as `selection` says.

    `name` stands for the filter: a cursor is good only under the same list, filter and order. Raises `BadPage`.
    """
    size, backwards = _size(window)
    name = f"{rows.model.__name__}:{name}"
    walk = order.reversed() if backwards else order
    chosen = rows
    start = window.before if backwards else window.after
    if window.after is not None:
        chosen = chosen.filter(beyond(order, *read_cursor(ctx.secret, name, order, window.after)))
    if window.before is not None:
        chosen = chosen.filter(beyond(order.reversed(), *read_cursor(ctx.secret, name, order, window.before)))
    names, joins = selection.names_with("id", order.column), selection.joins(ctx)
    found = await read_rows(chosen, sort=walk.sorts, limit=size + 1, names=names, joins=joins)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    return Page(
        rows=found,
        has_next=window.before is not None if backwards else more,
        has_previous=more if backwards else start is not None,
        order=order,
        list_name=name,
        secret=ctx.secret,
        whole=rows,
    )


def _size(window: Window) -> tuple[int, bool]:
    if window.first is not None and window.last is not None:
        raise BadPage("Give first or last, not both.")
    size = window.last if window.last is not None else window.first
    size = DEFAULT if size is None else size
    if not 1 <= size <= MOST:
        raise BadPage(f"A page has 1 to {MOST} entries.")
    return size, window.last is not None


def beyond(order: Order, value: Any, row_id: UUID) -> Q:
    """The rows after the place (value, id) in the direction of `order`."""
    word = "lt" if order.descending else "gt"
    if order.column == "id":
        return Q(**{f"id__{word}": row_id})  # type: ignore[arg-type]
    # The first condition follows from the other one, but it alone tells PostgreSQL where in an index to begin.
    begin, further = Q(**{f"{order.column}__{word}e": value}), Q(**{f"{order.column}__{word}": value})
    return begin & (further | Q(**{f"id__{word}": row_id}))  # type: ignore[arg-type]


def cursor_writer(secret: bytes, name: str, order: Order) -> Callable[[Row], str]:
    """Writes the sealed places of rows: the seal, the id, and the value they are sorted by when that is not the id."""
    seal, column = sealer(secret, *_list_parts(name, order), size=_SEAL), order.column

    def write(row: Row) -> str:
        content = row.id.bytes
        if column != "id":
            value = getattr(row, column)
            content += orjson.dumps(value.isoformat() if isinstance(value, datetime) else value)
        return base64.urlsafe_b64encode(seal(content) + content).rstrip(b"=").decode("ascii")

    return write


def read_cursor(secret: bytes, name: str, order: Order, cursor: str) -> tuple[Any, UUID]:
    """The sort value and id a cursor stands for; `BadPage` for one that this list did not give."""
    try:
        octets = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, binascii.Error):
        raise BadPage("The cursor is not one of this list.") from None
    given, content = octets[:_SEAL], octets[_SEAL:]
    if not equal(given, sealer(secret, *_list_parts(name, order), size=_SEAL)(content)):
        raise BadPage("The cursor is not one of this list.")
    row_id, value = UUID(bytes=content[:_ID]), None if order.column == "id" else orjson.loads(content[_ID:])
    if isinstance(value, str) and order.column.endswith("_at"):
        value = datetime.fromisoformat(value)
    return value, row_id


def _list_parts(name: str, order: Order) -> tuple[str, ...]:
    return "cursor", name, order.column, str(order.descending)
