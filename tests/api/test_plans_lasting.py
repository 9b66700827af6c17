"""Certificates, the end of memberships and invitations, renewal and agreements, through the API and the job."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from core import db
from resolvers.plans import ending_memberships
from resolvers.system import system_context
from rules.access import Role
from rules.plans import PLANS
from tasks.plans import pass_time
from tests.api.test_plans import change, events, panel, policy, reasons
from tests.client import Api, Client, codes
from tests.distribution import vendor_decides
from tests.factories import Admitted, Person, admitted_partner, co_sell_partner, join, member, sign_in, staff

ROOT = Path(__file__).parents[2]
END = datetime(2027, 3, 1, 16, 0, tzinfo=UTC)
"""A year after the first day of the tests, 00:00 in Shanghai."""
INSTANT = timedelta(microseconds=1)
CERTIFICATE = "certificate { number holder planName tierName validFrom validTo document }"


async def seller(api: Api) -> tuple[Admitted, dict[str, Any]]:
    """A partner that sells on the marketplace for a year, and its membership."""
    partner = await admitted_partner(api)
    applied = (await join(partner, "MARKETPLACE_SELLER"))["membership"]
    assert codes(await vendor_decides(api, applied["id"])) == []
    return partner, applied


async def at(api: Api, instant: datetime, partner: Admitted) -> Admitted:
    """Time passes, and the partner's main account signs in again."""
    api.clock.at = instant
    return replace(partner, main=await sign_in(api, partner.main.account_id))


async def run(api: Api) -> int:
    return await pass_time(api.settings, api.clock)


async def letters(api: Api, who: Person, *templates: str) -> list[str]:
    """Those of the templates that reached an account, oldest first."""
    return [row["template"] for row in await api.inbox(str(who.email)) if row["template"] in templates]


async def seen(who: Client, membership: dict[str, Any], selection: str) -> dict[str, Any]:
    answer = await who.send(f'{{ node(id: "{membership["id"]}") {{ ... on PlanMembership {{ {selection} }} }} }}')
    found: dict[str, Any] = answer.data["node"]
    return found


class TestCertificate:
    async def test_the_panel_shows_it(self, api: Api) -> None:
        partner, membership = await seller(api)

        panel = f"{{ joinedPlans {{ validFrom validTo certificateNo {CERTIFICATE} }} }}"
        (shown,) = (await partner.main.api.send(panel)).data["joinedPlans"]

        number = await api.value("select certificate_no from plan_membership")
        assert number.startswith("CN-MS-20260302-")
        assert (shown["validFrom"], shown["validTo"]) == ("2026-03-02T04:00:00.000Z", "2027-03-01T16:00:00.000Z")
        certificate = shown["certificate"]
        assert certificate.pop("document").split("\n") == [
            "Certificate of Membership",
            f"Holder: {partner.company.legal_name}",
            "Plan: Marketplace seller",
            f"Number: {number}",
            "Valid from 2026-03-02 to 2027-03-01",
            "",
            "伙伴计划成员证书",
            f"持有人：{partner.company.legal_name}",
            "伙伴计划：云商店商家",
            f"证书编号：{number}",
            "有效期：2026-03-02至2027-03-01",
        ]
        assert certificate == {
            "number": number,
            "holder": partner.company.legal_name,
            "planName": "Marketplace seller",
            "tierName": None,
            "validFrom": "2026-03-02",
            "validTo": "2027-03-01",
        }
        assert await seen((await staff(api, Role.PSM)).api, membership, "certificateNo") == {"certificateNo": number}

    async def test_with_a_tier_and_without_an_end(self, api: Api) -> None:
        partner = await admitted_partner(api)
        applied = (await join(partner, "SOLUTION_PROVIDER"))["membership"]
        assert await seen(partner.main.api, applied, "certificate { number } certificateNo") == {
            "certificate": None,
            "certificateNo": None,
        }
        await vendor_decides(api, applied["id"])

        shown = (await seen(partner.main.api, applied, CERTIFICATE))["certificate"]

        assert (shown["tierName"], shown["validTo"]) == ("Select", None)
        assert "Tier: Select\n" in shown["document"] and "2026-03-02起长期有效" in shown["document"]

    async def test_every_membership_has_its_own_number(self, api: Api) -> None:
        partner = await co_sell_partner(api)
        await co_sell_partner(api)
        first = (await partner.main.api.send("{ joinedPlans { id } }")).data["joinedPlans"][0]
        await change(partner.main.api, "exitPlan", first)
        assert await seen(partner.main.api, first, "certificate { number }") == {"certificate": None}
        await join(partner, "CO_SELL")

        assert await api.value("select count(distinct certificate_no) from plan_membership") == 3


