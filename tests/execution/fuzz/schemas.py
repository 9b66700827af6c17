"""Random schemas: every kind of type, and every way in which a field of the product can be answered.

A field's name decides its type and arguments throughout a schema, so that any selections may be merged.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)
from graphql.type import GraphQLBoolean

from tests.execution.fuzz import answers
from tests.seeded import Random

WAYS = ("dictionary", "resolver", "late", "batch", "attribute", "compute")
"""How a field is answered; `attribute` and `compute` only of values that are there at once."""


@dataclass(slots=True)
class Signature:
    """What is the same for all fields of one name. `named` is the type's name without lists, `shape` how it is nested.

    A shape is read from outside: `!` for non-null, `[` for a list.
    """

    name: str
    type: Any
    named: str
    shape: str
    arguments: dict[str, GraphQLArgument]
    way: str


@dataclass(slots=True)
class World:
    """A schema with what the makers of documents and data must know of it."""

    schema: GraphQLSchema
    signatures: dict[str, Signature]
    fields: dict[str, list[str]]
    """Object types and interfaces → the names of their fields."""
    possible: dict[str, list[str]]
    """Abstract types → the names of the object types they may be."""
    modes: dict[str, str] = field(default_factory=dict)
    """Abstract types → how the runtime type is found."""

    def is_composite(self, name: str) -> bool:
        """Whether fields can be selected of the type."""
        return name in self.fields or name in self.possible


def _upper_only(value: Any) -> Any:
    if not isinstance(value, str) or value != value.upper():
        raise ValueError(f"Code cannot be {value!r}")
    return value.lower()


def _written(value: Any) -> Any:
    if value == "none":
        return None
    return _upper_only(value).upper()


def leaves() -> dict[str, Any]:
    """The leaf types; scalars and enums of the schema's own are made anew for each."""
    return {
        "Int": GraphQLInt,
        "Float": GraphQLFloat,
        "String": GraphQLString,
        "Boolean": GraphQLBoolean,
        "ID": GraphQLID,
        "Colour": GraphQLEnumType("Colour", {"RED": 1, "GREEN": "g", "BLUE": None}),
        "Code": GraphQLScalarType("Code", coerce_output_value=_written, coerce_input_value=_upper_only),
    }


def _wrap(random: Random, inner: Any) -> tuple[Any, str]:
    """The type within up to three lists, with non-null wherever it falls."""
    type_, shape = inner, ""
    for depth in range(random.choice((0, 0, 0, 1, 1, 2, 3)) + 1):
        if depth:
            type_, shape = GraphQLList(type_), "[" + shape
        if random.random() < 0.3:
            type_, shape = GraphQLNonNull(type_), "!" + shape
    return type_, shape


def _arguments(random: Random, inputs: dict[str, Any]) -> dict[str, GraphQLArgument]:
    made: dict[str, GraphQLArgument] = {}
    for name in ("x", "y", "z")[: random.choice((0, 0, 0, 1, 2, 3))]:
        kind = random.choice(sorted(inputs))
        type_, _ = _wrap(random, inputs[kind])
        default = None
        if type_ is GraphQLInt and random.random() < 0.5:
            default = GraphQLDefaultInput(value=random.choice((None, 7)))
        out_name = f"{name}_out" if random.random() < 0.3 else None
        made[name] = GraphQLArgument(type_, default=default, out_name=out_name)
    return made


def _inputs(random: Random, leaf_types: dict[str, Any]) -> dict[str, Any]:
    point = GraphQLInputObjectType(
        "Point",
        lambda: {
            "a": GraphQLInputField(GraphQLInt, default=GraphQLDefaultInput(value=3)),
            "b": GraphQLInputField(GraphQLList(GraphQLString), out_name="b_out"),
            "c": GraphQLInputField(point),
            "d": GraphQLInputField(GraphQLNonNull(leaf_types["Colour"]), default=GraphQLDefaultInput(value="RED")),
        },
    )
    return {**leaf_types, "Point": point}


def make_world(seed: str) -> World:
    """The schema of a seed."""
    random = Random(seed)
    leaf_types = leaves()
    types: dict[str, Any] = dict(leaf_types)
    objects = ["Query", *(f"O{n}" for n in range(random.randint(2, 4)))]
    interfaces = [f"I{n}" for n in range(random.randint(1, 2))]
    unions = [f"U{n}" for n in range(random.randint(0, 2))]
    composite = objects + interfaces + unions
    inputs = _inputs(random, leaf_types)
    signatures: dict[str, Signature] = {}
    fields: dict[str, list[str]] = {}
    possible = {name: random.sample(objects[1:], random.randint(1, len(objects) - 1)) for name in interfaces + unions}
    world = World(GraphQLSchema(), signatures, fields, possible)
    pool = [f"f{n}" for n in range(14)]
    own = {name: random.sample(pool, random.randint(2, 5)) for name in objects + interfaces}
    for name in objects:
        inherited = [one for each in interfaces if name in possible[each] for one in own[each]]
        fields[name] = list(dict.fromkeys(own[name] + inherited))
    fields.update({name: own[name] for name in interfaces})
    _make_types(random, world, types, interfaces)
    for name in pool:
        kind = random.choice([*leaf_types, *leaf_types, *composite, *composite, *composite])
        type_, shape = _wrap(random, types[kind])
        signatures[name] = Signature(name, type_, kind, shape, {}, random.choice(WAYS))
        if signatures[name].way in ("resolver", "late", "batch"):
            signatures[name].arguments = _arguments(random, inputs)
    world.schema = GraphQLSchema(types["Query"], types=[types[name] for name in composite])
    return world


def _chosen(types: dict[str, Any], names: list[str]) -> list[Any]:
    return [types[name] for name in names]


def _make_types(random: Random, world: World, types: dict[str, Any], interfaces: list[str]) -> None:
    for name, members in world.possible.items():
        mode = world.modes[name] = random.choice(("function", "coroutine", "typename", "predicate"))
        resolve = answers.TYPE_RESOLVERS.get(mode)
        if name in interfaces:
            types[name] = GraphQLInterfaceType(name, _fields_of(world, name), resolve_type=resolve)
        else:
            types[name] = GraphQLUnionType(name, partial(_chosen, types, members), resolve_type=resolve)
    for name in world.fields:
        if name in interfaces:
            continue
        asked = any(mode == "predicate" and name in world.possible[each] for each, mode in world.modes.items())
        types[name] = GraphQLObjectType(
            name,
            _fields_of(world, name),
            interfaces=partial(_chosen, types, [each for each in interfaces if name in world.possible[each]]),
            is_type_of=answers.predicate(name, late=random.random() < 0.5) if asked and name != "Query" else None,
        )


def _fields_of(world: World, owner: str) -> Callable[[], dict[str, GraphQLField]]:
    def made() -> dict[str, GraphQLField]:
        found = {}
        for name in world.fields[owner]:
            signature = world.signatures[name]
            made = GraphQLField(signature.type, args=signature.arguments)
            answers.attach(made, world, signature)
            found[name] = made
        return found

    return made
