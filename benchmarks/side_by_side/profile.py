"""`python -m benchmarks.side_by_side.profile`: what a request of the product spends its processor time on.

The product runs in this process, without HTTP server and load. At every tick of the kernel's clock in which it has the
processor it is interrupted, and what it is doing then counts for the part of the path that the code at hand belongs to.
"""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import uvloop

from benchmarks.side_by_side import product
from benchmarks.side_by_side.answers import body
from benchmarks.side_by_side.bed import Bed, prepared_bed
from benchmarks.side_by_side.dataset import ROOT, Sizes
from benchmarks.side_by_side.operations import OPERATIONS, UNIQUE, Operation
from benchmarks.side_by_side.processes import SERVER_CORE, cpu_seconds
from benchmarks.side_by_side.servers import SERVERS, production
from core.ids import uuid7
from core.supervisor import stopping_on_signals

TICK = 0.001
PARTS = {
    "use cases, rules, fields of the schema": ("resolvers/", "rules/", "models/", "schema/"),
    "values made from rows, executor": ("core/execution/",),
    "planned reads: statements and rows": ("core/rows/",),
    "transactions, connections": ("core/db.py", "core/engine.py", "core/readers.py", "core/scope.py"),
    "driver": ("site-packages/asyncpg/",),
    "ORM": ("site-packages/tortoise/", "site-packages/pypika"),
    "HTTP, limits, tokens, log": ("app.py", "core/", "site-packages/starlette/"),
    "Strawberry, graphql-core": ("site-packages/strawberry/", "site-packages/graphql/"),
}
"""A part of the path → how the files of its code begin; the first that fits counts."""
OTHER = "event loop, sockets, decoding of rows"


@dataclass(slots=True)
class Samples:
    """What was interrupted: how often each part, and each function with its part, was at work."""

    parts: Counter[str] = field(default_factory=Counter)
    functions: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, _number: int, frame: FrameType | None) -> None:
        """The handler of the timer's signal. Code of no part counts for the one that called it."""
        while frame is not None:
            part = part_of(frame.f_code.co_filename)
            if part is not OTHER:
                break
            frame = frame.f_back
        else:
            self.parts[OTHER] += 1
            return
        self.parts[part] += 1
        self.functions[part, frame.f_code.co_qualname] += 1


def part_of(path: str) -> str:
    """The part of the path that a file's code is."""
    _, found, name = path.rpartition("site-packages/")
    short = found + name if found else path.removeprefix(f"{ROOT}/")
    return next((part for part, begins in PARTS.items() if short.startswith(begins)), OTHER)


async def _ask(app: Any, header: str, text: str) -> bytes:
    octets = text.replace(UNIQUE, uuid7().hex).encode()
    name, _, value = header.partition(": ")
    fields = {"host": "profile", "content-type": "application/json", "content-length": str(len(octets))}
    fields[name.lower()] = value
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "headers": [(key.encode(), given.encode()) for key, given in fields.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    answer: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": octets, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        answer.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(answer)


async def _profile(app: Any, bed: Bed, operation: Operation, number: int) -> list[str]:
    """The lines of one operation; `RuntimeError` when the product refuses it."""
    shipped = SERVERS[0]
    asked = [(shipped.header(one), body(shipped, operation, one)) for one in operation.callers(bed.callers)]

    async def ask(turn: int) -> bytes:
        return await _ask(app, *asked[turn % len(asked)])

    if b'"errors":' in (first := await ask(0)):
        raise RuntimeError(first.decode())
    await _repeat(ask, len(asked))
    samples, spent = Samples(), time.process_time()
    before = cpu_seconds(bed.cluster.server.pid)
    await _repeat(ask, number)
    database = (cpu_seconds(bed.cluster.server.pid) - before) / number
    spent = (time.process_time() - spent) / number
    signal.signal(signal.SIGPROF, samples.take)
    signal.setitimer(signal.ITIMER_PROF, TICK, TICK)
    try:
        await _repeat(ask, number)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return list(_lines(operation, samples, spent * 1e3, database * 1e3))


async def _repeat(ask: Callable[[int], Awaitable[bytes]], number: int) -> None:
    for turn in range(number):
        await ask(turn)


def _lines(operation: Operation, samples: Samples, spent: float, database: float) -> Iterable[str]:
    whole = sum(samples.parts.values())
    yield f"{operation.name}, {operation.title}: {spent:.2f} ms, PostgreSQL {database:.2f} ms"
    for part, count in samples.parts.most_common():
        most = (
            f"{name} {found / whole:.0%}"
            for (of, name), found in samples.functions.most_common()
            if of == part and found >= 0.02 * whole
        )
        yield f"  {spent * count / whole:5.2f} ms {count / whole:4.0%}  {part}: {', '.join(most) or '-'}"
    yield ""


async def _profile_all(bed: Bed, arguments: argparse.Namespace, shown: TextIO) -> None:
    app = product.app
    async with app.router.lifespan_context(app):
        for operation in (one for one in OPERATIONS if one.name in arguments.only):
            print("\n".join(await _profile(app, bed, operation, arguments.number)), file=shown, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    arguments = _arguments(argv)
    with stopping_on_signals(), ExitStack() as stack:
        bed = stack.enter_context(prepared_bed(Sizes()))
        os.environ.update(production(bed.world))
        os.sched_setaffinity(0, {SERVER_CORE})
        written = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
        with redirect_stdout(written):  # the log
            uvloop.run(_profile_all(bed, arguments, sys.__stdout__ or sys.stderr))
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="profile", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[one.name for one in OPERATIONS])
    parser.add_argument("--number", type=int, default=1000, help="requests of each question, twice")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
