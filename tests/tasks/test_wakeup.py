"""Hints: quick, harmless when Redis is away, and no way to run code here."""

import asyncio
import signal
import time

import orjson
import pytest
import redis.asyncio

from gateways.wakeup import PAUSE, QUEUE, ArqWakeup, NoWakeup, connect
from tests.faults.workers import Broker

TIMEOUT = 0.3


async def timed(wakeup: ArqWakeup) -> float:
    """How many seconds a call took."""
    start = time.monotonic()
    await wakeup.wake()
    return time.monotonic() - start


async def hints(broker: Broker) -> int:
    """How many wait in the queue."""
    async with redis.asyncio.Redis.from_url(broker.url) as client:
        return int(await client.zcard(QUEUE))


async def test_a_hint_is_json_without_any_argument(broker: Broker) -> None:
    wakeup = ArqWakeup(broker.url, timeout=TIMEOUT)
    await wakeup.wake()
    await wakeup.wake()
    async with redis.asyncio.Redis.from_url(broker.url) as client:
        jobs = await client.keys("arq:job:*")
        hint = orjson.loads(await client.get(jobs[0]))
    assert (len(jobs), hint["f"], hint["a"], hint["k"]) == (2, "drain", [], {})
    assert (wakeup.sent, wakeup.failed, wakeup.skipped) == (2, 0, 0)
    await wakeup.close()


async def test_a_paused_redis_costs_one_call_a_second_the_timeout_and_the_others_nothing(broker: Broker) -> None:
    wakeup = ArqWakeup(broker.url, timeout=TIMEOUT)
    await wakeup.wake()
    broker.send(signal.SIGSTOP)
    first = await timed(wakeup)
    assert TIMEOUT * 0.9 < first < 2 * TIMEOUT
    assert sum([await timed(wakeup) for _ in range(50)]) < TIMEOUT
    await asyncio.sleep(PAUSE)
    again = await asyncio.gather(*(timed(wakeup) for _ in range(20)))
    assert sorted(again)[-2] < TIMEOUT / 2, "one call tries, the others do not wait with it"
    assert max(again) < 2 * TIMEOUT
    assert (wakeup.sent, wakeup.failed, wakeup.skipped) == (1, 2, 69)
    broker.send(signal.SIGCONT)
    await asyncio.sleep(PAUSE)
    before = await hints(broker)
    await wakeup.wake()
    await wakeup.wake()
    assert wakeup.sent == 3
    assert await hints(broker) == before + 2, "a cut-off command leaves no answer behind for the next"
    await wakeup.close()


async def test_a_redis_that_is_gone_is_no_error_and_its_return_is_noticed(broker: Broker) -> None:
    wakeup = ArqWakeup(broker.url, timeout=TIMEOUT)
    await wakeup.wake()
    broker.kill()
    assert await timed(wakeup) < 2 * TIMEOUT
    assert wakeup.failed == 1
    broker.start()
    await asyncio.sleep(PAUSE)
    await wakeup.wake()
    assert (wakeup.sent, wakeup.failed) == (2, 1)
    await wakeup.close()


@pytest.mark.parametrize("setting", [("maxmemory", "1"), ("min-replicas-to-write", "3")])
async def test_a_redis_that_takes_no_writes_is_no_error(broker: Broker, setting: tuple[str, str]) -> None:
    broker.cli("CONFIG", "SET", *setting)
    wakeup = ArqWakeup(broker.url, timeout=TIMEOUT)
    assert await timed(wakeup) < 2 * TIMEOUT
    assert (wakeup.sent, wakeup.failed) == (0, 1)
    await wakeup.close()


async def test_a_callers_own_deadline_passes_through(broker: Broker) -> None:
    wakeup = ArqWakeup(broker.url, timeout=5)
    broker.send(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await wakeup.wake()
    assert wakeup.failed == 0
    await wakeup.close()


async def test_an_address_may_be_any_that_redis_knows() -> None:
    for url in ("redis://user:pw@cache.example:6380/3", "rediss://cache.example/0", "unix:///run/redis.sock?db=2"):
        await connect(url, timeout=1).aclose(close_connection_pool=True)
    with pytest.raises(ValueError, match="scheme"):
        connect("http://cache.example", timeout=1)


async def test_no_wakeup_counts() -> None:
    wakeup = NoWakeup()
    await wakeup.wake()
    assert wakeup.calls == 1
