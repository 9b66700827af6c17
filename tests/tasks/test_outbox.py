"""The outbox in one process: claims, order, retries, ends."""

import asyncio

import pytest

from core import db
from core.scope import EVERYTHING, NOTHING
from gateways.delivery import Receipt, TerminalFailure, TransientFailure
from tasks.outbox import Job, OnDead, Postponed, Registry, Runner, leases
from tests.tasks.running import Handlers, done, is_in, until, working
from tests.tasks.tables import attempts, put, row, sql, states

pytestmark = pytest.mark.usefixtures("tables")


async def test_a_job_is_carried_out_with_its_facts_and_its_receipt_kept() -> None:
    test = Handlers(Receipt("prov-1"))
    job = await put("test", "invite:42", payload={"id": "x", "n": 3})
    await test.runner.finish_all()
    assert test.jobs == [Job(job, "test", "invite:42", {"id": "x", "n": 3}, 1, 1)]
    assert test.jobs[0].key == "test:invite:42"
    after = await row(job)
    assert (after["state"], after["provider_ref"], after["lease_until"], after["last_error"]) == (
        "done",
        "prov-1",
        None,
        None,
    )
    assert after["finished_at"] is not None
    assert await attempts(job) == [(1, "done")]


async def test_the_handler_runs_outside_of_any_transaction() -> None:
    registry = Registry()
    seen = []

    @registry.topic("test")
    async def handle(_job: Job) -> None:
        seen.append(db.in_transaction())

    await put("test", "a")
    await Runner(registry, owner="w").finish_all()
    assert seen == [False]


async def test_rows_of_unknown_topics_and_of_later_are_left_alone() -> None:
    test = Handlers()
    stranger, later = await put("other", "a"), await put("test", "b", run_in=60)
    await test.runner.finish_all()
    assert test.jobs == []
    assert (await row(stranger))["state"] == (await row(later))["state"] == "ready"


async def test_three_workers_run_each_job_exactly_once() -> None:
    tests = [Handlers(concurrency=7) for _ in range(3)]
    jobs = [await put("test", str(n)) for n in range(120)]
    async with working(*(test.runner for test in tests)):
        await until(lambda: done(120))
    ran = sorted(job.id for test in tests for job in test.jobs)
    assert ran == jobs
    assert all(test.jobs for test in tests)


async def test_an_aggregate_keeps_its_order_among_workers_and_has_one_in_flight() -> None:
    order: dict[str, list[int]] = {"a": [], "b": []}
    flying: set[str] = set()
    registry = Registry()

    @registry.topic("test", base=0.01, cap=0.01, concurrency=8)
    async def handle(job: Job) -> None:
        name = str(job.payload["agg"])
        assert name not in flying
        flying.add(name)
        await asyncio.sleep(0.01)
        flying.discard(name)
        if job.payload["n"] == 3 and job.attempt == 1:
            raise TransientFailure("later")
        order[name].append(job.payload["n"])

    for n in range(8):
        for name in order:
            await put("test", f"{name}{n}", aggregate=name, payload={"agg": name, "n": n})
    runners = [Runner(registry, owner=f"w{n}") for n in range(3)]
    async with working(*runners):
        await until(lambda: done(16))
    assert order == {"a": list(range(8)), "b": list(range(8))}


async def test_a_smaller_id_that_commits_later_waits_for_the_one_in_flight() -> None:
    test = Handlers()
    first, second = await put("test", "1", aggregate="a"), await put("test", "2", aggregate="a")
    await sql("update outbox set run_at = now() + interval '1 hour', aggregate = 'elsewhere' where id = $1", first)
    [held] = await leases.claim(test.registry.topics, {"test": 5}, limit=5, owner="w")
    assert held.job.id == second
    await sql("update outbox set run_at = now(), aggregate = 'a' where id = $1", first)
    assert await leases.claim(test.registry.topics, {"test": 5}, limit=5, owner="w") == []
    with pytest.raises(db.ConstraintViolated, match="outbox_one_in_flight"):
        await sql("update outbox set state = 'leased', lease_until = now() where id = $1", first)
    assert await leases.finish(held, leases.Ending("done"))
    assert [one.job.id for one in await leases.claim(test.registry.topics, {"test": 5}, limit=5, owner="w")] == [first]


