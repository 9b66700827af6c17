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

import asyncpg
import pytest

from core import db
from core.migrate import migrate
from core.servers import PostgresServer
from core.urls import parse_url
from models.config import APP_ROLE, DATABASE, OWNER_ROLE, surface
from tests.client import Api, make_api
from tests.database import Database, look_at, open_pool
from tests.faults.apis import (
    ASK_CODE,
    UNBIND,
    VIEWER,
    WITHDRAW,
    ApiProcess,
    Target,
    code_for,
    mobile,
    open_limits,
    stage_now,
    targets,
)
from tests.faults.load import Load, Mutation, endure
from tests.faults.oracle import assert_whole
from tests.faults.workers import Broker, Crew


@dataclass
class Partings(Load):
    """Clients who ask to unbind and take it back, and ask for codes."""

    token: str = ""
    stock: list[Target] = field(default_factory=list)
    clients: int = 1

    async def run(self, client: int) -> None:
        """One client, with customers of its own."""
        for number, target in enumerate(self.stock[client :: self.clients]):
            if self.stopped:
                return
            await self._code(client * 1000 + number)
            key = f"unbind-{self.seed}-{client}-{number}"
            count = ("select count(*) from association_request where customer_id = $1", target.row_id)
            asking = Mutation(UNBIND, "requestUnbind", self.token, target.unbinding(key), count)
            answer = await self.attempt(asking)
            if answer is not None:
                await self._withdraw(answer.data["requestUnbind"]["request"]["id"], f"back-{key}", target)

    async def _withdraw(self, request: str, key: str, target: Target) -> None:
        given = {"id": request, "idempotencyKey": key}
        query = "select count(*) from association_record where result = 'WITHDRAWN' and customer_id = $1"
        await self.attempt(Mutation(WITHDRAW, "withdrawAssociationRequest", self.token, given, (query, target.row_id)))

    async def _code(self, number: int) -> None:
        given = code_for(number, idempotencyKey=f"code-{self.seed}-{number}")
        count = ("select count(*) from verification where target = $1", mobile(number))
        await self.attempt(Mutation(ASK_CODE, "requestCode", None, given, count))


async def partings(api: Api, front: ApiProcess, *, seconds: float, clients: int, seed: str) -> None:
    """About twenty connections a second are ended while customers are asked to part."""
    stage, token = await stage_now(api)
    stock = await targets(api, stage, int(seconds * 5) * clients)
    load = Partings(api, front, seed, token=token, stock=stock, clients=clients)
    await endure(load, seconds=seconds, clients=clients, pause=0.05)


async def test_connections_ended_at_random_leave_no_part_of_anything(api: Api, front: ApiProcess) -> None:
    await partings(api, front, seconds=3, clients=4, seed="three seconds")


@pytest.mark.long
@pytest.mark.parametrize("seed", ["one", "two", "three"])
async def test_connections_ended_at_random_for_half_a_minute(api: Api, front: ApiProcess, seed: str) -> None:
    await partings(api, front, seconds=30, clients=6, seed=seed)


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
    await open_pool(app_url, size=5)
    elsewhere = await look_at(app_url, owner_url, superuser_url, database.redis_url)
    api = make_api(elsewhere)
    try:
        await open_limits(api)
        yield api
    finally:
        await api.http.aclose()
        await api.database.superuser.close()
        await db.close_database()
        await open_pool(database.app_url)


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


@pytest.mark.long
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
    async with asyncio.timeout(20):
        while len(watch.served) < 10:
            await asyncio.sleep(0.05)
    assert not watch.refused
    down = loop.time()
    await asyncio.to_thread(cluster.end, how)
    await asyncio.sleep(0.3)
    await asyncio.to_thread(cluster.start_again)
    up = loop.time()
    await asyncio.sleep(1.5)
    while max(watch.served) <= up + 0.5 and loop.time() < up + 5:
        await asyncio.sleep(0.05)
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
