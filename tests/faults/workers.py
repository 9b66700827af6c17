"""Worker processes, a Redis to be mistreated, and what the outside world saw of them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from core import db
from core.scope import EVERYTHING
from core.servers.redis import find_program
from tests.database import Database
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tables(database: Database, pool: None) -> Database:
    """The migrated database, empty, with a pool on it."""
    return database


class Broker:
    """A Redis of its own at an address that stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it listens."""
        options = ("--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no")
        self.process = subprocess.Popen(
            [str(find_program()), *options], cwd=self.socket.parent, stdout=subprocess.DEVNULL
        )
        while not self.cli("PING").startswith("PONG"):
            pass

    def cli(self, *words: str) -> str:
        """Runs redis-cli."""
        program = find_program().with_name("redis-cli")
        done = subprocess.run([program, "-s", self.socket, *words], capture_output=True, text=True, check=False)
        return done.stdout

    def send(self, number: signal.Signals) -> None:
        """Sends a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kills it, also when it is paused."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running Redis for one test."""
    found = Broker(tmp_path)
    found.start()
    yield found
    found.kill()


class Crew:
    """Worker processes and the record of what they sent."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.module = "tests.faults.worker_main"
        self.redis_url = database.redis_url
        self.sent_file = folder / "sent"
        self.environment = {
            **os.environ,
            "ENV": "test",
            "DATABASE_URL": f"{database.app_url}&application_name=crew",
            "PROVIDER_LOG": str(self.sent_file),
            "SHUTDOWN_TIMEOUT": "1",
        }
        self._log: IO[bytes] = (folder / "log").open("wb")
        self.log_file = folder / "log"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.deaths = 0

    def start(self, count: int = 1) -> None:
        """Starts so many workers."""
        environment = self.environment | {"REDIS_URL": self.redis_url}
        command = [sys.executable, "-m", self.module]
        for _ in range(count):
            self.workers.append(
                subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self._log, stderr=self._log)
            )

    def replace_dead(self) -> None:
        """What a supervisor does."""
        for worker in list(self.workers):
            if worker.poll() is not None:
                self.workers.remove(worker)
                self.deaths += 1
                self.start()

    async def ready(self) -> None:
        """Waits until every worker has given a sign of life."""
        await self.until(lambda: _beats(len(self.workers)))

    async def until(
        self, condition: Callable[[], Awaitable[bool]], timeout: float = PATIENCE, *, supervised: bool = False
    ) -> None:
        """Waits for a condition, if wanted replacing dead workers meanwhile."""
        try:
            async with asyncio.timeout(timeout):
                while not await condition():
                    if supervised:
                        self.replace_dead()
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not in {timeout} s\n{self.log_file.read_text()[-3000:]}") from None

    def sent(self) -> Counter[str]:
        """How often each key reached the outside world."""
        return Counter(line.split()[0] for line in self._lines() if not line.startswith("second:"))

    def slots(self) -> Counter[str]:
        """How often each slot of the schedule ran."""
        return Counter(line.split()[0] for line in self._lines() if line.startswith("second:"))

    def times(self) -> dict[str, int]:
        """When each key reached it first, in monotonic nanoseconds."""
        return {key: int(at) for key, _, at in reversed([line.split() for line in self._lines()])}

    def _lines(self) -> list[str]:
        return self.sent_file.read_text().splitlines() if self.sent_file.exists() else []

    def stop_workers(self) -> None:
        """Kills whoever is left."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers.clear()

    def stop(self) -> None:
        """The end of the test."""
        self.stop_workers()
        self._log.close()


async def _beats(count: int) -> bool:
    async with db.read(EVERYTHING):
        rows = await db.fetch("select name from worker_beat where beat_at > now() - interval '5 s'")
    return len(rows) >= count


@pytest.fixture
def crew(tables: Database, tmp_path: Path) -> Iterator[Crew]:
    """No worker yet; all are killed in the end."""
    found = Crew(tables, tmp_path)
    yield found
    found.stop()
