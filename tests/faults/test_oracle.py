"""The oracle sees what it is there to see: each kind of damage, done by hand, is named."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core import db
from core.scope import EVERYTHING
from tests.client import Api
from tests.faults.apis import Target, targets
from tests.faults.oracle import CHECKS, assert_whole, problems
from tests.world import World, world

COPY = "insert into {0} select (jsonb_populate_record(t, '{1}'::jsonb)).* from {0} t limit 1"

DAMAGE = {
    "an association has two open requests": (
        "drop index association_request_one_open",
        COPY.format("association_request", '{"id": "00000000-0000-7000-8000-000000000001"}'),
    ),
    "a customer has two active associations": (
        "drop index customer_association_one_active",
        COPY.format("customer_association", '{"id": "00000000-0000-7000-8000-000000000001"}'),
    ),
    "a request has no record of its start, or two": ("delete from association_record where result = 'REQUESTED'",),
    "a closed request has no record of its end, or an open one has one": (
        "update association_request set status = 'WITHDRAWN', processed_at = submitted_at",
    ),
    "a request's event is missing or there twice": ("delete from event where type like '%_requested'",),
    "an approved request to unbind left the association": (
        "update association_request set status = 'DONE', processed_at = submitted_at",
    ),
    "an event has no audit row of its request": ("update event set request_id = 'nobody'",),
    "an outcome has no audit row of its operation": ("update idempotency set operation = 'other'",),
    "a code has no outbox row": ("delete from outbox where topic = 'code.sms'",),
    "an outbox row is done without an attempt that did it": ("delete from outbox_attempt",),
    "a message was recorded that no outbox row asked for": ("update recorded_message set key = 'x:' || key",),
    "the events of a partner are not numbered without a gap": ("update event set sequence = sequence + 1",),
    "the audit of a tenant is not numbered without a gap": ("update audit set seq = seq + 1",),
    "that is not there": ("delete from association_request",),
    "content": ("""update audit set detail = '{"changed": true}'""",),
    "link": ("update audit set previous_hash = 'x'",),
}


@pytest.fixture
async def whole(api: Api) -> AsyncIterator[tuple[World, list[Target]]]:
    """A little history that is in order; indexes that a test dropped are back afterwards."""
    stage = await world(api)
    stock = await targets(api, stage, 1)
    done = await stage.main.client.do("requestUnbind", "request { id }", **stock[0].unbinding("the-first-key"))
    assert done["userErrors"] == []
    await api.anonymous.do("requestCode", "challenge { id }", scene="SIGN_UP", site="CN", mobile="+8613900000001")
    await api.deliver()
    await assert_whole()
    indexes = await api.rows(
        "select indexname, indexdef from pg_indexes where indexname like 'association_request_one%'"
        " or indexname like 'customer_association_one%'"
    )
    yield stage, stock
    await api.database.empty()
    for index in indexes:
        if not await api.value("select to_regclass($1) is not null", index["indexname"]):
            await api.database.superuser.execute(index["indexdef"])


@pytest.mark.parametrize("name", DAMAGE)
async def test_damage_is_named(api: Api, whole: tuple[World, list[Target]], name: str) -> None:
    for statement in DAMAGE[name]:
        await api.database.superuser.execute(statement)
    assert any(name in problem for problem in await problems()), await problems()


def test_every_check_is_tested() -> None:
    assert set(CHECKS) - set(DAMAGE) == {"a transaction was left open"}


async def test_a_transaction_left_open_is_named(api: Api) -> None:
    begun, seen = asyncio.Event(), asyncio.Event()

    async def forget() -> None:
        async with db.transaction(EVERYTHING):
            begun.set()
            await seen.wait()

    forgotten = asyncio.create_task(forget())
    try:
        await begun.wait()
        await asyncio.sleep(1.2)
        assert any("a transaction was left open" in problem for problem in await problems())
    finally:
        seen.set()
        await forgotten
    await assert_whole()
