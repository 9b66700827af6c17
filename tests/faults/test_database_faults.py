"""A database that restarts or loses connections under load: what was acknowledged is there once, the rest at most."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from core import db
from core.migrate import migrate
from core.servers import PostgresServer
from core.urls import parse_url
from models.config import APP_ROLE, DATABASE, OWNER_ROLE, surface, tortoise_config
from tests.client import Answer, Api, make_api
from tests.database import Database
from tests.faults.apis import (
    ASK_CODE,
    UNBIND,
    VIEWER,
    WITHDRAW,
    ApiProcess,
    Target,
    acknowledged,
    chance,
    code_for,
    insist,
    mobile,
    open_limits,
    replayed,
    stage_now,
    targets,
)
from tests.faults.oracle import assert_whole
from tests.faults.workers import Broker, Crew


@dataclass
class Sent:
    """One mutation of the load, and whether its success was acknowledged. `counted` finds its rows."""

    document: str
    field_name: str
    token: str | None
    given: dict[str, Any]
    counted: tuple[str, Any]
    acknowledged: bool = False


@dataclass
class Load:
    """A scripted, seeded day of several clients, and the journal of what they were told."""

    api: Api
    front: ApiProcess
    token: str
    seed: str
    journal: list[Sent] = field(default_factory=list)
    failures: int = 0
    stopped: bool = False

    async def run(self, client: int, stock: list[Target]) -> None:
        """One client: asks to unbind and takes it back, asks for codes, each with a key; some give up at once."""
        for number, target in enumerate(stock):
            if self.stopped:
                return
            await self._code(client * 1000 + number)
            key = f"unbind-{self.seed}-{client}-{number}"
            count = ("select count(*) from association_request where customer_id = $1", target.row_id)
            answer = await self._try(UNBIND, "requestUnbind", self.token, target.unbinding(key), count)
            if answer is not None:
                await self._withdraw(answer.data["requestUnbind"]["request"]["id"], f"back-{key}", target)

    async def _withdraw(self, request: str, key: str, target: Target) -> None:
        given = {"id": request, "idempotencyKey": key}
        query = "select count(*) from association_record where result = 'WITHDRAWN' and customer_id = $1"
        await self._try(WITHDRAW, "withdrawAssociationRequest", self.token, given, (query, target.row_id))

    async def _code(self, number: int) -> None:
        given = code_for(number, idempotencyKey=f"code-{self.seed}-{number}")
        count = ("select count(*) from verification where target = $1", mobile(number))
        await self._try(ASK_CODE, "requestCode", None, given, count)

    async def _try(
        self, document: str, field_name: str, token: str | None, given: dict[str, Any], counted: tuple[str, Any]
    ) -> Answer | None:
        """Sends a mutation; after a failure it is sent again once in three times, else left as it is."""
        sent = Sent(document, field_name, token, given, counted)
        self.journal.append(sent)
        while True:
            answer = await self._once(sent)
            if answer is not None:
                sent.acknowledged = True
                return answer
            self.failures += 1
            if self.stopped or chance(self.seed, self.failures) < 2 / 3:
                return None

    async def _once(self, sent: Sent) -> Answer | None:
        try:
            answer = await self.front.send(sent.document, sent.token, **sent.given)
        except httpx2.TransportError:
            return None
        return answer if acknowledged(answer, sent.field_name) is not None else None

    async def settle(self) -> None:
        """Every acknowledged mutation is there once, every other at most once, and its key replays or does it."""
        for sent in self.journal:
            found = await self.api.value(*sent.counted)
            assert found == 1 if sent.acknowledged else found <= 1, sent
            again = await insist(self.front, sent.document, sent.token, sent.field_name, **sent.given)
            assert replayed(again) == (found == 1), sent
            assert await self.api.value(*sent.counted) == 1, sent


async def storm(api: Api, front: ApiProcess, *, seconds: float, clients: int, seed: str) -> Load:
    """A load under which connections are ended at random, about twenty a second."""
    stage, token = await stage_now(api)
    stock = await targets(api, stage, int(seconds * 5) * clients)
    load = Load(api, front, token, seed)
    running = [asyncio.create_task(load.run(client, stock[client::clients])) for client in range(clients)]
    query = (
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'api' and pid <> $2"
        " order by state = 'idle', md5(pid || $1) limit 1"
    )
    loop = asyncio.get_running_loop()
    end, ended = loop.time() + seconds, 0
    while loop.time() < end and not all(task.done() for task in running):
        ended += len(await api.rows(query, f"{seed}{ended}", os.getpid()))
        await asyncio.sleep(0.05)
    load.stopped = True
    await asyncio.gather(*running)
    sys.stderr.write(f"\n{ended} connections ended, {len(load.journal)} mutations, {load.failures} failures\n")
    return load


async def test_connections_ended_at_random_leave_no_part_of_anything(api: Api, front: ApiProcess) -> None:
    load = await storm(api, front, seconds=3, clients=4, seed="three seconds")
    assert load.failures > 0, "the faults must have been felt"
    await front.pool_is_whole()
    await load.settle()
    await assert_whole()


@pytest.mark.long
@pytest.mark.parametrize("seed", ["one", "two", "three"])
async def test_connections_ended_at_random_for_half_a_minute(api: Api, front: ApiProcess, seed: str) -> None:
    load = await storm(api, front, seconds=30, clients=6, seed=seed)
    assert load.failures > 0
    await front.pool_is_whole()
    await load.settle()
    await assert_whole()


class Cluster:
    """A PostgreSQL of one test, at an address that stays the same over restarts; a commit is in the log at once."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "postgres"
        self._sockets = folder / "sockets"
        self._sockets.mkdir()
        self._sockets.chmod(0o777)  # as root the server runs as somebody else
        self._server = self._start()

    def _start(self) -> PostgresServer:
        settings = {"unix_socket_directories": str(self._sockets), "synchronous_commit": "on"}
        return PostgresServer.start(self._data, durable=False, database=DATABASE, owner=OWNER_ROLE, settings=settings)

    def url(self, user: str) -> str:
        """The address for one of its roles."""
        return f"postgresql://{user}@/{DATABASE}?host={self._sockets}"

    def end(self, how: signal.Signals) -> None:
        """Ends it: SIGINT is a fast shutdown, SIGQUIT an immediate one, with recovery at the next start."""
        os.kill(self._server.pid, how)
        self._server.stop()

    def start_again(self) -> None:
        """Starts it on the same data."""
        self._server = self._start()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster of one's own."""
    folder = Path(tempfile.mkdtemp(prefix="cosell-restarts-"))
    folder.chmod(0o711)
    made = Cluster(folder)
    yield made
    made.end(signal.SIGINT)
    shutil.rmtree(folder)


