"""Every table against every kind of caller: declared scope, `visible(ctx)` and row-level security say the same."""

import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from graphql import get_named_type
from tortoise.exceptions import OperationalError

from core import db
from core.grants import readers_of, require_confined, require_modest
from core.ids import encode_id
from core.rows import Sort, read_rows
from core.scope import EVERYTHING, Scope
from models.base import Row, Scoped
from models.config import APP_ROLE, OWNER_ROLE
from models.partners import Partner
from models.registry import MODELS
from models.security import condition, through_condition
from resolvers import nodes
from resolvers.accounts import authenticate
from resolvers.context import Context
from rules.access import ANONYMOUS, VENDOR_ROLES, Actor, may
from rules.policy import PolicyBook
from tests import modes
from tests.client import Api
from tests.contracts.mirrored import TABLES, World, mirrored_world
from tests.contracts.population import (
    Person,
    open_session,
    scoped_models,
)
from tests.contracts.root_fields import ROOT_FIELDS, leaves, node_types
from tests.world import world as staged_world


@pytest.fixture
async def world(api: Api) -> AsyncIterator[World]:
    """The mirrored world."""
    async with mirrored_world(api) as made:
        yield made


async def actor_of(api: Api, person: Person) -> Actor:
    """The actor behind a person's token."""
    actor, _ = await authenticate(person.token, api.clock())
    return actor or ANONYMOUS


def declared(scope: Scoped, seen_by: Scope, row: dict[str, Any], world: World) -> bool:
    """The model's declaration, read once more and apart from the SQL that is generated from it."""
    if seen_by.kind == "all" or scope.public:
        return True
    for kind, column in scope.columns():
        if kind == "account" and seen_by.account is not None and row[column] == seen_by.account:
            return True
        if kind == seen_by.kind and row[column] in seen_by.ids:
            return True
    return any(
        link[way.points_at] == row[way.row]
        and link[way.owner] in held
        and (way.until is None or link[way.until] is None)
        for way in scope.through
        if (held := _held_by(seen_by, way.kind))
        for link in next(world.rows[name] for name, model in TABLES.items() if model._meta.db_table == way.link)
    )


def _held_by(scope: Scope, kind: str) -> tuple[UUID, ...]:
    """The ids of a kind that a scope has."""
    if kind == "account":
        return () if scope.account is None else (scope.account,)
    return scope.ids if kind == scope.kind else ()


async def ids(rows: Callable[[], Any], scope: Scope) -> set[UUID]:
    """Ids of a query set, made and run under a scope."""
    async with db.read(scope):
        return set(await rows().values_list("id", flat=True))


async def test_the_policies_in_the_database_are_those_the_model_declares(api: Api, subtests: pytest.Subtests) -> None:
    for model in MODELS:
        with subtests.test(model.__name__):
            await _have_declared_policies(api, model)


async def _have_declared_policies(api: Api, model: Any) -> None:
    table = model._meta.db_table
    enabled = await api.value("select relrowsecurity from pg_class where oid = $1::regclass", f'"{table}"')
    policies = {
        row["policyname"]: row for row in await api.rows("select * from pg_policies where tablename = $1", table)
    }
    wanted = {"scope"} | {"readable"} & ({"readable"} if model.scope.public else set())
    wanted |= {"append"} if model.scope.append else set()
    wanted |= {"through"} if model.scope.through else set()

    assert enabled
    readers = policies.pop("readers")
    assert (readers["roles"], readers["cmd"], readers["qual"]) == ([readers_of(APP_ROLE)], "SELECT", "true")
    assert set(policies) == wanted
    assert [row["roles"] for row in policies.values()] == [["public"]] * len(wanted)
    assert {row["permissive"] for row in policies.values()} == {"PERMISSIVE"}
    declared_sql = await _normalised(api, table, condition(model.scope))
    writes = not model.scope.closed
    assert (policies["scope"]["cmd"], policies["scope"]["qual"]) == ("ALL" if writes else "SELECT", declared_sql)
    assert policies["scope"]["with_check"] == (declared_sql if writes else None)
    for name, command, clause in (("readable", "SELECT", "qual"), ("append", "INSERT", "with_check")):
        if name in policies:
            assert (policies[name]["cmd"], policies[name][clause]) == (command, "true")
    if "through" in policies:
        declared_sql = await _normalised(api, table, through_condition(table, model.scope))
        assert (policies["through"]["cmd"], policies["through"]["qual"]) == ("SELECT", declared_sql)


async def test_a_customer_cannot_write_its_partners_row(api: Api) -> None:
    stage = await staged_world(api)
    scope = Scope("customer", (stage.customer_id,), stage.customer.id)
    async with db.transaction(scope):
        assert await Partner.filter(id=stage.partner_id).count() == 1
        assert await Partner.filter(id=stage.partner_id).update(name="mine") == 0


