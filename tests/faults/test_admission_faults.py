"""Too much at once, too slow, or gone in the middle: the process says so in time and keeps every connection."""

import asyncio
import contextlib
import time
from typing import Any

from tests.client import Api
from tests.faults.apis import UNBIND, VIEWER, ApiProcess, Target, insist, leaves, raw, replayed, stage_now, targets
from tests.faults.oracle import assert_whole

LIMIT, QUEUE, WAIT = 80, 50, 0.5
DEADLINE = 3.0
BODY_DEADLINE = 1.0


async def timed(front: ApiProcess, token: str, seconds: float) -> tuple[float, int, Any, Any]:
    """Seconds until the answer of a slow query, its status, headers and body."""
    start = time.monotonic()
    headers = {"x-fault": f"sleep={seconds}", "authorization": f"Bearer {token}"}
    answer = await front.http.post("/graphql", json={"query": VIEWER}, headers=headers)
    return time.monotonic() - start, answer.status_code, answer.headers, answer.json()


async def test_two_hundred_slow_operations_at_once(api: Api, front: ApiProcess) -> None:
    _, token = await stage_now(api)
    await timed(front, token, 0)
    start = time.monotonic()
    slow = [asyncio.create_task(timed(front, token, 2.5)) for _ in range(200)]
    health = []
    while not all(task.done() for task in slow):
        asked = time.monotonic()
        assert (await front.http.get("/healthz")).status_code == 200
        health.append(time.monotonic() - asked)
        await asyncio.sleep(0.05)
    answers = [task.result() for task in slow]
    refused = [answer for answer in answers if answer[3].get("errors")]
    turned_away = [
        answer for answer in refused if answer[3]["errors"][0]["message"].startswith("The service is busy. T")
    ]
    assert len(turned_away) >= 200 - LIMIT
    for _, status, headers, body in refused:
        assert (status, body["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
        assert int(headers["retry-after"]) >= 1
    served = [spent for spent, status, *_ in answers if status == 200]
    assert served
    print(f"\n{len(served)} served, {len(turned_away)} turned away, worst {max(a[0] for a in turned_away):.2f} s,")
    print(f"/healthz worst {max(health):.2f} s, all over after {time.monotonic() - start:.1f} s")
    assert max(spent for spent, *_ in turned_away) < WAIT + 0.6
    assert max(health) < 1
    await front.pool_is_whole()
    assert (await timed(front, token, 0))[1] == 200


async def test_an_operation_beyond_its_deadline_is_stopped(api: Api, front: ApiProcess) -> None:
    _, token = await stage_now(api)
    spent, status, _, body = await timed(front, token, 30)
    assert (status, body["errors"][0]["extensions"]["code"]) == (504, "TIMEOUT")
    assert DEADLINE - 0.1 < spent < DEADLINE + 1
    await front.pool_is_whole()
    busy = "select count(*) from pg_stat_activity where application_name = 'api' and query like '%pg_sleep%'"
    assert await api.value(f"{busy} and state = 'active'") == 0, "the database was told, too"


async def test_a_body_that_trickles_is_answered_in_time_and_holds_nothing(api: Api, front: ApiProcess) -> None:
    _, token = await stage_now(api)
    message = raw(token, VIEWER)
    split = message.index(b"\r\n\r\n") + 4
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    writer.write(message[:split])
    start = time.monotonic()
    answering = asyncio.create_task(reader.readuntil(b"\r\n"))
    with contextlib.suppress(ConnectionError):
        for byte in message[split:-1]:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.1)
            if answering.done():
                break
    assert b"408" in await answering
    assert time.monotonic() - start < BODY_DEADLINE + 0.5
    writer.close()
    assert await front.pool() == ((await front.pool())[1],) * 2


async def test_clients_that_leave_at_any_byte_take_nothing_with_them(api: Api, front: ApiProcess) -> None:
    stage, token = await stage_now(api)
    cuts: list[tuple[Target, str, int, float]] = []
    whole = len(raw(token, UNBIND, **(await targets(api, stage, 1))[0].unbinding("left-at-0000")))
    places = [*range(0, whole - 40, 29), *range(whole - 3, whole + 1)]
    stock = await targets(api, stage, len(places) + 8)
    for number, place in enumerate(places):
        cuts.append((stock[number], f"left-at-{number:04d}", place, 0.0))
    for number in range(8):
        cuts.append((stock[len(places) + number], f"left-at-{len(places) + number:04d}", whole, 0.004 * number))
    for target, key, place, waits in cuts:
        await leaves(front, raw(token, UNBIND, **target.unbinding(key))[:place], waits=waits)
    await front.pool_is_whole()
    done = 0
    for target, key, place, _ in cuts:
        found = await api.value("select count(*) from association_request where customer_id = $1", target.row_id)
        assert found <= (place == whole), "half a request is no request"
        again = await insist(front, UNBIND, token, "requestUnbind", **target.unbinding(key))
        assert replayed(again) == (found == 1)
        done += found
    assert done > 0, "who had sent everything may leave: it is done all the same"
    assert await api.value("select count(*) from association_request") == len(cuts)
    await front.pool_is_whole()
    await assert_whole()
