"""Money under faults: API and worker processes that die, connections that end or hang, locks taken the wrong way."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from models.config import APP_ROLE, DATABASE
from tests.client import Answer, Api
from tests.faults.apis import ApiProcess, acknowledged, replayed
from tests.faults.load import Mutation, endure
from tests.faults.money import DOCUMENTS, MoneyLoad, MoneyStage, made_by, money_stage, move, payouts
from tests.faults.oracle import assert_whole
from tests.faults.proxy import Proxy, proxy
from tests.faults.test_api_faults import no_sessions
from tests.faults.workers import Broker, Crew
from tests.vouchers import left

KEY = "key-of-a-fault"
LONGEST = 10.0
"""Seconds in which a request whose database is out of reach is answered."""


def some(*default: str) -> list[object]:
    """Every mutation that moves money; those that are not named are for the long suite."""
    return [name if name in default else pytest.param(name, marks=pytest.mark.long) for name in DOCUMENTS]


@pytest.mark.parametrize("name", some("issueVouchers", "requestPayout"))
async def test_killed_before_the_commit_no_money_has_moved_and_the_retry_moves_it_once(
    api: Api, front: ApiProcess, victim: ApiProcess, name: str
) -> None:
    mutation = await move(api, front, name, KEY)

    async def die() -> None:
        await mutation.dies(victim, "uncommitted")
        await no_sessions(api, victim)

    assert await api.changes(die) == set()
    await once(api, front, mutation)


async def once(api: Api, front: ApiProcess, mutation: Mutation) -> None:
    """Nothing of it is there; its key does it, and then tells of it."""
    assert await mutation.found(api) == 0
    first, again = await mutation.insist(front), await mutation.insist(front)
    assert (replayed(first), replayed(again)) == (False, True)
    assert first.data == again.data
    assert await mutation.found(api) == mutation.effects == len(made_by(first))
    await assert_whole()


@pytest.mark.parametrize("name", some("recallVouchers"))
async def test_killed_between_commit_and_wake_up_the_notices_come_by_the_relay(
    api: Api, front: ApiProcess, victim: ApiProcess, post: Crew, name: str
) -> None:
    mutation = await move(api, front, name, KEY)
    post.start()
    await post.ready()
    await post.until(lambda: told_all(api))
    before = post.sent()
    start = time.monotonic()
    await mutation.dies(victim, "committed")

    await post.until(lambda: told_all(api))

    assert time.monotonic() - start < 3
    assert replayed(await mutation.insist(front))
    assert await mutation.found(api) == mutation.effects
    await assert_whole()
    sent = post.sent() - before
    assert len(sent) == NOTICES.get(name, 0)
    assert set(sent.values()) <= {1}


NOTICES = {"issueVouchers": 2, "recallVouchers": 2, "requestPayout": 1}


async def told_all(api: Api) -> bool:
    """Whether nothing waits to be sent."""
    return not await api.value("select count(*) from outbox where state <> 'done' and topic not like 'schedule%'")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_worker_killed_while_it_sends_the_notice_of_a_voucher_loses_none(
    api: Api, front: ApiProcess, post: Crew, when: str
) -> None:
    stage = await money_stage(api)
    post.environment["DIES"] = when
    post.start(2)
    await post.ready()
    start = time.monotonic()
    await stage.issue(KEY, *stage.customers).insist(front)

    await post.until(lambda: told_all(api))

    assert time.monotonic() - start < 1.0 + 1.0 + 2.0, "found by the relay, the lease, and two seconds"
    post.replace_dead()
    assert post.deaths == 1
    notices = Counter({key: count for key, count in post.sent().items() if key.startswith("notice:voucher_issued")})
    assert len(notices) == 2
    # The death may cut off what else its process had sent but not recorded: both at most.
    assert 2 <= notices.total() <= (4 if when == "after" else 3)
    assert await api.value("select count(*) from recorded_message where template = 'voucher_issued'") == 2
    assert await api.value("select count(*) from message where template = 'voucher_issued'") == 2
    await assert_whole()


async def money_storm(api: Api, front: ApiProcess, *, seconds: float, clients: int, seed: str) -> None:
    """About ten connections a second are ended while money moves."""
    paid = await payouts(api, seed, months=3)
    load = MoneyLoad(api, front, seed, stage=await money_stage(api), payouts=paid)
    await endure(load, seconds=seconds, clients=clients, pause=0.1)


async def test_connections_ended_at_random_leave_no_money_half_way(api: Api, front: ApiProcess) -> None:
    await money_storm(api, front, seconds=5, clients=4, seed="five seconds")


@pytest.mark.long
@pytest.mark.parametrize("seed", ["one", "two", "three"])
async def test_connections_ended_at_random_for_half_a_minute_leave_no_money_half_way(
    api: Api, front: ApiProcess, seed: str
) -> None:
    await money_storm(api, front, seconds=30, clients=6, seed=seed)


@asynccontextmanager
async def behind(
    api: Api, broker: Broker, folder: Path, request_timeout: float
) -> AsyncIterator[tuple[ApiProcess, Proxy]]:
    """An API process that reaches its database through a proxy, warm."""
    async with proxy(api.database.app_url) as wires:
        url = wires.url(APP_ROLE, DATABASE)
        front = ApiProcess(url, broker.url, folder, REQUEST_TIMEOUT=str(request_timeout))
        try:
            yield await front.ready(), wires
            await front.pool_is_whole(within=LONGEST)
        finally:
            await front.stop()


@pytest.mark.parametrize(
    ("request_timeout", "name"), [(2.0, "issueVouchers"), pytest.param(10.0, "requestPayout", marks=pytest.mark.long)]
)
async def test_an_answer_to_the_commit_that_never_comes_is_resolved_by_the_key(
    api: Api, front_broker: Broker, tmp_path: Path, request_timeout: float, name: str
) -> None:
    """The product's own time-out is ten seconds, where the driver gives up before; two make the request end first."""
    async with behind(api, front_broker, tmp_path, request_timeout) as (front, wires):
        mutation = await move(api, front, name, KEY)
        wires.deadly = KEY.encode()

        assert await answered(mutation, front) is None

        assert await mutation.found(api) == mutation.effects
        assert replayed(await mutation.insist(front))
        assert await mutation.found(api) == mutation.effects
    await assert_whole()


