"""What a page or a relation must read: the columns and the related rows that the fields below it ask for.

Worked out once, when an operation is compiled. A field whose needs nobody has declared makes its row be read with all
columns; nothing is ever left out that a field may look at.
"""

import functools
import operator
from collections.abc import Iterable
from typing import Any

from core.execution.compiled import Field, ObjectBuilder
from models.base import Row
from models.registry import MODELS
from resolvers.related import WHOLE, Related, Selection, ToOne
from schema.columns import COLUMNS
from schema.nodes import NAMES

TO_ONE = "to_one"
"""In a relation's extensions: its declaration, where it leads to one row by a column."""
DEEPEST = 3
"""Related rows read with a row, and with these, and so on; deeper ones are read as relations are."""

MODELS_BY_TYPE: dict[str, Any] = {NAMES.get(model.__name__, model.__name__): model for model in MODELS}


def plan_page(field: Field) -> Selection | None:
    """What the rows of a connection are asked for; None where its entries are no rows."""
    (connection,) = field.below.values()
    entries = [one for part in connection.fields for one in _entries(part)]
    model = next((MODELS_BY_TYPE.get(entry.kind.name) for entry in entries), None)
    return None if model is None else _selection(model, entries, DEEPEST)


def plan_relation(field: Field) -> Selection | None:
    """What the rows that a relation leads to are asked for; None where it leads to no rows."""
    model = next((MODELS_BY_TYPE.get(name) for name in field.below), None)
    return None if model is None else _selection(model, field.below.values(), DEEPEST)


def all_asked(planned: Iterable[Selection | None]) -> Selection:
    """What several fields ask for together."""
    return functools.reduce(operator.or_, (WHOLE if one is None else one for one in planned))


def _entries(part: Field) -> Iterable[ObjectBuilder]:
    if part.name == "nodes":
        return part.below.values()
    if part.name == "edges":
        (edge,) = part.below.values()
        return [one for node in edge.fields if node.name == "node" for one in node.below.values()]
    return ()


def _selection(model: type[Row], builders: Iterable[ObjectBuilder], depth: int) -> Selection:
    names: set[str] | None = {"id"}
    related: dict[Any, tuple[ToOne, list[ObjectBuilder]]] = {}
    for field in (one for builder in dict.fromkeys(builders) for one in builder.fields):
        leads_to = _to_one(field, model, depth)
        if leads_to is not None:
            field.held = True
            related.setdefault(field.batch, (leads_to, []))[1].extend(field.below.values())
        needed = _columns(field, model)
        names = None if names is None or needed is None else names | needed
    joins = [
        Related(key, to_one, _selection(to_one.model, below, depth - 1)) for key, (to_one, below) in related.items()
    ]
    return Selection(None if names is None else tuple(sorted(names)), tuple(joins))


def _to_one(field: Field, model: type[Row], depth: int) -> ToOne | None:
    """The relation's declaration, where its row can be read together with this one."""
    declared: ToOne | None = field.definition.extensions.get(TO_ONE)
    fits = declared is not None and depth > 0 and declared.column in model._meta.fields_db_projection
    return declared if fits and set(field.below) <= MODELS_BY_TYPE.keys() else None


def _columns(field: Field, model: type[Row]) -> set[str] | None:
    """The fields of the row that this one looks at; None where nobody has said."""
    declared = field.definition.extensions.get(COLUMNS)
    if declared is not None:
        return {name for name in declared if name in model._meta.fields_db_projection}
    if field.batch is not None or field.plain is None:
        return None
    name = field.plain.attribute
    return {name} if name in model._meta.fields_db_projection else None
