"""Numbers and hash chains: gapless whoever writes and whoever numbers, and no change goes unnoticed."""

import asyncio
import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from core import db
from core.ids import uuid7
from core.scope import EVERYTHING
from tasks.sequencer import FIRST_HASH, Problem, row_hash, sequence_once, verify_audit
from tests.database import Database
from tests.tasks.tables import sql

pytestmark = pytest.mark.usefixtures("tables")
NOW = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)


async def write(tenant: UUID | None, **detail: Any) -> None:
    """One event and one audit row in the open transaction."""
    await db.fetch(
        "insert into event (id, partner_id, type, subject_type, subject_id, subject_version, actor, request_id,"
        " changes, occurred_at) values ($1, $2, 'thing.done', 'Thing', $1, 1, 'user:1', 'r', '{}', $3)",
        uuid7(),
        tenant,
        NOW,
    )
    await db.fetch(
        "insert into audit (id, tenant_id, occurred_at, actor, via, operation, detail, request_id)"
        " values ($1, $2, $3, 'user:1', 'api', 'doThing', jsonb_build_object('n', $4::int, 'price', 0.10), 'r')",
        uuid7(),
        tenant,
        NOW,
        detail.get("n", 0),
    )


async def commit(tenant: UUID | None, count: int = 1) -> None:
    """So many events and audit rows, each in a transaction of its own."""
    for n in range(count):
        async with db.transaction(EVERYTHING):
            await write(tenant, n=n)


async def numbered(count: int) -> None:
    """Passes until so many rows of each log are numbered (a transaction elsewhere in the cluster may delay them)."""
    async with asyncio.timeout(10):
        while (await sql("select count(seq) + (select count(sequence) from event) as n from audit"))[0][
            "n"
        ] < 2 * count:
            await sequence_once()
            await asyncio.sleep(0.01)


async def sequence(tenant: UUID | None) -> list[int | None]:
    """The numbers of a tenant's events in id order."""
    rows = await sql("select sequence from event where partner_id is not distinct from $1 order by id", tenant)
    return [row["sequence"] for row in rows]


async def test_each_tenant_and_the_vendor_are_numbered_from_one_without_gaps() -> None:
    for tenant, count in ((A, 3), (B, 2), (None, 2), (A, 1)):
        await commit(tenant, count)
    await numbered(8)
    await commit(A)
    await numbered(9)
    assert [await sequence(tenant) for tenant in (A, B, None)] == [[1, 2, 3, 4, 5], [1, 2], [1, 2]]
    assert [await verify_audit(tenant) for tenant in (A, B, None)] == [[], [], []]
    chain = await sql("select seq, previous_hash from audit where tenant_id = $1 order by seq", A)
    assert [row["seq"] for row in chain] == [1, 2, 3, 4, 5]
    assert bytes(chain[0]["previous_hash"]) == FIRST_HASH


async def test_a_row_whose_transaction_is_open_is_not_overtaken() -> None:
    opened, finish = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with db.transaction(EVERYTHING):
            await write(A, n=1)
            opened.set()
            await finish.wait()

    writer = asyncio.create_task(slow())
    await opened.wait()
    await commit(A)
    for _ in range(3):
        assert await sequence_once() == 0
    assert await sequence(A) == [None]
    finish.set()
    await writer
    await numbered(2)
    assert await sequence(A) == [1, 2], "the row that was written first is the first"


async def test_rows_of_savepoints_are_numbered_too() -> None:
    async with db.transaction(EVERYTHING):
        async with db.savepoint():
            await write(A)
        await write(A)
    await numbered(2)
    assert await sequence(A) == [1, 2]