async def answered(mutation: Mutation, front: ApiProcess) -> Answer | None:
    """What a mutation was told in the time there is: done, or to come back."""
    start = time.monotonic()
    answer = await mutation.once(front)
    assert time.monotonic() - start < LONGEST + 0.5, "the deadline, and half a second to say so"
    return answer


@pytest.mark.long
async def test_a_commit_that_never_arrives_is_done_by_the_key(api: Api, front_broker: Broker, tmp_path: Path) -> None:
    async with behind(api, front_broker, tmp_path, 10.0) as (front, wires):
        mutation = await move(api, front, "issueQuotaToResellers", KEY)
        wires.deadly, wires.passes_commit = KEY.encode(), False

        assert await answered(mutation, front) is None

        # The server keeps the transaction, and the quota, until its client has been idle for ten seconds.
        await once(api, front, mutation)


@pytest.mark.long
@pytest.mark.parametrize("request_timeout", [2.0, 10.0])
async def test_a_network_that_is_cut_and_heals_moves_each_amount_once(
    api: Api, front_broker: Broker, tmp_path: Path, request_timeout: float
) -> None:
    async with behind(api, front_broker, tmp_path, request_timeout) as (front, wires):
        stage = await money_stage(api)
        wires.latency = 0.002
        moves = [stage.issue(f"{KEY}-{number}", stage.customers[0]) for number in range(8)]
        running = [asyncio.create_task(answered(mutation, front)) for mutation in moves]
        await asyncio.sleep(0.15)
        wires.blackhole()
        done = [answer is not None for answer in await asyncio.gather(*running)]
        assert not await answered(moves[0], front) or done[0]
        wires.heal()

        start = time.monotonic()
        await moves[0].insist(front)
        sys.stderr.write(f"\n{sum(done)} of {len(moves)} done; healed, served after {time.monotonic() - start:.2f} s\n")
        for mutation, was_done in zip(moves, done, strict=True):
            assert await mutation.found(api) == 1 or not was_done
            await mutation.insist(front)
            assert await mutation.found(api) == 1
        assert await left(api, stage.quotas[0]) == 100_000_000 - 800
    await assert_whole()


