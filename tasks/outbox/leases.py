"""Outbox rows change hands here: claimed for a while, kept alive, finished, given back, or taken from the dead.

Every function is one short transaction, every instant is the database's. A claim raises the row's `fence`; whoever
comes back with an older fence has lost the row and changes nothing but his own attempt's record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from core import db
from core.scope import EVERYTHING
from tasks.outbox.topics import Job, OnDead, Topic

MAX_CRASHES = 3
"""Leases that may run out on a row before it is taken for what kills the workers."""

MAX_DEFECTS = 3
"""Tries at a job whose handler raises what it should not."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One claimed row: the handler's `job`, and what is needed to finish it."""

    job: Job
    topic: Topic
    attempt_id: int
    failures: int
    max_attempts: int
    suspect: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """How a try ended: `outcome` is the attempt's (`done`, `postponed`, `retry`, `error`, `dead`); `delay` seconds to
    the next.
    """

    outcome: str
    detail: str | None = None
    delay: float = 0.0
    provider_ref: str | None = None


# The unique index `outbox_one_in_flight` is the wall behind the order; this condition is the door. Ids are given before
# the commit, so a smaller id may appear while a larger one is in flight: it waits for it.
_CLAIM = """
with topic as (
  select * from unnest($1::text[], $2::int[], $3::float8[]) as t (name, free, lease)
), picked as (
  select due.id, topic.lease
  from topic cross join lateral (
    select o.id from outbox o
    where o.topic = topic.name and o.state = 'ready' and o.run_at <= now() and (o.crashes > 0) = $4
      and (o.aggregate is null or not exists (
        select from outbox other
        where other.aggregate = o.aggregate and other.id <> o.id and other.state in ('ready', 'leased', 'dead')
          and (other.state = 'leased' or (other.id < o.id
            and (other.state = 'ready' or (other.state = 'dead' and other.topic = any ($5::text[])))))))
    order by o.run_at, o.id limit topic.free for update skip locked
  ) due
  limit $6
), taken as (
  update outbox o
  set state = case when o.expires_at <= now() then 'cancelled' else 'leased' end,
    attempts = o.attempts + case when o.expires_at <= now() then 0 else 1 end,
    fence = o.fence + 1,
    lease_owner = case when o.expires_at <= now() then null else $7 end,
    lease_until = case when o.expires_at <= now() then null else now() + picked.lease * interval '1 second' end,
    last_error = case when o.expires_at <= now() then 'expired before it was sent' else o.last_error end,
    finished_at = case when o.expires_at <= now() then now() end
  from picked where o.id = picked.id
  returning o.*
), opened as (
  insert into outbox_attempt (outbox_id, number, started_at)
  select id, attempts, now() from taken where state = 'leased' order by id
  returning id, outbox_id
)
select taken.id, topic, dedup_key, payload::text as payload, attempts, crashes, max_attempts, fence,
  opened.id as attempt_id
from taken left join opened on opened.outbox_id = taken.id
order by taken.id
"""

_FINISH = """
with finished as (
  update outbox set state = $4::text, lease_until = null, lease_owner = null,
    provider_ref = coalesce($5::text, provider_ref), last_error = $6::text,
    attempts = attempts - case when $8::text = 'postponed' then 1 else 0 end,
    run_at = case when $4::text = 'ready' then least(now() + $7::float8 * interval '1 second', expires_at)
      else run_at end,
    finished_at = case when $4::text = 'ready' then null else now() end
  where id = $1 and fence = $2 and state = 'leased'
  returning id
), closed as (
  update outbox_attempt set ended_at = now(), detail = $6::text,
    outcome = case when exists (select from finished) then $8::text else 'late' end
  where id = $3
)
select id from finished
"""

_RESCUE = """
with expired as (
  select id from outbox where state = 'leased' and lease_until < now()
  order by lease_until limit 500 for update skip locked
), freed as (
  update outbox o set crashes = o.crashes + 1, lease_until = null, lease_owner = null, run_at = now(),
    state = case when o.crashes + 1 >= $1 then 'dead' else 'ready' end,
    finished_at = case when o.crashes + 1 >= $1 then now() end,
    last_error = 'the lease ran out'
  from expired where o.id = expired.id
  returning o.id, o.state
), closed as (
  update outbox_attempt a set ended_at = now(), outcome = 'crashed', detail = 'the lease ran out'
  from freed where a.outbox_id = freed.id and a.ended_at is null
)
select id, state from freed
"""

# A row made due again by people has all its tries before it: what it had before is none of those counted in `attempts`.
_DEFECTS = """
select count(*) as n from (
  select outcome from outbox_attempt
  where outbox_id = $1 and coalesce(outcome, '') not in ('postponed', 'released') order by id desc limit $2
) tries where outcome = 'error'
"""

_EXTEND = """
update outbox o set lease_until = now() + held.lease * interval '1 second'
from unnest($1::bigint[], $2::bigint[], $3::float8[]) as held (id, fence, lease)
where o.id = held.id and o.fence = held.fence and o.state = 'leased'
returning o.id
"""

