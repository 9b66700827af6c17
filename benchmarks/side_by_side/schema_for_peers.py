"""What peers need in the run's database beside the product's own tables."""

from pathlib import Path

import asyncpg

SCRIPT = Path(__file__).parent / "peers" / "database.sql"


async def make(connection: asyncpg.Connection) -> None:
    """Makes the schema `bench`; the product neither sees nor needs it."""
    await connection.execute(SCRIPT.read_text(encoding="utf-8"))