@pytest.mark.parametrize(("on_dead", "second"), [(OnDead.SKIP, "done"), (OnDead.BLOCK, "ready")])
async def test_a_dead_head_lets_its_aggregate_go_on_or_blocks_it(on_dead: OnDead, second: str) -> None:
    test = Handlers(TerminalFailure("gone"), on_dead=on_dead)
    head, tail = await put("test", "1", aggregate="a"), await put("test", "2", aggregate="a")
    free = await put("test", "3", aggregate="b")
    await test.runner.finish_all()
    assert [(await row(job))["state"] for job in (head, tail, free)] == ["dead", second, "done"]


async def test_concurrency_bounds_the_jobs_of_a_topic_in_flight() -> None:
    registry, most, now = Registry(), 0, 0

    @registry.topic("test", concurrency=3)
    async def handle(_job: Job) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1

    for n in range(12):
        await put("test", str(n))
    await Runner(registry, owner="w").finish_all()
    assert most == 3
    assert await states() == {"done": 12}


@pytest.mark.parametrize(
    ("failures", "low", "high"), [(1, 1.0, 2.0), (2, 2.0, 4.0), (3, 4.0, 8.0), (6, 5.0, 10.0), (1000, 5.0, 10.0)]
)
def test_waiting_doubles_up_to_the_cap_and_half_of_it_is_random(failures: int, low: float, high: float) -> None:
    registry = Registry()
    registry.topic("test", base=2, cap=10)(Handlers().handle)
    delays = [registry.topics["test"].delay(failures) for _ in range(300)]
    assert low <= min(delays) < low + (high - low) / 4
    assert high - (high - low) / 4 < max(delays) <= high


async def test_a_transient_failure_waits_its_turn_and_is_tried_again() -> None:
    test = Handlers(TransientFailure("HTTP 503"), base=20, cap=60)
    job = await put("test", "a")
    await test.runner.finish_all()
    after = await row(job)
    assert after["state"] == "ready"
    assert 9 < after["wait"] <= 20
    assert after["last_error"] == "TransientFailure: HTTP 503"
    await sql("update outbox set run_at = now() where id = $1", job)
    await test.runner.finish_all()
    assert [one.attempt for one in test.jobs] == [1, 2]
    assert [one.fence for one in test.jobs] == [1, 2]
    assert await attempts(job) == [(1, "retry"), (2, "done")]


@pytest.mark.parametrize(("asked", "low", "high"), [(120.0, 119, 120), (1.0, 9, 20), (1e9, 86_399, 86_400)])
async def test_the_providers_waiting_time_is_honoured_within_a_day(asked: float, low: float, high: float) -> None:
    test = Handlers(TransientFailure("HTTP 429", retry_after=asked), base=20)
    job = await put("test", "a")
    await test.runner.finish_all()
    assert low <= (await row(job))["wait"] <= high


async def test_the_last_permitted_failure_is_death() -> None:
    failures = [ConnectionResetError("peer 10.0.0.7 secret"), TimeoutError(), TransientFailure("HTTP 500")]
    test = Handlers(*failures, base=0.001, cap=0.001)
    job = await put("test", "a", max_attempts=3)
    async with working(test.runner):
        await until(lambda: is_in(job, "dead"))
    assert await attempts(job) == [(1, "retry"), (2, "retry"), (3, "dead")]
    errors = await sql("select detail from outbox_attempt where outbox_id = $1 order by id", job)
    assert [one["detail"] for one in errors] == ["ConnectionResetError", "TimeoutError", "TransientFailure: HTTP 500"]


async def test_the_topics_ceiling_counts_when_the_row_asks_for_more() -> None:
    test = Handlers(TransientFailure("no"), max_attempts=1)
    job = await put("test", "a", max_attempts=12)
    await test.runner.finish_all()
    assert await is_in(job, "dead")


async def test_a_terminal_failure_is_death_at_once() -> None:
    test = Handlers(TerminalFailure("the number is not in use"))
    job = await put("test", "a")
    await test.runner.finish_all()
    after = await row(job)
    assert (after["state"], after["last_error"]) == ("dead", "TerminalFailure: the number is not in use")
    assert await attempts(job) == [(1, "dead")]


