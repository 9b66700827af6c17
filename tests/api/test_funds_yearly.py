"""The new year of the fund: who had a quota last year gets this year's; through the jobs."""

import asyncio
from datetime import datetime, timedelta

import pytest

from rules.access import Role
from rules.sites import Site
from tasks.funds import pass_time
from tests.api.test_paths import refresh
from tests.client import NOON, Api, codes
from tests.funds import Funded, certify, funded, in_provider_plan, open_quota
from tests.opportunities import done, key, staff

SECOND = timedelta(seconds=1)
NEW_YEAR = {
    Site.CN: NOON.replace(month=12, day=31, hour=16),
    Site.INTL: NOON.replace(year=NOON.year + 1, month=1, day=1, hour=0),
}
"""The first instant of the next year at each site."""


async def at(api: Api, instant: datetime) -> None:
    """The clock at that instant, with sessions that live on."""
    api.clock.at = instant
    await refresh(api)


async def granted(who: Funded, line: str = "SI") -> list[tuple[int, str, str]]:
    """Year and what is granted and available of each quota of the line, the newest first."""
    document = (
        "query($line: MdfLine) { mdfQuotas(line: $line) { nodes { year granted { amount } available { amount } } } }"
    )
    rows = (await who.api.send(document, line=line)).data["mdfQuotas"]["nodes"]
    return [(row["year"], row["granted"]["amount"], row["available"]["amount"]) for row in rows]


@pytest.mark.parametrize("site", Site)
async def test_on_the_first_of_january_last_years_lines_are_opened(api: Api, site: Site) -> None:
    who = await funded(api, site)
    whole = {Site.CN: "50000.00", Site.INTL: "8000.00"}[site]
    given = {"id": who.quota, "amount": "500.00", "reason": "A fair.", "idempotencyKey": key()}
    await done(await who.manager.client.do("changeMdfQuota", "__typename", **given))
    raised = {Site.CN: "50500.00", Site.INTL: "8500.00"}[site]

    async def early() -> None:
        assert await pass_time(api.settings, api.clock) == 0

    await at(api, NEW_YEAR[site] - SECOND)
    assert await api.changes(early) == set()
    await at(api, NEW_YEAR[site])
    assert await pass_time(api.settings, api.clock) == 1
    assert await granted(who) == [(2027, whole, whole), (2026, raised, raised)]
    assert codes(await open_quota(who)) == ["MDF_QUOTA_OPENED"]
    assert await api.changes(early) == set()

    await at(api, NEW_YEAR[site].replace(year=NEW_YEAR[site].year + 2))
    assert await api.changes(early) == set()


async def test_a_line_that_the_partner_could_not_open_waits_until_it_could(api: Api) -> None:
    who = await funded(api)
    await at(api, NEW_YEAR[Site.CN])
    await certify(api, who, holds=False)

    async def waits() -> None:
        assert await pass_time(api.settings, api.clock) == 0

    assert await api.changes(waits) == set()
    await certify(api, who)
    await api.database.superuser.execute("update partner set kind = 'SOLUTION_PROVIDER'")
    finance = await staff(api, Role.VENDOR_FINANCE)
    bill = {"number": "B-1", "amount": "10.00", "overdueSince": "2026-03-01T00:00:00.000Z"}
    owed = {"partnerId": who.id, "bills": [bill], "idempotencyKey": key()}
    await done(await finance.client.do("recordOverdueBills", "__typename", **owed))
    assert await api.changes(waits) == set()
    paid = {"partnerId": who.id, "numbers": ["B-1"], "idempotencyKey": key()}
    await done(await finance.client.do("clearOverdueBills", "__typename", **paid))
    assert await pass_time(api.settings, api.clock) == 1
    assert len(await granted(who)) == 2


async def test_each_line_gets_what_the_tier_gives_on_that_day(api: Api) -> None:
    who = await funded(api)
    await in_provider_plan(api, who, "LEADING")
    await done(await open_quota(who, "SOLUTION_PROVIDER"))
    await api.database.superuser.execute("update plan_membership set tier = 'CORE'")

    await at(api, NEW_YEAR[Site.CN])
    assert await pass_time(api.settings, api.clock) == 2
    amounts = await granted(who, "SOLUTION_PROVIDER")
    assert amounts == [(2027, "500000.00", "500000.00"), (2026, "150000.00", "150000.00")]


async def test_the_job_and_the_partner_at_once_open_one(api: Api) -> None:
    who = await funded(api)
    await at(api, NEW_YEAR[Site.CN])
    opened, *_ = await asyncio.gather(open_quota(who), *(pass_time(api.settings, api.clock) for _ in range(3)))
    assert codes(opened) in ([], ["MDF_QUOTA_OPENED"])
    assert [year for year, *_ in await granted(who)] == [2027, 2026]
