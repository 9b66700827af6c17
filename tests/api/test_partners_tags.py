"""Tags: the vendor's words for its partners, through the API."""

from typing import Any

from rules.access import Role
from tests.client import Api, Client, codes
from tests.factories import Person, admitted_partner, key, staff

LIST = "query($tag: String) { partners(tag: $tag) { nodes { id tags } totalCount { value } } }"
ONE = "query($id: ID!) { node(id: $id) { ... on Partner { tags actions { action allowed } } } }"


async def tag(who: Client, partner_id: str, *tags: str, **more: Any) -> dict[str, Any]:
    given = {"id": partner_id, "tags": list(tags), "idempotencyKey": key(), **more}
    return await who.do("setPartnerTags", "partner { tags version } effects { kind }", **given)


async def listed(who: Person, wanted: str | None) -> list[str]:
    nodes = (await who.api.send(LIST, tag=wanted)).data["partners"]["nodes"]
    return [node["id"] for node in nodes]


async def test_the_vendor_finds_partners_by_them(api: Api) -> None:
    port, fair = [await admitted_partner(api) for _ in range(2)]
    vendor = await staff(api, Role.ECO_MANAGER)

    tagged = await tag(vendor.api, port.id, " harbour ", "cloud day", "harbour", " ")
    assert tagged["partner"]["tags"] == ["cloud day", "harbour"]
    assert [effect["kind"] for effect in tagged["effects"]] == ["partner.tagged"]
    await tag(vendor.api, fair.id, "cloud day")

    assert await listed(vendor, "harbour") == [port.id]
    assert await listed(vendor, "cloud day") == [fair.id, port.id]
    assert await listed(vendor, "cloud") == []
    assert await listed(vendor, '"]') == []
    assert await listed(vendor, None) == [fair.id, port.id]
    await tag(vendor.api, port.id)
    assert await listed(vendor, "harbour") == []


async def test_the_partner_neither_sees_nor_sets_them(api: Api) -> None:
    partner, vendor = await admitted_partner(api), await staff(api, Role.VENDOR_ADMIN)
    await tag(vendor.api, partner.id, "harbour")

    async def attempt() -> None:
        document = "mutation($input: SetPartnerTagsInput!) { setPartnerTags(input: $input) { __typename } }"
        given = {"id": partner.id, "tags": [], "idempotencyKey": key()}
        assert (await partner.main.api.send(document, input=given)).error["reason"] == "PERMISSION_DENIED"

    assert await api.changes(attempt) == set()
    seen = (await partner.main.api.send(ONE, id=partner.id)).data["node"]
    assert seen["tags"] is None
    assert {"action": "TAG", "allowed": False} in seen["actions"]
    assert {"action": "TAG", "allowed": True} in (await vendor.api.send(ONE, id=partner.id)).data["node"]["actions"]
    events = (await partner.main.api.send("{ events { nodes { type } } }")).data["events"]["nodes"]
    assert "partner.tagged" not in [event["type"] for event in events]


async def test_twenty_are_enough(api: Api) -> None:
    partner, vendor = await admitted_partner(api), await staff(api, Role.VENDOR_REVIEWER)
    words = [f"word {number:02}" for number in range(21)]

    async def attempt() -> None:
        assert codes(await tag(vendor.api, partner.id, *words)) == ["TOO_MANY"]
        assert codes(await tag(vendor.api, partner.id, "one", expectedVersion=99)) == ["CONFLICT"]
        assert codes(await tag(vendor.api, "par_0000000000000000000000000")) == ["NOT_FOUND"]
        assert codes(await tag(vendor.api, partner.id, "x" * 41)) == ["OUT_OF_RANGE"]

    assert await api.changes(attempt) == set()
    assert codes(await tag(vendor.api, partner.id, *words[:20])) == []
    assert codes(await tag(vendor.api, partner.id, "x" * 40)) == []
