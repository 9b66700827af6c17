"""The product and its peers as processes: how each is started, and how it knows who asks."""

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.side_by_side import install
from benchmarks.side_by_side.callers import Caller
from benchmarks.side_by_side.dataset import ROOT
from benchmarks.side_by_side.processes import SERVER_CORE
from cli import free_port
from core.servers.process import Child
from models.config import APP_ROLE, OWNER_ROLE

PEERS = Path(__file__).parent / "peers"
READY = 60.0
POOL = 16
"""Connections of a peer's pool: as many as wrk has. The product keeps its own default."""
_SECRET = "a-secret-of-the-benchmark-and-of-nothing-else"


@dataclass(frozen=True, slots=True)
class World:
    """What the servers are told: addresses, and the instant before which ended vouchers are no longer shown."""

    application_url: str
    owner_url: str
    redis_url: str
    shown_since: str


@dataclass(frozen=True, slots=True)
class Server:
    """One way of answering. `speaks`: whose documents it takes. `needs`: what must be installed for it. `guards`: it
    looks up who calls, as the product does.
    """

    name: str
    title: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    speaks: str = "product"
    needs: str | None = None
    guards: bool = False

    @property
    def is_product(self) -> bool:
        """Whether it is the product."""
        return self.command == _PRODUCT

    def header(self, caller: Caller) -> str:
        """By what it knows the caller."""
        return caller.bearer if self.is_product or self.guards else caller.claim


def _uvicorn(app: str) -> tuple[str, ...]:
    options = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    return ("-m", "uvicorn", app, "--host", "127.0.0.1", "--port", "{port}", *options)


def _python(app: str) -> tuple[str, ...]:
    return (sys.executable, *_uvicorn(f"benchmarks.side_by_side.peers.{app}:app"))


_PRODUCT = (sys.executable, str(ROOT / "cli.py"), "serve", "--app", "benchmarks.side_by_side.product:app")
_MERCURIUS = (str(install.NODE), str(install.SCRIPTS / "mercurius.mjs"))
_POSTGRAPHILE = (str(install.NODE), str(install.SCRIPTS / "postgraphile.mjs"))
_ARIADNE = (str(install.ARIADNE_PYTHON), *_uvicorn("benchmarks.side_by_side.peers.ariadne_app:app"))

SERVERS = (
    Server("product", "Cosell as shipped", _PRODUCT),
    Server(
        "product_rls", "Cosell, every read under row-level security", _PRODUCT, {"READS_UNDER_ROW_SECURITY": "true"}
    ),
    Server("limit_json", "hand-written: one statement builds the JSON (f1)", _python("limit_json")),
    Server("limit_rows", "hand-written: flat rows, assembled in Python (f2)", _python("limit_rows")),
    Server("limit_guarded", "the same rows behind the product's guards (f3)", _python("limit_guarded"), guards=True),
    Server(
        "postgraphile",
        "PostGraphile 5 without RLS (e1)",
        _POSTGRAPHILE,
        {"RLS": "0"},
        speaks="postgraphile",
        needs="node",
    ),
    Server(
        "postgraphile_rls",
        "PostGraphile 5, role and row-level security (e2)",
        _POSTGRAPHILE,
        {"RLS": "1"},
        speaks="postgraphile",
        needs="node",
    ),
    Server("mercurius", "mercurius + pg (e3)", _MERCURIUS, {"JIT": "0"}, needs="node"),
    Server("mercurius_jit", "mercurius + pg + graphql-jit (e4)", _MERCURIUS, {"JIT": "1"}, needs="node"),
    Server("ariadne", "ariadne + asyncpg (c)", _ARIADNE, needs="ariadne"),
    Server("stock", "Strawberry + Tortoise, dataloaders, defaults (a)", _python("stock")),
)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    server: Server
    child: Child
    port: int

    @property
    def address(self) -> str:
        """Where it takes questions."""
        return f"http://127.0.0.1:{self.port}/graphql"


@contextmanager
def running_servers(servers: Sequence[Server], world: World, logs: Path) -> Iterator[list[Running]]:
    """Starts all of them, waits until each answers, and stops them in the end."""
    with ExitStack() as stack:
        started = []
        for number, server in enumerate(servers):
            port = free_port("127.0.0.1", 9100 + 20 * number)
            log = logs / f"{server.name}.log"
            log.unlink(missing_ok=True)
            child = Child(
                ["taskset", "-c", str(SERVER_CORE), *(part.format(port=port) for part in server.command)],
                log=log,
                environment=_environment(server, world, port),
                cwd=ROOT,
            )
            stack.callback(child.stop)
            started.append(Running(server, child, port))
        for one in started:
            log = logs / f"{one.server.name}.log"
            one.child.wait_until(partial(_listens, one.port), timeout=READY, name=one.server.name, log=log)
        yield started


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environment(server: Server, world: World, port: int) -> dict[str, str]:
    common = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "TZ": "UTC", "PORT": str(port)}
    if server.is_product:
        return common | production(world) | server.environment
    own = {
        "PYTHONPATH": str(ROOT),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "BENCH_DATABASE": world.owner_url,
        "BENCH_POOL": str(POOL),
        "BENCH_SINCE": world.shown_since,
        "BENCH_ROLE": APP_ROLE,
        "BENCH_OWNER": OWNER_ROLE,
    }
    return common | own | (production(world) if server.guards else {}) | server.environment


def production(world: World) -> dict[str, str]:
    """Settings that production accepts; nothing is ever sent, for no worker runs."""
    return {
        "ENV": "production",
        "SECRET_KEY": _SECRET,
        "DATABASE_URL": world.application_url,
        "DATABASE_OWNER_URL": world.owner_url,
        "REDIS_URL": world.redis_url,
        "EMAIL_TRANSPORT": "smtp",
        "SMTP_HOST": "127.0.0.1",
        "SMS_PROVIDER": "tencent",
        "SETTLEMENT": "entered",
        "STORAGE_URL": str(install.BUILD / "files"),
        "PYTHONUNBUFFERED": "1",
    }
