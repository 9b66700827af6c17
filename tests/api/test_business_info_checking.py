"""The automatic check: certified by itself an hour later, passed on, or failed against the supplier register."""

from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.scope import EVERYTHING
from models.business_info import BusinessInfo
from rules.sites import Site
from tasks.business_info import check_due
from tests.business_info import RECORD, checked, expire, in_auto_check, record_of, save, submit, submitted
from tests.client import Api, codes
from tests.world import world


@pytest.mark.parametrize("site", Site)
async def test_certified_by_itself_after_an_hour(api: Api, site: Site) -> None:
    on = await world(api, site=site)
    await in_auto_check(api, on, site)
    api.clock.advance(minutes=59, seconds=59)
    assert await check_due(api.settings, api.clock) == 0
    assert (await record_of(api, on))["state"] == "AUTO_CHECK"
    api.clock.advance(seconds=1)

    assert await check_due(api.settings, api.clock) == 1

    record = await record_of(api, on)
    assert (record["state"], record["certified_at"]) == ("CERTIFIED", api.clock())
    assert record["taxpayer_type"] == ("GENERAL" if site is Site.CN else None)
    assert "business_info_certified" in [row["template"] for row in await api.inbox(on.main.email)]
    assert "business_info_certified" in [row["template"] for row in await api.inbox(on.main.mobile)]

    async def again() -> None:
        assert await check_due(api.settings, api.clock) == 0

    assert await api.changes(again) == set()


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"relatedSupplier": True, "relatedDetails": "Same owner."}, ["RELATED_SUPPLIER"]),
        ({"bankCode": None, "bankCountry": "CN", "bankName": "Bank of Hangzhou"}, ["BANK_NOT_LISTED"]),
        ({"intermediaryBank": "DBS", "intermediaryBic": "DBSSSGSG"}, ["INTERMEDIARY_BANK"]),
    ],
)
async def test_passed_on_to_a_person(api: Api, changes: dict[str, Any], reasons: list[str]) -> None:
    on = await checked(api, await world(api), **changes)
    found = await on.main.client.send(f"{{ partner {{ {RECORD} }} }}")
    record = found.data["partner"]["businessInfo"]
    assert (record["state"], record["checkReasons"]) == ("MANUAL_REVIEW", reasons)


async def test_a_change_keeps_what_is_certified_until_it_is_submitted(api: Api) -> None:
    on = await checked(api, await world(api))
    saved = await save(api, on, address="杭州市滨江区")
    assert codes(saved) == []
    assert (await record_of(api, on))["state"] == "CERTIFIED"
    done = await submit(on)
    assert done["businessInfo"]["certified"] is False
    assert done["businessInfo"]["certifiedAt"] is None


async def test_a_draft_begins_with_what_was_submitted(api: Api) -> None:
    on = await checked(api, await world(api))
    draft = await on.main.client.do("saveBusinessInfo", "form { accountEnd accountHolder }", address="杭州市滨江区")
    assert draft["form"]["accountEnd"] == "5702"
    assert codes(await submit(on)) == []


async def test_a_change_of_the_company_ends_what_is_certified_or_under_way(api: Api) -> None:
    certified, waiting, fresh = await world(api), await world(api), await world(api)
    await submitted(api, waiting)
    certified = await checked(api, certified)
    for on in (certified, waiting, fresh):
        await expire(api, on)
    assert (await record_of(api, certified))["state"] == "EXPIRED_BY_CHANGE"
    assert (await record_of(api, certified))["certified_at"] is None
    assert (await record_of(api, waiting))["state"] == "EXPIRED_BY_CHANGE"
    deposits = await api.rows("select state from micro_deposit order by id")
    assert sorted(row["state"] for row in deposits) == ["CANCELLED", "CONFIRMED"]
    async with db.read(EVERYTHING):
        assert not await BusinessInfo.filter(partner_id=fresh.partner_id).exists()
    assert "business_info_expired" in [row["template"] for row in await api.inbox(certified.main.email)]
    assert codes(await save(api, certified)) == [] and codes(await submit(certified)) == []
    assert api.clock() - (await record_of(api, certified))["since"] == timedelta()
