"""What operations may ask of the outbox: look at messages and jobs, try them again, call them off.

The functions that look join the open transaction or open a read; those that write need an open transaction, in a scope
that sees everything.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypedDict

import orjson

from core import db
from core.scope import EVERYTHING

STATES = ("ready", "leased", "done", "dead", "cancelled")


class Answer(StrEnum):
    """What came of a wish: `done`, or why not (`missing`: no such row; `wrong_state`; `expired`: too late to send)."""

    DONE = "done"
    MISSING = "missing"
    WRONG_STATE = "wrong_state"
    EXPIRED = "expired"


class OutboxRow(TypedDict):
    """One message or job without its payload. `late` is how many seconds it is overdue (0 when it is not waiting)."""

    id: int
    topic: str
    dedup_key: str
    aggregate: str | None
    state: str
    attempts: int
    crashes: int
    max_attempts: int
    run_at: datetime
    expires_at: datetime | None
    lease_owner: str | None
    provider_ref: str | None
    last_error: str | None
    created_at: datetime
    finished_at: datetime | None
    late: float


_COLUMNS = """
  id, topic, dedup_key, aggregate, state, attempts, crashes, max_attempts, run_at, expires_at, lease_owner,
  provider_ref, last_error, created_at, finished_at,
  case when state = 'ready' then greatest(extract(epoch from now() - run_at), 0) else 0 end::float8 as late
"""


async def list_rows(
    *,
    state: str | None = None,
    topic: str | None = None,
    older_than: timedelta | None = None,
    after: int = 0,
    first: int = 50,
) -> list[OutboxRow]:
    """At most `first` rows with an id beyond `after`, oldest first; `older_than` counts from their creation."""
    async with db.read(EVERYTHING):
        rows: Any = await db.fetch(
            f"""
            select {_COLUMNS} from outbox
            where id > $1 and ($2::text is null or state = $2) and ($3::text is null or topic = $3)
              and ($4::float8 is null or created_at < now() - $4 * interval '1 second')
            order by id limit $5
            """,  # noqa: S608
            after,
            state,
            topic,
            older_than.total_seconds() if older_than is not None else None,
            first,
        )
    return list(rows)


async def show(row_id: int) -> dict[str, Any] | None:
    """One row with its `payload` and its `tries` (number, started_at, ended_at, outcome, detail); None: no such row."""
    async with db.read(EVERYTHING):
        row = await db.fetch_one(
            f"select {_COLUMNS}, payload::text as payload from outbox where id = $1",  # noqa: S608
            row_id,
        )
        if row is None:
            return None
        tries = await db.fetch(
            "select number, started_at, ended_at, outcome, detail from outbox_attempt where outbox_id = $1 order by id",
            row_id,
        )
    return {**row, "payload": orjson.loads(row["payload"]), "tries": tries}


async def retry(row_id: int) -> Answer:
    """Makes a dead, cancelled or waiting row due now, with all its tries before it."""
    return await _change(
        row_id,
        """
        update outbox set state = 'ready', run_at = now(), attempts = 0, crashes = 0, finished_at = null
        where id = $1 and state in ('dead', 'cancelled', 'ready') and (expires_at is null or expires_at > now())
        returning id
        """,
    )


async def cancel(row_id: int) -> Answer:
    """Calls off a waiting or dead row; one being carried out, or done, cannot be called off."""
    return await _change(
        row_id,
        """
        update outbox set state = 'cancelled', finished_at = now(), last_error = coalesce(last_error, 'called off')
        where id = $1 and state in ('ready', 'dead')
        returning id
        """,
    )


async def _change(row_id: int, statement: str) -> Answer:
    row = await db.fetch_one(
        "select state, coalesce(expires_at <= now(), false) as expired from outbox where id = $1 for update", row_id
    )
    if row is None:
        return Answer.MISSING
    if await db.fetch_one(statement, row_id):
        return Answer.DONE
    return Answer.EXPIRED if row["expired"] and row["state"] not in ("leased", "done") else Answer.WRONG_STATE


async def relay_age() -> float | None:
    """Seconds since the youngest sign of life of any worker; None when none was ever seen."""
    async with db.read(EVERYTHING):
        row = await db.fetch_one("select extract(epoch from now() - max(beat_at))::float8 as age from worker_beat")
    return None if row is None else row["age"]
