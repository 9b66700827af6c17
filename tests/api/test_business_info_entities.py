"""The signing entity: changed by the vendor it ends what was certified, changed by the partner it is certified anew."""

from typing import Any

import pytest

from core import db
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING
from models.partners import Partner
from resolvers.business_info import signing_entity_of
from rules.access import Role
from rules.business_info import BusinessInfoState, entity_of
from rules.sites import Site
from tests.business_info import (
    RECORD,
    awake,
    checked,
    decide,
    in_auto_check,
    queue,
    record_of,
    save,
    staff,
    submit,
)
from tests.client import Api, Client, codes
from tests.factories import key
from tests.world import World, world

DRAFT = "{ businessInfos { nodes { state draft { signingEntity currency accountEnd } form { signingEntity } } } }"


async def change(vendor: Client, record_id: str, **more: Any) -> dict[str, Any]:
    """The vendor's word: another company of its own signs."""
    given = {"id": record_id, "signingEntity": "SOFTWARE_CN", "currency": "CNY", "idempotencyKey": key(), **more}
    return await vendor.do("changeSigningEntity", RECORD, **given)


async def public_id(api: Api, on: World) -> str:
    """The record's."""
    return encode_id("biz", (await record_of(api, on))["id"])


async def test_another_entity_ends_the_certification(api: Api) -> None:
    on, vendor = await checked(api, await world(api)), await staff(api, Role.VENDOR_OPS)
    assert (await record_of(api, on))["state"] == BusinessInfoState.CERTIFIED

    done = await change(vendor, await public_id(api, on))

    assert (codes(done), done["businessInfo"]["state"]) == ([], "EXPIRED_BY_CHANGE")
    assert [effect["kind"] for effect in done["effects"]] == ["business_info.entity_changed", "business_info.expired"]
    [seen] = (await on.main.client.send(DRAFT)).data["businessInfos"]["nodes"]
    assert seen["draft"] == {"signingEntity": "SOFTWARE_CN", "currency": "CNY", "accountEnd": "5702"}
    assert seen["form"] == {"signingEntity": "CLOUD_CN"}
    assert "business_info_expired" in {row["template"] for row in await api.inbox(on.main.email)}

    again = await submit(on)
    assert (codes(again), again["businessInfo"]["state"]) == ([], "SUBMITTED")


async def test_what_is_under_way_is_over_too(api: Api) -> None:
    on, vendor = await world(api), await staff(api, Role.VENDOR_OPS)
    await in_auto_check(api, on)

    assert codes(await change(vendor, await public_id(api, on))) == []

    assert (await record_of(api, on))["state"] == BusinessInfoState.EXPIRED_BY_CHANGE
    on = await awake(api, on)
    assert (await record_of(api, on))["check_at"] is None


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"signingEntity": "CLOUD_CN"}, ["SIGNING_ENTITY_UNCHANGED"]),
        ({"signingEntity": "CLOUD_SG"}, ["SIGNING_ENTITY_NOT_OF_SITE"]),
        ({"currency": "USD"}, ["CURRENCY_NOT_OF_ENTITY"]),
        ({"id": encode_id("biz", uuid7())}, ["NOT_FOUND"]),
        ({"expectedVersion": 1}, ["CONFLICT"]),
    ],
)
async def test_what_is_refused(api: Api, wrong: dict[str, Any], expected: list[str]) -> None:
    on, vendor = await checked(api, await world(api)), await staff(api, Role.VENDOR_OPS)
    record_id = await public_id(api, on)

    async def attempt() -> None:
        assert codes(await change(vendor, record_id, **wrong)) == expected

    assert await api.changes(attempt) == set()


async def test_nothing_is_over_that_never_was(api: Api) -> None:
    on, vendor = await world(api), await staff(api, Role.VENDOR_OPS)
    assert codes(await save(api, on)) == []

    async def attempt() -> None:
        assert codes(await change(vendor, await public_id(api, on))) == ["STATE_CONFLICT"]

    assert await api.changes(attempt) == set()


async def test_a_partner_that_names_another_entity_is_certified_anew(api: Api) -> None:
    on = await checked(api, await world(api))
    assert codes(await save(api, on, signingEntity="SOFTWARE_CN")) == []
    assert (await record_of(api, on))["state"] == BusinessInfoState.CERTIFIED

    again = await submit(on)

    assert (again["businessInfo"]["state"], again["businessInfo"]["certified"]) == ("SUBMITTED", False)
    assert (await record_of(api, on))["certified_at"] is None


async def test_certified_elsewhere_no_form_says_who_signs(api: Api) -> None:
    on = await world(api)
    await checked(api, on, signingEntity="SOFTWARE_CN", relatedSupplier=True, relatedDetails="A sister company")
    reviewer, vendor = await staff(api, Role.VENDOR_FINANCE), await staff(api, Role.VENDOR_OPS)
    [waiting] = await queue(reviewer)
    assert codes(await decide(reviewer, waiting["id"], False, reason="No.")) == []

    given = {"partnerId": encode_id("par", on.partner_id), "certified": True, "taxpayerType": "GENERAL"}
    recorded = await vendor.do("recordBusinessInfo", RECORD, **given, idempotencyKey=key())

    assert codes(recorded) == []
    assert (recorded["businessInfo"]["state"], recorded["businessInfo"]["form"]) == ("CERTIFIED", None)
    async with db.read(EVERYTHING):
        assert await signing_entity_of(await Partner.get(id=on.partner_id)) == entity_of(None, Site.CN)

    # What is certified already is recorded again with what it was certified by.
    form = encode_id("bif", await api.value("select id from business_info_form"))
    await api.value("update business_info set form_id = (select id from business_info_form)")
    again = await vendor.do("recordBusinessInfo", RECORD, **given, idempotencyKey=key())
    assert again["businessInfo"]["form"]["id"] == form
