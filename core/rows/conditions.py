"""The conditions of a query set as SQL text and bound values. Text comes from column names alone, never from values."""

from datetime import date, datetime
from enum import Enum
from operator import attrgetter
from typing import Any
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.models import Model
from tortoise.queryset import QuerySet, ValuesQuery

from core.rows.scopes import owners, seen_by, sees_all
from core.scope import Scope

_VALUES = (str, int, bool, UUID, datetime, date)
_COMPARISONS = {"": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
ALL = "true"
_EXTRAS = attrgetter(
    "_limit",
    "_offset",
    "_distinct",
    "_annotations",
    "_custom_filters",
    "_having",
    "_group_bys",
    "_select_for_update",
    "_select_related",
    "_prefetch_map",
    "_prefetch_queries",
    "_fields_for_select",
    "_orderings",
    "_joined_tables",
    "_single",
)
"""What a query set may carry beside its conditions; one that does is left to the ORM."""
_EXTRAS_OF_VALUES = attrgetter(
    "_limit", "_offset", "_distinct", "_annotations", "_custom_filters", "_group_bys", "_orderings"
)


class Unreadable(Exception):
    """The query set asks for more than conditions on columns."""


class Statement:
    """Values bound so far, and aliases given away, while the text of one statement is written.

    Every table in it gives only what `scope` sees.
    """

    __slots__ = ("_aliases", "_places", "scope", "values")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.values: list[Any] = []
        self._aliases = 0
        self._places: dict[UUID, str] = {}

    def bind(self, value: Any) -> str:
        """The place of a value in the text; an id has one place, so that PostgreSQL sees what is the same."""
        if isinstance(value, UUID) and value in self._places:
            return self._places[value]
        self.values.append(value)
        place = f"${len(self.values)}"
        if isinstance(value, UUID):
            self._places[value] = place
        return place

    def alias(self) -> str:
        """A name for one more table."""
        self._aliases += 1
        return f"t{self._aliases}"

    def where(self, rows: QuerySet[Any], alias: str) -> str:
        """The query set's conditions and the scope's, on the table under this alias; `true` for none.

        `Unreadable` where there is more to the query set.
        """
        if any(_EXTRAS(rows)):
            raise Unreadable("more than conditions")
        return self._all_of(rows.model, alias, rows._q_objects)

    def _all_of(self, model: type[Model], alias: str, conditions: list[Q]) -> str:
        texts = [text for one in conditions if (text := self._one(model, alias, one))]
        if not sees_all(self.scope, model) and not self._demands_owner(texts, model, alias):
            texts.append(seen_by(self, self.scope, model, alias))
        return " and ".join(texts) or ALL

    def _demands_owner(self, texts: list[str], model: type[Model], alias: str) -> bool:
        """Whether the conditions want rows of the scope's own alone.

        Then it is not said again: PostgreSQL would think the rows rarer than they are.
        """
        return any(
            len(ids) == 1 and f'({alias}."{column}" = {self._places.get(ids[0])})' in texts
            for column, ids in owners(self.scope, model)
        )

    def _one(self, model: type[Model], alias: str, condition: Q) -> str:
        parts = [self._compared(model, alias, key, value) for key, value in condition.filters.items()]
        parts += [text for child in condition.children if (text := self._one(model, alias, child))]
        if not parts:
            return ""
        text = parts[0] if len(parts) == 1 else f" {condition.join_type.lower()} ".join(parts)
        return f"not ({text})" if condition._is_negated else f"({text})"

    def _compared(self, model: type[Model], alias: str, key: str, value: Any) -> str:
        name, _, operator = key.partition("__")
        column = f'{alias}."{column_of(model, name)}"'
        if operator == "isnull" or (value is None and operator == ""):
            return f"{column} is null" if value is None or value else f"{column} is not null"
        if operator == "in":
            return self._among(column, value)
        if operator not in _COMPARISONS:
            raise Unreadable(operator)
        return f"{column} {_COMPARISONS[operator]} {self.bind(plain(value))}"

    def _among(self, column: str, value: Any) -> str:
        if isinstance(value, Subquery):
            return f"{column} in ({self._selected(value.query)})"
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise Unreadable("in")
        values = [plain(one) for one in value]
        # Of one value PostgreSQL knows that what follows it in an index is in order.
        return f"{column} = {self.bind(values[0])}" if len(values) == 1 else f"{column} = any({self.bind(values)})"

    def _selected(self, query: Any) -> str:
        if not isinstance(query, ValuesQuery) or len(query._fields_for_select) != 1:
            raise Unreadable("subquery")
        if any(_EXTRAS_OF_VALUES(query)):
            raise Unreadable("more than conditions in a subquery")
        alias = self.alias()
        (name,) = query._fields_for_select.values()
        condition = self._all_of(query.model, alias, query._q_objects)
        table = query.model._meta.db_table
        return f'select {alias}."{column_of(query.model, name)}" from "{table}" {alias} where {condition}'


def column_of(model: type[Model], name: str) -> str:
    """The column of a field; `Unreadable` for a relation or an annotation."""
    column = model._meta.fields_db_projection.get("id" if name == "pk" else name)
    if column is None:
        raise Unreadable(name)
    return column


def plain(value: Any) -> Any:
    """The value as the driver takes it; `Unreadable` for expressions and what has no plain form."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, _VALUES):
        return value
    raise Unreadable(type(value).__name__)
