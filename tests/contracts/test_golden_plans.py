"""How PostgreSQL reads what is asked most: the plans of the golden documents, on data among which it must choose.

The documents are those of the benchmark, and so is the data, in a smaller size. `make plans` writes the plans again:
read the difference as you would read one of the code.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from benchmarks.side_by_side.callers import Caller, Callers, sign_in
from benchmarks.side_by_side.dataset import Sizes, load
from benchmarks.side_by_side.operations import OPERATIONS, Operation
from core.migrate import HISTORY_TABLE
from core.scope import EVERYTHING, Scope
from core.urls import parse_url
from tests import modes
from tests.client import Api, Client
from tests.contracts.plans import Asked, Plan, explainer, record
from tests.database import Database

PLANS = Path(__file__).with_name("golden_plans")
MAJOR = 18
"""Another PostgreSQL may plan differently, and as well."""
SIZES = Sizes(
    offices=5,
    partners=20,
    accounts=100,
    customers=2_000,
    opportunities=20_000,
    vouchers=2_000,
    incentives=4_000,
    solutions=4_000,
)
BIG = 1_000
"""Rows from which on a table is not read as a whole."""
STATEMENTS = {"Q1": 4, "Q2": 2, "Q3": 4, "Q4": 3, "Q5": 3, "Q6": 3, "Q7": 3, "Q8": 2, "Q9": 2, "Q10": 2}
"""How many each document takes, the caller's own look-up among them."""
GOLDEN = [operation for operation in OPERATIONS if not operation.writes]


@pytest.fixture
async def callers(api: Api, database: Database) -> AsyncIterator[Callers]:
    """The data set on tables without a past, which an index would remember as pages; and who asks."""
    connection = await asyncpg.connect(**parse_url(database.superuser_url))
    try:
        await _cut_down(connection)
        await load(connection, SIZES)
        await _settle(connection)
        signed_in = await sign_in(connection)
        await connection.execute("update session set access_expires_at = now() + interval '99 years'")
        yield signed_in
    finally:
        await _cut_down(connection)
        await connection.close()


async def _settle(connection: asyncpg.Connection) -> None:
    """Statistics, and all pages known to be visible: vacuum leaves out what the server's workers may still look at."""
    tables = "select from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    async with asyncio.timeout(60):
        await connection.execute("vacuum (freeze, analyze)")
        while await connection.fetchval(f"select exists ({tables} and relallvisible < relpages)"):
            await asyncio.sleep(0.2)
            await connection.execute("vacuum (freeze, analyze)")


async def _cut_down(connection: asyncpg.Connection) -> None:
    tables = "select string_agg(format('%I', tablename), ', ') from pg_tables where schemaname = 'public'"
    names = await connection.fetchval(f"{tables} and tablename <> $1", HISTORY_TABLE)
    await connection.execute("set session_replication_role = replica")
    await connection.execute(f"truncate {names}")
    await connection.execute("reset session_replication_role")


@modes.plans
@pytest.mark.skipif(not modes.READERS or modes.TWICE, reason="the plans of reads beside the transaction, each once")
@pytest.mark.tampers
async def test_golden_documents_are_read_as_agreed(
    api: Api, callers: Callers, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    major = int(await api.value("show server_version_num")) // 10_000
    if major != MAJOR:
        pytest.skip(f"the plans are those of PostgreSQL {MAJOR}, this is {major}")
    big = {row["name"] for row in await api.rows("select relname as name from pg_class where reltuples >= $1", BIG)}
    asked = record(monkeypatch)
    for operation in GOLDEN:
        with subtests.test(operation.name):
            caller = operation.callers(callers)[0]
            asked.clear()
            answer = await Client(api.http, caller.token).send(operation.document, **operation.variables(caller))
            assert answer.data and answer.executor == "compiled"
            assert len(asked) == STATEMENTS[operation.name]
            plans = await _plans(api, caller, list(asked))
            assert not big & {name for pair in plans for plan in pair for name in plan.scanned()}
            _compare(operation, _page(operation, asked, plans))


async def _plans(api: Api, caller: Caller, asked: list[Asked]) -> list[tuple[Plan, Plan]]:
    """For each statement its plan for these values and for any."""
    scope = EVERYTHING if caller.partner_id is None else Scope("partner", (caller.partner_id,), caller.account_id)
    async with explainer(api.database.app_url, scope) as explain:
        return [await explain(one) for one in asked]


def _page(operation: Operation, asked: list[Asked], plans: list[tuple[Plan, Plan]]) -> str:
    """The snapshot of one document. The plan for any values is what PostgreSQL may take from the sixth time on."""
    parts = [f"{operation.name}: {operation.title}"]
    for number, (one, (given, generic)) in enumerate(zip(asked, plans, strict=True), 1):
        parts.append(f"{number}. {'beside the transaction' if one.beside else 'in the transaction'}\n\n{given}")
        if str(generic) != str(given):
            parts.append(f"{number}. for any values\n\n{generic}")
    return "\n\n".join(parts) + "\n"


def _compare(operation: Operation, page: str) -> None:
    file = PLANS / f"{operation.name}.txt"
    if "COSELL_WRITE_PLANS" in os.environ:
        file.parent.mkdir(exist_ok=True)
        file.write_text(page, encoding="utf-8")
    assert page == (file.read_text(encoding="utf-8") if file.exists() else ""), "make plans writes them again"
