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
WRITES = "writes"
"""In the extensions of a scalar: a Python class and how its values are written, never as null."""
_USUAL = {
    GraphQLString: ("str", ""),
    GraphQLID: ("str", ""),
    GraphQLBoolean: ("bool", ""),
    GraphQLInt: ("int", " and -2147483648 <= v <= 2147483647"),
    GraphQLFloat: ("float", " and v - v == 0"),
}
"""Of which class, and under which further test, a value `v` of a built-in scalar is its own result."""


def _never_null(coerce: Coerce) -> Coerce:
    def required(value: Any) -> Any:
        found = coerce(value)
        if found is None:
            raise TypeError("null")
        return found

    return required


def _of_enum(kind: GraphQLLeafType, known: dict[tuple[type, Any], Any]) -> Coerce:
    slowly = _of_scalar(kind)

    def coerce(value: Any) -> Any:
        found = slowly(value)
        if isinstance(value, Enum) and found:
            known[value.__class__, value] = found
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


class Leaf:
    """How one type is written: `coerce`, `required` that raises where null would come of it, and what shortens both."""

    __slots__ = ("coerce", "kind", "known", "required", "writes")

    def __init__(self, kind: GraphQLLeafType) -> None:
        self.kind = kind
        self.known: dict[tuple[type, Any], Any] = {}
        """Results of an enum by class and value."""
        self.coerce = _of_enum(kind, self.known) if is_enum_type(kind) else _of_scalar(kind)
        self.required = _never_null(self.coerce)
        self.writes: tuple[type, Coerce] | None = (kind.extensions or {}).get(WRITES)


def expression(kind: GraphQLOutputType, access: str, leaf: Leaf, bind: Callable[[Any, str], str]) -> str:
    """The Python expression that completes what `access` gives as a leaf; it raises where anything is amiss.

    `bind` gives a value a name in the generated code.
    """
    required = isinstance(kind, GraphQLNonNull)
    coerce = bind(leaf.required if required else leaf.coerce, "leaf")
    if leaf.kind in _USUAL:
        usual, further = _USUAL[leaf.kind]
        allowed = "" if required else " or v is None"
        return f"(v if (v := {access}).__class__ is {usual}{further}{allowed} else {coerce}(v))"
    if leaf.writes is not None:
        usual_class, write = leaf.writes
        usual, written = bind(usual_class, "usual"), bind(write, "written")
        return f"({written}(v) if (v := {access}).__class__ is {usual} else {coerce}(v))"
    if is_enum_type(leaf.kind):
        return f"({bind(leaf.known, 'known')}.get(((v := {access}).__class__, v)) or {coerce}(v))"
    return f"{coerce}({access})"
