"""What fields declare to look at is all they look at: on a row with these columns alone they say what they say on it
whole. Every field of every type of rows, for several callers; generated from the schema.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType
from tortoise import fields

from core import db
from core.ids import uuid7
from core.rows import Sort, all_names, read_rows
from models.base import Row
from resolvers.context import Context
from rules.access import Actor
from rules.policy import PolicyBook
from schema.columns import COLUMNS
from schema.context import RequestContext
from schema.planning import MODELS_BY_TYPE
from tests.client import NOON, Api
from tests.contracts.mirrored import World, mirrored_world
from tests.contracts.population import LATER, foreign_keys
from tests.contracts.root_fields import SCHEMA
from tests.contracts.test_scope_matrix import actor_of

BY_ID = (Sort("id"),)
NOT_OF_EVERY_ROW = {"account_id"}
"""Columns that a field made for many types looks at where the row has them."""
CALLERS = ("own partner", "own account manager", "own customer", "vendor", "vendor's ecosystem manager")
VARIED = 2
"""Rows of each table of which variants are made: each column in turn with every other value worth trying."""
_numbers = count(1_000)


@pytest.fixture
async def world(api: Api) -> AsyncIterator[World]:
    """The mirrored world."""
    async with mirrored_world(api) as made:
        yield made


def types_of_rows() -> Iterator[tuple[GraphQLObjectType, Any]]:
    """Every object type whose source objects are rows, with their model."""
    for name, model in MODELS_BY_TYPE.items():
        kind = SCHEMA.type_map.get(name)
        if isinstance(kind, GraphQLObjectType):
            yield kind, model


def declaring(kind: GraphQLObjectType) -> dict[str, GraphQLField]:
    """Its fields that say what they look at."""
    return {name: field for name, field in kind.fields.items() if field.extensions.get(COLUMNS) is not None}


def test_what_is_declared_are_columns(pool: None) -> None:
    declared = 0
    for kind, model in types_of_rows():
        for name, field in declaring(kind).items():
            unknown = set(field.extensions[COLUMNS]) - NOT_OF_EVERY_ROW - set(all_names(model))
            assert not unknown, f"{kind.name}.{name}: {unknown}"
            assert {"batch", "compute", "derive"} & field.extensions.keys(), f"{kind.name}.{name} is never planned"
            declared += 1
    assert declared > 150


def test_every_field_of_a_node_says_what_it_looks_at_but_one(pool: None) -> None:
    silent = {
        f"{kind.name}.{name}"
        for kind, model in types_of_rows()
        for name, field in kind.fields.items()
        if kind.interfaces
        and field.extensions.get(COLUMNS) is None
        and field.extensions.get("attribute") not in all_names(model)
    }
    assert silent == {"Opportunity.actions"}, "which looks at nearly all of a row"


def part_of(row: Row, names: set[str]) -> Any:
    """A row that holds these fields alone."""
    made = type(row).__new__(type(row))
    made.__dict__.update({name: value for name, value in row.__dict__.items() if name not in all_names(type(row))})
    made.__dict__.update({name: getattr(row, name) for name in names})
    return made


def variants(row: Row, actor: Actor) -> Iterator[Any]:
    """The row with each column in turn having another value; ids of others as the actor's, where they are no keys."""
    for name in set(all_names(type(row))) - foreign_keys(type(row)).keys() - {"id"}:
        for value in _others(type(row)._meta.fields_map[name], getattr(row, name), actor):
            made = part_of(row, set(all_names(type(row))))
            made.__dict__.update({name: value, "id": uuid7()})
            yield made


def _others(field: Any, value: Any, actor: Actor) -> list[Any]:
    found: list[Any] = [] if value is None or not field.null else [None]
    if getattr(field, "enum_type", None) is not None:
        return [*found, *(member for member in field.enum_type if member is not value)]
    match field:
        case fields.BooleanField():
            return [*found, not value]
        case fields.IntField():
            return [*found, next(_numbers)]
        case fields.CharField():
            return found if value else [*found, "x@y.example"]
        case fields.DatetimeField():
            return [*found, NOON.replace(year=2020), LATER.replace(year=2030)]
        case fields.UUIDField():
            return [*found, actor.account_id]
    return found


async def said(field: GraphQLField, rows: list[Any], request: RequestContext) -> list[Any]:
    """What the field says of each row; what it raises of one that cannot be, as some variants."""
    if "compute" in field.extensions:
        return [_tried(field.extensions["compute"], row, request) for row in rows]
    given = {name: argument.default_value for name, argument in field.args.items()}
    try:
        return list(await field.extensions["batch"](request, rows, **given))
    except (KeyError, ValueError) as error:
        return [repr(error)]


def _tried(compute: Any, row: Any, request: RequestContext) -> Any:
    try:
        return compute(row, request)
    except (KeyError, TypeError, ValueError) as error:
        return repr(error)


def request_of(api: Api, actor: Actor) -> RequestContext:
    """What fields are told."""
    ctx = Context(
        actor=actor,
        now=api.clock(),
        locale="en",
        request_id="columns",
        policies=PolicyBook(),
        settings=api.settings,
        wakeup=api.wakeup,
    )
    return RequestContext(ctx, AsyncExitStack())


@pytest.mark.parametrize("caller", CALLERS)
async def test_a_field_says_the_same_of_a_row_with_its_columns_alone(
    api: Api, world: World, caller: str, subtests: pytest.Subtests
) -> None:
    actor = await actor_of(api, world.people[caller])
    request, looked_at = request_of(api, actor), 0
    async with db.read(actor.scope):
        for kind, model in types_of_rows():
            with subtests.test(kind.name):
                looked_at += await _compare(kind, model, actor, request)
    assert looked_at > 1_000


async def _compare(kind: GraphQLObjectType, model: Any, actor: Actor, request: RequestContext) -> int:
    """How many variants were looked at."""
    whole = await read_rows(model.all(), sort=BY_ID, limit=100)
    varied = [made for row in whole[:VARIED] for made in variants(row, actor)]
    for name, field in declaring(kind).items():
        names = {"id", *field.extensions[COLUMNS]} & set(all_names(model))
        read = await read_rows(model.all(), sort=BY_ID, limit=100, names=tuple(sorted(names)))
        assert await said(field, read, request) == await said(field, whole, request), name
        parts = [part_of(row, names) for row in varied]
        assert await said(field, parts, request) == await said(field, varied, request), name
    return len(varied)
