"""What PostgreSQL means to do for a statement: its plan as a text that stays the same while the plan does."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import pytest

from core.engine import Transaction, local_settings, readers_settings
from core.readers import Readers
from core.scope import Scope
from core.urls import parse_url

_EXPLAIN = "explain (costs off, format json) "
_SHOWN = ("Join Type", "Strategy", "Partial Mode", "Scan Direction")
_USUAL = {"Inner", "Plain", "Simple", "Forward"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement that the application sent, with its values; beside the transaction, or in it."""

    text: str
    values: tuple[Any, ...]
    beside: bool


def record(patch: pytest.MonkeyPatch) -> list[Asked]:
    """Everything that this process asks the database from now on."""
    asked: list[Asked] = []

    def watch(owner: type, name: str, *, beside: bool) -> None:
        real = getattr(owner, name)

        async def seen(self: Any, query: str, values: Sequence[Any] | None = None) -> Any:
            asked.append(Asked(query, tuple(values or ()), beside))
            return await real(self, query, values or ())

        patch.setattr(owner, name, seen)

    watch(Readers, "fetch", beside=True)
    for name in ("fetch_records", "execute_query", "execute_query_dict"):
        watch(Transaction, name, beside=False)
    return asked


@asynccontextmanager
async def explainer(app_url: str, scope: Scope) -> Any:
    """A function for the two plans of a statement where it was asked: for its values, and for any."""
    async with AsyncExitStack() as stack:
        to = parse_url(app_url)
        beside = await asyncpg.connect(**to, server_settings=readers_settings(to["user"]))
        stack.push_async_callback(beside.close)
        inside = await asyncpg.connect(**to)
        stack.push_async_callback(inside.close)
        await inside.execute(f"begin read only; {local_settings(scope)}")

        async def explain(asked: Asked) -> tuple["Plan", "Plan"]:
            return await _explain(beside if asked.beside else inside, asked)

        yield explain


async def _explain(connection: asyncpg.Connection, asked: Asked) -> tuple["Plan", "Plan"]:
    given = await connection.fetchval(_EXPLAIN + asked.text, *asked.values)
    nothing = f"({', '.join(['null'] * len(asked.values))})" if asked.values else ""
    await connection.execute(f"set plan_cache_mode = force_generic_plan; prepare asked as {asked.text}")
    generic = await connection.fetchval(f"{_EXPLAIN} execute asked{nothing}")
    await connection.execute("deallocate asked; reset plan_cache_mode")
    return Plan(orjson.loads(given)[0]["Plan"]), Plan(orjson.loads(generic)[0]["Plan"])


class Plan:
    """A plan as EXPLAIN has it in JSON."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root

    def __str__(self) -> str:
        """Kinds of nodes, tables, indexes and what is sorted by, each below the one that asks it; no expressions."""
        return "\n".join(_lines(self._root, 0))

    def scanned(self) -> set[str]:
        """Tables that are read from their first page to the last."""
        return {node["Relation Name"] for node in _nodes(self._root) if node["Node Type"] == "Seq Scan"}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _lines(node: dict[str, Any], depth: int) -> Iterable[str]:
    words = [node["Node Type"], *(node[key] for key in _SHOWN if node.get(key, "Plain") not in _USUAL)]
    if "Sort Key" in node:
        words.append("by " + ", ".join(_without_alias(key) for key in node["Sort Key"]))
    if "Index Name" in node:
        words.append(f"using {node['Index Name']}")
    if "Relation Name" in node:
        words.append(f"on {node['Relation Name']}")
    place = re.sub(r" \d+", "", node.get("Subplan Name", ""))
    yield "  " * depth + (f"{place}: " if place else "") + " ".join(words)
    for below in node.get("Plans", ()):
        if below["Node Type"] != "Result" or "Plans" in below:
            yield from _lines(below, depth + 1)


def _without_alias(key: str) -> str:
    return re.sub(r"\b\w+\.", "", key)
