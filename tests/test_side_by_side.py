"""The side-by-side benchmark, as far as it goes without its peers: data set and documents fit the product's schema."""

from dataclasses import asdict
from uuid import UUID

import asyncpg
import pytest
from graphql import build_schema, parse, validate

from benchmarks.side_by_side.answers import normal
from benchmarks.side_by_side.callers import Caller, sign_in
from benchmarks.side_by_side.dataset import ROOT, TINY, load
from benchmarks.side_by_side.operations import OPERATIONS, Operation
from benchmarks.side_by_side.postgraphile import DOCUMENTS, question
from benchmarks.side_by_side.servers import World, production
from core.ids import encode_id, uuid7
from core.settings import Env, Settings
from core.urls import parse_url
from tests.client import Api
from tests.contracts.root_fields import SCHEMA
from tests.database import Database

PEERS = ROOT / "benchmarks" / "side_by_side" / "peers" / "schema.graphql"
LEFT_OUT = ("I81", "I82", "I83")
"""Incentives are confirmed and paid out in the data set without their postings and payouts."""


@pytest.mark.tampers
async def test_the_data_set_fits_the_schema_and_everything_else_in_it_adds_up(database: Database) -> None:
    connection = await asyncpg.connect(**parse_url(database.superuser_url))
    try:
        await load(connection, TINY)
        for table, count in (("partner", TINY.partners), *((name, asdict(TINY)[f"{name}s"]) for name in _COUNTED)):
            assert await connection.fetchval(f"select count(*) from {table}") == count
        assert await connection.fetchval("select count(distinct state) from opportunity") > 7
        callers = await sign_in(connection)
    finally:
        await connection.close()
    assert (len(callers.partners), len(callers.sales)) == (TINY.partners, 2 * TINY.offices)
    assert callers.managers
    assert [offence for offence in await database.offences() if not offence.startswith(LEFT_OUT)] == []


_COUNTED = ("customer", "voucher", "incentive", "solution")


@pytest.mark.tampers
async def test_the_product_answers_every_operation_to_its_callers(api: Api, database: Database) -> None:
    connection = await asyncpg.connect(**parse_url(database.superuser_url))
    try:
        await load(connection, TINY)
        callers = await sign_in(connection)
        await connection.execute("update session set access_expires_at = now() + interval '99 years'")
    finally:
        await connection.close()
    for operation in OPERATIONS:
        for caller in operation.callers(callers):
            body = {"query": operation.document, "variables": operation.variables(caller)}
            answer = await api.http.post("/graphql", json=body, headers={"authorization": f"Bearer {caller.token}"})
            assert "errors" not in answer.json(), (operation.name, answer.text)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_of_both_schemas_and_has_its_twin_for_postgraphile(operation: Operation) -> None:
    document = parse(operation.document)
    assert validate(SCHEMA, document) == []
    assert validate(build_schema(PEERS.read_text(encoding="utf-8")), document) == []
    text, variables = question(operation, Caller(uuid7(), uuid7(), uuid7(), ""))
    assert parse(text) and all(f"${name}:" in text for name in variables)
    assert set(DOCUMENTS) == {one.name for one in OPERATIONS}


def test_production_accepts_the_product_s_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmark runs what is shipped: settings that production refuses would end it only after loading its data."""
    world = World("postgresql://app@db/cosell", "postgresql://owner@db/cosell", "redis://cache", "2026-01-01")
    for name, value in production(world).items():
        monkeypatch.setenv(name, value)
    assert Settings().env is Env.PRODUCTION


def test_answers_are_compared_by_what_they_mean() -> None:
    row = UUID("01a2019a-a229-7936-ad7f-5afbeb1bf251")
    ours = {"id": encode_id("cus", row), "at": "2026-11-21T08:00:00.000Z", "cursor": "a", "n": [1, None], "made": "x"}
    theirs = {"at": "2026-11-21T16:00:00.000123+08:00", "n": [1, None], "cursor": "b", "id": str(row), "made": "y"}
    assert normal(ours, ("made",)) == normal(theirs, ("made",))
    assert normal({"cursor": None}) != normal({"cursor": "a"})
    assert normal({"name": "cus_short"}) == {"name": "cus_short"}
