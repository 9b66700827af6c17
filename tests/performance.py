"""Months of performance for tests: consumption taken over through the API, closed by the worker's own jobs."""

from datetime import UTC, datetime
from typing import Any

from core.ids import encode_id
from tasks.bills import close_months, estimate_months
from tests import world
from tests.client import Api
from tests.consumption import imported, line
from tests.factories import key

MARCH = datetime(2026, 3, 15, 4, tzinfo=UTC)
"""In the middle of the month of these tests."""
AFTER_MARCH = datetime(2026, 3, 31, 18, tzinfo=UTC)
"""02:00 of 1 April in Shanghai: the job that closes March."""


async def stage(api: Api, **more: Any) -> world.World:
    """A partner and a customer that are associated since before March; the clock stands in the middle of it."""
    api.clock.at = datetime(2026, 2, 20, tzinfo=UTC)
    made = await world.world(api, **more)
    api.clock.at = MARCH
    return made


async def close(api: Api) -> int:
    """The job of the night, at the clock's time."""
    return await close_months(api.settings, api.clock)


async def close_month_of_now(api: Api) -> None:
    """Moves the clock into the next month and closes the one it stood in."""
    api.clock.advance(days=32)
    await close(api)


async def estimate(api: Api) -> None:
    """The job of the morning, at the clock's time."""
    await estimate_months(api.settings, api.clock)


async def drafted(api: Api, made: world.World, *lines: dict[str, Any]) -> str:
    """The public id of the partner's sheet of March, closed, with these lines (one of 100.00 by default)."""
    await imported(api, *(lines or (line(made, MARCH),)))
    api.clock.at = AFTER_MARCH
    await close(api)
    return await sheet_id(api, made)


async def sheet_id(api: Api, made: world.World) -> str:
    """The public id of the partner's only sheet."""
    return encode_id("prs", await api.value("select id from performance_sheet where partner_id = $1", made.partner_id))


async def feedback(made: world.World, sheet: str, text: str = "Where is the order of Monday?") -> dict[str, Any]:
    """The payload of the main account's question about a sheet."""
    given = {"id": sheet, "text": text, "idempotencyKey": key()}
    return await made.main.client.do("givePerformanceFeedback", "feedback { id status text }", **given)
