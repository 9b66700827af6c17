"""Whose rows a statement wants, as a condition in its text: what row-level security says, from the same declaration."""

from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from tortoise.models import Model

from core.scope import EVERYTHING, Scope

NONE = "false"


class Way(Protocol):
    """Whoever is the `kind` in column `owner` of a row of table `link` sees the rows that its `points_at` names in
    their column `row`, as long as its column `until` is empty.
    """

    kind: str
    link: str
    points_at: str
    owner: str
    row: str
    until: str | None


class Binding(Protocol):
    """What a condition needs of the statement around it."""

    def bind(self, value: Any) -> str:
        """The place of a value in the text."""

    def alias(self) -> str:
        """A name for one more table."""


def sees_all(scope: Scope, model: type[Model]) -> bool:
    """Whether every row of the model is seen; `AttributeError` for a model that declares no scope."""
    return scope.kind == EVERYTHING.kind or _declared(model).public


def owners(scope: Scope, model: type[Model]) -> list[tuple[str, tuple[UUID, ...]]]:
    """The columns by which a row may be the scope's own, each with the ids of which one must stand in it."""
    return [(column, ids) for kind, column in _columns(model) if (ids := _ids(scope, kind))]


def seen_by(statement: Binding, scope: Scope, model: type[Model], alias: str) -> str:
    """The condition under which `scope`, which does not see all, sees a row of the model."""
    terms = [f'{alias}."{column}" {_among(statement, ids)}' for column, ids in owners(scope, model)]
    terms += [_led_to(statement, ids, way, alias) for way in _declared(model).through if (ids := _ids(scope, way.kind))]
    return f"({' or '.join(terms) or NONE})"


def _declared(model: type[Model]) -> Any:
    return model.scope  # type: ignore[attr-defined]


@lru_cache(maxsize=1024)
def _columns(model: type[Model]) -> tuple[tuple[str, str], ...]:
    return tuple(_declared(model).columns())


def _ids(scope: Scope, kind: str) -> tuple[UUID, ...]:
    if kind == "account":
        return () if scope.account is None else (scope.account,)
    return scope.ids if kind == scope.kind else ()


def _among(statement: Binding, ids: tuple[UUID, ...]) -> str:
    return f"= {statement.bind(ids[0])}" if len(ids) == 1 else f"= any({statement.bind(list(ids))}::uuid[])"


def _led_to(statement: Binding, ids: tuple[UUID, ...], way: Way, alias: str) -> str:
    link = statement.alias()
    still = "" if way.until is None else f' and {link}."{way.until}" is null'
    return (
        f'exists (select 1 from "{way.link}" {link} where {link}."{way.points_at}" = {alias}."{way.row}"'
        f' and {link}."{way.owner}" {_among(statement, ids)}{still})'
    )