async def _normalised(api: Api, table: str, sql: str) -> str:
    """A condition as the database writes it back."""
    await api.database.superuser.execute(f'create policy probe on "{table}" using ({sql})')
    try:
        return str(await api.value("select qual from pg_policies where tablename = $1 and policyname = 'probe'", table))
    finally:
        await api.database.superuser.execute(f'drop policy probe on "{table}"')


async def test_every_table_is_behind_a_policy_and_the_application_owns_nothing(api: Api) -> None:
    tables = await api.rows(
        "select relname, relrowsecurity, relowner::regrole::text as owner from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    )
    known = {model._meta.db_table for model in MODELS}

    assert {row["relname"] for row in tables} - known == {"tortoise_migrations"}
    assert {row["relname"] for row in tables if not row["relrowsecurity"]} == {"tortoise_migrations"}
    assert {row["owner"] for row in tables} == {OWNER_ROLE}
    await require_modest(api.database.superuser, APP_ROLE)
    await require_confined(api.database.superuser, APP_ROLE)


async def _see_what_is_declared(api: Api, world: World, model: Any) -> None:
    rows = world.rows[model.__name__]
    assert rows
    for name, person in world.people.items():
        scope = (await actor_of(api, person)).scope
        expected = {row["id"] for row in rows if declared(model.scope, scope, row, world)}
        assert await ids(model.all, scope) == expected, (model.__name__, name)
        assert await planned_ids(model, scope) == expected, (model.__name__, name)
    nobody = Scope("partner", (), None)
    everything = {row["id"] for row in rows} if model.scope.public else set()
    assert await ids(model.all, nobody) == everything == await planned_ids(model, nobody)


async def planned_ids(model: Any, scope: Scope) -> set[UUID]:
    """Ids of a planned read under a scope; beside the transaction no row security helps."""
    async with db.read(scope) as tx:
        found = await read_rows(model.all(), sort=(Sort("id"),), limit=10_000, names=("id",))
        assert tx.has_begun is not modes.BESIDE
    return {row.id for row in found}


async def test_row_security_and_planned_reads_show_exactly_what_is_declared(api: Api, world: World) -> None:
    for model in scoped_models():
        await _see_what_is_declared(api, world, model)


async def _write_into_strangers(api: Api, world: World, model: Any) -> None:
    table, (own, other) = model._meta.db_table, world.tenants
    scope = (await actor_of(api, own.main)).scope
    foreign = [row for row in world.rows[model.__name__] if row["mark"] == other.mark]
    closed = model.scope.public
    hidden = [row["id"] for row in foreign if closed or not declared(model.scope, scope, row, world)]
    assert hidden
    for statement in (f'update "{table}" set id = id', f'delete from "{table}"'):
        if model.scope.closed:
            with pytest.raises(OperationalError, match="permission denied"):
                async with db.transaction(scope):
                    await db.fetch(statement)
            continue
        async with db.transaction(scope):
            assert await db.fetch(f"{statement} where id = any($1) returning id", hidden) == []


async def test_no_tenant_writes_into_another_ones_rows(api: Api, world: World) -> None:
    for model in scoped_models():
        await _write_into_strangers(api, world, model)


async def _see_by_filter_alone(api: Api, world: World, model: type[Row]) -> None:
    permission, visible = nodes.findable_models()[model]
    for name, person in world.people.items():
        actor = await actor_of(api, person)
        if not may(actor, permission):
            continue
        scope = {row["id"] for row in world.rows[model.__name__] if declared(model.scope, actor.scope, row, world)}
        seen = functools.partial(visible, _context(api, actor))
        unguarded = await ids(seen, EVERYTHING)
        assert unguarded <= scope, f"{model.__name__}, {name}: the filter alone lets strangers' rows through"
        assert await ids(seen, actor.scope) == unguarded, f"{model.__name__}, {name}: row security had to help"


async def test_the_visible_rows_need_no_row_security_to_be_right(api: Api, world: World) -> None:
    for model in nodes.findable_models():
        await _see_by_filter_alone(api, world, model)


def _context(api: Api, actor: Actor) -> Context:
    return Context(
        actor=actor,
        now=api.clock(),
        locale="en",
        request_id="scope-matrix",
        policies=PolicyBook(),
        settings=api.settings,
        wakeup=api.wakeup,
    )


def _foreign(world: World, person: Person) -> str:
    """The canary that a person must never see."""
    left, right = world.tenants
    if person == left.customer or person.partner_id == left.partner_id:
        return right.mark
    return left.mark if person == right.customer or person.partner_id == right.partner_id else "canary-"


async def _shown(api: Api, person: Person, document: str, **variables: Any) -> tuple[dict[str, Any], str]:
    answer = await api.anonymous.as_(person.token).send(document, **variables)
    codes = {error["extensions"]["code"] for error in answer.body.get("errors", ())}
    assert codes <= {"FORBIDDEN", "UNAUTHENTICATED"}, answer.body
    return answer.body.get("data") or {}, str(answer.body)


async def test_nobody_finds_a_strangers_node(api: Api, world: World, subtests: pytest.Subtests) -> None:
    for kind in node_types():
        with subtests.test(kind.name):
            await _find_own_nodes(api, world, kind)


async def _find_own_nodes(api: Api, world: World, kind: Any) -> None:
    model = next((m for m in nodes.findable_models() if _type_name(m) == kind.name), None)
    if model is None:
        assert kind.name in NOT_FOUND_BY_ID, f"{kind.name} has an id that node(id:) cannot find: call findable()"
        return
    document = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on {kind.name} {{ {leaves(kind)} }} }} }}"
    rows = [row for row in world.rows[model.__name__] if row["mark"] != "nobody"]
    keys = [encode_id(model.prefix, row["id"]) for row in rows]
    for name, person in world.people.items():
        actor = await actor_of(api, person)
        data, text = await _shown(api, person, document, ids=keys)
        seen = {node["id"] for node in data.get("nodes") or () if node}
        mine = {key for key, row in zip(keys, rows, strict=True) if declared(model.scope, actor.scope, row, world)}
        assert seen <= mine, name
        if person.role not in VENDOR_ROLES and not model.scope.public:
            assert _foreign(world, person) not in text, name
    assert rows


