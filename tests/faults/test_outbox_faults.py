"""Whatever happens to the workers: nothing is lost, and nothing is done twice but by the deaths themselves."""

import asyncio
import signal
import subprocess
import time

import pytest

from tests.database import Database
from tests.faults.workers import Crew
from tests.tasks.tables import attempts, put, row, sql


async def all_done(count: int) -> bool:
    """Whether so many messages are done (the schedule's own rows do not count)."""
    rows = await sql("select count(*) as n from outbox where state = 'done' and topic = 'send'")
    return bool(rows[0]["n"] == count)


async def in_state(job: int, state: str) -> bool:
    """Whether the row is in the state."""
    return bool((await row(job))["state"] == state)


async def provoke(crew: Crew, *, messages: int, kills: int, workers: int) -> None:
    """Delivers messages of which some kill their worker while it sends, before or after the outside world has it."""
    for n in range(messages):
        deadly = n % (messages // kills) == 0 and n // (messages // kills) < kills
        payload = {"kills": 1, "when": ("before", "after")[n // (messages // kills) % 2]} if deadly else {}
        await put("send", f"m{n}", payload=payload)
    crew.start(workers)
    await crew.until(lambda: all_done(messages), supervised=True)
    sent = crew.sent()
    assert set(sent) == {f"send:m{n}" for n in range(messages)}, "nothing is lost, nothing is invented"
    crew.replace_dead()
    assert crew.deaths == kills
    assert await sql("select id from outbox where crashes > 2") == []


@pytest.mark.long
async def test_a_worker_killed_while_sending_loses_nothing(crew: Crew) -> None:
    await provoke(crew, messages=40, kills=2, workers=2)
    # Each death may cut off what else its process had sent but not recorded: at most the places of the topic.
    assert sum(crew.sent().values()) - 40 <= 2 * 20


@pytest.mark.long
async def test_eight_kills_in_a_thousand_messages_lose_nothing(crew: Crew) -> None:
    await provoke(crew, messages=1000, kills=8, workers=3)
    assert sum(crew.sent().values()) - 1000 <= 8 * 20


async def test_the_effect_of_a_killed_worker_comes_within_its_lease_and_two_seconds(crew: Crew) -> None:
    crew.start(2)
    await crew.ready()
    job = await put("send", "a", payload={"kills": 1, "when": "before"})
    start = time.monotonic()
    await crew.until(lambda: in_state(job, "done"))
    assert crew.sent() == {"send:a": 1}
    assert time.monotonic() - start < 1.0 + 1.0 + 2.0, "found by the relay, the lease, and two seconds"
    assert await attempts(job) == [(1, "crashed"), (2, "done")]


@pytest.mark.long
async def test_poison_is_dead_after_three_crashes_and_the_others_go_on(crew: Crew) -> None:
    poison = await put("poison", "p")
    jobs = [await put("send", f"m{n}", payload={"takes": 0.05}) for n in range(30)]
    crew.start()
    await crew.until(lambda: in_state(poison, "dead"), supervised=True)
    await crew.until(lambda: all_done(len(jobs)), supervised=True)
    assert crew.deaths == 3
    assert await attempts(poison) == [(1, "crashed"), (2, "crashed"), (3, "crashed")]
    assert set(crew.sent()) == {f"send:m{n}" for n in range(30)}


@pytest.mark.long
async def test_a_worker_stopped_beyond_its_lease_is_fenced_off(crew: Crew) -> None:
    job = await put("send", "a", payload={"takes": 0.6})
    crew.start()
    await crew.until(lambda: in_state(job, "leased"))
    [stopped] = crew.workers
    stopped.send_signal(signal.SIGSTOP)
    crew.start()
    await crew.until(lambda: in_state(job, "done"))
    before = await row(job)
    stopped.send_signal(signal.SIGCONT)
    await crew.until(lambda: first_outcome(job, "late"))
    after = await row(job)
    assert {**after, "now": 0, "wait": 0} == {**before, "now": 0, "wait": 0}
    assert (after["fence"], after["crashes"]) == (2, 1)
    assert await attempts(job) == [(1, "late"), (2, "done")]
    assert set(crew.sent()) == {"send:a"}


async def first_outcome(job: int, outcome: str) -> bool:
    """How the row's first attempt ended."""
    return (await attempts(job))[0][1] == outcome


@pytest.mark.long
async def test_a_worker_whose_loop_is_blocked_beyond_the_lease_is_fenced_off(crew: Crew) -> None:
    crew.start(2)
    await crew.ready()
    job = await put("send", "a", payload={"blocks": 3})
    await crew.until(lambda: in_state(job, "done"))
    await crew.until(lambda: first_outcome(job, "late"))
    assert await attempts(job) == [(1, "late"), (2, "done")]
    assert (await row(job))["provider_ref"] == f"ref-{job}"


@pytest.mark.long
async def test_a_job_longer_than_its_lease_is_done_once(crew: Crew) -> None:
    crew.start(2)
    job = await put("send", "a", payload={"takes": 2.5})
    await crew.until(lambda: in_state(job, "done"))
    assert await attempts(job) == [(1, "done")]


async def test_sigterm_gives_leases_back_and_the_next_worker_goes_on(crew: Crew) -> None:
    short, long = await put("send", "a", payload={"takes": 0.5}), await put("send", "b", payload={"takes": 4})
    crew.start()
    await crew.until(lambda: in_state(long, "leased"))
    [worker] = crew.workers
    start = time.monotonic()
    worker.terminate()
    await crew.until(lambda: ended(worker), timeout=10)
    assert worker.returncode == 0
    assert time.monotonic() - start < 1 + 2, "the settings' shutdown_timeout, and a little"
    assert [(await row(job))["state"] for job in (short, long)] == ["done", "ready"]
    assert ((await row(long))["attempts"], await attempts(long)) == (0, [(1, "released")])
    assert crew.sent() == {"send:a": 1}


async def ended(worker: "subprocess.Popen[bytes]") -> bool:
    """Whether the process has ended."""
    return worker.poll() is not None


async def test_lost_database_connections_do_not_end_a_worker(crew: Crew, tables: Database) -> None:
    crew.start()
    await crew.ready()
    jobs = []
    for n in range(3):
        jobs.append(await put("send", f"m{n}"))
        await tables.superuser.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crew'"
        )
        await asyncio.sleep(0.3)
    await crew.until(lambda: all_done(len(jobs)))
    assert crew.workers[0].poll() is None


@pytest.mark.long
async def test_slots_missed_while_all_workers_were_down_run_once_each_by_five_racing_workers(crew: Crew) -> None:
    crew.start(2)
    await crew.until(lambda: enough_slots(crew, 3))
    crew.stop_workers()
    (killed,) = await sql("select count(*) as number from schedule_run where job = 'second' and state = 'due'")
    await asyncio.sleep(4)
    crew.start(5)
    await crew.until(lambda: enough_slots(crew, 14))  # a killed worker's slot waits for its lease
    slots = crew.slots()
    twice = sum(slots.values()) - len(slots)
    assert max(slots.values()) <= 2 and twice <= killed["number"], "what was under way in a killed worker may run again"
    recorded = await sql(
        "select extract(epoch from slot)::bigint as at from schedule_run where job = 'second' order by 1"
    )
    instants = [one["at"] for one in recorded]
    assert instants == list(range(instants[0], instants[-1] + 1)), "no slot is missing"


async def enough_slots(crew: Crew, count: int) -> bool:
    """Whether so many slots have run."""
    return len(crew.slots()) >= count