class TestEnd:
    async def test_it_ends_at_the_instant_and_once(self, api: Api) -> None:
        partner, membership = await seller(api)
        partner = await at(api, END - INSTANT, partner)
        await run(api)
        assert await panel(partner.main.api) == ["MARKETPLACE_SELLER"]
        partner = await at(api, END, partner)

        assert await run(api) == 1

        assert await panel(partner.main.api) == []
        shown = await seen(partner.main.api, membership, "state endedAt certificate { number }")
        assert shown == {"state": "EXPIRED", "endedAt": "2027-03-01T16:00:00.000Z", "certificate": None}
        assert (await events(api))[-1] == "plan.expired"
        assert await letters(api, partner.main, "plan_expired") == ["plan_expired"]
        assert await api.changes(lambda: run(api)) == set()
        assert await reasons(partner.main.api, "MARKETPLACE_SELLER") == []
        again = (await join(partner, "MARKETPLACE_SELLER"))["membership"]
        assert again["id"] != membership["id"]

    async def test_each_notice_once_however_often_the_job_runs(self, api: Api) -> None:
        partner, _ = await seller(api)
        told = []
        for days in (61, 60, 59, 30, 29, 7, 1):
            api.clock.at = END - timedelta(days=days)
            for _ in range(2):
                await run(api)
            told.append((days, len(await letters(api, partner.main, "plan_expiring"))))

        assert told == [(61, 0), (60, 1), (59, 1), (30, 2), (29, 2), (7, 3), (1, 3)]
        assert (await api.inbox(str(partner.main.email)))[-1]["body"].count("Marketplace seller") >= 1

    async def test_notices_that_were_missed_are_not_made_up_for(self, api: Api) -> None:
        partner, _ = await seller(api)
        api.clock.at = END - timedelta(days=5)

        await run(api)
        await run(api)

        assert await letters(api, partner.main, "plan_expiring") == ["plan_expiring"]

    async def test_only_those_with_a_notice_to_be_given_are_looked_at(self, api: Api) -> None:
        await api.override("plans.expiry_notice_days", ["90", "30"], site="INTL")
        await seller(api)
        found = []
        for days in (61, 60, 31, 30, 0):
            api.clock.at = END - timedelta(days=days)
            ctx = await system_context(api.settings, api.clock())
            with db.observed() as statements:
                found.append([len(await ending_memberships(ctx))])
            assert all("LIMIT" in one for one in statements if "plan_membership" in one)
            await run(api)
            found[-1].append(len(await ending_memberships(ctx)))
        assert found == [[0, 0], [1, 0], [0, 0], [1, 0], [0, 0]]

    async def test_plans_without_an_end_stay(self, api: Api) -> None:
        partner = await co_sell_partner(api)
        partner = await at(api, END + timedelta(days=4000), partner)

        assert await api.changes(lambda: run(api)) == set()
        assert await panel(partner.main.api) == ["CO_SELL"]

    async def test_the_co_sell_plan_ends_where_policy_says_so(self, api: Api) -> None:
        await policy(api, "plans.co_sell_valid_months", "12")
        partner = await at(api, END, await co_sell_partner(api))

        await run(api)

        assert await panel(partner.main.api) == []


