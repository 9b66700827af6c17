"""Months closed by the workers' own schedule: once, however many workers, runs and tries there are."""

import asyncio
from typing import Any

import pytest

from rules.sites import Site
from tasks.bills import StillCounting, close_months, register
from tasks.outbox import Registry, Runner
from tasks.schedules import Schedules
from tests import world
from tests.client import Api
from tests.consumption import imported, line
from tests.performance import AFTER_MARCH, MARCH, stage

JOB = "bills.close_months"


class Worker:
    """One worker's schedules and runner, on the application's database and clock."""

    def __init__(self, api: Api, name: str) -> None:
        self.schedules, registry = Schedules(), Registry()
        register(api.settings, api.clock, self.schedules)
        self.schedules.attach(registry)
        self.runner = Runner(registry, owner=name)


async def a_day_passes(api: Api) -> None:
    """The job's last recorded slot was two days ago, so that its latest one is due."""
    await api.rows("delete from schedule_run")
    await api.rows("delete from outbox where topic = 'schedule.run'")
    await api.rows(
        "insert into schedule_run (id, job, slot, state)"
        " values (gen_random_uuid(), $1, now() - interval '2 days', 'done')",
        JOB,
    )


async def settled_rows(api: Api) -> list[list[dict[str, Any]]]:
    """Everything that closing a month leaves, but for the audit of runs that found nothing to do."""
    return [
        await api.rows("select * from accounting_month order by id"),
        await api.rows("select * from performance_sheet order by id"),
        await api.rows("select * from performance_line order by id"),
        await api.rows("select * from event where type like 'performance%' order by id"),
    ]


async def crowd(api: Api) -> int:
    """Three partners' consumption of March on both sites; how many sheets that makes."""
    people: list[world.World] = [await stage(api), await stage(api), await stage(api, site=Site.INTL)]
    await imported(api, *(line(made, MARCH, voucherAmount="30", cashAmount="70") for made in people for _ in range(20)))
    api.clock.at = AFTER_MARCH
    return len(people)


async def test_five_runs_of_the_nightly_job_on_three_workers_give_one_result(api: Api) -> None:
    sheets = await crowd(api)
    api.clock.advance(hours=12)
    workers = [Worker(api, f"w{number}") for number in range(3)]
    results = []
    for _ in range(5):
        await a_day_passes(api)
        assert sum(await asyncio.gather(*(worker.schedules.tick() for worker in workers))) == 1
        await asyncio.gather(*(worker.runner.finish_all() for worker in workers))
        assert (
            await api.value("select state from schedule_run where job = $1 order by slot desc limit 1", JOB) == "done"
        )
        results.append(await settled_rows(api))
    assert [len(rows) for rows in results[0]] == [2, sheets, 60, sheets]
    assert all(result == results[0] for result in results[1:])
    assert {row["status"] for row in results[0][1]} == {"DRAFT"}
    assert {row["total"] for row in results[0][1]} == {140_000}


async def test_runs_at_the_same_moment_give_one_result(api: Api) -> None:
    sheets = await crowd(api)
    api.clock.advance(hours=12)
    ended = await asyncio.gather(*(close_months(api.settings, api.clock) for _ in range(15)), return_exceptions=True)
    assert {type(one) for one in ended} <= {int, StillCounting}, ended
    await close_months(api.settings, api.clock)
    assert [len(rows) for rows in await settled_rows(api)] == [2, sheets, 60, sheets]


async def test_a_line_is_never_lost_between_a_month_and_the_next(api: Api) -> None:
    """Imports run while the month is being closed: each line is in the closed month or in the next one."""
    made = await stage(api)
    await imported(api, line(made, MARCH))
    api.clock.at = AFTER_MARCH

    async def bring(count: int) -> None:
        for _ in range(count):
            await imported(api, line(made, MARCH))

    await asyncio.gather(*(bring(5) for _ in range(4)), close_months(api.settings, api.clock))
    months = await api.rows("select period, count(*) as n from consumption_line group by period order by period")
    counted = await api.value("select lines from accounting_month where period = '2026-03'")
    assert sum(row["n"] for row in months) == 21
    assert {row["period"]: row["n"] for row in months}["2026-03"] == counted
    assert await api.value("select line_count from performance_sheet where status = 'DRAFT'") == counted


async def test_a_month_left_half_way_is_counted_by_the_next_run(api: Api) -> None:
    made = await stage(api)
    await imported(api, line(made, MARCH))
    api.clock.at = AFTER_MARCH
    key = "hashtextextended('performance:CN:2026-03', 0)"
    holder = api.database.superuser
    await holder.execute(f"select pg_advisory_lock({key})")
    try:
        with pytest.raises(StillCounting):
            await close_months(api.settings, api.clock)
        assert await api.value("select count(*) from accounting_month where digest is null") == 1
    finally:
        await holder.execute(f"select pg_advisory_unlock({key})")
    assert await close_months(api.settings, api.clock) == 1