async def test_four_writers_and_two_sequencers_leave_no_gap_and_the_chain_holds() -> None:
    tenants, ended = [A, B, None], asyncio.Event()

    async def writer(seed: int) -> None:
        for n in range(40):
            async with db.transaction(EVERYTHING):
                await write(tenants[(seed + n) % 3], n=n)
                if secrets.randbelow(4) == 0:
                    await asyncio.sleep(0.005)
                    await write(tenants[seed % 3], n=n)
            if secrets.randbelow(10) == 0:
                await asyncio.sleep(0)

    async def sequencer() -> int:
        count = 0
        while not ended.is_set():
            count += await sequence_once()
        return count

    sequencers = [asyncio.create_task(sequencer()) for _ in range(2)]
    await asyncio.gather(*(writer(seed) for seed in range(4)))
    total = (await sql("select count(*) as n from event"))[0]["n"]
    await numbered(total)
    ended.set()
    assert sum(await asyncio.gather(*sequencers)) <= 2 * total
    for tenant in tenants:
        numbers = sorted(number or 0 for number in await sequence(tenant))
        assert numbers == list(range(1, len(numbers) + 1))
        assert await verify_audit(tenant) == []
    assert total >= 160


@pytest.mark.tampers
@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ("update audit set actor = 'user:2' where seq = 3", [Problem(3, "content")]),
        ("update audit set detail = jsonb_set(detail, '{price}', '0.1') where seq = 3", [Problem(3, "content")]),
        (
            "update audit set occurred_at = occurred_at + interval '1 microsecond' where seq = 1",
            [Problem(1, "content")],
        ),
        ("delete from audit where seq = 2", [Problem(2, "gap")]),
        ("update audit set hash = sha256('x') where seq = 2", [Problem(2, "content"), Problem(3, "link")]),
        ("update audit set seq = null where seq = 1", [Problem(1, "gap")]),
    ],
)
async def test_tampering_is_found(tables: Database, change: str, problems: list[Problem]) -> None:
    await commit(A, 5)
    await commit(B, 5)
    await numbered(10)
    await tables.superuser.execute(change.replace(" where", f" where tenant_id = '{A}' and"))
    assert await verify_audit(A) == problems
    assert await verify_audit(B) == []


@pytest.mark.tampers
async def test_a_row_rewritten_with_a_fitting_hash_breaks_the_link_behind_it(tables: Database) -> None:
    await commit(A, 3)
    await numbered(3)
    await tables.superuser.execute("update audit set actor = 'user:2' where seq = 2")
    [row] = await sql("select *, detail::text as detail from audit where seq = 2")
    forged = row_hash(bytes(row["previous_hash"]), row)
    await tables.superuser.execute("update audit set hash = $1 where seq = 2", forged)
    assert await verify_audit(A) == [Problem(3, "link")]


async def test_numbers_are_given_once() -> None:
    await commit(A, 2)
    await numbered(2)
    with pytest.raises(db.ConstraintViolated, match="audit_append_only"):
        await sql("update audit set seq = 9 where seq = 1")
    with pytest.raises(db.ConstraintViolated, match="event_append_only"):
        await sql("update event set sequence = null where sequence = 1")


async def test_more_than_one_batch_and_more_than_one_page() -> None:
    async with db.transaction(EVERYTHING):
        await db.fetch(
            "insert into audit (id, tenant_id, occurred_at, actor, via, operation, detail, request_id)"
            " select gen_random_uuid(), $1, $2, 'a', 'api', 'op', '{}', 'r' from generate_series(1, 1203)",
            A,
            NOW,
        )
    async with asyncio.timeout(10):
        while (await sql("select count(seq) as n from audit"))[0]["n"] < 1203:
            await sequence_once()
    assert await verify_audit(A) == []


def test_the_hash_is_fixed_for_ever() -> None:
    row = {
        "id": UUID(int=5),
        "tenant_id": A,
        "seq": 1,
        "occurred_at": NOW,
        "actor": "user:1",
        "via": "api",
        "operation": "doThing",
        "subject_type": None,
        "subject_id": None,
        "detail": '{"n": 1}',
        "request_id": "r",
        "address": None,
        "hash": None,
        "previous_hash": None,
    }
    text = (
        '{"actor":"user:1","address":null,"detail":"{\\"n\\": 1}","id":"00000000-0000-0000-0000-000000000005",'
        '"occurred_at":"2026-11-21T08:00:00.123456+00:00","operation":"doThing","request_id":"r","seq":1,'
        '"subject_id":null,"subject_type":null,"tenant_id":"00000000-0000-0000-0000-000000000001","via":"api"}'
    )
    assert row_hash(FIRST_HASH, row) == hashlib.sha256(bytes(32) + text.encode()).digest()
