"""What the compiled executor may know of the schema: fields that need no resolver, types that their class tells.

Everything it learns here stands in the `extensions` of graphql-core's own types; what it is not told, it does as ever.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType
from strawberry.types.field import StrawberryField

from core.execution.compiled import BY_CLASS
from schema.context import Batch, RequestContext, database_errors
from schema.inputs import camel
from schema.nodes import Node, OfRow
from schema.planning import all_asked


def prepare(kind: GraphQLObjectType | GraphQLInterfaceType) -> None:
    """Declares the fields and the class of one type to the executor."""
    origin = kind.extensions["strawberry-definition"].origin
    told_by_class = issubclass(origin, OfRow if isinstance(kind, GraphQLObjectType) else Node)
    kind.extensions = {**kind.extensions, BY_CLASS: told_by_class}
    for field in kind.fields.values():
        field.extensions.update(_shortcut(field, field.extensions["strawberry-definition"]))


def _shortcut(field: GraphQLField, definition: StrawberryField) -> dict[str, Any]:
    """How the value is had without Strawberry's resolver; nothing where it is needed."""
    if "batch" in field.extensions:
        return {"batch": _with_context(field.extensions["batch"], _python_names(definition))}
    if definition.extensions or field.args:
        return {}
    if definition.is_basic_field:
        return {"attribute": definition.python_name}
    return _computed(definition)


def _python_names(definition: StrawberryField) -> tuple[tuple[str, str], ...]:
    return tuple((camel(one.python_name), one.python_name) for one in definition.arguments)


@functools.cache
def _with_context(batch: Batch, names: tuple[tuple[str, str], ...]) -> Callable[..., Awaitable[Sequence[Any]]]:
    """The relation as the executor calls it; one function for all its fields, so that they are loaded together."""

    async def load(request: RequestContext, parents: list[Any], planned: Any = (), /, **given: Any) -> Sequence[Any]:
        arguments = {python: given[name] for name, python in names if name in given}
        if planned:
            arguments["selection"] = all_asked(planned)
        with database_errors():
            return await batch(request.ctx, parents, **arguments)

    return load


def _computed(definition: StrawberryField) -> dict[str, Any]:
    """A resolver that is called at once with its source, and with no more than the context beside it."""
    resolver = definition.base_resolver
    if resolver is None or resolver.is_async or isinstance(resolver.wrapped_func, staticmethod | classmethod):
        return {}
    function: Callable[..., Any] = resolver.wrapped_func
    match list(inspect.signature(function).parameters):
        case ["self" | "root"]:
            return {"derive": function}
        case ["self" | "root", "info"]:
            return {"compute": lambda source, context: function(source, info=context.told)}
    return {}
