"""Declarations of relations with the vendor's people through the API, and the plans that ask for one."""

from datetime import timedelta
from typing import Any

import pytest

from rules.access import Role
from rules.sites import Site
from tests import paths, world
from tests.api.test_plans import reasons
from tests.api.test_plans_lasting import INSTANT, at
from tests.client import Api, Client, codes
from tests.distribution import accept, distributor, invite, token_sent_to
from tests.factories import Admitted, admitted_partner, declare, join, key, member, staff

WIFE = {
    "kind": "SPOUSE",
    "personName": "王芳芳",
    "personPosition": "Sales director",
    "vendorPersonName": "李雷雷",
    "vendorDepartment": "Partner sales",
}
DECLARED = (
    "{ relationDeclarations { nodes { relationCount declaredAt validUntil declaredById partner { id }"
    " relations { kind personName personPosition vendorPersonName vendorDepartment } } } }"
)


async def undeclared(api: Api) -> Admitted:
    """A partner that has never declared anything."""
    return await admitted_partner(api, declared=False)


async def declarations(who: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await who.send(DECLARED)).data["relationDeclarations"]["nodes"]
    return found


class TestDeclaring:
    async def test_kept_with_who_and_when(self, api: Api) -> None:
        partner = await undeclared(api)
        admin = await member(api, partner, Role.SYSTEM_ADMIN)

        done = await declare(admin, WIFE, {**WIFE, "kind": "SHAREHOLDER"})

        assert done["declaration"]["relationCount"] == 2
        assert [effect["kind"] for effect in done["effects"]] == ["relation_declaration.made"]
        assert (
            await api.value(
                "select changes->>'relations' from event where type = 'relation_declaration.made'"
                " order by id desc limit 1"
            )
            == "2"
        )
        assert await api.value("select declared_address from relation_declaration") is not None
        [shown] = await declarations((await staff(api, Role.VENDOR_REVIEWER)).api)
        assert shown == {
            "relationCount": 2,
            "declaredAt": "2026-03-02T04:00:00.000Z",
            "validUntil": "2027-03-02T04:00:00.000Z",
            "declaredById": admin.id,
            "partner": {"id": partner.id},
            "relations": [WIFE, {**WIFE, "kind": "SHAREHOLDER"}],
        }

    async def test_names_are_for_reviewers_alone(self, api: Api) -> None:
        partner, other = await undeclared(api), await admitted_partner(api)
        await declare(partner.main, WIFE)

        for who in (partner.main.api, (await staff(api, Role.PSM)).api):
            mine = [one for one in await declarations(who) if one["relationCount"]]
            assert [one["relations"][0]["personName"] for one in mine] == ["王**"]
            assert [one["relations"][0]["vendorPersonName"] for one in mine] == ["李**"]
        assert [one["relationCount"] for one in await declarations(other.main.api)] == [0]

    async def test_every_offence_at_once(self, api: Api) -> None:
        partner = await undeclared(api)
        wrong = {**WIFE, "personName": " ", "vendorDepartment": " "}

        async def attempt() -> None:
            refused = await declare(partner.main, WIFE, WIFE, wrong)
            assert codes(refused) == ["REPEATED", "REQUIRED", "REQUIRED"]
            many = [{**WIFE, "personName": f"Person {place}"} for place in range(51)]
            assert codes(await declare(partner.main, *many)) == ["TOO_MANY"]

        assert await api.changes(attempt) == set()

    async def test_who_may(self, api: Api) -> None:
        partner = await undeclared(api)
        document = "mutation($input: DeclareRelationsInput!) { declareRelations(input: $input) { __typename } }"
        given: dict[str, Any] = {"relations": [], "idempotencyKey": key()}
        for who in (await member(api, partner, Role.MARKETING), await staff(api, Role.ECO_MANAGER)):
            assert (await who.api.send(document, input=given)).error["reason"] == "ADMIN_ONLY"


class TestPlans:
    @pytest.mark.parametrize("plan", ["SOLUTION_PROVIDER", "RESELLER"])
    async def test_asked_for_before_one_applies(self, api: Api, plan: str) -> None:
        to = await distributor(api)
        partner = await undeclared(api)
        given = {"distributorId": to.id} if plan == "RESELLER" else {}
        assert await reasons(partner.main.api, plan) == ["PLAN_DECLARATION_REQUIRED"]

        async def attempt() -> None:
            assert codes(await join(partner, plan, **given)) == ["PLAN_DECLARATION_REQUIRED"]

        assert await api.changes(attempt) == set()
        assert codes(await declare(partner.main)) == []
        assert await reasons(partner.main.api, plan) == []
        assert codes(await join(partner, plan, **given)) == []

    async def test_not_asked_for_where_nothing_is_sold(self, api: Api) -> None:
        partner = await undeclared(api)

        assert await reasons(partner.main.api, "CO_SELL") == []
        assert codes(await join(partner, "CO_SELL")) == []

    async def test_until_its_end(self, api: Api) -> None:
        partner = await undeclared(api)
        await declare(partner.main)
        end = api.clock() + timedelta(days=365)

        for instant, expected in ((end - INSTANT, []), (end, ["PLAN_DECLARATION_REQUIRED"])):
            partner = await at(api, instant, partner)
            assert await reasons(partner.main.api, "SOLUTION_PROVIDER") == expected

        assert codes(await declare(partner.main)) == []
        assert await reasons(partner.main.api, "SOLUTION_PROVIDER") == []

    async def test_asked_for_by_a_distributors_invitation_too(self, api: Api) -> None:
        to, company = await distributor(api), await undeclared(api)
        assert codes(await invite(to.main.api, str(company.main.email))) == []
        token = await token_sent_to(api, company.main.email)

        async def attempt() -> None:
            assert codes(await accept(company.main.api, token)) == ["PLAN_DECLARATION_REQUIRED"]

        assert await api.changes(attempt) == set()
        await declare(company.main)
        assert codes(await accept(company.main.api, token)) == []

    async def test_on_the_international_site(self, api: Api) -> None:
        who = await paths.walker(api, Site.INTL)
        assert await reasons(who.api, "SOLUTION_PROVIDER") == ["PLAN_DECLARATION_REQUIRED"]

        done = await who.api.do("declareRelations", "declaration { id }", relations=[], idempotencyKey=key())

        assert codes(done) == []
        assert await reasons(who.api, "SOLUTION_PROVIDER") == []


async def test_a_partner_without_an_account_of_its_own_sees_nothing(api: Api) -> None:
    await undeclared(api)
    stage = await world.world(api)

    assert (await stage.customer.client.send(DECLARED)).error["code"] == "FORBIDDEN"
