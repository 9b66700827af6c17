"""What peers need in the run's database beside the product's own tables."""

from pathlib import Path

import asyncpg

SCRIPT = Path(__file__).parent / "peers" / "database.sql"


_SINCE = """
    create schema if not exists bench;
    create or replace function bench.shown_since() returns timestamptz language sql immutable as $$
      select timestamptz '{since}'
    $$
"""


async def make(connection: asyncpg.Connection, since: str) -> None:
    """Makes the schema `bench`; the product neither sees nor needs it. `since`: see `World.shown_since`."""
    await connection.execute(_SINCE.format(since=since))
    await connection.execute(SCRIPT.read_text(encoding="utf-8"))