@pytest.mark.parametrize("how", [pytest.param("drop", marks=pytest.mark.long), "reset"])
async def test_connections_that_end_in_the_middle_are_replaced(
    api: Api, front_broker: Broker, tmp_path: Path, how: str
) -> None:
    async with behind(api, front_broker, tmp_path, 10.0) as (front, wires):
        stage = await money_stage(api)
        wires.latency = 0.002
        for number in range(4):
            mutation = stage.issue(f"{KEY}-{number}", *stage.customers)
            sending = asyncio.create_task(answered(mutation, front))
            await asyncio.sleep(0.02 + 0.03 * number)
            getattr(wires, how)()
            assert await sending is None or await mutation.found(api) == 2
            await mutation.insist(front)
            assert await mutation.found(api) == 2
        assert await left(api, stage.quotas[0]) == 100_000_000 - 800
    await assert_whole()


async def recalls(front: ApiProcess, stage: MoneyStage, number: int) -> Mutation:
    """Takes back a voucher of each quota."""
    issued = [
        made_by(await stage.issue(f"issue-{number}-{quota}", stage.customers[0], quota=quota).insist(front))[0]
        for quota in (0, 1)
    ]
    return stage.recall(f"recall-{number}", *issued)


async def deadlocks(api: Api, victim: ApiProcess, *, callers: int) -> None:
    """Recalls over the same two quotas, half of which lock the accounts from the wrong end."""
    stage = await money_stage(api)
    mutations = [await recalls(victim, stage, number) for number in range(callers)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> int:
        """Insists; how often it had to."""
        async with gate:
            order, tries, mutation = ("ascending", "descending")[number % 2], 1, mutations[number]
            while not await undisturbed(victim, mutation, order, f"storm-{number}-{tries}"):
                tries += 1
            return tries

    sent = sum(await asyncio.gather(*(one(number) for number in range(callers))))
    tries = Counter(line.split()[0] for line in victim.commits.read_text().splitlines())
    sys.stderr.write(f"\n{callers} recalls, {sent} requests, {tries.total()} tries, at most {max(tries.values())}\n")
    assert 1 < max(tries.values()) <= 3, "a deadlock was met, and tried three times at most"
    assert await left(api, stage.quotas[0]) == await left(api, stage.quotas[1]) == 100_000_000
    for mutation in mutations:
        assert await mutation.found(api) == 2
    await victim.pool_is_whole()
    await assert_whole()


AT_ONCE = 16
"""Fewer than the pool's connections: all of them are to meet in the locks."""


async def undisturbed(victim: ApiProcess, mutation: Mutation, order: str, name: str) -> bool:
    """Whether it was done; else it was told UNAVAILABLE and to try again, or an earlier try was still ending."""
    answer = await victim.send(mutation.document, mutation.token, order, name, **mutation.given)
    if "errors" in answer.body:
        assert answer.error["code"] == "UNAVAILABLE", answer.body
        assert answer.status in (503, 200)
    return acknowledged(answer, mutation.field_name) is not None


@pytest.fixture
async def quick_to_see_deadlocks(api: Api) -> AsyncIterator[None]:
    """The server looks for deadlocks after fifty milliseconds of waiting instead of a second: many fit into a test."""
    await api.database.superuser.execute("alter system set deadlock_timeout = '50ms'")
    await api.database.superuser.execute("select pg_reload_conf()")
    yield
    await api.database.superuser.execute("alter system reset deadlock_timeout")
    await api.database.superuser.execute("select pg_reload_conf()")


async def test_a_few_deadlocks_are_tried_again_unseen(
    api: Api, victim: ApiProcess, quick_to_see_deadlocks: None
) -> None:
    await deadlocks(api, victim, callers=6)


@pytest.mark.long
async def test_a_storm_of_deadlocks_ends_with_every_effect_once(
    api: Api, victim: ApiProcess, quick_to_see_deadlocks: None
) -> None:
    await deadlocks(api, victim, callers=60)
