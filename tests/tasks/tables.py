"""Short ways to fill and read the outbox in tests."""

from typing import Any

import orjson

from core import db
from core.scope import EVERYTHING


async def put(topic: str, key: str, **values: Any) -> int:
    """Writes an outbox row; `run_in` and `expires_in` are seconds from now."""
    async with db.transaction(EVERYTHING):
        rows = await db.fetch(
            """
            insert into outbox (topic, dedup_key, aggregate, payload, max_attempts, run_at, expires_at, created_at)
            values ($1, $2, $3, $4::jsonb, $5, now() + $6 * interval '1 second', now() + $7 * interval '1 second',
              now())
            returning id
            """,
            topic,
            key,
            values.pop("aggregate", None),
            orjson.dumps(values.pop("payload", {})).decode(),
            values.pop("max_attempts", 12),
            float(values.pop("run_in", 0)),
            values.pop("expires_in", None),
        )
    assert not values
    return int(rows[0]["id"])


async def sql(query: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of a statement in a transaction of its own."""
    async with db.transaction(EVERYTHING):
        return await db.fetch(query, *values)


async def row(job: int) -> dict[str, Any]:
    """An outbox row, with `now` and its waiting time `wait` in seconds."""
    found = await sql(
        "select *, extract(epoch from run_at - now())::float8 as wait, now() as now from outbox where id = $1", job
    )
    return found[0]


async def attempts(job: int) -> list[tuple[int, str | None]]:
    """(number, outcome) of a row's attempts in order."""
    found = await sql("select number, outcome from outbox_attempt where outbox_id = $1 order by id", job)
    return [(each["number"], each["outcome"]) for each in found]


async def states() -> dict[str, int]:
    """How many outbox rows are in which state."""
    return {each["state"]: each["n"] for each in await sql("select state, count(*) as n from outbox group by state")}
