"""Joining and leaving partner plans, through the API."""

import asyncio
from typing import Any

import pytest

from core import db
from core.ids import encode_id, uuid7
from rules.access import Role
from rules.customers import CustomerFact
from rules.plans import PLANS
from tests import modes
from tests.client import Api, Client, codes
from tests.distribution import distributor
from tests.factories import Admitted, admitted_partner, co_sell_partner, company, join, key, member, person, staff
from tests.world import associated_customer

PANEL = "{ joinedPlans { plan planName state joinedAt agreementVersion tier partner { id } } }"
CATALOGUE = "{ planCatalogue { code name joinMode exitMode tiered agreementVersion membership { state }"
CATALOGUE += " eligibility { eligible reasons { code message } } } }"


async def panel(who: Client) -> list[str]:
    return [row["plan"] for row in (await who.send(PANEL)).data["joinedPlans"]]


async def reasons(who: Client, plan: str) -> list[str]:
    """What the catalogue says against applying for a plan."""
    offers = {offer["code"]: offer["eligibility"] for offer in (await who.send(CATALOGUE)).data["planCatalogue"]}
    assert offers[plan]["eligible"] == (not offers[plan]["reasons"])
    return [reason["code"] for reason in offers[plan]["reasons"]]


async def change(who: Client, name: str, membership: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A mutation about one membership."""
    return await who.do(name, "membership { id state tier reason }", id=membership["id"], idempotencyKey=key(), **more)


async def events(api: Api) -> list[str]:
    rows = await api.rows("select type from event where type like 'plan.%' order by id")
    return [row["type"] for row in rows]


async def policy(api: Api, name: str, value: str) -> None:
    await api.database.superuser.execute(
        "insert into policy_value (id, site, key, effective_on, value, created_at, updated_at)"
        " values ($1, 'CN', $2, '2026-01-01', $3, now(), now())",
        uuid7(),
        name,
        value,
    )


async def account_facts(api: Api, partner: Admitted, *facts: CustomerFact) -> None:
    """What the vendor recorded about the partner's main account as a customer."""
    await api.database.superuser.execute(
        "insert into customer (id, account_id, site, name, registered_at, facts, created_at, updated_at)"
        " values ($1, $2, 'CN', 'x', now(), $3, now(), now())",
        uuid7(),
        partner.main.account_id,
        "[" + ",".join(f'"{fact.value}"' for fact in facts) + "]",
    )


class TestCoSell:
    async def test_joins_at_once_and_the_panel_lists_it(self, api: Api) -> None:
        partner = await admitted_partner(api)
        assert await panel(partner.main.api) == []
        assert await reasons(partner.main.api, "CO_SELL") == []

        joined = await join(partner, "CO_SELL")

        assert joined["userErrors"] == []
        assert joined["membership"]["state"] == "JOINED"
        assert [effect["kind"] for effect in joined["effects"]] == ["plan.joined"]
        (shown,) = (await partner.main.api.send(PANEL)).data["joinedPlans"]
        assert shown == {
            "plan": "CO_SELL",
            "planName": "Partner co-sell plan",
            "state": "JOINED",
            "joinedAt": "2026-03-02T04:00:00.000Z",
            "agreementVersion": "1.0",
            "tier": None,
            "partner": {"id": partner.id},
        }
        row = (await api.rows("select * from plan_membership"))[0]
        assert (row["signed_by"], row["signed_at"]) == (partner.main.account_id, api.clock())
        assert row["signed_address"] == "203.0.113.9"
        assert await events(api) == ["plan.joined"]
        mail = (await api.inbox(str(partner.main.email)))[-1]
        assert mail["template"] == "plan_joined"
        assert "Partner co-sell plan" in mail["body"]
        assert await reasons(partner.main.api, "CO_SELL") == ["PLAN_ALREADY_JOINED"]

    async def test_every_member_sees_the_panel_but_administrators_alone_join(self, api: Api) -> None:
        partner = await co_sell_partner(api)
        clerk, admin = await member(api, partner, Role.MARKETING), await member(api, partner, Role.SYSTEM_ADMIN)
        document = "mutation($input: JoinPlanInput!) { joinPlan(input: $input) { userErrors { code } } }"
        given = {"plan": "CO_SELL", "agreementVersion": "1.0", "idempotencyKey": key()}

        assert await panel(clerk.api) == ["CO_SELL"]
        assert (await clerk.api.send(document, input=given)).error["reason"] == "ADMIN_ONLY"
        assert codes((await admin.api.send(document, input=given)).data["joinPlan"]) == ["PLAN_ALREADY_JOINED"]
        applicant = await company(api)
        assert (await applicant.main.api.send(document, input=given)).error["reason"] == "ADMIN_ONLY"

    @pytest.mark.parametrize("version", [None, "0.9"])
    async def test_the_agreement_that_holds_now_must_be_accepted(self, api: Api, version: str | None) -> None:
        partner = await admitted_partner(api)

        async def attempt() -> None:
            refused = await join(partner, "CO_SELL", agreementVersion=version)
            assert codes(refused) == ["AGREEMENT_REQUIRED"]
            assert refused["userErrors"][0]["path"] == ["input", "agreementVersion"]

        assert await api.changes(attempt) == set()

    async def test_left_by_oneself_and_joined_again(self, api: Api) -> None:
        partner = await admitted_partner(api)
        first = (await join(partner, "CO_SELL"))["membership"]

        left = await change(partner.main.api, "exitPlan", first)

        assert left["userErrors"] == []
        assert left["membership"]["state"] == "EXITED"
        assert await panel(partner.main.api) == []
        again = (await join(partner, "CO_SELL"))["membership"]
        assert again["id"] != first["id"]
        assert await panel(partner.main.api) == ["CO_SELL"]
        assert await events(api) == ["plan.joined", "plan.exited", "plan.joined"]

    async def test_not_left_twice(self, api: Api) -> None:
        partner = await admitted_partner(api)
        first = (await join(partner, "CO_SELL"))["membership"]
        await change(partner.main.api, "exitPlan", first)

        async def attempt() -> None:
            assert codes(await change(partner.main.api, "exitPlan", first)) == ["STATE_CONFLICT"]
            assert codes(await change(partner.main.api, "exitPlan", first, expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_what_is_said_of_it_names_plans_and_states(self, api: Api) -> None:
        partner = await admitted_partner(api)
        who = partner.main.api
        given = {"plan": "CO_SELL", "agreementVersion": "1.0", "idempotencyKey": key()}
        first = await who.do("joinPlan", "membership { id } effects { summary }", **given)
        assert [one["summary"] for one in first["effects"]] == ["The partner joins the plan “Co-sell plan”"]
        assert (await who.do("setOwnPreferences", "account { locale }", locale="zh-CN", idempotencyKey=key()))[
            "userErrors"
        ] == []
        left = await who.do("exitPlan", "effects { summary }", id=first["membership"]["id"], idempotencyKey=key())
        assert left["effects"][0]["summary"] == "伙伴退出计划“合作伙伴共拓计划”"
        again = await who.do("exitPlan", "membership { id }", id=first["membership"]["id"], idempotencyKey=key())
        [wrong] = again["userErrors"]
        assert wrong["message"] == "当前状态下不允许此操作。当前状态为 EXITED，允许的状态：JOINED。"

    async def test_reviewed_where_policy_wants_it(self, api: Api) -> None:
        await policy(api, "plans.co_sell_automatic", "false")
        partner = await admitted_partner(api)

        applied = await join(partner, "CO_SELL")

        assert applied["membership"]["state"] == "IN_REVIEW"
        assert [effect["kind"] for effect in applied["effects"]] == ["plan.applied"]
        assert await panel(partner.main.api) == []
        assert await events(api) == ["plan.applied"]

    async def test_retry_and_dry_run(self, api: Api) -> None:
        partner, same = await admitted_partner(api), key()

        async def try_only() -> None:
            tried = await join(partner, "CO_SELL", dryRun=True)
            assert [effect["kind"] for effect in tried["effects"]] == ["plan.joined"]

        assert await api.changes(try_only) == set()
        first = await join(partner, "CO_SELL", idempotencyKey=same)

        async def again() -> None:
            assert (await join(partner, "CO_SELL", idempotencyKey=same))["membership"] == first["membership"]

        assert await api.changes(again) == set()

    async def test_ten_at_once_join_once(self, api: Api) -> None:
        partner = await admitted_partner(api)

        answers = await asyncio.gather(*(join(partner, "CO_SELL") for _ in range(10)))

        assert sorted(map(codes, answers)) == [[]] + [["PLAN_ALREADY_JOINED"]] * 9


class TestEligibility:
    async def refused(self, api: Api, partner: Admitted, plan: str, expected: list[str]) -> None:
        """The catalogue and the mutation give the same reasons, and nothing changes."""

        async def attempt() -> None:
            assert codes(await join(partner, plan)) == expected

        assert await reasons(partner.main.api, plan) == expected
        assert await api.changes(attempt) == set()

    async def test_plans_that_need_what_is_not_there_yet(self, api: Api) -> None:
        partner = await admitted_partner(api)

        await self.refused(api, partner, "COMPETENCY", ["PLAN_PATH_REQUIRED"])
        await self.refused(api, partner, "SERVICE_COMPETENCY", ["PLAN_SERVICE_ROLE_REQUIRED"])
        await self.refused(api, partner, "MARKETPLACE_SALES", ["PLAN_SALES_IDENTITY_REQUIRED"])
        await self.refused(api, partner, "DISTRIBUTOR", ["PLAN_INVITE_ONLY"])

    async def test_a_solution_provider_needs_an_address(self, api: Api) -> None:
        partner = await admitted_partner(api)
        await api.database.superuser.execute("update account set email = null where is_main")

        await self.refused(api, partner, "SOLUTION_PROVIDER", ["PLAN_EMAIL_REQUIRED"])

    async def test_one_solution_provider_a_company(self, api: Api) -> None:
        first = await admitted_partner(api)
        name, code = first.company.legal_name, first.company.credit_code
        second = await admitted_partner(api, await company(api, legal_name=name, credit_code=code))
        await join(first, "SOLUTION_PROVIDER")

        await self.refused(api, second, "SOLUTION_PROVIDER", ["PLAN_SIBLING_JOINED"])
        assert await reasons(second.main.api, "RESELLER") == []

    async def test_of_two_accounts_of_a_company_one_gets_in(self, api: Api) -> None:
        first = await admitted_partner(api)
        name, code = first.company.legal_name, first.company.credit_code
        second = await admitted_partner(api, await company(api, legal_name=name, credit_code=code))

        answers = await asyncio.gather(*(join(who, "SOLUTION_PROVIDER") for who in (first, second)))

        assert sorted(map(codes, answers)) == [[], ["PLAN_SIBLING_JOINED"]]

    async def test_plans_that_exclude_each_other(self, api: Api) -> None:
        partner = await admitted_partner(api)
        await join(partner, "SOLUTION_PROVIDER")

        await self.refused(api, partner, "RESELLER", ["PLAN_EXCLUDED"])

    async def test_of_excluding_plans_applied_for_at_once_one_is_taken(self, api: Api) -> None:
        partner = await admitted_partner(api)
        others = {"SOLUTION_PROVIDER": {}, "RESELLER": {"distributorId": (await distributor(api)).id}}

        answers = await asyncio.gather(*(join(partner, plan, **more) for plan, more in [*others.items()] * 3))

        assert sorted(code for answer in answers for code in codes(answer)) == (
            ["PLAN_ALREADY_JOINED"] * 2 + ["PLAN_EXCLUDED"] * 3
        )

    async def test_a_frozen_partner_is_no_reseller(self, api: Api) -> None:
        partner, ops = await admitted_partner(api), await staff(api, Role.VENDOR_OPS)
        given = {"id": partner.id, "standing": "FROZEN", "reason": "Unpaid.", "idempotencyKey": key()}
        assert codes(await ops.api.do("setPartnerStanding", "partner { id }", **given)) == []

        await self.refused(api, partner, "RESELLER", ["PARTNER_FROZEN"])

    async def test_what_the_vendor_recorded_about_the_account(self, api: Api) -> None:
        partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
        given = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
        assert codes(await manager.api.do("inviteToPlan", "membership { id }", **given)) == []
        assert await reasons(partner.main.api, "DISTRIBUTOR") == []
        await account_facts(
            api,
            partner,
            CustomerFact.ARREARS,
            CustomerFact.CASH_CONSUMPTION,
            CustomerFact.CREDIT_ACCOUNT,
            CustomerFact.UNIFIED_MEMBER,
            CustomerFact.REPORTED_BY_VENDOR,
            CustomerFact.RESERVED_INSTANCE,
        )

        await self.refused(
            api,
            partner,
            "DISTRIBUTOR",
            [
                "PLAN_RESOURCES_OPEN",
                "PLAN_ARREARS",
                "PLAN_CONSUMPTION",
                "PLAN_UNIFIED_ACCOUNT",
                "PLAN_CREDIT_ACCOUNT",
                "PLAN_REPORTED_BY_VENDOR",
            ],
        )

    @pytest.mark.parametrize(
        ("fact", "code"),
        [
            (CustomerFact.MASTER_WITH_UNIFIED_MEMBERS, "PLAN_UNIFIED_ACCOUNT"),
            (CustomerFact.MASTER_WITH_NON_UNIFIED_MEMBERS, "PLAN_UNIFIED_ACCOUNT"),
            (CustomerFact.SUPPORT_PLAN, "PLAN_RESOURCES_OPEN"),
        ],
    )
    async def test_a_master_and_who_has_a_support_plan_is_no_distributor(
        self, api: Api, fact: CustomerFact, code: str
    ) -> None:
        partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
        given = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
        assert codes(await manager.api.do("inviteToPlan", "membership { id }", **given)) == []
        await account_facts(api, partner, fact)

        await self.refused(api, partner, "DISTRIBUTOR", [code])

    async def test_a_customer_of_another_partner_is_no_distributor(self, api: Api) -> None:
        partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
        other = await admitted_partner(api)
        given = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
        await manager.api.do("inviteToPlan", "membership { id }", **given)
        _, customer_id, _ = await associated_customer(api, other.partner_id)
        await api.database.superuser.execute(
            "update customer set account_id = $1 where id = $2", partner.main.account_id, customer_id
        )

        await self.refused(api, partner, "DISTRIBUTOR", ["PLAN_OTHER_PARTNER"])

    async def test_reasons_and_a_missing_agreement_come_together(self, api: Api) -> None:
        partner = await admitted_partner(api)

        assert codes(await join(partner, "COMPETENCY", agreementVersion=None)) == [
            "PLAN_PATH_REQUIRED",
            "AGREEMENT_REQUIRED",
        ]


class TestReading:
    async def test_the_catalogue_speaks_both_languages(self, api: Api) -> None:
        partner = await admitted_partner(api)
        await api.database.superuser.execute("update account set locale = 'zh-CN'")

        offers = (await partner.main.api.send(CATALOGUE)).data["planCatalogue"]

        assert [offer["code"] for offer in offers] == [code.value for code in PLANS]
        assert offers[0]["name"] == "合作伙伴共拓计划"
        assert offers[0] | {"eligibility": None} == {
            "code": "CO_SELL",
            "name": "合作伙伴共拓计划",
            "joinMode": "SELF",
            "exitMode": "SELF",
            "tiered": False,
            "agreementVersion": "1.0",
            "membership": None,
            "eligibility": None,
        }

    async def test_the_vendor_sees_the_catalogue_without_eligibility(self, api: Api) -> None:
        psm = await staff(api, Role.PSM)

        offers = (await psm.api.send(CATALOGUE)).data["planCatalogue"]

        assert {offer["eligibility"] for offer in offers} == {None}
        assert await panel(psm.api) == []
        somebody = await person(api)
        assert (await somebody.api.send(CATALOGUE)).error["code"] == "FORBIDDEN"

    @modes.reads_rows
    async def test_statements(self, api: Api) -> None:
        partner = await co_sell_partner(api)
        await join(partner, "SOLUTION_PROVIDER")
        documents = {
            "{ joinedPlans { plan } }": 2,  # token, panel
            PANEL: 3,  # and the partners
            "{ joinedPlans { actions { action } } }": 8,  # partner, account, memberships, paths, declaration, guards
            CATALOGUE: 7,  # token, partner, account, memberships, paths, declaration, guard
            "{ planApplications { nodes { actions { allowed } } } }": 10,
        }
        counts = {}
        for document in documents:
            with db.observed() as statements:
                await partner.main.api.send(document)
            counts[document] = len(statements)

        assert counts == documents

    async def test_another_partners_membership_is_not_there(self, api: Api) -> None:
        one, other = await admitted_partner(api), await admitted_partner(api)
        membership = (await join(one, "CO_SELL"))["membership"]

        assert (await other.main.api.send(f'{{ node(id: "{membership["id"]}") {{ id }} }}')).data["node"] is None

        async def attempt() -> None:
            for name in ("exitPlan", "withdrawPlanApplication"):
                assert codes(await change(other.main.api, name, membership)) == ["NOT_FOUND"]
                unknown = {"id": encode_id("pms", uuid7())}
                assert codes(await change(other.main.api, name, unknown)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
