"""A database that restarts or loses connections under load: what was acknowledged is there once, the rest at most."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from core import db
from core.migrate import migrate
from core.servers import PostgresServer
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
from tests.faults.workers import Crew


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
    _stage, token = await stage_now(api)
    stock = await targets(api, _stage, int(seconds * 10) * clients)
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
        self._sockets.mkdir(mode=0o777)
        self._sockets.chmod(0o777)  # as root the server runs as somebody else
        folder.chmod(0o755)
        self._server = self._start()

    def _start(self) -> PostgresServer:
        settings = {"unix_socket_directories": str(self._sockets), "synchronous_commit": "on"}
        return PostgresServer.start(self._data, durable=False, settings=settings)

    def url(self, user: str, database: str = DATABASE) -> str:
        """The address for one of its roles."""
        return f"postgresql://{user}@/{database}?host={self._sockets}"

    def end(self, how: signal.Signals) -> None:
        """Ends it: SIGINT is a fast shutdown, SIGQUIT an immediate one, with recovery at the next start."""
        os.kill(self._server.pid, how)
        self._server.stop()

    def start_again(self) -> None:
        """Starts it on the same data."""
        self._server = self._start()


@pytest.fixture
async def cluster(api: Api, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """A migrated cluster of one's own, which this process's pool is on until the test ends."""
    made = Cluster(Path(tmp_path_factory.mktemp("cluster", numbered=True)))
    await asyncio.to_thread(lambda: None)
    yield made
    made.end(signal.SIGINT)
