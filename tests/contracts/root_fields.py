"""Every root field of the schema with an example call, made from the schema itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_required_argument,
)

from core.ids import encode_id
from models.accounts import Account
from models.registry import model_named
from rules.access import Permission
from schema import schema as strawberry_schema

SCHEMA = strawberry_schema._schema
NOBODY = UUID("01890000-0000-7000-8000-000000000000")
"""The id of a row that does not exist."""

_SCALARS: dict[str, Any] = {
    "String": "an example",
    "ID": encode_id(Account.prefix, NOBODY),
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "Decimal": "1",
    "DateTime": "2026-03-01T00:00:00.000Z",
    "Date": "2026-03-01",
    "JSON": {},
}
_TEXTS = {"period": "2026-02", "amount": "100.00"}
"""Arguments that are texts of a certain form."""


@dataclass(frozen=True)
class RootField:
    """One field of Query or Mutation, and the use case behind it."""

    parent: str
    name: str
    field: GraphQLField
    use_case: Any

    def __str__(self) -> str:
        return f"{self.parent}.{self.name}"

    @property
    def permission(self) -> Permission:
        """What it asks for."""
        found: Permission = self.use_case.spec.permission
        return found

    @property
    def is_mutation(self) -> bool:
        """Whether it writes."""
        return self.parent == "Mutation"

    @property
    def is_list(self) -> bool:
        """Whether it answers a connection."""
        return get_named_type(self.field.type).name.endswith("Connection")

    def variables(self, there: Mapping[str, UUID] = {}) -> dict[str, Any]:
        """An example of every argument that must be given; ids are of rows that do not exist.

        But for an argument `<model>Id` whose model has a row in `there`.
        """
        given = {
            name: _TEXTS.get(name) or example(argument.type, argument)
            for name, argument in self.field.args.items()
            if isinstance(argument.type, GraphQLNonNull)
        }
        models = {name: name[0].upper() + name[1:].removesuffix("Id") for name in given if name.endswith("Id")}
        ids = {name: (model_named(model).prefix, there[model]) for name, model in models.items() if model in there}
        return given | {name: encode_id(*place) for name, place in ids.items()}

    def document(self, selection: str | None = None, arguments: str = "") -> str:
        """The operation that calls this field alone; `arguments` are literals beside the required ones."""
        given = self.variables()
        heads = ", ".join(f"${name}: {self.field.args[name].type}" for name in given)
        passed = ", ".join([*(f"{name}: ${name}" for name in given), *([arguments] if arguments else [])])
        body = f" {{ {selection or self.selection()} }}" if not _is_leaf(self.field) else ""
        kind = self.parent.lower()
        return f"{kind}{f'({heads})' if heads else ''} {{ {self.name}{f'({passed})' if passed else ''}{body} }}"

    def selection(self) -> str:
        """The least that shows what came of it."""
        if self.is_mutation:
            return "userErrors { code path } effects { kind summary }"
        return "nodes { __typename } pageInfo { hasNextPage }" if self.is_list else "__typename"


def _is_leaf(field: GraphQLField) -> bool:
    return isinstance(get_named_type(field.type), GraphQLScalarType | GraphQLEnumType)


def root_fields() -> Iterator[RootField]:
    """Every root field, in the schema's order."""
    for kind in filter(None, (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)):
        for name, field in kind.fields.items():
            yield RootField(kind.name, name, field, metadata(field)["use_case"])


def metadata(thing: Any) -> dict[str, Any]:
    """What the schema's declaration carries beside the type: use case, mask, bounds, model of an id."""
    definition = thing.extensions.get("strawberry-definition")
    return dict(getattr(definition, "metadata", None) or {})


def example(kind: Any, place: Any = None) -> Any:
    """A value of an input type; `place` is the argument or input field it stands at."""
    if isinstance(kind, GraphQLNonNull):
        return example(kind.of_type, place)
    if isinstance(kind, GraphQLList):
        return [example(kind.of_type, place)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: example(field.type, field)
            for name, field in kind.fields.items()
            if isinstance(field.type, GraphQLNonNull) and field.default_value in (None, Undefined)
        }
    model = metadata(place).get("ref", (None, None))[0] if isinstance(place, GraphQLInputField) else None
    if model is not None:
        return encode_id(model.prefix, NOBODY)
    return _SCALARS[kind.name]


def leaves(kind: Any, depth: int = 1, seen: tuple[str, ...] = ()) -> str:
    """Everything a type shows without being given arguments, related objects down to `depth` levels included."""
    kind = get_named_type(kind)
    chosen = ["__typename"]
    for name, field in cast("Any", kind).fields.items():
        inner = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if _is_leaf(field):
            chosen.append(name)
        elif depth > 0 and inner.name not in seen and isinstance(inner, GraphQLObjectType | GraphQLInterfaceType):
            lower = depth if inner.name.endswith(("Connection", "Edge")) else depth - 1
            chosen.append(f"{name} {{ {leaves(inner, lower, (*seen, kind.name))} }}")
        elif isinstance(inner, GraphQLUnionType):
            chosen.append(f"{name} {{ __typename }}")
    return " ".join(chosen)


def node_types() -> list[GraphQLObjectType]:
    """Every type with an id."""
    node = cast("GraphQLInterfaceType", SCHEMA.type_map["Node"])
    return sorted(SCHEMA.get_implementations(node).objects, key=lambda kind: kind.name)


ROOT_FIELDS = list(root_fields())
