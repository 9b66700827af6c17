"""Idempotency keys: one caller's key stands for one operation with one input, carried out once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from core import db
from core.ids import uuid7
from models.base import Row
from models.registry import model_named
from resolvers.batch import Batch, restored
from resolvers.batch import stored as stored_items
from resolvers.context import Context, Effect
from resolvers.nodes import visible_rows
from rules.access import Role
from rules.errors import ErrorCode, refuse
from rules.policy import IDEMPOTENCY_LIFE

if TYPE_CHECKING:
    from resolvers.command import CommandSpec

# Two statements: one alone would look with the eyes it had before it got the lock, and miss what the last holder wrote.
_LOCK = "select pg_try_advisory_xact_lock(hashtextextended($1::text || ':' || $2, 0)) as locked"
_STORED = "select operation, fingerprint, outcome from idempotency where caller_id = $1 and key = $2"


class Kept(NamedTuple):
    """A key that was used, with what came of it; without an end where money moved."""

    id: UUID
    caller_id: UUID
    key: str
    fingerprint: bytes
    outcome: str
    expires_at: datetime | None


SYSTEM_CALLER = UUID(int=0)
"""The namespace of the system's own keys."""


def caller(ctx: Context, fingerprint: bytes) -> UUID:
    """Whose namespace a key lives in: the account's, the system's, or for one not signed in one of that very input."""
    if Role.SYSTEM in ctx.actor.roles:
        return SYSTEM_CALLER
    return ctx.actor.account_id or UUID(bytes=fingerprint[:16])


async def claim(caller_id: UUID, key: str, operation: str, fingerprint: bytes) -> dict[str, Any] | None:
    """Takes the key for this transaction. The stored outcome if it was used before for the same; refuses otherwise."""
    if not 8 <= len(key) <= 255:
        raise refuse(ErrorCode.OUT_OF_RANGE, "input", "idempotencyKey", parameters={"min": 8, "max": 255})
    lock = await db.fetch_one(_LOCK, str(caller_id), key)
    if lock is None or not lock["locked"]:
        raise refuse(ErrorCode.IDEMPOTENCY_IN_PROGRESS, "input", "idempotencyKey", retryable=True)
    row = await db.fetch_one(_STORED, caller_id, key)
    if row is None:
        return None
    if row["operation"] != operation or bytes(row["fingerprint"]) != fingerprint:
        raise refuse(ErrorCode.IDEMPOTENCY_KEY_REUSED, "input", "idempotencyKey")
    stored: dict[str, Any] = orjson.loads(row["outcome"])
    return stored


async def is_used(caller_id: UUID, key: str) -> bool:
    """Whether something has been carried out with this key; before the business transaction."""
    return bool(await db.look_up(_STORED, caller_id, key))


async def items_of(caller_id: UUID, key: str, operation: str) -> Batch[Row] | None:
    """What a batch that was carried out with this key came to, without its rows; None when there was none."""
    row = await db.fetch_one(_STORED, caller_id, key)
    if row is None or row["operation"] != operation:
        return None
    return restored(orjson.loads(row["outcome"])["items"] or [], {})


def kept(ctx: Context, caller_id: UUID, key: str, fingerprint: bytes, result: object) -> Kept:
    """What is kept of it, written in the business transaction: a crash before the commit leaves no key behind."""
    outcome = {
        "typename": type(result).__name__ if isinstance(result, Row) else None,
        "id": str(result.id) if isinstance(result, Row) else None,
        "effects": [effect.data() for effect in ctx.work.effects],
        "items": stored_items(result) if isinstance(result, Batch) else None,
    }
    expires_at = None if ctx.work.moved_money else ctx.now + ctx.policy[IDEMPOTENCY_LIFE]
    return Kept(uuid7(), caller_id, key, fingerprint, orjson.dumps(outcome).decode(), expires_at)


async def reload(ctx: Context, spec: "CommandSpec", stored: dict[str, Any]) -> Row | Batch[Row] | None:
    """What the stored outcome speaks of, as it is now and as far as the caller may see it now."""
    items = stored.get("items")
    if items is not None:
        return restored(items, await _rows(ctx, spec, items))
    if stored["id"] is None:
        return None
    return (await _rows(ctx, spec, [stored])).get(UUID(stored["id"]))


async def _rows(ctx: Context, spec: "CommandSpec", named: Sequence[dict[str, Any]]) -> dict[UUID, Row]:
    """The rows that are named by type and id, one statement for each type."""
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for one in named:
        if one["id"] is not None:
            wanted[one["typename"]].append(UUID(one["id"]))
    found: dict[UUID, Row] = {}
    for typename, ids in wanted.items():
        model = model_named(typename)
        rows = model.all() if spec.as_system else visible_rows(ctx, model)
        found |= {row.id: row for row in await rows.filter(id__in=ids)}
    return found


def effects(stored: dict[str, Any]) -> list[Effect]:
    """The effects of the first run."""
    return [Effect.of(data) for data in stored["effects"]]
