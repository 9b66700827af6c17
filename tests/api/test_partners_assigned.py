"""Who of the vendor is in charge of a partner: named after admission, changed, taken away, through the API."""

from typing import Any

import pytest

from core.ids import encode_id, uuid7
from rules.access import Role
from rules.sites import Site
from tests import opportunities as po
from tests.client import Api, Client, codes
from tests.factories import Admitted, admitted_partner, application_in_review, apply, company, key, staff
from tests.opportunities import office

SEEN = "partner { version repOffice { name } ecoManager { name } }"
ACTIONS = "query($id: ID!) { node(id: $id) { ... on Partner { actions { action allowed blockers { code } } } } }"
DOCUMENT = "mutation($input: AssignPartnerInput!) { assignPartner(input: $input) { effects { kind } } }"


async def assign(who: Client, partner_id: str, **given: Any) -> dict[str, Any]:
    return await who.do("assignPartner", SEEN, id=partner_id, idempotencyKey=key(), **given)


async def may_assign(who: Client, partner_id: str) -> dict[str, Any]:
    actions = (await who.send(ACTIONS, id=partner_id)).data["node"]["actions"]
    [found] = [one for one in actions if one["action"] == "ASSIGN"]
    return dict(found)


async def told(api: Api, partner: Admitted) -> list[str]:
    mails = await api.inbox(str(partner.main.email))
    return [mail["body"] for mail in mails if mail["template"] == "eco_manager_assigned"]


@pytest.mark.parametrize("role", [Role.ECO_MANAGER, Role.VENDOR_REVIEWER, Role.VENDOR_ADMIN])
async def test_who_was_admitted_automatically_gets_manager_and_office(api: Api, role: Role) -> None:
    partner, vendor = await admitted_partner(api), await staff(api, role)
    manager, hangzhou = await staff(api, Role.ECO_MANAGER), await office(api, "Hangzhou")

    assigned = await assign(vendor.api, partner.id, ecoManagerId=manager.id, repOfficeId=hangzhou)

    assert codes(assigned) == []
    assert assigned["partner"]["repOffice"] == {"name": "Hangzhou"}
    assert assigned["partner"]["ecoManager"] == {"name": manager.name}
    assert [effect["kind"] for effect in assigned["effects"]] == ["partner.assigned"]
    [event] = await api.rows("select partner_id, changes from event where type = 'partner.assigned'")
    assert event["partner_id"] == partner.partner_id
    assert str(manager.account_id) in event["changes"] and manager.name not in event["changes"]
    [mail] = await told(api, partner)
    assert manager.name in mail
    site = await partner.main.api.send("{ messages { nodes { text { body } } } }")
    bodies = [one["text"]["body"] for one in site.data["messages"]["nodes"]]
    assert f"{manager.name} is your ecosystem manager now." in bodies


async def test_what_is_left_out_stays_and_null_takes_away(api: Api) -> None:
    partner, manager, other = await admitted_partner(api), *[await staff(api, Role.ECO_MANAGER) for _ in range(2)]
    await assign(manager.api, partner.id, ecoManagerId=manager.id, repOfficeId=await office(api, "Hangzhou"))

    handed_on = (await assign(manager.api, partner.id, ecoManagerId=other.id))["partner"]
    assert (handed_on["repOffice"], handed_on["ecoManager"]) == ({"name": "Hangzhou"}, {"name": other.name})
    moved = (await assign(manager.api, partner.id, repOfficeId=await office(api, "Ningbo")))["partner"]
    assert (moved["repOffice"], moved["ecoManager"]) == ({"name": "Ningbo"}, {"name": other.name})
    assert len(await told(api, partner)) == 2, "another office is no news of the manager"
    gone = (await assign(manager.api, partner.id, ecoManagerId=None, repOfficeId=None))["partner"]
    assert (gone["repOffice"], gone["ecoManager"]) == (None, None)
    assert len(await told(api, partner)) == 2


