"""A request cancelled at every place where it waits: no connection lost, nothing half written, the next one works."""

import asyncio
import gc
import sys
from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from app import Parts, create_app
from core import db
from core.http.budget import Rate
from core.scope import EVERYTHING
from models.config import APP_ROLE
from schema.context import Runtime, context_factory
from tests.client import Api
from tests.faults.apis import UNBIND, Target, targets, token_of
from tests.faults.oracle import assert_whole
from tests.world import World, world

QUERY = (
    "{ viewer { id } associationRequests { totalCount { value } nodes { id actions { action blockers { code } }"
    " association { customer { id } partner { id } } } } }"
)
# graphql-core has coroutines of fields at hand that it never starts when the operation is cancelled: nothing is held.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
MOST_STEPS = 400
POOL = 20


@dataclass
class Fuse:
    """Counts every wait of a request's task and of the tasks it starts, and cancels the request at the `at`-th.

    `late` cancels once what is waited for has come and the waiting task has not run yet; otherwise before it can come.
    """

    at: int
    late: bool
    steps: int = 0
    task: "asyncio.Task[Any] | None" = None

    async def burn(self, work: Coroutine[Any, Any, None]) -> bool:
        """Runs the request; False when it ended before that step."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(self._start)
        try:
            task = self.task = loop.create_task(work)
            await asyncio.wait({task}, timeout=15)
        finally:
            loop.set_task_factory(None)
            gc.collect(0)  # what was never started is complained of here, where the complaint is expected
        assert task.done(), "the request hangs"
        return self.steps >= self.at

    def _start(self, loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> "asyncio.Task[Any]":
        return asyncio.Task(self._drive(work), loop=loop, **more)

    async def _drive(self, work: Any) -> Any:
        return await _Driven(self, work)

    def count(self, waited: Any) -> None:
        """One more wait; perhaps the one."""
        self.steps += 1
        if self.steps != self.at or self.task is None:
            return
        if self.late and isinstance(waited, asyncio.Future):
            waited.add_done_callback(lambda _: self.task and self.task.cancel())
        else:
            self.task.cancel()


@dataclass
class _Driven:
    fuse: Fuse
    work: Any

    def __await__(self) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        while True:
            try:
                waited = self.work.send(None) if error is None else self.work.throw(error)
            except StopIteration as end:
                return end.value
            self.fuse.count(waited)
            error = None
            try:
                yield waited
            except BaseException as thrown:
                error = thrown


@dataclass
class Request:
    """One POST, as the server calls the application."""

    application: Any
    token: str
    body: dict[str, Any]
    clean: bool = True
    status: int = 0
    answer: bytes = b""

    async def __call__(self) -> None:
        """Sends it; afterwards `clean` says whether the task's context was left without a transaction."""
        try:
            await self.application(self._scope(), self._receive, self._send)
        finally:
            self.clean = not db.in_transaction()

    def _scope(self) -> dict[str, Any]:
        headers = {
            "content-type": "application/json",
            "accept": "application/graphql-response+json",
            "authorization": f"Bearer {self.token}",
        }
        return {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": b"",
            "scheme": "http",
            "client": ("203.0.113.9", 4000),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }

    async def _receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": orjson.dumps(self.body), "more_body": False}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.answer += message.get("body", b"")

    async def cancelled_at(self, step: int, *, late: bool) -> bool:
        """Runs it with a fuse; False when it ended before that step."""
        return await Fuse(step, late).burn(self())

    async def run(self) -> dict[str, Any]:
        """Runs it to its end."""
        await self()
        answer: dict[str, Any] = orjson.loads(self.answer)
        return answer


async def pool_is_whole() -> None:
    """No connection stays lent: what a cancelled request left behind is back within a second."""
    for _ in range(200):
        idle, size = db.pool_idle_and_size()
        if idle == size:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"{idle} of {size} connections idle")


async def server_is_quiet(api: Api) -> None:
    """Waits until no connection works any more: a COMMIT may be on its way though nobody waits for its answer."""
    busy = "select pid, state, wait_event, query from pg_stat_activity where usename = $1 and state <> 'idle'"
    for _ in range(500):
        found = await api.rows(busy, APP_ROLE)
        if not found:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"still at work: {[dict(row) for row in found]}")


async def written(api: Api, target: Target, key: str) -> set[int]:
    """How many rows each table has of the mutation: all the same, none or one."""
    request = "(select id from association_request where customer_id = $1)"
    counts = await api.rows(
        f"""
        select (select count(*) from association_request where customer_id = $1),
          (select count(*) from association_record where request_id in {request}),
          (select count(*) from event where subject_id in {request}),
          (select count(*) from audit where subject_id in {request}),
          (select count(*) from idempotency where key = $2),
          (select count(*) / 2 from outbox where exists (
            select from {request} r where dedup_key like '%' || r.id || '%'))
        """,
        target.row_id,
        key,
    )
    return set(counts[0].values())


