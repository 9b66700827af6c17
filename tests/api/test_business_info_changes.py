"""Certified business information is changed freely, or where the site says so only once the vendor has opened it."""

from typing import Any

import pytest

from core.ids import encode_id
from rules.access import Role
from rules.business_info import BusinessInfoState
from rules.sites import Site
from tests.business_info import (
    FORM,
    RECORD,
    awake,
    checked,
    decide,
    expire,
    queue,
    record_of,
    save,
    staff,
    submit,
)
from tests.client import Api, Client, codes
from tests.factories import key
from tests.world import World, world

ACTIONS = "{ businessInfos { nodes { openedAt actions { action allowed blockers { code rule { id } } } } } }"
CLOSED = ["BUSINESS_INFO_NOT_EDITABLE"]


async def closed(api: Api, site: Site = Site.CN) -> World:
    """A certified partner of a site that lets nobody change what is certified."""
    await api.override("business_info.editable_after_pass", False, site=site.value)
    return await checked(api, await world(api, site=site), site)


async def write(on: World, **answers: Any) -> dict[str, Any]:
    return await on.main.client.do("saveBusinessInfo", FORM, **(answers or {"address": "Elsewhere 1"}))


async def open_for(api: Api, on: World, vendor: Client, **changes: Any) -> dict[str, Any]:
    """The vendor's answer to a ticket."""
    record = encode_id("biz", (await record_of(api, on))["id"])
    given = {"id": record, "reason": " Ticket 4711 ", "idempotencyKey": key(), **changes}
    return await vendor.do("openBusinessInfo", f"{RECORD} effects {{ kind }}", **given)


async def action(who: Client, name: str) -> dict[str, Any]:
    [seen] = (await who.send(ACTIONS)).data["businessInfos"]["nodes"]
    [found] = [one for one in seen["actions"] if one["action"] == name]
    return dict(found)


@pytest.mark.parametrize("site", Site)
async def test_the_partner_may_change_what_is_certified(api: Api, site: Site) -> None:
    on = await checked(api, await world(api, site=site), site)
    assert (await action(on.main.client, "SUBMIT"))["allowed"]
    assert codes(await write(on)) == []
    assert (await record_of(api, on))["state"] == "CERTIFIED"
    done = await submit(on)
    assert (codes(done), done["businessInfo"]["state"]) == ([], "SUBMITTED")


@pytest.mark.parametrize("site", Site)
async def test_a_site_may_want_a_ticket(api: Api, site: Site) -> None:
    on = await checked(api, await world(api, site=site), site)
    assert codes(await write(on)) == []  # a draft from before the site wanted one
    await api.override("business_info.editable_after_pass", False, site=site.value)

    async def attempt() -> None:
        assert codes(await write(on)) == CLOSED
        assert sorted(codes(await write(on, taxRate="six"))) == ["BUSINESS_INFO_NOT_EDITABLE", "INVALID_FORMAT"]
        refused = await submit(on, privacyStatement="2019-01")
        assert codes(refused) == [*CLOSED, "AGREEMENT_REQUIRED"]

    assert await api.changes(attempt) == set()
    [blocker] = (await action(on.main.client, "SUBMIT"))["blockers"]
    assert blocker == {"code": CLOSED[0], "rule": {"id": "business_info.editable"}}
    elsewhere = Site.INTL if site is Site.CN else Site.CN
    other = await checked(api, await world(api, site=elsewhere), elsewhere)
    assert codes(await write(other)) == []


async def test_without_a_draft_the_switch_is_told_as_well(api: Api) -> None:
    on = await closed(api)
    assert codes(await submit(on)) == CLOSED


