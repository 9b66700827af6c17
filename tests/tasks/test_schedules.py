"""Slots by the clock, also where clocks jump, and one run per slot among any number of workers."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from core.settings import Env, Settings
from tasks import retention
from tasks.outbox import Registry, Runner
from tasks.schedules import CatchUp, Daily, Every, Schedules
from tests.tasks.tables import put, row, sql, states

MOMENT = timedelta(microseconds=1)
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_intervals_are_multiples_since_1970() -> None:
    slots = Every(timedelta(minutes=15))
    assert list(islice(slots.after(at("2026-11-21T08:00")), 2)) == [at("2026-11-21T08:15"), at("2026-11-21T08:30")]
    assert slots.latest(at("2026-11-21T08:14:59.999999")) == at("2026-11-21T08:00")
    assert slots.latest(at("2026-11-21T08:15")) == at("2026-11-21T08:15")


def test_a_daily_time_is_that_of_its_zone() -> None:
    slots = Daily(time(9, 30), ZoneInfo("Asia/Shanghai"))
    assert next(slots.after(at("2026-11-21T01:29:59"))) == at("2026-11-21T01:30")
    assert next(slots.after(at("2026-11-21T01:30"))) == at("2026-11-22T01:30")
    assert slots.latest(at("2026-11-21T01:29:59")) == at("2026-11-20T01:30")
    assert slots.latest(at("2026-11-21T01:30")) == at("2026-11-21T01:30")


def test_a_time_left_out_by_the_clocks_moves_on_and_a_doubled_one_is_the_first() -> None:
    spring, autumn = Daily(time(2, 30), NEW_YORK), Daily(time(1, 30), NEW_YORK)
    assert list(islice(spring.after(at("2026-03-07T12:00")), 2)) == [at("2026-03-08T07:30"), at("2026-03-09T06:30")]
    assert list(islice(autumn.after(at("2026-10-31T12:00")), 2)) == [at("2026-11-01T05:30"), at("2026-11-02T06:30")]


def test_a_date_that_a_zone_left_out_has_no_slot_of_its_own() -> None:
    slots = list(islice(Daily(time(9), ZoneInfo("Pacific/Apia")).after(at("2011-12-28T00:00")), 4))
    assert slots == [at("2011-12-28T19:00"), at("2011-12-29T19:00"), at("2011-12-30T19:00"), at("2011-12-31T19:00")]


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Shanghai"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
def test_every_day_of_two_years_has_one_slot(zone: str, hour: int) -> None:
    slots = Daily(time(hour, 30), ZoneInfo(zone))
    found = list(islice(slots.after(at("2025-01-01T12:00")), 731))
    assert all(timedelta(hours=22) <= after - before <= timedelta(hours=26) for before, after in pairwise(found))
    assert found[-1] - found[0] < timedelta(days=730, hours=2)
    assert all(slots.latest(slot) == slot for slot in found[::37])


@pytest.mark.parametrize("bad", [{}, {"every": timedelta(hours=1), "daily": "01:00"}, {"daily": "25:00"}])
def test_bad_declarations_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"job|hour"):
        Schedules().scheduled("job", **bad)  # type: ignore[arg-type]


class Book:
    """A schedule with one hourly job that records its slots."""

    def __init__(self, catch_up: CatchUp = CatchUp.ALL, fails: int = 0) -> None:
        self.ran: list[datetime] = []
        self.fails = fails
        self.schedules = Schedules()
        self.schedules.scheduled("job", every=timedelta(hours=1), catch_up=catch_up)(self.run)
        registry = Registry()
        self.schedules.attach(registry)
        self.runner = Runner(registry, owner="w")

    async def run(self, slot: datetime) -> None:
        """Fails as often as told, then records."""
        if self.fails:
            self.fails -= 1
            raise ConnectionError
        self.ran.append(slot)

    async def work(self) -> None:
        """Runs everything due."""
        await self.runner.finish_all()


async def hour(ago: int = 0) -> datetime:
    """The start of the database's present hour, or of one before."""
    found: datetime = (await sql("select date_trunc('hour', now()) as at"))[0]["at"]
    return found - timedelta(hours=ago)


async def last_ran(ago: int) -> None:
    """The job's last recorded slot was so many hours ago."""
    await sql(
        "insert into schedule_run (id, job, slot, state) values (gen_random_uuid(), 'job', $1, 'done')", await hour(ago)
    )


async def recorded() -> list[tuple[datetime, str]]:
    """The recorded slots and their states."""
    return [(one["slot"], one["state"]) for one in await sql("select slot, state from schedule_run order by slot")]


