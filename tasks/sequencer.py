"""Numbers the event log and the audit trail after the commit, gapless per tenant, and chains the audit by hashes.

A row is numbered once every transaction that could still put a row before it has ended: its own transaction id must be
older than the oldest one still open (`pg_snapshot_xmin`). Rows of one pass are numbered in id order; whoever commits
later is numbered later. A long transaction anywhere in the cluster therefore delays numbering, and never disorders it.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from core import db
from core.scope import EVERYTHING

EVERY = 0.3
BATCH = 500
FIRST_HASH = bytes(32)
_SAFE = "age(xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)"


class Problem(NamedTuple):
    """Something wrong in a tenant's audit trail: `kind` is `gap`, `link` (previous hash) or `content` (hash)."""

    seq: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Stream:
    table: str
    tenant: str
    number: str

    def of(self, tenant: UUID | None) -> str:
        """The condition for one tenant's rows; `$1` is used only where there is one (null is a tenant of its own)."""
        return f"{self.tenant} = $1" if tenant is not None else f"{self.tenant} is null and $1::uuid is null"


_EVENTS = _Stream("event", "partner_id", "sequence")
_AUDIT = _Stream("audit", "tenant_id", "seq")


async def run() -> None:
    """For ever: one pass every `EVERY` seconds."""
    while True:
        await sequence_once()
        await asyncio.sleep(EVERY)


async def sequence_once() -> int:
    """Numbers what can be numbered now, of every tenant that no other process is numbering; returns how many rows."""
    return await _pass(_EVENTS, _number_events) + await _pass(_AUDIT, _chain_audit)


async def _pass(stream: _Stream, number: Callable[[UUID | None], Awaitable[int]]) -> int:
    async with db.read(EVERYTHING):
        rows = await db.fetch(
            f"select distinct {stream.tenant} as tenant from {stream.table} where {stream.number} is null and {_SAFE}"  # noqa: S608
        )
    numbered = 0
    for row in rows:
        async with db.transaction(EVERYTHING):
            if await _lock(stream, row["tenant"]):
                numbered += await number(row["tenant"])
    return numbered


async def _lock(stream: _Stream, tenant: UUID | None) -> bool:
    """Whether this transaction is now the tenant's only sequencer. Statements after it see what the last one wrote."""
    name = f"{stream.table}:{tenant}"
    row = await db.fetch_one("select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken", name)
    return bool(row and row["taken"])


async def _number_events(tenant: UUID | None) -> int:
    where = _EVENTS.of(tenant)
    rows = await db.fetch(
        f"""
        with safe as (
          select id, row_number() over (order by id) as place from (
            select id from event where {where} and sequence is null and {_SAFE} order by id limit {BATCH}) first
        ), last as (
          select coalesce(max(sequence), 0) as number from event where {where} and sequence is not null
        )
        update event set sequence = last.number + safe.place from safe, last where event.id = safe.id
        returning event.id
        """,  # noqa: S608
        tenant,
    )
    return len(rows)


_COLUMNS = """
  id, tenant_id, seq, occurred_at, actor, via, operation, subject_type, subject_id, detail::text as detail, request_id,
  address, previous_hash, hash
"""


async def _chain_audit(tenant: UUID | None) -> int:
    where = _AUDIT.of(tenant)
    last = await db.fetch_one(
        f"select seq, hash from audit where {where} and seq is not null order by seq desc limit 1",  # noqa: S608
        tenant,
    )
    rows = await db.fetch(
        f"select {_COLUMNS} from audit where {where} and seq is null and {_SAFE} order by id limit {BATCH}",  # noqa: S608
        tenant,
    )
    seq, previous = (last["seq"], bytes(last["hash"])) if last else (0, FIRST_HASH)
    ids, numbers, befores, hashes = [], [], [], []
    for row in rows:
        seq += 1
        ids.append(row["id"])
        numbers.append(seq)
        befores.append(previous)
        previous = row_hash(previous, {**row, "seq": seq})
        hashes.append(previous)
    await db.fetch(
        """
        update audit set seq = given.seq, previous_hash = given.previous_hash, hash = given.hash
        from unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bytea[]) as given (id, seq, previous_hash, hash)
        where audit.id = given.id
        """,
        ids,
        numbers,
        befores,
        hashes,
    )
    return len(ids)


def row_hash(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """SHA-256 over the previous hash and the row's canonical JSON: sorted keys, no spaces, UTF-8.

    `occurred_at` is UTC with microseconds, `detail` is PostgreSQL's own text of the jsonb, as a string.
    """
    content = {name: row[name] for name in row if name not in {"previous_hash", "hash", "occurred_at"}}
    content["occurred_at"] = row["occurred_at"].astimezone(UTC).isoformat(timespec="microseconds")
    canonical = orjson.dumps(content, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(previous + canonical).digest()


async def verify_audit(tenant: UUID | None) -> list[Problem]:
    """Everything wrong in the numbered part of a tenant's trail; empty when the chain holds.

    Rows cut off its end cannot be told from rows never written: compare the last hash with one kept elsewhere.
    """
    problems: list[Problem] = []
    expected, previous = 1, FIRST_HASH
    while True:
        async with db.read(EVERYTHING):
            rows = await db.fetch(
                f"select {_COLUMNS} from audit where {_AUDIT.of(tenant)} and seq >= $2 order by seq limit 1000",  # noqa: S608
                tenant,
                expected,
            )
        if not rows:
            return problems
        for row in rows:
            problems += _check(row, expected, previous)
            expected, previous = row["seq"] + 1, bytes(row["hash"] or b"")


def _check(row: Mapping[str, Any], expected: int, previous: bytes) -> list[Problem]:
    seq = row["seq"]
    if seq != expected:
        return [Problem(expected, "gap")]
    kept = bytes(row["previous_hash"] or b"")
    found = []
    if kept != previous:
        found.append(Problem(seq, "link"))
    if bytes(row["hash"] or b"") != row_hash(kept, row):
        found.append(Problem(seq, "content"))
    return found
