"""The bucket of points: exact at its bound, shared through Redis, and alive without it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.clock import SettableClock
from core.http.budget import Budget, Rate
from core.http.meter import HourlyMeter
from core.servers.redis import RedisServer

RATE = Rate(capacity=1_000, refill=100)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    started = RedisServer.start(tmp_path_factory.mktemp("redis"))
    yield started
    started.stop()


@pytest.fixture
async def redis(server: RedisServer) -> AsyncIterator["Redis"]:
    client: Redis = Redis.from_url(server.url)
    await client.flushall()
    yield client
    await client.aclose()


async def test_the_bucket_is_exact_at_its_bound(clock: SettableClock) -> None:
    budget = Budget(rate=RATE, clock=clock)
    assert (await budget.charge("a", 999)).allowed
    assert (await budget.charge("a", 1)).allowed
    refused = await budget.charge("a", 1)
    assert not refused.allowed and refused.remaining == 0
    assert refused.retry_after_ms == 10
    clock.advance(milliseconds=10)
    assert (await budget.charge("a", 1)).allowed
    assert not (await budget.charge("a", 1)).allowed


async def test_buckets_are_apart(clock: SettableClock) -> None:
    budget = Budget(rate=RATE, clock=clock)
    assert (await budget.charge("a", 1_000)).allowed
    assert (await budget.charge("b", 1_000)).allowed


async def test_the_refill_stops_at_the_capacity(clock: SettableClock) -> None:
    budget = Budget(rate=RATE, clock=clock)
    await budget.charge("a", 1_000)
    clock.advance(hours=5)
    charge = await budget.charge("a", 1)
    assert charge.remaining == 999


async def test_a_clock_that_goes_back_refills_nothing(clock: SettableClock) -> None:
    budget = Budget(rate=RATE, clock=clock)
    await budget.charge("a", 1_000)
    clock.advance(seconds=-100)
    assert not (await budget.charge("a", 1)).allowed
    clock.advance(seconds=100)
    assert not (await budget.charge("a", 1)).allowed


async def test_a_refund_returns_to_the_bucket(clock: SettableClock) -> None:
    budget = Budget(rate=RATE, clock=clock)
    charge = await budget.charge("a", 1_000)
    assert await budget.refund(charge, 100) == 900
    assert (await budget.charge("a", 900)).allowed
    assert not (await budget.charge("a", 1)).allowed


async def test_parallel_charges_take_no_point_twice(clock: SettableClock, redis: "Redis") -> None:
    budgets = [Budget(redis, rate=RATE, clock=clock, timeout=5) for _ in range(3)]
    charges = await asyncio.gather(*(budgets[number % 3].charge("a", 7) for number in range(300)))
    taken = sum(charge.points for charge in charges if charge.allowed)
    assert 1_000 - 3 * 7 <= taken <= 1_000


async def test_processes_share_a_bucket_through_redis(clock: SettableClock, redis: "Redis") -> None:
    one, two = (Budget(redis, rate=RATE, clock=clock, timeout=5) for _ in range(2))
    charge = await one.charge("a", 900)
    assert not (await two.charge("a", 101)).allowed
    assert (await two.charge("a", 100)).allowed
    await one.refund(charge, 100)
    assert (await two.charge("a", 700)).allowed
    clock.advance(seconds=30)
    assert (await two.charge("a", 1_000)).allowed
    assert not (await one.charge("a", 1)).allowed


async def test_most_charges_need_no_round_trip(clock: SettableClock, redis: "Redis") -> None:
    budget = Budget(redis, rate=RATE, clock=clock, timeout=5)
    before = int((await redis.info("stats"))["total_commands_processed"])
    for _ in range(50):
        await budget.charge("a", 1)
    assert int((await redis.info("stats"))["total_commands_processed"]) - before < 12


async def test_a_meter_counts_an_hours_number_for_all_processes(clock: SettableClock, redis: "Redis") -> None:
    one, two = (HourlyMeter(redis, clock=clock, timeout=5) for _ in range(2))
    taken = [await meter.count("a", 40) for _ in range(20) for meter in (one, two)]
    assert taken == [None] * 40
    assert await one.count("a", 40) == await two.count("a", 40) == timedelta(seconds=90)
    assert await one.count("b", 40) is None
    assert await redis.keys("cosell:meter:*") != []
    clock.advance(seconds=90, milliseconds=-1)
    assert await two.count("a", 40) == timedelta(milliseconds=1)
    clock.advance(milliseconds=1)
    assert await two.count("a", 40) is None


async def test_keys_expire(clock: SettableClock, redis: "Redis") -> None:
    await Budget(redis, rate=RATE, clock=clock, timeout=5).charge("a", 1)
    keys = await redis.keys("cosell:budget:*")
    assert keys == [b"cosell:budget:a"]
    assert 0 < await redis.pttl("cosell:budget:a") <= 20_000


async def test_a_spoilt_value_is_a_full_bucket(clock: SettableClock, redis: "Redis") -> None:
    await redis.set("cosell:budget:a", "nonsense")
    assert (await Budget(redis, rate=RATE, clock=clock, timeout=5).charge("a", 1_000)).allowed


async def test_without_redis_the_process_keeps_buckets_of_its_own(
    clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    away: Redis = Redis(host="127.0.0.1", port=1)
    budget = Budget(away, rate=RATE, clock=clock)
    assert (await budget.charge("a", 1_000)).allowed
    assert not (await budget.charge("a", 1)).allowed
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    await away.aclose()


async def test_a_redis_that_hangs_costs_one_time_out(clock: SettableClock, redis: "Redis", server: RedisServer) -> None:
    budget = Budget(redis, rate=RATE, clock=clock, timeout=0.2)
    loop = asyncio.get_running_loop()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        started = loop.time()
        for number in range(20):
            assert (await budget.charge(f"key-{number}", 600)).allowed
        assert loop.time() - started < 2.0, "one time-out, not twenty"
    finally:
        os.kill(server.pid, signal.SIGCONT)
