"""The monthly job on real workers: run as often as they like, it has one result."""

import hashlib
from datetime import datetime

import pytest

from core.clock import system_clock
from tasks.schedules import TOPIC
from tests.api.test_performance_months import record
from tests.client import Api
from tests.consumption import imported, line
from tests.faults.workers import Crew
from tests.performance import MARCH, stage
from tests.tasks.tables import put


def slot_of(number: int) -> str:
    """Slots of one job; without an aggregate they need not wait for each other."""
    return datetime.fromtimestamp(number, system_clock().tzinfo).isoformat()


@pytest.mark.long
async def test_a_month_closed_five_times_on_three_workers_has_one_result(api: Api, crew: Crew) -> None:
    made = await stage(api)
    await imported(api, line(made, MARCH), line(made, MARCH, cashAmount="60", voucherAmount="40"))
    crew.module = "tests.faults.post_main"
    crew.start(3)
    await crew.ready()

    for number in range(5):
        await put(TOPIC, f"again-{number}", payload={"job": "bills.close_months", "slot": slot_of(number)})

    ran = "select count(*) from outbox where topic = $1 and dedup_key like 'again-%' and state = 'done'"

    async def all_ran() -> bool:
        return bool(await api.value(ran, TOPIC) == 5)

    await crew.until(all_ran)  # who finds the month being counted by another comes again
    closed = [row["period"] for row in await api.rows("select period from accounting_month order by period")]
    assert closed[0] == "2026-03"
    assert len(closed) == len(set(closed)), "the months since then are over as well, without consumption"
    [sheet] = await api.rows("select status, total, line_count, digest from performance_sheet")
    assert (sheet["status"], sheet["total"], sheet["line_count"]) == ("DRAFT", 16_000, 2)
    assert sheet["digest"] == hashlib.sha256(await record()).digest()
    assert await api.value("select count(*) from event where type = 'performance_sheet.closed'") == 1
