"""Query sets that are copied with less ado, since each `filter` makes a copy and a request has a dozen of them. Those
that are conditions, an order and a bound are read past the ORM.
"""

from collections.abc import Callable, Generator, Iterable
from typing import Any

from tortoise.exceptions import DoesNotExist, MultipleObjectsReturned
from tortoise.manager import Manager
from tortoise.models import Model
from tortoise.queryset import QuerySet

from core import db
from core.rows.conditions import Unreadable
from core.rows.reading import Sort, read_all

_SLOTS = tuple(dict.fromkeys(name for kind in QuerySet.__mro__ for name in getattr(kind, "__slots__", ())))
_FRESH = frozenset(
    {
        "_annotations",
        "_custom_filters",
        "_filter_kwargs",
        "_having",
        "_joined_tables",
        "_orderings",
        "_prefetch_map",
        "_prefetch_queries",
        "_q_objects",
    }
)
"""What a copy has for itself, since it is changed in place."""


class Rows(QuerySet[Any]):
    """A query set. The ORM's own looks up the connection and copies nine empty collections one by one by protocol."""

    __slots__ = ()

    def _clone(self) -> "Rows":
        return _copied(self)

    def __await__(self) -> Generator[Any, None, Any]:
        if db.in_transaction() and self._db in (None, db.current()):
            try:
                return (yield from self._read().__await__())
            except Unreadable:
                pass
        return (yield from super().__await__())

    async def _read(self) -> Any:
        """The rows, or the row where one is asked for, as the ORM gives them."""
        found = await read_all(self._bare(), self._sorts(), self._limit)
        return self._picked(found) if self._single else found

    def _bare(self) -> "Rows":
        """The conditions alone."""
        bare = _copied(self)
        bare._orderings, bare._limit, bare._single = [], None, False
        return bare

    def _sorts(self) -> tuple[Sort, ...]:
        return tuple(Sort(name, direction.name == "desc") for name, direction in self._orderings)

    def _picked(self, found: list[Any]) -> Any:
        if len(found) > 1:
            raise MultipleObjectsReturned(self.model)
        if not found and self._raise_does_not_exist:
            raise DoesNotExist(self.model)
        return found[0] if found else None


def _copy_writer() -> Callable[[QuerySet[Any]], Rows]:
    """The function that copies all that a query set holds, written from the ORM's own list of it."""
    lines = [f"    made.{name} = old.{name}{'.copy()' if name in _FRESH else ''}" for name in _SLOTS]
    names: dict[str, Any] = {"Rows": Rows, "new": object.__new__}
    source = "\n".join(["def copied(old):", "    made = new(Rows)", *lines, "    return made"])
    exec(compile(source, "<query sets>", "exec"), names)  # noqa: S102
    copied: Callable[[QuerySet[Any]], Rows] = names["copied"]
    return copied


_copied = _copy_writer()


class _Quick(Manager):
    def get_queryset(self) -> Rows:
        return Rows(self._model)


def quicken(models: Iterable[type[Model]]) -> None:
    """Lets query sets of these models be such."""
    for model in models:
        model._meta.manager = _Quick(model)
