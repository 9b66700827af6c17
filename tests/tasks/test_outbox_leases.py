"""The outbox in one process: leases that run out, heartbeats, stopping."""

import asyncio
from typing import Any

import pytest

from core import db
from gateways.delivery import Receipt
from tasks.outbox import Job, Registry, Runner, leases
from tests.tasks.running import Handlers, done, is_in, until, working
from tests.tasks.tables import attempts, put, row, sql

pytestmark = pytest.mark.usefixtures("tables")


async def test_a_lease_that_ran_out_counts_a_crash_and_the_third_is_death() -> None:
    test = Handlers()
    job = await put("test", "a")
    for crash in (1, 2, 3):
        [held] = await leases.claim(test.registry.topics, {"test": 1}, limit=1, owner="w", suspects=crash > 1)
        assert await leases.rescue() == []
        await sql("update outbox set lease_until = now() - interval '1 millisecond' where id = $1", job)
        assert await leases.rescue() == [(job, "dead" if crash == 3 else "ready")]
        assert (await row(job))["crashes"] == crash
    assert await attempts(job) == [(1, "crashed"), (2, "crashed"), (3, "crashed")]
    assert held.failures == 1, "crashes are no failures of the handler"


async def test_who_comes_back_after_his_lease_is_fenced_off() -> None:
    test = Handlers()
    job = await put("test", "a")
    [slow] = await leases.claim(test.registry.topics, {"test": 1}, limit=1, owner="slow")
    await sql("update outbox set lease_until = now() - interval '1 second' where id = $1", job)
    await leases.rescue()
    [quick] = await leases.claim(test.registry.topics, {"test": 1}, limit=1, owner="quick", suspects=True)
    assert await leases.extend([slow]) == set()
    assert not await leases.finish(slow, leases.Ending("dead", "nonsense"))
    assert await leases.release([slow]) == set()
    assert await is_in(job, "leased")
    assert await leases.finish(quick, leases.Ending("done"))
    assert await attempts(job) == [(1, "late"), (2, "done")]
    assert (await row(job))["last_error"] is None


async def test_heartbeats_keep_a_job_longer_than_its_lease() -> None:
    registry, ran = Registry(), []

    @registry.topic("test", lease=0.6, timeout=10)
    async def handle(job: Job) -> None:
        ran.append(job.attempt)
        await asyncio.sleep(2.0)

    job = await put("test", "a")
    async with working(Runner(registry, owner="w1"), Runner(registry, owner="w2")):
        await until(lambda: is_in(job, "done"))
    assert ran == [1]
    assert (await row(job))["crashes"] == 0


async def test_a_job_whose_lease_is_lost_is_stopped() -> None:
    registry, stopped = Registry(), asyncio.Event()

    @registry.topic("test", lease=0.1, timeout=30)
    async def handle(_job: Job) -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            stopped.set()
            raise

    job = await put("test", "a")
    runner = Runner(registry, owner="w")
    await runner.claim_once()
    await sql("update outbox set fence = fence + 1 where id = $1", job)
    await asyncio.sleep(0.05)
    await runner.keep_alive_once()
    await asyncio.wait_for(stopped.wait(), 2)
    await until(lambda: _idle(runner))
    assert runner.counts == {"lost": 1}
    assert await is_in(job, "leased")


async def _idle(runner: Runner) -> bool:
    return runner.running == 0


async def test_suspects_run_one_at_a_time() -> None:
    registry, flying, most = Registry(), 0, 0

    @registry.topic("test", concurrency=8)
    async def handle(_job: Job) -> None:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.01)
        flying -= 1

    for n in range(4):
        await put("test", str(n))
    await sql("update outbox set crashes = 2")
    runner = Runner(registry, owner="w")
    async with working(runner):
        await until(lambda: done(4))
    assert most == 1


async def test_stopping_waits_for_what_ends_in_time_and_gives_back_the_rest() -> None:
    registry = Registry()

    @registry.topic("test")
    async def handle(job: Job) -> None:
        await asyncio.sleep(float(job.payload["takes"]))

    short, long = await put("test", "a", payload={"takes": 0.1}), await put("test", "b", payload={"takes": 60})
    runner = Runner(registry, owner="w")
    await runner.claim_once()
    later = await put("test", "c", payload={"takes": 0})
    await runner.stop(0.4)
    assert await runner.claim_once() == 0
    assert [(await row(job))["state"] for job in (short, long, later)] == ["done", "ready", "ready"]
    assert ((await row(long))["attempts"], await attempts(long)) == (0, [(1, "released")])


async def test_the_end_is_recorded_though_the_database_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    test = Handlers(Receipt("r"))
    job = await put("test", "a")
    [held] = await leases.claim(test.registry.topics, {"test": 1}, limit=1, owner="test")
    real, calls = leases.finish, []

    async def away_twice(*args: Any) -> bool:
        calls.append(1)
        if len(calls) < 3:
            raise db.Unavailable("away")
        return await real(*args)

    monkeypatch.setattr(leases, "finish", away_twice)
    test.runner._start([held])
    await until(lambda: is_in(job, "done"))
    assert len(test.jobs) == 1
