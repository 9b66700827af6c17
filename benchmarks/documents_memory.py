"""How much memory documents keep: so many distinct ones go the product's way, from their text to the statement.

No HTTP and no database: each is parsed, validated, priced, compiled and planned; a list whose page is all that it reads
is executed as well, and its statement finds no rows. Fails when memory grows by more than `--bound` MiB after the first
30 % of the documents.

`--kind heavy` sends what nobody but an attacker would: documents of many operations, of which a very small one is
executed.
"""

import argparse
import asyncio
import gc
import itertools
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from graphql.execution.values import get_variable_values
from pydantic import SecretStr
from tortoise import Tortoise
from tortoise.connection import get_connections

from app import COLLECTIONS, Parts, open_documents
from benchmarks.distinct_documents import ROOTS, SCHEMA, Sent, document, heavy
from core import db
from core.clock import system_clock
from core.execution.documents import price
from core.execution.errors import RequestError
from core.execution.run import Operation, compiled_executor
from core.settings import Env, Settings
from gateways.wakeup import NoWakeup
from models.config import tortoise_config
from resolvers.context import Context
from rules.access import VENDOR_ROLES, Actor, Role
from rules.policy import PolicyBook
from schema.context import RequestContext

SOMEBODY = UUID("01890000-0000-7000-8000-000000000000")
ACTORS = (
    Actor(frozenset({Role.ACCOUNT, Role.MAIN_ACCOUNT}), account_id=SOMEBODY, partner_id=SOMEBODY),
    Actor(VENDOR_ROLES, account_id=SOMEBODY),
)
FIRST = 1_000
"""The number of the first document; smaller ones have been used to find out who may ask what."""
WARM = 3
"""Tenths of the documents by which every cache is full."""


class NoRows:
    """Stands in the place of the connections that read: no statement finds anything."""

    def __init__(self) -> None:
        self.texts: set[int] = set()

    async def fetch(self, query: str, _values: tuple[Any, ...]) -> list[Any]:
        """Nothing; remembers the text by its hash."""
        self.texts.add(hash(query))
        return []


class Way:
    """The way of a document through the product, in this process. `counts` says how far they went."""

    def __init__(self) -> None:
        self._settings = Settings(env=Env.TEST, secret_key=SecretStr("a-secret-of-more-than-thirty-two-characters"))
        self.documents = open_documents(self._settings, Parts())
        self.readers = NoRows()
        self.counts = dict.fromkeys(("executed", "answered with an error", "compiled only", "refused"), 0)
        self._actors: dict[str, Actor] = {}

    async def open(self) -> None:
        """Gets ready, and finds out who may ask for which list and for which of them that is all there is to read."""
        await Tortoise.init(
            config=tortoise_config("postgres://nobody@127.0.0.1/none", pool_size=2), _enable_global_fallback=True
        )
        db._opened_client = cast("Any", get_connections().get("default"))
        db._client().readers = cast("Any", self.readers)
        for number, actor in itertools.product(range(5 * len(ROOTS)), ACTORS):
            sent = document(number)
            operation = self._operation(sent)
            if operation and sent.root not in self._actors and await self._answers(operation, actor):
                self._actors[sent.root] = actor
        self.readers.texts.clear()

    async def go(self, sent: Sent) -> None:
        """Takes one document along."""
        operation = self._operation(sent)
        if operation is None:
            self.counts["refused"] += 1
        elif sent.root not in self._actors:
            self._compile(operation)
            self.counts["compiled only"] += 1
        else:
            done = await self._answers(operation, self._actors[sent.root])
            self.counts["executed" if done else "answered with an error"] += 1

    def _operation(self, sent: Sent) -> Operation | None:
        """None for one that is not valid, or too expensive."""
        found = self.documents.by_text(sent.text)
        if found.errors:
            return None
        analysis = found.operation(sent.name)
        try:
            price(analysis, sent.variables)
        except RequestError:
            return None
        return Operation(SCHEMA, found, analysis, sent.variables)

    def _compile(self, operation: Operation) -> None:
        node = operation.analysis.node
        variables = get_variable_values(SCHEMA, node.variable_definitions or (), operation.variables)
        assert operation.document.plans is not None and not isinstance(variables, list), variables
        operation.document.plans.find(node, variables)

    async def _answers(self, operation: Operation, actor: Actor) -> bool:
        """Whether it is executed as compiled and without an error, all its statements finding nothing."""
        ctx = Context(
            actor=actor,
            now=system_clock(),
            locale="en",
            request_id="none",
            policies=PolicyBook([]),
            settings=self._settings,
            wakeup=NoWakeup(),
            address="127.0.0.1",
            user_agent="",
        )
        async with AsyncExitStack() as stack:
            request = RequestContext(ctx, stack)
            await request.open_read()
            result, by = await compiled_executor(operation, request)
        assert by == "compiled"
        return result.errors is None


def resident() -> float:
    """Memory of this process that is in use, in MiB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


async def measure(number: int, make: Callable[[int], Sent]) -> tuple[list[float], dict[str, int]]:
    """Prints a line at every tenth of the documents; memory in MiB at these places, and how far the documents went."""
    way = Way()
    await way.open()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)  # as in a process that serves
    print("| documents | MiB | kept documents | their size | plans | their fields | statements | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    began, seen = time.monotonic(), []
    for sent in range(number + 1):
        if sent % (number // 10) == 0:
            seen.append(resident())
            kept, size = way.documents.size
            shelf = way.documents._shelf
            numbers = (sent, round(seen[-1]), kept, size, len(shelf), shelf.size, len(way.readers.texts))
            print(f"| {' | '.join(map(str, numbers))} | {time.monotonic() - began:.0f} |", flush=True)
        await way.go(make(FIRST + sent))
    return seen, way.counts


def main() -> int:
    """Prints a table, and what became of the documents; 1 when memory went on growing."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--number", type=int, default=100_000)
    options.add_argument("--bound", type=float, default=16.0, help="MiB")
    options.add_argument("--kind", choices=["usual", "heavy"], default="usual")
    given = options.parse_args()
    seen, counts = asyncio.run(measure(given.number, heavy if given.kind == "heavy" else document))
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    grown = max(seen[WARM:]) - seen[WARM]
    print(f"after the first three tenths: {grown:+.1f} MiB at most, {given.bound:.0f} are allowed")
    return 1 if grown > given.bound else 0


if __name__ == "__main__":
    sys.exit(main())