@pytest.mark.parametrize("defect", [ValueError("+86 138 0013 8000"), SystemExit(3), asyncio.CancelledError()])
async def test_a_defect_is_tried_three_times_and_its_text_is_not_kept(defect: BaseException) -> None:
    test = Handlers(defect, defect, defect, base=0.001, cap=0.001)
    job = await put("test", "a")
    async with working(test.runner):
        await until(lambda: is_in(job, "dead"))
    assert await attempts(job) == [(1, "error"), (2, "error"), (3, "dead")]
    assert (await row(job))["last_error"] == type(defect).__name__


async def test_a_handler_that_does_not_end_in_time_is_tried_again() -> None:
    registry = Registry()

    @registry.topic("test", timeout=0.05)
    async def handle(_job: Job) -> None:
        await asyncio.sleep(60)

    job = await put("test", "a")
    await Runner(registry, owner="w").finish_all()
    assert (await row(job))["last_error"] == "TimeoutError"
    assert await is_in(job, "ready")


async def test_an_expired_job_is_cancelled_unsent_and_a_living_one_is_sent() -> None:
    test = Handlers()
    stale, fresh = await put("test", "a", expires_in=-0.001), await put("test", "b", expires_in=30.0)
    await test.runner.finish_all()
    assert [job.id for job in test.jobs] == [fresh]
    after = await row(stale)
    assert (after["state"], after["attempts"]) == ("cancelled", 0)
    assert after["finished_at"] is not None
    assert await attempts(stale) == []


async def test_expired_jobs_hold_up_no_living_one_behind_them() -> None:
    test = Handlers(concurrency=2)
    stale = [await put("test", f"stale {n}", expires_in=-0.001) for n in range(5)]
    suspect = await put("test", "suspect", expires_in=-0.001)
    await sql("update outbox set crashes = 1 where id = $1", suspect)
    fresh, retried = await put("test", "fresh", expires_in=30.0), await put("test", "retried", expires_in=30.0)
    await sql("update outbox set crashes = 1 where id = $1", retried)
    assert await test.runner.claim_once() == 2
    await test.runner.finish_all()
    assert sorted(job.id for job in test.jobs) == [fresh, retried]
    assert [(await row(job))["state"] for job in (*stale, suspect)] == ["cancelled"] * 6


async def test_a_retry_later_than_the_expiry_is_cancelled_at_the_expiry() -> None:
    test = Handlers(TransientFailure("no"), base=500, cap=500)
    job = await put("test", "a", expires_in=0.3)
    await test.runner.finish_all()
    assert (await row(job))["wait"] < 0.3
    async with working(test.runner):
        await until(lambda: is_in(job, "cancelled"))
    assert len(test.jobs) == 1


async def test_no_tenant_can_read_the_outbox_but_any_may_write_it() -> None:
    await put("test", "a")
    async with db.transaction(NOTHING):
        assert await db.fetch("select id from outbox") == []
        await db.fetch(
            "insert into outbox (topic, dedup_key, payload, max_attempts, run_at, created_at)"
            " values ('test', 'a', '{}', 1, now(), now()), ('test', 'b', '{}', 1, now(), now()) on conflict do nothing"
        )
    async with db.transaction(EVERYTHING):
        assert len(await db.fetch("select id from outbox")) == 2


def test_a_topic_has_one_handler() -> None:
    test = Handlers()
    with pytest.raises(ValueError, match="topic test has a handler already"):
        test.registry.topic("test")(test.handle)


async def test_a_postponed_job_waits_as_long_as_it_says_and_that_was_no_try() -> None:
    three_days = 3 * 86_400.0
    test = Handlers(Postponed(three_days), Postponed(0), Postponed(0), Postponed(0), TransientFailure("later"))
    job = await put("test", "1", max_attempts=2)
    await test.runner.finish_all()
    found = await row(job)
    assert (found["state"], found["attempts"], found["last_error"]) == ("ready", 0, None)
    assert three_days - 60 < found["wait"] <= three_days
    for _ in range(2):
        await sql("update outbox set run_at = now() where id = $1", job)
        await test.runner.finish_all()
    assert (await row(job))["state"] == "done"
    outcomes = [outcome for _, outcome in await attempts(job)]
    assert outcomes == ["postponed", "postponed", "postponed", "postponed", "retry", "done"]
