"""In which way the suite's application executes and reads: as it is served by default, or as these variables say.

`COSELL_TEST_EXECUTOR=core`: graphql-core executes everything, so nothing is planned. `COSELL_TEST_READS=row-security`:
no second pool, planned reads run in transactions under row-level security. `COSELL_TEST_PLANNED=off`: operations are
compiled, but no page is planned and rows are read by the ORM. `COSELL_TEST_TWICE=on`: what is served is compared with
what graphql-core makes of the ORM's rows (`tests/twice.py`). `COSELL_TEST_ROWS=backwards`: what a statement that asks
for no order finds comes in the opposite one. They are read here alone. Processes that a test starts inherit the
environment, and with it the mode but for the last. `ValueError` for a value that is none of these.
"""

import os
from typing import Any

import asyncpg
import pytest

from core.rows import Unreadable, read_count, reading
from core.settings import ExecutorName
from resolvers import pages
from schema import schema as product
from tests.twice import let_the_orm_read


def _is(name: str, usual: str, other: str) -> bool:
    """Whether the variable asks for the other one of its two values."""
    value = os.environ.get(name, usual)
    if value not in (usual, other):
        raise ValueError(f"{name} is {usual} or {other}, not {value!r}")
    return value == other


EXECUTOR = ExecutorName.CORE if _is("COSELL_TEST_EXECUTOR", "compiled", "core") else ExecutorName.COMPILED
READERS = not _is("COSELL_TEST_READS", "readers", "row-security")
"""Whether planned reads have a pool of their own."""
UNPLANNED = _is("COSELL_TEST_PLANNED", "on", "off")
"""Whether compiled operations are to be carried out without planning."""
TWICE = _is("COSELL_TEST_TWICE", "off", "on")
"""Whether every query is asked again in the slow way."""
BACKWARDS = _is("COSELL_TEST_ROWS", "forwards", "backwards")
"""Whether what lies in no order is turned round, so that nobody relies on how it lies."""
PLANNED = EXECUTOR is ExecutorName.COMPILED and not UNPLANNED
"""Whether pages are planned, by default or in transactions."""
BESIDE = READERS and not UNPLANNED
"""Whether what core.rows reads is read beside the transaction."""

plans = pytest.mark.skipif(not PLANNED, reason="about what planning makes of a read; nothing is planned")
has_readers = pytest.mark.skipif(not READERS, reason="about reading beside the transaction; every read is in it")
reads_rows = pytest.mark.skipif(UNPLANNED, reason="compares core.rows with the ORM; the ORM reads everything")


def enter(patch: pytest.MonkeyPatch) -> None:
    """Makes this process, and those it starts, be of the mode; to be called before it has compiled anything."""
    patch.setenv("EXECUTOR", EXECUTOR)
    patch.setenv("READS_UNDER_ROW_SECURITY", str(not READERS))
    if UNPLANNED:
        _plan_nothing(patch)
    if TWICE:
        let_the_orm_read(patch)
    if BACKWARDS:
        _turn_rows_round(patch)


def _plan_nothing(patch: pytest.MonkeyPatch) -> None:
    """No field has a planner, and query sets are what the ORM must read.

    But for the newest rows of each parent and the counters: the product has no other way to read these.
    """
    for kind in product._schema.type_map.values():
        for field in getattr(kind, "fields", {}).values():
            if field.extensions.get("planner"):
                patch.setitem(field.extensions, "planner", None)

    def unreadable(*_: Any) -> str:
        raise Unreadable("a mode of the suite")

    async def counted_by_orm(rows: Any, most: int) -> int:
        return await read_count(rows.limit(most), most)  # a bound of its own is more than conditions

    patch.setattr(reading, "_select", unreadable)
    patch.setattr(pages, "read_count", counted_by_orm)


def _turn_rows_round(patch: pytest.MonkeyPatch) -> None:
    """What RETURNING gives follows what was written, so it stays as it is."""
    fetch = asyncpg.Connection.fetch

    async def fetch_backwards(self: Any, query: str, *args: Any, **options: Any) -> Any:
        rows = await fetch(self, query, *args, **options)
        asked = any(word in query.lower() for word in ("order by", "returning", "explain"))
        return rows if asked else rows[::-1]

    patch.setattr(asyncpg.Connection, "fetch", fetch_backwards)
