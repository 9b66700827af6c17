"""Deletes what has served its time: carried-out messages, old keys, records of slots."""

from datetime import datetime, timedelta

from core import db
from core.scope import EVERYTHING
from tasks.schedules import scheduled

BATCH = 1000

_OUTBOX = """
with old as (
  select id from outbox where state in ('done', 'cancelled') and finished_at < now() - interval '30 days'
  order by id limit $1 for update skip locked
), attempts as (
  delete from outbox_attempt using old where outbox_id = old.id
)
delete from outbox using old where outbox.id = old.id returning outbox.id
"""

_KEYS = """
delete from idempotency where id in (
  select id from idempotency where not keep and created_at < now() - interval '7 days' order by created_at limit $1
) returning id
"""

_SLOTS = """
delete from schedule_run where id in (
  select id from schedule_run old where slot < now() - interval '30 days' and state <> 'due'
    and exists (select from schedule_run newer where newer.job = old.job and newer.slot > old.slot) limit $1
) returning id
"""

_WORKERS = """
delete from worker_beat where name in (
  select name from worker_beat where beat_at < now() - interval '1 day' limit $1
) returning name
"""


async def delete_old(statement: str) -> int:
    """Runs one of this module's statements in batches, each a transaction of its own, until nothing is left."""
    deleted = 0
    while True:
        async with db.transaction(EVERYTHING):
            rows = await db.fetch(statement, BATCH)
        deleted += len(rows)
        if len(rows) < BATCH:
            return deleted


@scheduled("retention", every=timedelta(hours=6))
async def delete_everything_old(_slot: datetime) -> None:
    """Done and cancelled messages after 30 days, idempotency keys after 7 (money's are kept), slots and beats too."""
    for statement in (_OUTBOX, _KEYS, _SLOTS, _WORKERS):
        await delete_old(statement)
