"""What the reads of a partner's life cost: paths, plans, members, to-dos, messages, the review queue, funds, experts.

    python -m benchmarks.lifecycle_reads [--rounds N] [--number N]

Starts a PostgreSQL and a Redis of its own, fills them with the sample data, and asks the application in this process,
once with the compiled executor and once with graphql-core, in turns. An answer's cost is the processor's time of this
process, without PostgreSQL's; the median of the rounds stands for each. "Statements" are those of the compiled one, the
caller's token included.
"""

import argparse
import asyncio
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr
from starlette.applications import Starlette

from app import create_app, real_parts
from core import db
from core.http.budget import Rate
from core.migrate import migrate
from core.servers import PostgresServer, RedisServer
from core.settings import Env, ExecutorName, Settings
from models.config import APP_ROLE, DATABASE, OWNER_ROLE, surface
from schema.explorer_tabs import TABS, Tab
from tasks.samples import load
from tasks.samples.stage import PASSWORD

QUESTIONS = (
    *("PlanCatalogue", "Memberships", "Paths", "Solutions", "CapabilityLabels", "Members"),
    *("Specialists", "Todos", "Messages", "Reviews", "MarketFunds", "ExpertLists"),
)
"""Tabs of the explorer, by the names of their operations."""
RATE = Rate(capacity=1_000_000, refill=50_000)
SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as a client sends it."""

    name: str
    body: dict[str, Any]
    headers: dict[str, str]


def tab_of(name: str) -> Tab:
    """The explorer's tab with this operation."""
    [found] = [tab for tab in TABS if f"query {name} " in tab.query]
    return found


async def prepare(client: httpx2.AsyncClient) -> list[Asked]:
    """The questions, each with the token of whom its tab names."""
    found = []
    for name in QUESTIONS:
        tab = tab_of(name)
        who = tab.query.splitlines()[0].removeprefix("# As ").removesuffix(".")
        given = {"input": {"site": "CN", "email": who, "password": PASSWORD}}
        opened = (await client.post("/graphql", json={"query": SIGN_IN, "variables": given})).json()
        token = opened["data"]["signIn"]["accessToken"]
        found.append(Asked(name, {"query": tab.query}, {"authorization": f"Bearer {token}"}))
    return found


async def look(client: httpx2.AsyncClient, asked: Asked) -> str:
    """How large an answer is, who executed it, and with how many statements: the first columns of its row."""
    await client.post("/graphql", json=asked.body, headers=asked.headers)
    with db.observed() as statements:
        answer = await client.post("/graphql", json=asked.body, headers=asked.headers)
    if "errors" in answer.json():
        raise RuntimeError(answer.text)
    return f"| {asked.name} | {len(answer.content)} | {len(statements)} | {answer.headers['x-cosell-executor']} |"


async def cost(client: httpx2.AsyncClient, asked: Asked, number: int) -> float:
    """Milliseconds of one answer."""
    await client.post("/graphql", json=asked.body, headers=asked.headers)
    before = time.process_time()
    for _ in range(number):
        await client.post("/graphql", json=asked.body, headers=asked.headers)
    return (time.process_time() - before) / number * 1e3


def application(settings: Settings, executor: ExecutorName) -> Starlette:
    """The application with this executor; no caller comes to the end of its budget."""
    chosen = settings.model_copy(update={"executor": executor})
    return create_app(chosen, replace(real_parts(chosen), rate=RATE))


async def measure(settings: Settings, rounds: int, number: int) -> list[str]:
    """A row of the table for each question."""
    apps = [application(settings, executor) for executor in (ExecutorName.COMPILED, ExecutorName.CORE)]
    async with apps[0].router.lifespan_context(apps[0]):
        transports = [httpx2.ASGITransport(app, client=("203.0.113.9", 4000)) for app in apps]
        compiled, core = [httpx2.AsyncClient(transport=one, base_url="http://bench") for one in transports]
        rows = []
        for asked in await prepare(compiled):
            turns = [(await cost(compiled, asked, number), await cost(core, asked, number)) for _ in range(rounds)]
            mine, peer = (statistics.median(each) for each in zip(*turns, strict=True))
            rows.append(f"{await look(compiled, asked)} {mine:.2f} | {peer:.2f} | {peer / mine:.1f} |")
        return rows


def main(argv: Sequence[str] = ()) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="lifecycle_reads", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--number", type=int, default=40, help="answers of one question in a round")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="cosell-bench-") as name, redirect_stdout(io.StringIO()):  # the log
        folder = Path(name)
        folder.chmod(0o711)
        postgres = PostgresServer.start(folder / "postgres", durable=False, database=DATABASE, owner=OWNER_ROLE)
        broker = RedisServer.start(folder / "redis")
        try:
            rows = asyncio.run(_measure_all(postgres, broker, folder, arguments))
        finally:
            broker.stop()
            postgres.stop()
    print("| question | bytes | statements | executor | compiled ms | graphql-core ms | ratio |")
    print("|---|---|---|---|---|---|---|", *rows, sep="\n")


async def _measure_all(
    postgres: PostgresServer, broker: RedisServer, folder: Path, arguments: argparse.Namespace
) -> list[str]:
    owner_url, url = postgres.url(OWNER_ROLE, DATABASE), postgres.url(APP_ROLE, DATABASE)
    settings = Settings(
        env=Env.DEVELOPMENT,
        secret_key=SecretStr("a-secret-for-measuring-of-more-than-32-characters"),
        database_url=url,
        database_owner_url=owner_url,
        redis_url=broker.url,
        storage_url=str(folder / "files"),
    )
    await migrate(owner_url, url, surface())
    await load(settings)
    return await measure(settings, arguments.rounds, arguments.number)


if __name__ == "__main__":
    main(sys.argv[1:])
