"""The database holds what the models declare: constraints, indexes, triggers, and an application that owns nothing."""

import re
from typing import Any

import asyncpg
import pytest
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from core import db
from core.scope import EVERYTHING
from core.urls import parse_url
from models.base import Row
from models.registry import CONSTRAINTS, MODELS, MODULES
from models.security import APPEND_ONLY
from tests.client import Api
from tests.contracts.population import insert

DECLARED = [(model, constraint) for model in MODELS for constraint in getattr(model._meta, "constraints", ())]
EXCLUSIONS = [exclusion for module in MODULES for exclusion in getattr(module, "EXCLUSIONS", ())]

INTERNAL: dict[str, str] = {
    "account_one_main_per_partner": "a partner is made with its main account, and no command makes another one",
    "accounting_month_once": "closed by the system alone, under the months' lock",
    "audit_seq_once": "numbered by the sequencer alone, under its lock",
    "audit_unnumbered": "always true, declared for its index",
    "company_profile_once": "made with its company, under the lock of its credit code",
    "consumption_line_reference_once": "two imports of one line: the later one runs again, and finds it there",
    "event_sequence_once": "numbered by the sequencer alone, under its lock",
    "event_unnumbered": "always true, declared for its index",
    "idempotency_key_once": "two requests with one key: the pipeline runs the later one again, which replays",
    "incentive_offset_once": "written under the locks of both incentives, when one of them expires",
    "ledger_account_of_owner": "found or made by ledger_open, with ON CONFLICT DO NOTHING",
    "ledger_account_shard": "found or made by ledger_open, with ON CONFLICT DO NOTHING",
    "ledger_entry_seq_once": "counted by ledger_post under the account's lock",
    "member_role_once": "written under the member's lock, for the roles that it does not have",
    "message_once": "written with ON CONFLICT DO NOTHING: a redelivery, or the same notice by another channel",
    "outbox_aggregate_open": "always true, declared for its index",
    "outbox_effect_once": "written with ON CONFLICT DO NOTHING: an effect already on its way",
    "outbox_one_in_flight": "the claim statement leaves the others alone",
    "owed_invoice_once": "written with the payout it is of",
    "performance_line_once": "written with ON CONFLICT DO UPDATE",
    "performance_sheet_once": "written with ON CONFLICT DO NOTHING",
    "policy_value_once": "written by operations, not through the API",
    "recorded_message_once": "written with ON CONFLICT DO NOTHING: a redelivery",
    "schedule_slot_once": "written with ON CONFLICT DO NOTHING: another worker has it",
    "session_access_once": "256 random bits",
    "session_refresh_once": "256 random bits",
    "sign_in_guard_once": "written with ON CONFLICT DO UPDATE",
    "specialist_profile_once": "made under the lock of its account",
    "verification_proof_once": "256 random bits",
    "working_day_once": "the calendar is written by operations, not through the API",
}
"""UNIQUE constraints that no caller's input can meet, and why. CHECKs hold our own invariants and need no word."""


def columns(definition: str) -> list[str]:
    """Column names of the first parentheses of an index or constraint definition."""
    return [part.strip().strip('"') for part in re.search(r"\(([^()]*)\)", definition)[1].split(",")]  # type: ignore[index]


@pytest.mark.parametrize(("model", "constraint"), DECLARED, ids=lambda value: getattr(value, "name", None) or "of")
async def test_every_declared_constraint_exists(api: Api, model: Any, constraint: Any) -> None:
    table = model._meta.db_table
    found = await api.value(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = $1 and conrelid = $2::regclass",
        constraint.name,
        f'"{table}"',
    )
    found = found or await api.value(
        "select indexdef from pg_indexes where indexname = $1 and tablename = $2", constraint.name, table
    )
    assert found is not None, "not in the database: a migration is missing"
    assert ("CHECK" in found) == isinstance(constraint, CheckConstraint)
    if isinstance(constraint, UniqueConstraint):
        assert "UNIQUE" in found
        assert columns(found) == [model._meta.fields_db_projection[name] for name in constraint.fields]
        assert (" WHERE " in found) == bool(constraint.condition)


@pytest.mark.parametrize(("name", "statement"), EXCLUSIONS, ids=[name for name, _ in EXCLUSIONS])
async def test_every_exclusion_exists(api: Api, name: str, statement: str) -> None:
    found = await api.value(
        "select pg_get_constraintdef(oid) from pg_constraint where contype = 'x' and conname = $1", name
    )
    assert found is not None, "not in the database: a migration is missing"
    assert re.findall(r"(\w+) WITH", found) == re.findall(r"(\w+) WITH", statement) or "tstzrange" in found