async def test_the_vendor_opens_it_for_one_change(api: Api) -> None:
    on, vendor = await closed(api), await staff(api, Role.VENDOR_OPS)

    done = await open_for(api, on, vendor)

    assert codes(done) == []
    assert (done["businessInfo"]["state"], done["businessInfo"]["certified"]) == ("CERTIFIED", True)
    assert [effect["kind"] for effect in done["effects"]] == ["business_info.opened"]
    assert "business_info_opened" in {row["template"] for row in await api.inbox(on.main.email)}
    detail = await api.value("select detail->>'reason' from audit where operation = 'open_business_info'")
    assert detail == "Ticket 4711"
    assert await api.value("select count(*) from event where type = 'business_info.opened'") == 1
    assert (await action(on.main.client, "SUBMIT"))["allowed"]

    assert codes(await write(on, relatedSupplier=True, relatedDetails="Same owner.")) == []
    assert codes(await submit(on)) == []
    assert (await record_of(api, on))["opened_at"] is None


async def test_the_change_is_the_only_one(api: Api) -> None:
    on, vendor = await closed(api), await staff(api, Role.VENDOR_OPS)
    assert codes(await open_for(api, on, vendor)) == []
    assert codes(await write(on)) == []
    on = await checked(api, on)
    assert (await record_of(api, on))["state"] == BusinessInfoState.CERTIFIED

    async def attempt() -> None:
        assert codes(await write(on)) == CLOSED

    assert await api.changes(attempt) == set()


@pytest.mark.parametrize("role", [Role.VENDOR_OPS, Role.VENDOR_REVIEWER, Role.VENDOR_FINANCE])
async def test_who_opens_it(api: Api, role: Role) -> None:
    on, vendor = await closed(api), await staff(api, role)
    may = role is not Role.VENDOR_FINANCE
    assert (await action(vendor, "OPEN"))["allowed"] is may
    if may:
        assert codes(await open_for(api, on, vendor)) == []
    for stranger in [on.main.client] if may else [on.main.client, vendor]:
        record = encode_id("biz", (await record_of(api, on))["id"])
        document = (
            "mutation($input: OpenBusinessInfoInput!) { openBusinessInfo(input: $input) { userErrors { code } } }"
        )
        sent = await stranger.send(document, input={"id": record, "reason": "x", "idempotencyKey": key()})
        assert sent.error["code"] == "FORBIDDEN"


async def test_only_what_is_certified_is_opened_and_for_a_reason(api: Api) -> None:
    on, vendor = await closed(api), await staff(api, Role.VENDOR_OPS)

    async def attempt() -> None:
        assert codes(await open_for(api, on, vendor, reason=" ")) == ["REASON_REQUIRED"]
        assert codes(await open_for(api, on, vendor, expectedVersion=99)) == ["CONFLICT"]

    assert await api.changes(attempt) == set()
    await expire(api, on)
    assert codes(await open_for(api, on, vendor)) == ["STATE_CONFLICT"]


async def test_what_has_to_be_certified_anew_is_changed_without_asking(api: Api) -> None:
    on = await closed(api)
    await expire(api, on)
    on = await awake(api, on)
    assert codes(await save(api, on)) == []
    done = await submit(on)
    assert (codes(done), done["businessInfo"]["state"]) == ([], "SUBMITTED")


async def test_another_signing_entity_is_submitted_without_asking(api: Api) -> None:
    on, vendor = await closed(api), await staff(api, Role.VENDOR_OPS)
    record = encode_id("biz", (await record_of(api, on))["id"])
    given = {"id": record, "signingEntity": "SOFTWARE_CN", "currency": "CNY", "idempotencyKey": key()}
    assert codes(await vendor.do("changeSigningEntity", RECORD, **given)) == []
    assert codes(await submit(on)) == []


async def test_what_was_rejected_is_corrected_without_asking(api: Api) -> None:
    await api.override("business_info.editable_after_pass", False)
    on = await checked(api, await world(api), relatedSupplier=True, relatedDetails="Same owner.")
    reviewer = await staff(api, Role.VENDOR_FINANCE)
    [waiting] = await queue(reviewer)
    assert codes(await decide(reviewer, waiting["id"], False, reason="Wrong branch.")) == []
    assert codes(await write(on)) == []
    assert codes(await submit(on)) == []
