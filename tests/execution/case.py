"""What a conformance case is, and the short way of making the schemas they run on."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
)

from tests.execution.agreement import Order

UNSAID = object()
"""The case says nothing of this: only the agreement with graphql-core counts."""


@dataclass(frozen=True, slots=True)
class Case:
    """One execution that both executors must answer alike.

    `data` and `errors` are literal expectations, `errors` as a list of `(message, path)`. `fallback` marks what the
    compiling executor may leave to graphql-core.
    """

    name: str
    schema: GraphQLSchema
    query: str
    root: Callable[[], Any] = lambda: None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    context: Callable[[], Any] = lambda: None
    data: Any = UNSAID
    errors: Any = UNSAID
    order: Order = Order.EXACT
    fallback: bool = False
    valid: bool = True
    hide_suggestions: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What SDL cannot say, by name: `Type`, `Type.field` or `Type.field.argument`."""

    resolvers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    resolve_type: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    is_type_of: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    scalars: Mapping[str, Mapping[str, Callable[..., Any]]] = field(default_factory=dict)
    enums: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    out_names: Mapping[str, str] = field(default_factory=dict)


def schema_of(sdl: str, resolvers: Mapping[str, Callable[..., Any]] | None = None, **behaviour: Any) -> GraphQLSchema:
    """A schema from SDL; the other arguments are those of `Behaviour`."""
    schema = build_schema(sdl)
    types: Any = schema.type_map
    given = Behaviour(resolvers=resolvers or {}, **behaviour)
    for name, resolver in given.resolvers.items():
        _field(schema, name).resolve = resolver
    for name, function in given.resolve_type.items():
        types[name].resolve_type = function
    for name, function in given.is_type_of.items():
        types[name].is_type_of = function
    for name, functions in given.scalars.items():
        vars(types[name]).update(functions)
    for name, values in given.enums.items():
        _name_values(types[name], values)
    for name, out_name in given.out_names.items():
        _input(schema, name).out_name = out_name
    return schema


def _name_values(kind: GraphQLEnumType, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        kind.values[key].value = value


def _field(schema: GraphQLSchema, name: str) -> Any:
    type_name, field_name = name.split(".")
    return cast("GraphQLObjectType", schema.type_map[type_name]).fields[field_name]


def _input(schema: GraphQLSchema, name: str) -> Any:
    type_name, field_name, *argument = name.split(".")
    owner = cast("GraphQLInputObjectType | GraphQLObjectType", schema.type_map[type_name])
    found: Any = owner.fields[field_name]
    return found.args[argument[0]] if argument else found


def echo(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> str:
    """A resolver that answers with the arguments it was called with, in their order."""
    return json.dumps(arguments, default=repr)


async def later(value: Any, turns: int = 1) -> Any:
    """A value that comes after some turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return value


async def fails_later(error: str | Exception = "late", turns: int = 1) -> Any:
    """An error that comes after some turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
    raise error if isinstance(error, Exception) else RuntimeError(error)


def fails(error: str | Exception = "now") -> Callable[..., Any]:
    """A value for the default resolver that raises when it is called."""

    def failing(info: GraphQLResolveInfo, **arguments: Any) -> Any:
        raise error if isinstance(error, Exception) else RuntimeError(error)

    return failing


def lazily(value: Callable[[], Any]) -> Callable[..., Any]:
    """A value for the default resolver that is made when the field is asked for, and again at each asking."""
    return lambda info, **arguments: value()


def nested(depth: int, leaf: Any, key: str = "child") -> Any:
    """Objects inside each other, the innermost being `leaf`."""
    value = leaf
    for _ in range(depth):
        value = {key: value}
    return value
