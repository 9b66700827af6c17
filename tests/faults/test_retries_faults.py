"""Many callers with the same keys, of whom a third dies on the way: as many effects as keys."""

import asyncio
import sys

import pytest

from tests.client import Answer, Api
from tests.faults.apis import (
    UNBIND,
    ApiProcess,
    Target,
    acknowledged,
    chance,
    leaves,
    raw,
    replayed,
    stage_now,
    targets,
)
from tests.faults.oracle import assert_whole

CALLERS = 20
DYING = 0.3
LONGEST_LIFE = 0.06


async def call(front: ApiProcess, token: str, target: Target, key: str, name: str) -> Answer | None:
    """One caller: insists until it is answered, or dies within a few hundredths of a second, its connection closed."""
    if chance("dies", name) < DYING:
        message = raw(token, UNBIND, **target.unbinding(key))
        await leaves(front, message, waits=chance("life", name) * LONGEST_LIFE)
        return None
    while True:
        answer = await front.send(UNBIND, token, **target.unbinding(key))
        if answer.status != 503 and acknowledged(answer, "requestUnbind") is not None:
            return answer
        await asyncio.sleep(0.05)


async def crowd(api: Api, front: ApiProcess, keys: int, *, at_once: int) -> None:
    """`keys` keys with 20 callers each, so many keys at once."""
    stage, token = await stage_now(api)
    stock = await targets(api, stage, keys)
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> list[Answer]:
        async with gate:
            names = [f"{number}-{caller}" for caller in range(CALLERS)]
            calls = (call(front, token, stock[number], f"retried-{number:05d}", name) for name in names)
            return [answer for answer in await asyncio.gather(*calls) if answer is not None]

    answers = await asyncio.gather(*(one(number) for number in range(keys)))
    died = keys * CALLERS - sum(map(len, answers))
    first = sum(not replayed(answer) for one_key in answers for answer in one_key)
    sys.stderr.write(
        f"\n{keys} keys, {keys * CALLERS} callers, {died} died, {first} of {keys} told the first success\n"
    )
    assert died > keys * CALLERS * DYING / 2
    for one_key in answers:
        assert len({answer.data["requestUnbind"]["request"]["id"] for answer in one_key}) == 1
        assert sum(not replayed(answer) for answer in one_key) <= 1
    for table in ("association_request", "idempotency", "audit", "event"):
        assert await api.value(f"select count(*) from {table}") == keys, table
    assert await api.value("select count(*) from outbox") == 2 * keys
    await front.pool_is_whole()
    await assert_whole()


async def test_forty_keys_with_twenty_callers_of_whom_a_third_dies(api: Api, front: ApiProcess) -> None:
    await crowd(api, front, 40, at_once=3)


@pytest.mark.long
async def test_a_thousand_keys_with_twenty_callers_of_whom_a_third_dies(api: Api, front: ApiProcess) -> None:
    await crowd(api, front, 1000, at_once=3)