_RELEASE = """
with freed as (
  update outbox o set state = 'ready', attempts = o.attempts - 1, lease_until = null, lease_owner = null, run_at = now()
  from unnest($1::bigint[], $2::bigint[]) as held (id, fence)
  where o.id = held.id and o.fence = held.fence and o.state = 'leased'
  returning o.id
), closed as (
  update outbox_attempt a set ended_at = now(), outcome = 'released'
  from freed where a.outbox_id = freed.id and a.ended_at is null
)
select id from freed
"""

_BEAT = """
insert into worker_beat (name, started_at, beat_at) values ($1, now(), now())
on conflict (name) do update set beat_at = now()
"""


async def claim(
    topics: Mapping[str, Topic], free: Mapping[str, int], *, limit: int, owner: str, suspects: bool = False
) -> list[Lease]:
    """Takes due rows, at most `free[topic]` of each topic and `limit` in all; committed when it returns.

    `suspects` asks for rows whose lease has run out before, otherwise only others are taken. Rows past their
    `expires_at` are cancelled on the way and not handed out; they take nobody's place.
    """
    wanted = [topics[name] for name, slots in free.items() if slots > 0]
    if not wanted or limit <= 0:
        return []
    given = (
        [topic.name for topic in wanted],
        [free[topic.name] for topic in wanted],
        [topic.lease for topic in wanted],
        suspects,
        [topic.name for topic in topics.values() if topic.on_dead is OnDead.BLOCK],
        limit,
        owner,
    )
    # What is past its time is the oldest and comes first: none handed out means that nothing is due only if none came.
    while rows := await _take(given):
        if leased := [_lease(row, topics[row["topic"]]) for row in rows if row["attempt_id"] is not None]:
            return leased
    return []


async def _take(given: Sequence[object]) -> list[dict[str, Any]]:
    """One claim, with the rows that were cancelled on the way (they have no attempt)."""
    try:
        async with db.transaction(EVERYTHING):
            return await db.fetch(_CLAIM, *given)
    except db.ConstraintViolated as refused:
        if refused.name == "outbox_one_in_flight":  # another worker took a row of the same aggregate; look again soon
            return []
        raise


def _lease(row: Mapping[str, object], topic: Topic) -> Lease:
    attempts, crashes = int(str(row["attempts"])), int(str(row["crashes"]))
    failures, most = attempts - crashes, min(int(str(row["max_attempts"])), topic.max_attempts)
    job = Job(
        id=int(str(row["id"])),
        topic=topic.name,
        dedup_key=str(row["dedup_key"]),
        payload=orjson.loads(str(row["payload"])),
        attempt=attempts,
        fence=int(str(row["fence"])),
        last=failures >= most,
    )
    return Lease(
        job=job,
        topic=topic,
        attempt_id=int(str(row["attempt_id"])),
        failures=failures,
        max_attempts=most,
        suspect=crashes > 0,
    )


async def finish(lease: Lease, ending: Ending) -> bool:
    """Records the end of a try. False when the lease was lost meanwhile: then the attempt is `late` and no more."""
    async with db.transaction(EVERYTHING):
        if ending.outcome == "error" and await _defects(lease) + 1 >= MAX_DEFECTS:
            ending = Ending("dead", ending.detail)
        state = {"done": "done", "dead": "dead"}.get(ending.outcome, "ready")
        row = await db.fetch_one(
            _FINISH,
            lease.job.id,
            lease.job.fence,
            lease.attempt_id,
            state,
            ending.provider_ref,
            ending.detail,
            ending.delay,
            ending.outcome,
        )
    return row is not None


async def _defects(lease: Lease) -> int:
    row = await db.fetch_one(_DEFECTS, lease.job.id, lease.job.attempt)
    return int(row["n"]) if row else 0


async def rescue() -> list[tuple[int, str]]:
    """Takes rows from owners whose lease has run out: (id, new state), `ready` again or `dead` after three times."""
    async with db.transaction(EVERYTHING):
        rows = await db.fetch(_RESCUE, MAX_CRASHES)
    return [(row["id"], row["state"]) for row in rows]


async def extend(leases: Sequence[Lease]) -> set[int]:
    """Renews the leases; returns the ids still held."""
    held = list(leases)
    async with db.transaction(EVERYTHING):
        rows = await db.fetch(
            _EXTEND, [one.job.id for one in held], [one.job.fence for one in held], [one.topic.lease for one in held]
        )
    return {row["id"] for row in rows}


async def release(leases: Sequence[Lease]) -> set[int]:
    """Gives unfinished rows back, as if they had not been tried; returns the ids that were still held."""
    async with db.transaction(EVERYTHING):
        rows = await db.fetch(_RELEASE, [one.job.id for one in leases], [one.job.fence for one in leases])
    return {row["id"] for row in rows}


async def beat(owner: str) -> None:
    """Leaves a sign of life that `relay_age` reads."""
    async with db.transaction(EVERYTHING):
        await db.fetch(_BEAT, owner)