def _is_public(entry: Any) -> bool:
    """Whether rows of this type are no secret: offices, offerings."""
    name = get_named_type(entry).name
    return any(model.scope.public for model in nodes.findable_models() if _type_name(model) == name)


def _type_name(model: type[Row]) -> str:
    from schema.nodes import NAMES

    return NAMES.get(model.__name__, model.__name__)


NOT_FOUND_BY_ID = {
    "Account": "reached through viewer and the objects it belongs to",
    "Challenge": "answered by verifyChallenge; whoever is not signed in yet has one too",
}
"""Node types that `node(id:)` answers null for, and why."""


async def test_no_list_shows_a_strangers_row(api: Api, world: World, subtests: pytest.Subtests) -> None:
    for field in ROOT_FIELDS:
        if field.is_list:
            with subtests.test(str(field)):
                await _list_own_rows(api, world, field)


async def _list_own_rows(api: Api, world: World, field: Any) -> None:
    connection: Any = get_named_type(field.field.type)
    entry = connection.fields["nodes"].type
    document = field.document(f"nodes {{ {leaves(entry)} }} totalCount {{ value }}")
    entries = {}
    parents = {model: rows[0]["id"] for model, rows in world.rows.items() if rows}
    for name, person in world.people.items():
        data, text = await _shown(api, person, document, **field.variables(parents))
        entries[name] = len((data.get(field.name) or {}).get("nodes", ()))
        if person.role not in VENDOR_ROLES and not _is_public(entry):
            assert _foreign(world, person) not in text, name
    assert any(entries.values()), "nobody sees anything: the test would notice nothing"


async def _see_without_filter(api: Api, world: World, model: type[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    if model.scope.public:
        return  # no row of it is a stranger's
    permission, _ = nodes.findable_models()[model]
    monkeypatch.setitem(nodes._VISIBLE, model, (permission, lambda ctx: model.all()))
    left, right = world.tenants
    keys = {mark: [encode_id(model.prefix, one) for one in world.of(model, mark)] for mark in (left.mark, right.mark)}
    assert keys[right.mark]
    for name in ("own partner", "own customer", "lone account"):
        person = world.people[name]
        data, _ = await _shown(api, person, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=keys[right.mark])
        assert [node for node in data.get("nodes") or () if node] == [], (model.__name__, name)


async def test_row_security_holds_where_a_filter_is_forgotten(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in nodes.findable_models():
        await _see_without_filter(api, world, model, monkeypatch)


async def test_the_vendor_sees_both_tenants(api: Api, world: World) -> None:
    """Without this, canaries that no query ever shows would prove nothing."""
    scope = (await actor_of(api, world.people["vendor"])).scope
    for model in scoped_models():
        assert await ids(model.all, scope) == {row["id"] for row in world.rows[model.__name__]}


async def test_an_ended_session_sees_nothing_from_the_next_request_on(api: Api, world: World) -> None:
    own = world.tenants[0].main
    assert own.account_id is not None
    again = replace(own, token=await open_session(api.database, own.account_id))
    await api.database.superuser.execute("update session set revoked_at = $1", api.clock())
    answer = await api.anonymous.as_(again.token).send("{ viewer { id } }")
    assert answer.status == 401
