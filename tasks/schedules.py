"""Jobs by the clock: every slot runs once among any number of workers, and slots missed while all were down catch up.

What has run is in PostgreSQL: a slot is recorded together with the outbox row that will run it, or by nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from core import db
from core.ids import uuid7
from core.log import get_logger
from core.scope import EVERYTHING
from gateways.delivery import Receipt, TerminalFailure
from tasks.outbox.topics import DEFAULT, Job, Registry

TICK = 5.0
ON_TIME = timedelta(seconds=60)
"""A slot found this late still counts as met, not missed."""
MOST_AT_ONCE = 500
"""Missed slots taken up by one tick; the next one goes on."""
TOPIC = "schedule.run"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
log = get_logger("cosell.schedules")

Run = Callable[[datetime], Awaitable[None]]


class CatchUp(StrEnum):
    """Which of the slots missed while no worker ran are run: every one in order, the latest, or none."""

    ALL = "all"
    LATEST = "latest"
    SKIP = "skip"


class Slots(Protocol):
    """An endless ascending series of instants."""

    def after(self, instant: datetime) -> Iterator[datetime]:
        """Slots later than `instant`, in UTC."""

    def latest(self, instant: datetime) -> datetime:
        """The last slot not later than `instant`."""


@dataclass(frozen=True, slots=True)
class Every:
    """Whole multiples of `interval` since 1970 in UTC: clocks going forward or back do not touch them."""

    interval: timedelta

    def after(self, instant: datetime) -> Iterator[datetime]:
        """Slots later than `instant`."""
        slot = self.latest(instant)
        while True:
            slot += self.interval
            yield slot

    def latest(self, instant: datetime) -> datetime:
        """The last slot not later than `instant`."""
        return _EPOCH + (instant - _EPOCH) // self.interval * self.interval


@dataclass(frozen=True, slots=True)
class Daily:
    """Once per local date at `at` in `zone`.

    A time that happens twice (clocks go back) means the first of the two; a time that does not happen (clocks go
    forward) moves on by what was left out: 02:30 becomes 03:30.
    """

    at: time
    zone: ZoneInfo

    def after(self, instant: datetime) -> Iterator[datetime]:
        """Slots later than `instant`."""
        day = instant.astimezone(self.zone).date() - _DAY
        last = instant
        while True:
            slot = datetime.combine(day, self.at, self.zone).astimezone(UTC)
            if slot > last:
                last = slot
                yield slot
            day += _DAY

    def latest(self, instant: datetime) -> datetime:
        """The last slot not later than `instant`."""
        slots = self.after(instant - 3 * _DAY)
        slot = next(slots)
        for following in slots:
            if following > instant:
                return slot
            slot = following
        raise AssertionError("the series never ends")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One job: when it is due, what it does, what becomes of missed slots."""

    job: str
    slots: Slots
    run: Run
    catch_up: CatchUp