@pytest.mark.usefixtures("tables")
class TestTicks:
    """What a tick records, and what is run of it."""

    async def test_a_new_job_begins_with_its_next_slot(self) -> None:
        book = Book()
        assert [await book.schedules.tick() for _ in range(2)] == [0, 0]
        assert await recorded() == [(await hour(), "skipped")]
        assert await states() == {}

    async def test_every_missed_slot_is_run_in_order(self) -> None:
        book = Book(CatchUp.ALL)
        await last_ran(4)
        assert await book.schedules.tick() == 4
        assert await book.schedules.tick() == 0
        await book.work()
        assert book.ran == [await hour(ago) for ago in (3, 2, 1, 0)]
        assert [state for _, state in await recorded()] == ["done"] * 5

    async def test_the_latest_missed_slot_is_run(self) -> None:
        book = Book(CatchUp.LATEST)
        await last_ran(4)
        assert await book.schedules.tick() == 1
        await book.work()
        assert book.ran == [await hour()]

    async def test_missed_slots_are_skipped(self) -> None:
        book = Book(CatchUp.SKIP)
        await last_ran(4)
        now = (await sql("select now() - date_trunc('hour', now()) as late"))[0]["late"]
        if now < timedelta(seconds=65):
            pytest.skip("the hour has just begun, so its slot is not missed")
        assert await book.schedules.tick() == 0
        assert await recorded() == [(await hour(4), "done"), (await hour(), "skipped")]
        await book.work()
        assert book.ran == []

    async def test_a_slot_met_in_time_is_run_whatever_the_policy(self) -> None:
        ran: list[datetime] = []

        async def run(slot: datetime) -> None:
            ran.append(slot)

        schedules, registry = Schedules(), Registry()
        schedules.scheduled("job", every=timedelta(seconds=1), catch_up=CatchUp.SKIP)(run)
        schedules.attach(registry)
        await sql(
            "insert into schedule_run (id, job, slot, state)"
            " values (gen_random_uuid(), 'job', date_trunc('second', now()) - interval '3 s', 'done')"
        )
        assert await schedules.tick() == 1
        await Runner(registry, owner="w").finish_all()
        assert len(ran) == 1

    async def test_five_schedulers_race_one_slot(self) -> None:
        books = [Book(CatchUp.LATEST) for _ in range(5)]
        for round_ in range(10):
            await sql("delete from schedule_run")
            await sql("delete from outbox")
            await last_ran(1)
            assert sum(await asyncio.gather(*(book.schedules.tick() for book in books))) == 1, round_
            await asyncio.gather(*(book.work() for book in books))
        assert sum(len(book.ran) for book in books) == 10

    async def test_a_failed_run_says_so_until_a_later_try_succeeds(self) -> None:
        book = Book(fails=1)
        await last_ran(1)
        await book.schedules.tick()
        await book.work()
        assert (await recorded())[-1] == (await hour(), "failed")
        assert await states() == {"ready": 1}
        await sql("update outbox set run_at = now()")
        await book.work()
        assert (await recorded())[-1] == (await hour(), "done")

    async def test_a_job_that_is_gone_is_dead_and_failed(self) -> None:
        book = Book()
        await last_ran(1)
        await book.schedules.tick()
        del book.schedules.jobs["job"]
        await book.work()
        assert (await recorded())[-1][1] == "failed"
        assert await states() == {"dead": 1}


@pytest.mark.tampers
@pytest.mark.usefixtures("tables")
async def test_what_has_served_its_time_is_deleted_and_nothing_else() -> None:
    ages = {"done": ("31 days", "29 days"), "cancelled": ("31 days", "29 days"), "dead": ("90 days", "1 day")}
    kept = []
    for state, pair in ages.items():
        for age in pair:
            job = await put("t", f"{state}{age}")
            await sql("insert into outbox_attempt (outbox_id, number, started_at) values ($1, 1, now())", job)
            await sql(
                "update outbox set state = $2, finished_at = now() - $3::text::interval where id = $1", job, state, age
            )
            kept += [job] if age != "31 days" else []
    now = at("2026-11-21T00:00")
    for key, expires in (("old-plain", now - MOMENT), ("old-money", None), ("new-plain", now)):
        await sql(
            "insert into idempotency (id, caller_id, key, operation, fingerprint, outcome, created_at, expires_at)"
            " values (gen_random_uuid(), gen_random_uuid(), $1, 'op', '', '{}', $2, $3)",
            key,
            at("2020-01-01T00:00"),
            expires,
        )
    for since in (40, 35, 29):
        await sql(
            "insert into schedule_run (id, job, slot, state) select gen_random_uuid(), job, now() - $1 *"
            " interval '1 day', 'done' from unnest(array['often', $2]) as job",
            float(since),
            "rare" if since == 40 else f"x{since}",
        )
    await retention.delete_everything_old(Settings(env=Env.TEST), lambda: now)
    assert [one["id"] for one in await sql("select id from outbox order by id")] == sorted(kept)
    assert [one["outbox_id"] for one in await sql("select outbox_id from outbox_attempt order by 1")] == sorted(kept)
    assert [one["key"] for one in await sql("select key from idempotency order by key")] == ["new-plain", "old-money"]
    left = await sql("select job, count(*) as n from schedule_run group by job order by job")
    assert {one["job"]: one["n"] for one in left} == {"often": 1, "rare": 1, "x29": 1, "x35": 1}
    assert (await row(kept[0]))["state"] == "done"