async def test_who_is_in_charge_already_is_not_named_again(api: Api) -> None:
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    hangzhou = await office(api, "Hangzhou")

    async def again(**given: Any) -> None:
        async def attempt() -> None:
            refused = await assign(manager.api, partner.id, **given)
            assert [(one["code"], one["path"]) for one in refused["userErrors"]] == [("ALREADY_ASSIGNED", ["input"])]

        assert await api.changes(attempt) == set()

    nobody: list[dict[str, Any]] = [{"ecoManagerId": None, "repOfficeId": None}, {"repOfficeId": None}, {}]
    for given in nobody:
        await again(**given)
    assert codes(await assign(manager.api, partner.id, ecoManagerId=manager.id, repOfficeId=hangzhou)) == []
    for given in ({"ecoManagerId": manager.id, "repOfficeId": hangzhou}, {"ecoManagerId": manager.id}, {}):
        await again(**given)
    assert (await may_assign(manager.api, partner.id))["allowed"]
    moved = {"ecoManagerId": manager.id, "repOfficeId": await office(api, "Ningbo")}
    assert codes(await assign(manager.api, partner.id, **moved)) == [], "one of the two is another"
    assert len(await told(api, partner)) == 1


async def test_office_and_manager_must_be_of_the_partners_site(api: Api) -> None:
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    abroad = await staff(api, Role.ECO_MANAGER, site=Site.INTL)
    elsewhere = await office(api, "Singapore", site=Site.INTL)
    others = [abroad.id, (await staff(api, Role.PSM)).id, partner.main.id, encode_id("acc", uuid7())]

    async def attempt() -> None:
        for other in others:
            refused = await assign(manager.api, partner.id, ecoManagerId=other, repOfficeId=elsewhere)
            assert [(one["code"], one["path"]) for one in refused["userErrors"]] == [
                ("NOT_FOUND", ["input", "ecoManagerId"]),
                ("NOT_FOUND", ["input", "repOfficeId"]),
            ]
        assert codes(await assign(manager.api, partner.id, ecoManagerId=manager.id, expectedVersion=1)) == ["CONFLICT"]
        assert codes(await assign(manager.api, encode_id("par", uuid7()), ecoManagerId=manager.id)) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


async def test_not_before_it_has_joined(api: Api) -> None:
    _, in_review = await application_in_review(api)
    applied = (await apply(await company(api)))["partner"]["id"]
    manager = await staff(api, Role.ECO_MANAGER)

    async def attempt() -> None:
        for partner_id in (in_review, applied):
            assert codes(await assign(manager.api, partner_id, ecoManagerId=manager.id)) == ["STATE_CONFLICT"]
            found = await may_assign(manager.api, partner_id)
            assert found == {"action": "ASSIGN", "allowed": False, "blockers": [{"code": "STATE_CONFLICT"}]}

    assert await api.changes(attempt) == set()


async def test_nobody_else_assigns(api: Api) -> None:
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    others = [partner.main, *[await staff(api, role) for role in (Role.PSM, Role.VENDOR_OPS, Role.VENDOR_FINANCE)]]

    async def attempt() -> None:
        for caller in others:
            given = {"id": partner.id, "ecoManagerId": manager.id, "idempotencyKey": key()}
            assert (await caller.api.send(DOCUMENT, input=given)).error["reason"] == "PERMISSION_DENIED"
            assert [one["code"] for one in (await may_assign(caller.api, partner.id))["blockers"]] == [
                "PERMISSION_DENIED"
            ]

    assert await api.changes(attempt) == set()
    assert (await may_assign(manager.api, partner.id))["allowed"]


async def test_its_opportunities_go_to_the_new_manager(api: Api) -> None:
    at = await po.desk(api)
    opportunity = await po.submitted(api, at)
    successor = await po.staff(api, Role.ECO_MANAGER)
    listing = "{ opportunities { nodes { id } } }"
    assert (await successor.client.send(listing)).data["opportunities"]["nodes"] == []

    given = {"id": encode_id("par", at.partner_id), "ecoManagerId": encode_id("acc", successor.id)}
    await po.done(await at.manager.client.do("assignPartner", SEEN, **given, idempotencyKey=key()))

    assert (await successor.client.send(listing)).data["opportunities"]["nodes"] == [{"id": opportunity}]
    assert codes(await po.audit(successor.client, opportunity)) == []
