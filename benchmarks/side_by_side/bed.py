"""What every measurement stands on: the database with its data, Redis, the callers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.side_by_side import schema_for_peers
from benchmarks.side_by_side.callers import Callers, sign_in
from benchmarks.side_by_side.cluster import Cluster, running_cluster
from benchmarks.side_by_side.dataset import ROOT, Sizes
from benchmarks.side_by_side.processes import LOAD_CORE, pin, tree
from benchmarks.side_by_side.servers import World
from core.clock import system_clock
from core.servers import RedisServer
from models.config import APP_ROLE, OWNER_ROLE
from rules.calendar import add_months
from rules.policy import VOUCHERS_SHOWN_MONTHS, PolicyBook
from rules.sites import Site


@dataclass(frozen=True, slots=True)
class Bed:
    """Ready for servers. `folder` takes logs and prepared requests."""

    cluster: Cluster
    world: World
    callers: Callers
    folder: Path
    sizes: Sizes

    async def version(self) -> str:
        """The database server's own words."""
        connection = await self.cluster.connect()
        try:
            number, shared = (
                await connection.fetchval("show server_version"),
                await connection.fetchval("show shared_buffers"),
            )
            return f"{number}, shared_buffers {shared}, fsync {await connection.fetchval('show fsync')}"
        finally:
            await connection.close()


@contextmanager
def prepared_bed(sizes: Sizes) -> Iterator[Bed]:
    """Everything but the servers, on the core of the load."""
    folder = ROOT / "build" / "bench" / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with running_cluster(sizes) as cluster:
        redis = RedisServer.start(ROOT / ".run" / "bench" / "redis")
        try:
            pin([*tree(cluster.server.pid), *tree(redis.pid)], LOAD_CORE)
            callers = asyncio.run(_prepare(cluster))
            world = World(cluster.url(APP_ROLE), cluster.url(OWNER_ROLE), redis.url, _shown_since())
            yield Bed(cluster, world, callers, folder, sizes)
        finally:
            redis.stop()


async def _prepare(cluster: Cluster) -> Callers:
    connection = await cluster.connect()
    try:
        await schema_for_peers.make(connection, _shown_since())
        return await sign_in(connection)
    finally:
        await connection.close()


def _shown_since() -> str:
    """From when on an ended voucher is still in its partner's list: the product's rule, as a constant for the peers."""
    now = system_clock()
    months = PolicyBook([]).at(Site.CN, now)[VOUCHERS_SHOWN_MONTHS]
    return add_months(now, -months, Site.CN.zone).isoformat()