async def application_of(api: Api) -> Any:
    """The product's application on the test's pool, with the test's clock and all the request budget one may want."""
    runtime = Runtime(api.settings, api.wakeup, api.clock)
    return create_app(api.settings, Parts(context_factory=context_factory(runtime), rate=Rate(10**9, 10**8)))


def unbind(application: Any, stage: World, target: Target, key: str) -> Request:
    body = {"query": UNBIND, "variables": {"input": target.unbinding(key)}}
    return Request(application, token_of(stage.main.client), body)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_a_mutation_cancelled_at_every_step(api: Api, late: bool) -> None:
    stage, application = await world(api), await application_of(api)
    committed, survived, step = 0, 0, 0
    while True:
        step += 1
        assert step < MOST_STEPS
        [target] = await targets(api, stage, 1)
        key = f"fuzzed-{late}-{step}"
        request = unbind(application, stage, target, key)
        if not await request.cancelled_at(step, late=late):
            break
        await pool_is_whole()
        await server_is_quiet(api)
        assert request.clean and not db.in_transaction()
        counts = await written(api, target, key)
        assert counts in ({0}, {1}), f"half written at step {step}: {counts}"
        committed += counts == {1}
        survived += bool(request.answer)

        again = await unbind(application, stage, target, key).run()

        assert again["data"]["requestUnbind"]["userErrors"] == [], f"step {step}: {again}"
        assert ("idempotency" in again["extensions"]) == (counts == {1})
        assert await written(api, target, key) == {1}
    sys.stderr.write(f"\n{step - 1} steps, {committed} behind the commit, {survived} answered all the same\n")
    assert step > 8, "the fuse must have found many places"
    assert 0 < committed < step - 1, "some steps lie before the commit, some behind it"
    gc.collect()
    await assert_whole()


async def test_a_refused_mutation_cancelled_at_every_step(api: Api) -> None:
    stage, application = await world(api), await application_of(api)
    [target] = await targets(api, stage, 1)
    body = {"query": UNBIND, "variables": {"input": target.unbinding("refused-by-a-rule") | {"acknowledged": False}}}
    step = 0
    while True:
        step += 1
        assert step < MOST_STEPS
        request = Request(application, token_of(stage.main.client), body)
        if not await request.cancelled_at(step, late=False):
            break
        assert request.clean and not request.answer, f"the cancellation at step {step} was not heard"
        await pool_is_whole()
        await server_is_quiet(api)
        assert await written(api, target, "refused-by-a-rule") == {0}
    assert step > 8
    gc.collect()
    await assert_whole()


@pytest.mark.parametrize("cold", [False, pytest.param(True, marks=pytest.mark.long)], ids=["warm", "cold"])
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_a_query_cancelled_at_every_step(api: Api, late: bool, cold: bool) -> None:
    stage, application = await world(api), await application_of(api)
    for number, target in enumerate(await targets(api, stage, 3)):
        await unbind(application, stage, target, f"for-the-query-{number}").run()
    step = 0
    while True:
        step += 1
        assert step < MOST_STEPS
        request = Request(application, token_of(stage.main.client), {"query": QUERY})
        if cold:
            await db._pool().expire_connections()  # so that the request must connect first
        if not await request.cancelled_at(step, late=late):
            break
        await pool_is_whole()
        assert request.clean and not db.in_transaction()
    answer = await Request(application, token_of(stage.main.client), {"query": QUERY}).run()
    assert "errors" not in answer
    assert answer["data"]["associationRequests"]["totalCount"]["value"] == 3
    sys.stderr.write(f"\n{step - 1} steps\n")
    assert step > 8
    gc.collect()
    await pool_is_whole()
    await assert_whole()


async def test_requests_cancelled_as_they_get_the_connection_they_waited_for(api: Api) -> None:
    stage, application = await world(api), await application_of(api)
    token = token_of(stage.main.client)
    for turns in range(8):
        release, holding = asyncio.Event(), [0]
        holders = [asyncio.create_task(hold(release, holding)) for _ in range(POOL)]
        while holding[0] < POOL:
            await asyncio.sleep(0)
        waiting = [asyncio.create_task(Request(application, token, {"query": QUERY})()) for _ in range(40)]
        await asyncio.sleep(0.02)
        release.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in waiting[::2]:
            task.cancel()
        await asyncio.wait({*holders, *waiting})
        await pool_is_whole()
        assert all(task.cancelled() or task.exception() is None for task in waiting)
        assert not any(task.cancelled() for task in waiting[1::2])
    gc.collect()
    await assert_whole()


async def hold(release: asyncio.Event, holding: list[int]) -> None:
    """Keeps one connection until told."""
    async with db.read(EVERYTHING):
        holding[0] += 1
        await release.wait()
