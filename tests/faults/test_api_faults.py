"""API processes that die before or after the commit, and a Redis that is away: nothing lost, nothing half done."""

import asyncio
import signal
import sys
import time

import pytest

from tests.client import Api
from tests.faults.apis import (
    ASK_CODE,
    UNBIND,
    VIEWER,
    ApiProcess,
    acknowledged,
    code_for,
    insist,
    mobile,
    replayed,
    stage_now,
)
from tests.faults.oracle import assert_whole
from tests.faults.workers import Broker, Crew
from tests.world import World

REDIS_TIMEOUT = 0.3
MARGIN = 0.5
KEY = "key-of-a-fault"


async def traces(api: Api) -> dict[str, int]:
    """Rows of every table a mutation writes."""
    tables = ("association_request", "association_record", "outbox", "event", "audit", "idempotency")
    return {name: await api.value(f"select count(*) from {name}") for name in tables}


def unbinding(stage: World) -> dict[str, object]:
    return {"customerId": stage.customer_gid, "reason": "It ends.", "acknowledged": True, "idempotencyKey": KEY}


async def test_killed_between_commit_and_wake_up_the_relay_delivers_within_three_seconds(
    api: Api, front: ApiProcess, victim: ApiProcess, post: Crew
) -> None:
    post.start()
    await post.ready()
    start = time.monotonic()
    await victim.dies(ASK_CODE, None, "committed", **code_for(1, idempotencyKey=KEY))

    async def arrived() -> bool:
        return bool(await api.value("select count(*) from recorded_message where recipient = $1", mobile(1)))

    await post.until(arrived)
    assert time.monotonic() - start < 3
    again = await insist(front, ASK_CODE, None, "requestCode", **code_for(1, idempotencyKey=KEY))
    assert replayed(again)
    assert await api.value("select count(*) from verification") == 1
    await assert_whole()
    assert sum(post.sent().values()) == 1


@pytest.mark.parametrize("place", ["journalled", pytest.param("uncommitted", marks=pytest.mark.long)])
async def test_killed_before_the_commit_there_is_no_trace_and_the_retry_succeeds_once(
    api: Api, front: ApiProcess, victim: ApiProcess, place: str
) -> None:
    stage, token = await stage_now(api)
    before = await traces(api)
    await victim.dies(UNBIND, token, place, **unbinding(stage))
    await no_sessions(api, victim)
    assert await traces(api) == before

    first = await insist(front, UNBIND, token, "requestUnbind", **unbinding(stage))
    again = await insist(front, UNBIND, token, "requestUnbind", **unbinding(stage))

    assert (replayed(first), replayed(again)) == (False, True)
    assert first.data == again.data
    expected = {"association_request": 1, "association_record": 1, "outbox": 2, "event": 1, "audit": 1}
    assert await traces(api) == {**expected, "idempotency": 1}
    await assert_whole()


async def no_sessions(api: Api, victim: ApiProcess) -> None:
    """Waits until the server has noticed the death of its client and rolled back."""
    for _ in range(100):
        left = await api.value(
            "select count(*) from pg_stat_activity where application_name = 'api' and state like 'idle in transaction%'"
        )
        if not left:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("a dead client's transaction stays open")


async def test_killed_after_the_commit_the_key_replays_what_was_done(
    api: Api, front: ApiProcess, victim: ApiProcess
) -> None:
    stage, token = await stage_now(api)
    await victim.dies(UNBIND, token, "committed", **unbinding(stage))

    again = await insist(front, UNBIND, token, "requestUnbind", **unbinding(stage))

    assert replayed(again)
    assert await api.value("select count(*) from association_request") == 1
    await assert_whole()


async def test_a_lost_answer_to_the_commit_is_told_as_such_and_resolved_by_the_key(api: Api, front: ApiProcess) -> None:
    stage, token = await stage_now(api)
    unknown = await front.send(UNBIND, token, "unanswered", **unbinding(stage))
    assert unknown.error["code"] == "UNAVAILABLE"
    assert unknown.error["retryable"] and unknown.error["retryAfterMs"] > 0

    assert replayed(await insist(front, UNBIND, token, "requestUnbind", **unbinding(stage)))
    assert await api.value("select count(*) from association_request") == 1
    await assert_whole()


@pytest.mark.parametrize("how", ["killed", "paused"])
async def test_without_redis_every_request_succeeds_and_waits_at_most_the_time_out(
    api: Api, front: ApiProcess, front_broker: Broker, how: str
) -> None:
    _, token = await stage_now(api)
    await insist(front, ASK_CODE, None, "requestCode", **code_for(0))
    if how == "killed":
        front_broker.kill()
    else:
        front_broker.send(signal.SIGSTOP)
    try:
        times = [await timed(front, token, number) for number in range(1, 41)]
    finally:
        if how == "killed":
            front_broker.start()
        else:
            front_broker.send(signal.SIGCONT)
    ordered = sorted(times)
    sys.stderr.write(f"\nRedis {how}: median {ordered[20] * 1e3:.0f} ms, worst {ordered[-1] * 1e3:.0f} ms\n")
    # A request may ask Redis for its budget and for its wake-up: each waits at most once, and then not for a while.
    assert ordered[-1] < 2 * REDIS_TIMEOUT + MARGIN
    assert ordered[20] < REDIS_TIMEOUT
    assert await api.value("select count(*) from verification") == 41
    await assert_whole()


async def timed(front: ApiProcess, token: str, number: int) -> float:
    """Seconds that a mutation and a query take, the longer of both."""
    spent = []
    for document, who, given in ((ASK_CODE, None, code_for(number)), (VIEWER, token, {})):
        start = time.monotonic()
        answer = await front.send(document, who, **given)
        spent.append(time.monotonic() - start)
        assert "errors" not in answer.body
        if given:
            assert acknowledged(answer, "requestCode") is not None
    return max(spent)


async def test_after_redis_is_back_hints_work_again(
    api: Api, front: ApiProcess, front_broker: Broker, post: Crew
) -> None:
    front_broker.kill()
    post.start()
    await post.ready()
    await insist(front, ASK_CODE, None, "requestCode", **code_for(1))
    front_broker.start()
    number = 2

    async def quick() -> bool:
        nonlocal number
        number += 1
        start = time.monotonic()
        await insist(front, ASK_CODE, None, "requestCode", **code_for(number))
        while not await api.value("select count(*) from recorded_message where recipient = $1", mobile(number)):
            assert time.monotonic() - start < 3, "the relay alone is as quick as this"
            await asyncio.sleep(0.01)
        return time.monotonic() - start < 0.2

    await post.until(quick)
    await assert_whole()


@pytest.mark.long
async def test_a_connection_that_idled_longer_than_clients_keep_theirs_still_answers(front: ApiProcess) -> None:
    """A server that hangs up first resets the request that is just on its way: proxies then answer 502."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    for _ in range(2):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 200")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-l"))
        await reader.readexactly(length)
        await asyncio.sleep(6)
    writer.close()
