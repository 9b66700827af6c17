"""Documents over the product's schema, as many as one likes and no two alike; each follows from its number."""

import hashlib
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    get_named_type,
    is_required_argument,
)

from core.ids import encode_id
from models.partners import Partner
from schema import schema as strawberry_schema

SCHEMA = strawberry_schema._schema
ROOTS: dict[str, GraphQLField] = {
    name: field for name, field in cast("Any", SCHEMA.query_type).fields.items() if not name.startswith("__")
}
_SCALARS: dict[str, Any] = {"Int": 1, "Float": 1.0, "Boolean": True, "Decimal": "1", "Date": "2026-03-01"}
_MOMENT = "2026-03-01T00:00:00.000Z"


class Draw:
    """Numbers that look drawn by chance and follow from a document's number."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._drawn = 0

    def __call__(self, sides: int) -> int:
        """A number from 0 to `sides` - 1."""
        self._drawn += 1
        return int.from_bytes(hashlib.blake2b(f"{self._number}:{self._drawn}".encode(), digest_size=6).digest()) % sides


@dataclass(frozen=True, slots=True)
class Sent:
    """A document with the operation chosen in it, its variables, and the root field that it asks."""

    text: str
    name: str
    variables: dict[str, Any]
    root: str


def document(number: int) -> Sent:
    """The document of this number: one root field, some of its fields, some of them under another name."""
    draw = Draw(number)
    root = list(ROOTS)[number % len(ROOTS)]
    field = ROOTS[root]
    chosen = [name for name, one in field.args.items() if is_required_argument(one) or name in ("first", "filter")]
    heads = ", ".join(f"${name}: {field.args[name].type}" for name in chosen)
    passed = ", ".join(f"{name}: ${name}" for name in chosen)
    body = selection(get_named_type(field.type), draw, 2)
    text = f"query Q{number}{f'({heads})' if heads else ''} {{ {root}{f'({passed})' if passed else ''}{body} }}"
    variables = {name: value(field.args[name].type, name, draw) for name in chosen}
    return Sent(text, f"Q{number}", variables, root)


def selection(kind: Any, draw: Draw, depth: int) -> str:
    """Some fields of the type in braces, at least one; nothing for a type without fields."""
    if not hasattr(kind, "fields"):
        return " { __typename }" if hasattr(kind, "types") else ""
    shown = ["__typename"] * (draw(3) == 0)
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        is_leaf = isinstance(inner, GraphQLScalarType | GraphQLEnumType)
        page = name in ("nodes", "node")
        taken = page or draw(8 if is_leaf else 10) == 0
        if not taken or (depth == 0 and not is_leaf) or any(map(is_required_argument, field.args.values())):
            continue
        alias = f"a{draw(10_000)}: " if draw(4) == 0 else ""
        shown.append(f"{alias}{name}{selection(inner, draw, depth if page else depth - 1)}")
    return f" {{ {' '.join(shown) or '__typename'} }}"


def value(kind: Any, name: str, draw: Draw) -> Any:
    """A value for an argument or a field of a filter."""
    if isinstance(kind, GraphQLNonNull):
        return value(kind.of_type, name, draw)
    if isinstance(kind, GraphQLList):
        return [value(kind.of_type, name, draw) for _ in range(1 + draw(3))]
    if isinstance(kind, GraphQLEnumType):
        return list(kind.values)[draw(len(kind.values))]
    if isinstance(kind, GraphQLInputObjectType):
        return {
            key: value(field.type, key, draw)
            for key, field in kind.fields.items()
            if isinstance(field.type, GraphQLNonNull) or draw(2)
        }
    if name == "first":
        return 1 + draw(10)
    texts = {"ID": encode_id(Partner.prefix, UUID(int=draw(1 << 40))), "DateTime": _MOMENT}
    return _SCALARS.get(kind.name, texts.get(kind.name, f"text {draw(1_000)}"))


def heavy(number: int) -> Sent:
    """A document that is nearly as large as documents may be, and a plan as small as plans are."""
    others = " ".join(f"query B{other} {{ viewer {{ id name email }} }}" for other in range(175))
    return Sent(f"query Q{number} {{ viewer {{ id }} }} {others}", f"Q{number}", {}, "viewer")