async def test_the_database_has_no_constraint_that_no_model_declares(api: Api) -> None:
    declared = {constraint.name for _, constraint in DECLARED} | {name for name, _ in EXCLUSIONS}
    found = await api.rows(
        "select conname from pg_constraint join pg_class on pg_class.oid = conrelid"
        " where contype in ('c', 'u', 'x') and connamespace = 'public'::regnamespace"
        " and relname <> 'tortoise_migrations'"
    )
    assert {row["conname"] for row in found} - declared == set()


async def test_every_foreign_key_is_led_to_by_an_index(api: Api) -> None:
    """Else deleting or locking the row it points at reads the whole table."""
    found = await api.rows(
        """
        select conrelid::regclass::text as table, conname from pg_constraint key
        where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
          select from pg_index where indrelid = key.conrelid and indpred is null and indkey[0] = key.conkey[1])
        """
    )
    assert [f"{row['table']}: {row['conname']}" for row in found] == []


async def test_every_index_a_model_declares_exists(api: Api) -> None:
    there = {row["indexname"] for row in await api.rows("select indexname from pg_indexes where schemaname = 'public'")}
    declared = {
        index.name for model in MODELS for index in getattr(model._meta, "indexes", ()) if hasattr(index, "name")
    }
    assert declared - there == set()


def test_every_constraint_a_caller_can_meet_has_a_code() -> None:
    unique = {constraint.name for _, constraint in DECLARED if isinstance(constraint, UniqueConstraint)}
    unique |= {name for name, _ in EXCLUSIONS}
    assert unique - CONSTRAINTS.keys() - INTERNAL.keys() == set(), "map it to an ErrorCode or say why nobody meets it"
    assert INTERNAL.keys() - unique == set(), "a word about a constraint that is gone"
    assert CONSTRAINTS.keys() & INTERNAL.keys() == set()


def test_every_code_of_a_constraint_stands_for_one_that_exists() -> None:
    assert (
        CONSTRAINTS.keys() - {constraint.name for _, constraint in DECLARED} - {name for name, _ in EXCLUSIONS} == set()
    )


def test_a_constraints_name_leads_to_one_constraint() -> None:
    """The name is all that the driver says."""
    names = [constraint.name for _, constraint in DECLARED] + [name for name, _ in EXCLUSIONS]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.tampers
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    ["update {table} set {column} = 'x'", "delete from {table}", "truncate {table}"],
)
async def test_append_only_tables_refuse_even_their_owner(api: Api, table: str, statement: str) -> None:
    model = next(model for model in MODELS if model._meta.db_table == table)
    await insert(api.database, model, "a row that stays")
    statement = statement.format(table=table, column="request_id")
    owner = await asyncpg.connect(**parse_url(api.database.owner_url))
    try:
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)
    finally:
        await owner.close()
    assert await api.value(f'select count(*) from "{table}"') == 1


@pytest.mark.tampers
@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_a_number_is_given_once(api: Api, table: str) -> None:
    model = next(model for model in MODELS if model._meta.db_table == table)
    column = {"event": "sequence", "audit": "seq"}[table]
    await insert(api.database, model, "numbered later", **{column: None})
    async with db.transaction(EVERYTHING):
        await db.fetch(f'update "{table}" set {column} = 7')
    with pytest.raises((db.ConstraintViolated, asyncpg.RestrictViolationError)):
        async with db.transaction(EVERYTHING):
            await db.fetch(f'update "{table}" set {column} = 8')


@pytest.mark.parametrize(
    "statement",
    [
        "truncate account cascade",
        "alter table account disable row level security",
        "alter table account add column hole text",
        "drop policy scope on account",
        "drop table account",
        "create table hole (id int)",
        "create function hole() returns int language sql as 'select 1'",
        "alter role current_user bypassrls",
        "set role postgres",
        "alter table event disable trigger all",
        "copy account to program 'cat'",
        "set session_replication_role = replica",
    ],
)
async def test_the_application_cannot_loosen_its_bonds(api: Api, statement: str) -> None:
    application = await asyncpg.connect(**parse_url(api.database.app_url))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(statement)
    finally:
        await application.close()


async def test_functions_that_run_as_their_owner_are_fixed_and_closed_to_the_public(api: Api) -> None:
    found = await api.rows(
        "select proname, proconfig::text as config, has_function_privilege('public', oid, 'execute') as open"
        " from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
    )
    assert found
    assert [
        row["proname"] for row in found if "search_path=pg_catalog, public, pg_temp" not in (row["config"] or "")
    ] == []
    assert [row["proname"] for row in found if row["open"]] == []


def test_no_relation_hides_what_every_row_has(pool: None) -> None:
    """A `related_name` becomes an attribute of the other model as soon as the models are connected."""
    hidden = [
        f"{model.__name__}.{name}"
        for model in MODELS
        for name in model._meta.fields_map
        if hasattr(Row, name) and name not in Row._meta.fields_map
    ]
    assert hidden == []
