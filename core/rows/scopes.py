"""Whose rows a statement wants, as a condition in its text: what row-level security says, from the same declaration."""

from typing import Any, Protocol
from uuid import UUID

from tortoise.models import Model

from core.scope import EVERYTHING, Scope


class Way(Protocol):
    """Whoever is the `kind` in column `owner` of a row of table `link` sees the row that its `points_at` names."""

    kind: str
    link: str
    points_at: str
    owner: str


class Binding(Protocol):
    """What a condition needs of the statement around it."""

    def bind(self, value: Any) -> str:
        """The place of a value in the text."""

    def alias(self) -> str:
        """A name for one more table."""


def seen_by(statement: Binding, scope: Scope, model: type[Model], alias: str) -> list[str] | None:
    """The conditions of which one must hold for `scope` to see a row of the model; None when it sees them all.

    `AttributeError` for a model that declares no scope.
    """
    declared: Any = model.scope  # type: ignore[attr-defined]
    if declared.public or scope.kind == EVERYTHING.kind:
        return None
    terms = [
        f'{alias}."{column}" {_among(statement, ids)}'
        for kind, column in declared.columns()
        if (ids := _ids(scope, kind))
    ]
    if scope.ids:
        terms += [_led_to(statement, scope.ids, way, alias) for way in declared.through if way.kind == scope.kind]
    return terms


def _ids(scope: Scope, kind: str) -> tuple[UUID, ...]:
    if kind == "account":
        return () if scope.account is None else (scope.account,)
    return scope.ids if kind == scope.kind else ()


def _among(statement: Binding, ids: tuple[UUID, ...]) -> str:
    return f"= {statement.bind(ids[0])}" if len(ids) == 1 else f"= any({statement.bind(list(ids))}::uuid[])"


def _led_to(statement: Binding, ids: tuple[UUID, ...], way: Way, alias: str) -> str:
    link = statement.alias()
    return (
        f'exists (select 1 from "{way.link}" {link} where {link}."{way.points_at}" = {alias}."id"'
        f' and {link}."{way.owner}" {_among(statement, ids)})'
    )