class Schedules:
    """The jobs a worker knows."""

    def __init__(self) -> None:
        self.jobs: dict[str, Schedule] = {}

    def scheduled(
        self,
        job: str,
        *,
        every: timedelta | None = None,
        daily: str | None = None,
        zone: str = "Asia/Shanghai",
        catch_up: CatchUp | str = CatchUp.LATEST,
    ) -> Callable[[Run], Run]:
        """Declares `async def run(slot: datetime) -> None` to run each `every`, or `daily` at "HH:MM" of `zone`.

        `run` may be tried again for the same slot, so it must be idempotent by slot. `ValueError` if declared badly.
        """
        if (every is None) == (daily is None):
            raise ValueError(f"{job}: say either every or daily")
        slots = Every(every) if every is not None else Daily(time.fromisoformat(str(daily)), ZoneInfo(zone))

        def declare(run: Run) -> Run:
            if job in self.jobs:
                raise ValueError(f"{job} is scheduled already")
            self.jobs[job] = Schedule(job, slots, run, CatchUp(catch_up))
            return run

        return declare

    def attach(self, registry: Registry) -> None:
        """Lets the registry's workers carry out due slots: one at a time and in order per job."""
        registry.topic(TOPIC, lease=15, timeout=900, max_attempts=5, base=30, cap=600, concurrency=2)(self.carry_out)

    async def carry_out(self, job: Job) -> Receipt | None:
        """The outbox handler: runs the slot and records how it ended (`failed` until a later try succeeds)."""
        name, slot = str(job.payload["job"]), datetime.fromisoformat(str(job.payload["slot"]))
        schedule = self.jobs.get(name)
        if schedule is None:
            await _mark(name, slot, "failed")
            raise TerminalFailure("the job is no longer scheduled")
        await _start(name, slot)
        try:
            await schedule.run(slot)
        except Exception:
            await _mark(name, slot, "failed")
            raise
        await _mark(name, slot, "done")
        return None

    async def tick(self) -> int:
        """Records the slots that have become due and puts their runs into the outbox; returns how many."""
        due = 0
        for schedule in self.jobs.values():
            async with db.transaction(EVERYTHING):
                due += await _tick(schedule)
        return due

    async def run(self, wake: Callable[[], None]) -> None:
        """For ever: a tick every `TICK` seconds, and `wake()` when something became due."""
        while True:
            if await self.tick():
                wake()
            await asyncio.sleep(TICK)


async def _tick(schedule: Schedule) -> int:
    row = await db.fetch_one("select now() as now, max(slot) as last from schedule_run where job = $1", schedule.job)
    now: datetime = row["now"] if row else _EPOCH
    last: datetime | None = row["last"] if row else None
    if last is None:
        # A job that is new here begins with its next slot; this row says from where to count.
        await _record(schedule.job, [(schedule.slots.latest(now), "skipped")])
        return 0
    due = _due(schedule, last, now)
    return await _record(schedule.job, due) if due else 0


def _due(schedule: Schedule, last: datetime, now: datetime) -> list[tuple[datetime, str]]:
    """Slots in (last, now] that are to be recorded, each with its state."""
    if schedule.catch_up is CatchUp.ALL:
        due: list[tuple[datetime, str]] = []
        for slot in schedule.slots.after(last):
            if slot > now or len(due) == MOST_AT_ONCE:
                break
            due.append((slot, "due"))
        return due
    latest = schedule.slots.latest(now)
    if latest <= last:
        return []
    missed = schedule.catch_up is CatchUp.SKIP and now - latest > ON_TIME
    return [(latest, "skipped" if missed else "due")]


_RECORD = """
with slot as (
  insert into schedule_run (id, job, slot, state)
  select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[])
  on conflict (job, slot) do nothing
  returning job, slot, state
)
insert into outbox (topic, dedup_key, aggregate, payload, max_attempts, run_at, created_at)
select $5, job || ':' || key, 'schedule:' || job, jsonb_build_object('job', job, 'slot', key), $6, now(), now()
from slot join unnest($3::timestamptz[], $7::text[]) as given (instant, key) on given.instant = slot.slot
where slot.state = 'due' order by slot.slot
on conflict (topic, dedup_key) do nothing
returning id
"""


async def _record(job: str, slots: list[tuple[datetime, str]]) -> int:
    instants = [slot for slot, _ in slots]
    rows = await db.fetch(
        _RECORD,
        [uuid7() for _ in slots],
        [job] * len(slots),
        instants,
        [state for _, state in slots],
        TOPIC,
        5,
        [instant.astimezone(UTC).isoformat() for instant in instants],
    )
    return len(rows)


async def _start(job: str, slot: datetime) -> None:
    async with db.transaction(EVERYTHING):
        await db.fetch("update schedule_run set started_at = now() where job = $1 and slot = $2", job, slot)


async def _mark(job: str, slot: datetime, state: str) -> None:
    async with db.transaction(EVERYTHING):
        await db.fetch(
            "update schedule_run set state = $3, finished_at = now() where job = $1 and slot = $2", job, slot, state
        )


SCHEDULES = Schedules()
"""The product's own jobs."""

scheduled = SCHEDULES.scheduled
SCHEDULES.attach(DEFAULT)
