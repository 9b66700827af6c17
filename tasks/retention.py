"""Deletes what has served its time: carried-out messages, keys, codes and sessions whose life is over, records of slots
and workers.
"""

from datetime import datetime, timedelta

from core import db
from core.clock import Clock
from core.scope import EVERYTHING
from core.settings import Settings
from tasks.schedules import Schedules

BATCH = 1000
EVERY = timedelta(hours=6)

# Machine time, and so the database's clock: these rows never meet a business rule.
_OUTBOX = """
with old as (
  select id from outbox where state in ('done', 'cancelled') and finished_at < now() - make_interval(days => $2)
  order by id limit $1 for update skip locked
), attempts as (
  delete from outbox_attempt using old where outbox_id = old.id
)
delete from outbox using old where outbox.id = old.id returning outbox.id
"""

_SLOTS = """
delete from schedule_run where id in (
  select id from schedule_run old where slot < now() - make_interval(days => $2) and state <> 'due'
    and exists (select from schedule_run newer where newer.job = old.job and newer.slot > old.slot) limit $1
) returning id
"""

_WORKERS = """
delete from worker_beat where name in (
  select name from worker_beat where beat_at < now() - make_interval(days => $2) limit $1
) returning name
"""

_KEYS = """
delete from idempotency where id in (
  select id from idempotency where expires_at < $2 order by expires_at limit $1
) returning id
"""


# Limits on codes count a day back at most, which is the least that `HISTORY_DAYS` may be. `created_at` has the index.
_CODES = """
delete from verification where id in (
  select id from verification where created_at < $2 and greatest(expires_at, proof_expires_at) < $2
  order by created_at limit $1
) returning id
"""

_SESSIONS = """
delete from session where id in (
  select id from session where refresh_expires_at < $2 and access_expires_at < $2
  order by refresh_expires_at limit $1
) returning id
"""

# A row without an instant counts nothing: the next failure makes it anew. No window of these counts is longer than the
# least that `HISTORY_DAYS` may be either.
_GUARDS = """
delete from sign_in_guard where id in (
  select id from sign_in_guard
  where coalesce(first_failure_at, '-infinity') < $2 and coalesce(locked_until, '-infinity') < $2
  limit $1 for update skip locked
) returning id
"""


async def delete_old(statement: str, limit: object) -> int:
    """Runs one of this module's statements in batches, each a transaction of its own, until nothing is left."""
    deleted = 0
    while True:
        async with db.transaction(EVERYTHING):
            rows = await db.fetch(statement, BATCH, limit)
        deleted += len(rows)
        if len(rows) < BATCH:
            return deleted


async def delete_everything_old(settings: Settings, clock: Clock) -> None:
    """Keys go when their own life is over (those of money have no end), the rest after `HISTORY_DAYS`: codes, sessions
    and counts of failed sign-ins so long after their end, by the business clock.
    """
    for statement in (_OUTBOX, _SLOTS, _WORKERS):
        await delete_old(statement, settings.history_days)
    now = clock()
    await delete_old(_KEYS, now)
    for statement in (_CODES, _SESSIONS, _GUARDS):
        await delete_old(statement, now - timedelta(days=settings.history_days))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Runs it four times a day."""

    @schedules.scheduled("retention", every=EVERY)
    async def _delete(_slot: datetime) -> None:
        await delete_everything_old(settings, clock)
