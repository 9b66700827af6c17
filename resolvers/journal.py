"""Writes what a command leaves behind besides its rows: outbox, events, key and audit, in one statement."""

from typing import TYPE_CHECKING, Any

import orjson

from core import db
from core.ids import uuid7
from models.base import Row
from resolvers.context import Context
from resolvers.keys import Kept

if TYPE_CHECKING:
    from resolvers.command import CommandSpec

_MESSAGES = """
    insert into outbox (topic, dedup_key, aggregate, payload, max_attempts, run_at, expires_at, created_at)
    select topic, dedup_key, aggregate, payload, max_attempts, now(), now() + expires_in * interval '1 second', now()
    from jsonb_to_recordset($1::jsonb) as row
      (topic text, dedup_key text, aggregate text, payload jsonb, max_attempts int, expires_in double precision)
    on conflict do nothing
"""

_KEY = """
    kept as (
      insert into idempotency (id, caller_id, key, operation, fingerprint, outcome, created_at, expires_at)
      values ($14, $15, $16, $9, $17, $18::jsonb, $5, $19)
    ),
"""


def _everything(key: str) -> str:
    return f"""
    with sent as ({_MESSAGES}), {key}
    told as (
      insert into event (id, partner_id, customer_id, type, subject_type, subject_id, subject_version, actor,
                         request_id, changes, occurred_at)
      select id, partner_id, customer_id, type, subject_type, subject_id, subject_version, $3::text,
             $4::text, changes, $5::timestamptz
      from jsonb_to_recordset($2::jsonb) as row
        (id uuid, partner_id uuid, customer_id uuid, type text, subject_type text, subject_id uuid,
         subject_version int, changes jsonb)
    )
    insert into audit (id, tenant_id, occurred_at, actor, via, operation, subject_type, subject_id, detail, request_id,
                       address)
    values ($6, $7, $5, $3, $8, $9, $10, $11, $12::jsonb, $4, $13)
    """  # noqa: S608 - all parts are constants


_WITH_KEY, _WITHOUT_KEY = _everything(_KEY), _everything("")


async def write(ctx: Context, spec: "CommandSpec", result: object, key: Kept | None = None) -> None:
    """Outbox rows, events, the audit row and the key of a command that is about to commit."""
    subject = result if isinstance(result, Row) else getattr(result, "subject", None)
    detail = {**ctx.work.audited, "effects": [effect.kind for effect in ctx.work.effects]}
    await db.fetch(
        _WITHOUT_KEY if key is None else _WITH_KEY,
        _json(ctx.work.messages),
        _json([{**event, "id": uuid7()} for event in ctx.work.events]),
        ctx.actor.name,
        ctx.request_id,
        ctx.now,
        ctx.work.audit_id,
        ctx.work.tenant_id or ctx.actor.partner_id,
        ctx.via,
        spec.name,
        None if subject is None else type(subject).__name__,
        None if subject is None else subject.id,
        _json(detail),
        ctx.address,
        *(() if key is None else key),
    )
    ctx.sent = ctx.sent or bool(ctx.work.messages)


async def write_messages(ctx: Context) -> None:
    """Outbox rows alone, for what is sent beside a command (a step-up challenge, the notice of a lock)."""
    if ctx.work.messages:
        await db.fetch(_MESSAGES, _json(ctx.work.messages))
        ctx.sent = True


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
