"""How scalars and enums are written: an inline test for the usual value, a function for every other."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from graphql import GraphQLLeafType, GraphQLNonNull, GraphQLOutputType, Undefined, is_enum_type
from graphql.pyutils import inspect
from graphql.type import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString

Coerce = Callable[[Any], Any]

MOST_CLASSES = 100
"""Python classes of which a type remembers that they are no exceptions."""
_USUAL = {
    GraphQLString: ("str", ""),
    GraphQLID: ("str", ""),
    GraphQLBoolean: ("bool", ""),
    GraphQLInt: ("int", " and -2147483648 <= v <= 2147483647"),
    GraphQLFloat: ("float", " and v - v == 0"),
}
"""Of which class, and under which further test, a value `v` of a built-in scalar is its own result."""


def coercer(kind: GraphQLLeafType) -> Coerce:
    """Completes a value of the type, null included; raises what graphql-core raises."""
    return _of_enum(kind) if is_enum_type(kind) else _of_scalar(kind)


def _of_enum(kind: GraphQLLeafType) -> Coerce:
    known: dict[type, dict[Any, Any]] = {}
    slowly = _of_scalar(kind)

    def coerce(value: Any) -> Any:
        members = known.get(value.__class__)
        if members is not None and value in members:
            return members[value]
        found = slowly(value)
        if isinstance(value, Enum):
            known.setdefault(value.__class__, {})[value] = found
        return found

    return coerce


def _of_scalar(kind: GraphQLLeafType) -> Coerce:
    ordinary: set[type] = set()
    write = kind.coerce_output_value

    def coerce(value: Any) -> Any:
        if value.__class__ not in ordinary:
            if value is None or value is Undefined:
                return None
            if isinstance(value, Exception):
                raise value
            if len(ordinary) < MOST_CLASSES:
                ordinary.add(value.__class__)
        found = write(value)
        if found is None or found is Undefined:
            raise TypeError(
                f"Expected `{inspect(kind)}.coerce_output_value({inspect(value)})` to return non-nullable value,"
                f" returned: {inspect(found)}"
            )
        return found

    return coerce


def coercers(kind: GraphQLLeafType) -> tuple[Coerce, Coerce]:
    """The type's coercer, and one that raises where null would come of it."""
    coerce = coercer(kind)

    def required(value: Any) -> Any:
        found = coerce(value)
        if found is None:
            raise TypeError("null")
        return found

    return coerce, required


def expression(kind: GraphQLOutputType, access: str, coerce: str) -> str:
    """The Python expression that completes what `access` gives as a leaf; it raises where anything is amiss.

    `coerce` is the name of the type's coercer in the generated code: of the one that fits whether null is allowed.
    """
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if inner not in _USUAL:
        return f"{coerce}({access})"
    usual, further = _USUAL[inner]
    allowed = "" if isinstance(kind, GraphQLNonNull) else " or v is None"
    return f"(v if (v := {access}).__class__ is {usual}{further}{allowed} else {coerce}(v))"
