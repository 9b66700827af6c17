"""The database of a run: a cluster filled once and kept, and in it a copy that the run may write to."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.side_by_side.dataset import KEPT, ROOT, Sizes, fingerprint, load
from cli import state_folder
from core.migrate import migrate
from core.servers import PostgresServer
from core.urls import parse_url
from models.config import APP_ROLE, DATABASE, OWNER_ROLE, surface

RUN = "bench_run"
SETTINGS = {
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "10min",
}
"""Beside what the product's own wrapper sets; commits are durable. No vacuum in the middle of a round."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server with the run's database."""

    server: PostgresServer
    database: str = RUN

    def url(self, role: str = "postgres") -> str:
        """The run's database as this role."""
        return self.server.url(role, self.database)

    async def connect(self, role: str = "postgres") -> asyncpg.Connection:
        """A connection to the run's database."""
        return await asyncpg.connect(**parse_url(self.url(role)))


@contextmanager
def running_cluster(sizes: Sizes) -> Iterator[Cluster]:
    """Starts the cluster with the data set of these sizes, loading it first if it is not there yet."""
    state = state_folder(ROOT / ".run" / "bench")
    folder = state / fingerprint(sizes)
    ready = folder / "ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)
        _forget_others(state, {fingerprint(one) for one in (sizes, *KEPT)})
    server = PostgresServer.start(folder / "postgres", database=DATABASE, owner=OWNER_ROLE, settings=SETTINGS)
    try:
        if not ready.exists():
            print("loading the data set (about two minutes; the next run finds it)", flush=True)
            asyncio.run(_fill(server, sizes))
            ready.touch()
        asyncio.run(_copy(server))
        yield Cluster(server)
    finally:
        server.stop()


def _forget_others(state: Path, known: set[str]) -> None:
    """Removes what other versions of the data set left, but for those in use: another run may be going on."""
    for folder in state.iterdir():
        is_set = (folder / "postgres").is_dir() and folder.name not in known
        if is_set and not (folder / "postgres" / "postmaster.pid").exists():
            shutil.rmtree(folder, ignore_errors=True)


async def _fill(server: PostgresServer, sizes: Sizes) -> None:
    await migrate(server.url(OWNER_ROLE, DATABASE), server.url(APP_ROLE, DATABASE), surface())
    connection = await asyncpg.connect(**parse_url(server.url("postgres", DATABASE)))
    try:
        await load(connection, sizes)
        await connection.execute("vacuum (freeze, analyze)", timeout=600)
    finally:
        await connection.close()


async def _copy(server: PostgresServer) -> None:
    """Every run begins with the same rows, whatever the last one wrote."""
    connection = await asyncpg.connect(**parse_url(server.url()))
    try:
        await connection.execute(f"drop database if exists {RUN} with (force)")
        await connection.execute(f"create database {RUN} template {DATABASE} owner {OWNER_ROLE} strategy file_copy")
        await connection.execute("checkpoint")
    finally:
        await connection.close()
