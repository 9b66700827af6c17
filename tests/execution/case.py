"""What a conformance case is, and the short way of making the schemas they run on."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
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


def schema_of(
    sdl: str,
    resolvers: Mapping[str, Callable[..., Any]] | None = None,
    *,
    resolve_type: Mapping[str, Callable[..., Any]] | None = None,
    is_type_of: Mapping[str, Callable[..., Any]] | None = None,
    scalars: Mapping[str, Mapping[str, Callable[..., Any]]] | None = None,
    enums: Mapping[str, Mapping[str, Any]] | None = None,
    out_names: Mapping[str, str] | None = None,
    out_types: Mapping[str, Callable[..., Any]] | None = None,
) -> GraphQLSchema:
    """A schema from SDL; the rest is hung on by name: `Type`, `Type.field` or `Type.field.argument`."""
    schema = build_schema(sdl)
    for name, resolver in (resolvers or {}).items():
        _field(schema, name).resolve = resolver
    for name, function in (resolve_type or {}).items():
        cast("GraphQLInterfaceType | GraphQLUnionType", schema.type_map[name]).resolve_type = function
    for name, function in (is_type_of or {}).items():
        cast("GraphQLObjectType", schema.type_map[name]).is_type_of = function
    for name, functions in (scalars or {}).items():
        for attribute, function in functions.items():
            setattr(schema.type_map[name], attribute, function)
    for name, values in (enums or {}).items():
        for key, value in values.items():
            cast("GraphQLEnumType", schema.type_map[name]).values[key].value = value
    for name, out_name in (out_names or {}).items():
        _input(schema, name).out_name = out_name
    for name, function in (out_types or {}).items():
        cast("Any", schema.type_map[name]).out_type = function
    return schema


def _field(schema: GraphQLSchema, name: str) -> Any:
    type_name, field_name = name.split(".")
    return cast("GraphQLObjectType", schema.type_map[type_name]).fields[field_name]


def _input(schema: GraphQLSchema, name: str) -> Any:
    type_name, field_name, *argument = name.split(".")
    owner = cast("GraphQLInputObjectType | GraphQLObjectType", schema.type_map[type_name])
    field: Any = owner.fields[field_name]
    return field.args[argument[0]] if argument else field


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


def is_required(schema: GraphQLSchema, name: str) -> bool:
    """Whether a field is non-null; for cases that are made from the schema."""
    return isinstance(_field(schema, name).type, GraphQLNonNull)


def each(prefix: str, rows: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The rows of a table with the names of their cases."""
    return ((f"{prefix}: {name}", row) for name, row in rows.items())
