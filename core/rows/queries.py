"""Query sets that are copied with less ado: each `filter` makes a copy, and a request has a dozen of them."""

from collections.abc import Callable, Iterable
from typing import Any

from tortoise.manager import Manager
from tortoise.models import Model
from tortoise.queryset import QuerySet

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