class TestRenewal:
    async def test_goes_on_from_its_end(self, api: Api) -> None:
        partner, membership = await seller(api)
        before = await seen(partner.main.api, membership, "certificateNo validFrom")
        partner = await at(api, END - timedelta(days=60), partner)
        await run(api)

        renewed = await change(partner.main.api, "renewPlan", membership, agreementVersion="1.0")

        assert renewed["userErrors"] == []
        assert [effect["kind"] for effect in renewed["effects"]] == ["plan.renewed"]
        assert (await events(api))[-1] == "plan.renewed"
        shown = await seen(partner.main.api, membership, "certificateNo validFrom validTo")
        assert shown == {**before, "validTo": "2028-03-01T16:00:00.000Z"}
        api.clock.at = END
        assert await api.changes(lambda: run(api)) == set()
        api.clock.at = END + timedelta(days=366 - 60)
        await run(api)
        assert await letters(api, partner.main, "plan_expiring") == ["plan_expiring"] * 2

    async def test_not_before_the_first_notice_nor_after_the_end(self, api: Api) -> None:
        partner, membership = await seller(api)
        for instant, expected in (
            (END - timedelta(days=60) - INSTANT, "PLAN_RENEWAL_NOT_DUE"),
            (END, "STATE_CONFLICT"),
        ):
            partner = await at(api, instant, partner)

            async def attempt(who: Client = partner.main.api, expected: str = expected) -> None:
                refused = await change(who, "renewPlan", membership, agreementVersion="1.0")
                assert codes(refused) == [expected]
                assert refused["userErrors"][0].get("availableAt") in (None, "2026-12-31T16:00:00.000Z")

            assert await api.changes(attempt) == set()

    async def test_all_reasons_at_once(self, api: Api) -> None:
        partner = await co_sell_partner(api)
        (membership,) = (await partner.main.api.send("{ joinedPlans { id } }")).data["joinedPlans"]

        async def attempt() -> None:
            refused = await change(partner.main.api, "renewPlan", membership, agreementVersion="0.9")
            assert codes(refused) == ["PLAN_WITHOUT_END", "AGREEMENT_REQUIRED"]

        assert await api.changes(attempt) == set()

    async def test_what_the_plan_asks_must_still_hold(self, api: Api) -> None:
        partner, membership = await seller(api)
        await api.database.superuser.execute("update account set real_name_state = 'NONE' where is_main")
        partner = await at(api, END - INSTANT, partner)

        async def attempt() -> None:
            refused = await change(partner.main.api, "renewPlan", membership, agreementVersion="1.0")
            assert codes(refused) == ["REAL_NAME_REQUIRED"]

        assert await api.changes(attempt) == set()

    async def test_ten_at_once_renew_once(self, api: Api) -> None:
        partner, membership = await seller(api)
        partner = await at(api, END - INSTANT, partner)

        async def renew() -> list[str]:
            return codes(await change(partner.main.api, "renewPlan", membership, agreementVersion="1.0"))

        answers = await asyncio.gather(*(renew() for _ in range(10)))

        assert sorted(answers) == [[]] + [["PLAN_RENEWAL_NOT_DUE"]] * 9
        assert await api.value("select valid_to from plan_membership") == datetime(2028, 3, 1, 16, tzinfo=UTC)