@asynccontextmanager
async def moved(database: Database, cluster: Cluster) -> AsyncIterator[Api]:
    """The stage and the oracle on the cluster; this process's pool goes back to the session's database afterwards."""
    app_url, owner_url, superuser_url = (cluster.url(who) for who in (APP_ROLE, OWNER_ROLE, "postgres"))
    await migrate(owner_url, app_url, surface())
    await db.close_database()
    await db.open_database(tortoise_config(app_url, pool_size=5))
    superuser = await asyncpg.connect(**parse_url(superuser_url))
    elsewhere = Database(app_url, owner_url, superuser_url, database.redis_url, superuser, "")
    api = make_api(elsewhere)
    try:
        await open_limits(api)
        yield api
    finally:
        await api.http.aclose()
        await api.database.superuser.close()
        await db.close_database()
        await db.open_database(tortoise_config(database.app_url, pool_size=20))


@dataclass
class Watch:
    """Clients that never stop asking, and when they were refused."""

    front: ApiProcess
    refused: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    number: int = 0
    stopped: bool = False

    async def run(self, token: str) -> None:
        """Asks for codes and reads, one after the other."""
        loop = asyncio.get_running_loop()
        while not self.stopped:
            self.number += 1
            name = f"watched-{self.number}"
            coding = self.number % 2 == 0
            given = code_for(5000 + self.number, idempotencyKey=name) if coding else {}
            answer = await self.front.send(ASK_CODE if coding else VIEWER, None if coding else token, **given)
            if "errors" in answer.body:
                assert answer.error["code"] == "UNAVAILABLE", answer.body
                assert answer.error["retryable"] and answer.error["retryAfterMs"] > 0
                assert answer.status in (503, 200)
                self.refused.append(loop.time())
            else:
                self.served.append(loop.time())
            await asyncio.sleep(0.01)


async def test_a_restart_of_the_database_is_felt_only_while_it_is_down(
    database: Database, pool: None, cluster: Cluster, front_broker: Broker, tmp_path: Path
) -> None:
    async with moved(database, cluster) as api:
        front = ApiProcess(cluster.url(APP_ROLE), front_broker.url, tmp_path)
        crew = Crew(api.database, tmp_path)
        crew.module, crew.redis_url = "tests.faults.post_main", "unix:///nowhere/redis.sock"
        crew.start()
        try:
            await front.ready()
            await crew.ready()
            _, token = await stage_now(api)
            for how in (signal.SIGINT, signal.SIGQUIT):
                await restart(api, cluster, front, token, how)
                await delivers(api, crew, how)
            await front.pool_is_whole()
            await assert_whole()
        finally:
            crew.stop()
            await front.stop()


async def restart(api: Api, cluster: Cluster, front: ApiProcess, token: str, how: signal.Signals) -> None:
    """Ends the server in one way under load, starts it again, and looks when requests were refused."""
    loop = asyncio.get_running_loop()
    watch = Watch(front, number=int(how) * 1000)
    running = [asyncio.create_task(watch.run(token)) for _ in range(3)]
    await asyncio.sleep(0.5)
    assert watch.served and not watch.refused
    down = loop.time()
    await asyncio.to_thread(cluster.end, how)
    await asyncio.sleep(0.3)
    await asyncio.to_thread(cluster.start_again)
    up = loop.time()
    await asyncio.sleep(1.5)
    watch.stopped = True
    await asyncio.gather(*running)
    refused = [round(at - down, 2) for at in watch.refused]
    sys.stderr.write(f"\n{how.name}: down for {up - down:.2f} s, {len(refused)} refused, last at {refused[-1]}\n")
    assert min(watch.refused) >= down
    assert max(watch.refused) < up + 0.5
    assert max(watch.served) > up + 0.5
    await front.pool_is_whole()
    superuser = await asyncpg.connect(**parse_url(api.database.superuser_url))
    api.database = replace(api.database, superuser=superuser)


async def delivers(api: Api, crew: Crew, how: signal.Signals) -> None:
    """The worker, whom no hint reaches, has everything sent within a few seconds of the restart."""

    async def everything() -> bool:
        waiting = "select count(*) from outbox where topic = 'code.sms' and state <> 'done'"
        return not await api.value(waiting)

    await crew.until(everything, timeout=10)
    sent = await api.value("select count(*) from recorded_message")
    assert sent == await api.value("select count(*) from outbox where topic = 'code.sms'") > 0
    assert [worker.poll() for worker in crew.workers] == [None], how