class TestAgreements:
    AGREEMENTS = "{ planAgreements { nodes { plan agreementVersion signedAt signedById membership { id }"
    AGREEMENTS += " partner { id } } } }"

    async def test_every_acceptance_is_kept(self, api: Api) -> None:
        partner, other = await co_sell_partner(api), await co_sell_partner(api)
        (membership,) = (await partner.main.api.send("{ joinedPlans { id } }")).data["joinedPlans"]
        await api.database.superuser.execute("update plan_membership set agreement_version = '0.9'")
        partner = await at(api, api.clock() + timedelta(days=1), partner)
        admin = await member(api, partner, Role.SYSTEM_ADMIN)

        accepted = await change(admin.api, "acceptPlanAgreement", membership, agreementVersion="1.0")

        assert accepted["userErrors"] == []
        assert (await events(api))[-1] == "plan.agreement_accepted"
        nodes = (await partner.main.api.send(self.AGREEMENTS)).data["planAgreements"]["nodes"]
        common = {"plan": "CO_SELL", "agreementVersion": "1.0", "membership": membership, "partner": {"id": partner.id}}
        common = {**common, "membership": {"id": membership["id"]}}
        assert nodes == [
            {**common, "signedAt": "2026-03-03T04:00:00.000Z", "signedById": admin.id},
            {**common, "signedAt": "2026-03-02T04:00:00.000Z", "signedById": partner.main.id},
        ]
        vendor = (await staff(api, Role.PSM)).api
        everything = (await vendor.send(self.AGREEMENTS)).data["planAgreements"]["nodes"]
        assert [node["partner"]["id"] for node in everything] == [partner.id, other.id, partner.id]
        none = "{ planAgreements(plan: RESELLER) { nodes { id } } }"
        assert (await vendor.send(none)).data["planAgreements"]["nodes"] == []

    async def test_a_new_version_is_shown_as_an_action(self, api: Api) -> None:
        partner = await co_sell_partner(api)
        (membership,) = (await partner.main.api.send("{ joinedPlans { id } }")).data["joinedPlans"]

        async def blockers() -> list[str]:
            found = (await seen(partner.main.api, membership, "actions { action blockers { code } }"))["actions"]
            return [b["code"] for one in found if one["action"] == "ACCEPT_AGREEMENT" for b in one["blockers"]]

        assert await blockers() == ["PLAN_AGREEMENT_ACCEPTED"]
        await api.database.superuser.execute("update plan_membership set agreement_version = '0.9'")
        assert await blockers() == []

    @pytest.mark.parametrize(
        ("signed", "given", "expected"),
        [
            ("1.0", "1.0", ["PLAN_AGREEMENT_ACCEPTED"]),
            ("0.9", "0.9", ["AGREEMENT_REQUIRED"]),
            ("0.9", None, ["AGREEMENT_REQUIRED"]),
        ],
    )
    async def test_refused(self, api: Api, signed: str, given: str | None, expected: list[str]) -> None:
        partner = await co_sell_partner(api)
        (membership,) = (await partner.main.api.send("{ joinedPlans { id } }")).data["joinedPlans"]
        await api.database.superuser.execute("update plan_membership set agreement_version = $1", signed)

        async def attempt() -> None:
            refused = await change(partner.main.api, "acceptPlanAgreement", membership, agreementVersion=given)
            assert codes(refused) == expected

        assert await api.changes(attempt) == set()

    async def test_only_of_a_plan_one_is_in(self, api: Api) -> None:
        partner = await admitted_partner(api)
        membership = (await join(partner, "MARKETPLACE_SELLER"))["membership"]
        await api.database.superuser.execute("update plan_membership set agreement_version = '0.9'")

        async def attempt() -> None:
            refused = await change(partner.main.api, "acceptPlanAgreement", membership, agreementVersion="1.0")
            assert codes(refused) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()


class TestOlderMemberships:
    async def test_they_get_the_certificate_that_others_have(self, api: Api) -> None:
        [path] = ROOT.glob("migrations/*_older_memberships_get_certificates.py")
        statement = import_module(f"migrations.{path.stem}").CERTIFICATES
        api.clock.at = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # the third of March in Shanghai
        partner, left = await co_sell_partner(api), await co_sell_partner(api)
        membership, gone = [
            (await one.main.api.send("{ joinedPlans { id } }")).data["joinedPlans"][0] for one in (partner, left)
        ]
        await change(left.main.api, "exitPlan", gone)
        before = await seen(partner.main.api, membership, "certificateNo validFrom certificate { document }")
        await api.database.superuser.execute("update plan_membership set certificate_no = null, valid_from = null")

        for _ in range(2):
            await api.database.superuser.execute(statement)

        assert await seen(partner.main.api, membership, "certificateNo validFrom certificate { document }") == before
        assert before["certificateNo"].startswith("CN-CS-20260303-")
        assert await seen(left.main.api, gone, "certificateNo validFrom") == {"certificateNo": None, "validFrom": None}

    def test_every_plan_has_its_mark_there(self) -> None:
        [path] = ROOT.glob("migrations/*_older_memberships_get_certificates.py")
        text = path.read_text(encoding="utf-8")
        assert all(f"('{plan.code.value}', '{plan.mark}')" in text for plan in PLANS.values())
