"""Rising on a path and falling again: applications, verdicts, certificates, the yearly review; through the API."""

import asyncio
from datetime import date, timedelta

import pytest

from core import db
from core.ids import decode_id
from core.scope import EVERYTHING
from models.opportunities import Opportunity
from rules.opportunities import OpportunityState
from rules.sites import Site
from tasks.paths import pass_time
from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.opportunities import join_co_sell, key, office
from tests.paths import (
    MATERIALS,
    Walker,
    certified,
    decide,
    differentiated,
    mails,
    make_due,
    offers,
    on_si,
    select,
    shown,
    step,
    walker,
)

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
HO = "{ hoEligibility { eligible deliveries needed since reasons { code message } } }"


async def delivered(api: Api, who: Walker, day: str, count: int = 1) -> None:
    """Opportunities of the partner that were signed and delivered on this day."""
    _, office_id = decode_id(await office(api))
    async with db.transaction(EVERYTHING):
        for _ in range(count):
            await Opportunity.insert(
                now=api.clock(),
                partner_id=who.partner_id,
                site=Site.CN,
                name="Port",
                state=OpportunityState.DELIVERED,
                created_by=who.main.id,
                owner_user_id=who.main.id,
                submitted_at=api.clock(),
                audited_at=api.clock(),
                rep_office_id=office_id,
                deadline=api.clock() + DAY,
                verified_at=api.clock(),
                signed_at=api.clock(),
                signed_on=date.fromisoformat(day),
                contract_minor=100,
                contract_currency="CNY",
                contract_ref="HT-1",
                delivered_at=api.clock(),
                delivered_on=date.fromisoformat(day),
                acceptance_ref="YS-1",
            )


class TestRole:
    async def test_not_applied_for_before_every_requirement_is_met(self, api: Api) -> None:
        who = await walker(api)
        chosen = (await select(who, "SERVICE"))["enrollment"]

        async def attempt() -> None:
            refused = await step(who.api, "applyRoleValidation", chosen)
            assert codes(refused) == ["REQUIREMENTS_NOT_MET"] * 3
            assert {error["rule"]["id"] for error in refused["userErrors"]} == {"paths.requirements"}

        assert await api.changes(attempt) == set()

    async def test_rejected_with_a_reason_corrected_and_validated(self, api: Api) -> None:
        who = await walker(api)
        held = await on_si(api, who)
        applied = await step(who.api, "applyRoleValidation", held, caseMaterials=MATERIALS)
        assert applied["enrollment"]["state"] == "ROLE_REVIEW"
        assert codes(await step(who.api, "applyRoleValidation", held)) == ["STATE_CONFLICT"]

        assert codes(await decide(who, "PATH_ROLE", approve=False)) == ["REASON_REQUIRED"]
        assert codes(await decide(who, "PATH_ROLE", approve=False, reason="The cases are blurred.")) == []

        now = await shown(who, "SI")
        assert (now["state"], now["reason"], now["caseMaterials"]) == ("SELECTED", "The cases are blurred.", MATERIALS)
        assert "path_stage_rejected" in await mails(api, who)
        assert codes(await step(who.api, "applyRoleValidation", held)) == []
        assert codes(await decide(who, "PATH_ROLE")) == []
        now = await shown(who, "SI")
        assert (now["state"], now["stage"], now["reason"]) == ("CERTIFIED", "CERTIFIED", None)
        assert now["certificateNo"].startswith("SI-CN-")
        assert now["validUntil"] == "2027-03-02T04:00:00.000Z"
        assert "path_stage_reached" in await mails(api, who)

    async def test_a_path_may_end_with_the_role(self, api: Api) -> None:
        who = await walker(api)
        document = "mutation($input: InviteToPathInput!) { inviteToPath(input: $input) { enrollment { id } } }"
        given = {"partnerId": who.id, "path": "DISTRIBUTOR", "idempotencyKey": key()}
        invited = (await who.manager.client.send(document, input=given)).data["inviteToPath"]["enrollment"]
        await step(who.api, "acceptPathInvitation", invited)
        assert codes(await step(who.api, "applyRoleValidation", invited)) == []
        await decide(who, "PATH_ROLE")

        async def attempt() -> None:
            assert codes(await step(who.api, "applyDifferentiation", invited)) == ["PATH_NO_DIFFERENTIATION"]

        assert await api.changes(attempt) == set()

    async def test_two_reviewers_at_once_give_one_verdict(self, api: Api) -> None:
        who = await walker(api)
        held = await on_si(api, who)
        await step(who.api, "applyRoleValidation", held, caseMaterials=MATERIALS)
        queue = await who.manager.client.send("{ reviewQueue { nodes { id } } }")
        [case] = queue.data["reviewQueue"]["nodes"]
        verdicts = await asyncio.gather(
            *(
                who.manager.client.do(
                    "decideReview", "review { id }", id=case["id"], approve=yes, reason="Seen.", idempotencyKey=key()
                )
                for yes in (True, False)
            )
        )
        assert sorted(len(codes(one)) for one in verdicts) == [0, 1]
        assert (
            await api.value("select count(*) from event where type in ('path.certified', 'path.stage_rejected')") == 1
        )


class TestDifferentiation:
    async def test_reached_by_application_alone(self, api: Api) -> None:
        who = await walker(api)
        held = await certified(api, who)
        assert codes(await step(who.api, "applyDifferentiation", held)) == ["REQUIREMENTS_NOT_MET"]
        applied = await step(who.api, "applyDifferentiation", held, businessPlan="https://files.example/plan.pdf")
        assert (applied["enrollment"]["state"], applied["enrollment"]["stage"]) == (
            "DIFFERENTIATION_REVIEW",
            "CERTIFIED",
        )
        await decide(who, "PATH_DIFFERENTIATION", approve=False, reason="Too vague.")
        assert (await shown(who, "SI"))["state"] == "CERTIFIED"
        await step(who.api, "applyDifferentiation", held)
        await step(who.api, "withdrawPathApplication", held)
        assert (await shown(who, "SI"))["state"] == "CERTIFIED"
        await step(who.api, "applyDifferentiation", held)
        await decide(who, "PATH_DIFFERENTIATION")
        now = await shown(who, "SI")
        assert (now["state"], now["businessPlan"]) == ("DIFFERENTIATED", "https://files.example/plan.pdf")
        assert now["certificateNo"] != held["certificateNo"]


class TestAnnualReview:
    async def test_its_window_opens_sixty_days_before_the_end_and_is_told_once(self, api: Api) -> None:
        who = await walker(api)
        held = await certified(api, who)
        end = api.clock() + timedelta(days=365)
        api.clock.at = end - timedelta(days=60) - SECOND
        assert await pass_time(api.settings, api.clock) == 0
        await refresh(api)
        assert codes(await step(who.api, "submitAnnualReview", held)) == ["STATE_CONFLICT"]
        api.clock.at = end - timedelta(days=60)
        assert await pass_time(api.settings, api.clock) == 1
        assert await pass_time(api.settings, api.clock) == 0
        now = await shown(who, "SI")
        assert (now["annualState"], now["annualDueAt"]) == ("DUE", now["validUntil"])
        assert "path_annual_due" in await mails(api, who)
        assert await api.value("select count(*) from event where type = 'path.annual_review_opened'") == 1

    async def test_each_site_has_a_window_of_its_own(self, api: Api) -> None:
        await api.override("paths.annual_window_days", 30, site="INTL")
        for site in Site:
            await certified(api, await walker(api, site))
        end = api.clock() + timedelta(days=365)
        for days, count in ((60, 1), (60, 0), (30, 1), (30, 0)):
            api.clock.at = end - timedelta(days=days)
            assert await pass_time(api.settings, api.clock) == count

    async def test_passed_it_joins_the_next_year_on_to_this_one(self, api: Api) -> None:
        who = await walker(api)
        held = await due(api, who)
        assert codes(await step(who.api, "submitAnnualReview", held)) == []
        assert codes(await step(who.api, "applyDifferentiation", held, businessPlan="x")) == ["STATE_CONFLICT"]
        assert codes(await step(who.api, "withdrawPathApplication", held)) == []
        assert codes(await step(who.api, "submitAnnualReview", held)) == []
        assert codes(await decide(who, "PATH_ANNUAL", approve=False, reason="Old cases.")) == []
        assert (await shown(who, "SI"))["annualState"] == "DUE"
        assert codes(await step(who.api, "submitAnnualReview", held)) == []
        assert codes(await decide(who, "PATH_ANNUAL")) == []
        now = await shown(who, "SI")
        assert (now["state"], now["annualState"], now["validUntil"]) == (
            "CERTIFIED",
            "NOT_DUE",
            "2028-03-02T04:00:00.000Z",
        )
        assert {"path_annual_rejected", "path_annual_passed"} <= set(await mails(api, who))

    async def test_not_submitted_in_time_the_stage_lapses_by_one(self, api: Api) -> None:
        who = await walker(api)
        held = await differentiated(api, who)
        end = api.clock() + timedelta(days=365)
        api.clock.at = end - DAY
        await pass_time(api.settings, api.clock)
        api.clock.at = end - SECOND
        assert await pass_time(api.settings, api.clock) == 0
        api.clock.at = end
        await refresh(api)

        async def attempt() -> None:
            assert codes(await step(who.api, "submitAnnualReview", held)) == ["PATH_REVIEW_OVER"]

        assert await api.changes(attempt) == set()
        assert await pass_time(api.settings, api.clock) == 1
        now = await shown(who, "SI")
        assert (now["state"], now["annualState"]) == ("CERTIFIED", "NOT_DUE")
        assert now["certificateNo"] != held["certificateNo"]
        assert "path_lapsed" in await mails(api, who)
        api.clock.at = end + timedelta(days=366)
        assert await pass_time(api.settings, api.clock) == 1  # its window opens late, and is whole
        api.clock.advance(days=60)
        assert await pass_time(api.settings, api.clock) == 1
        await refresh(api)
        now = await shown(who, "SI")
        assert (now["state"], now["certificateNo"], now["validUntil"]) == ("SELECTED", None, None)
        assert await pass_time(api.settings, api.clock) == 0

    @pytest.mark.parametrize(("column", "missing"), [("case_materials", 1), ("business_plan", 1), ("reason", 0)])
    async def test_it_asks_for_what_the_role_asks_as_well(self, api: Api, column: str, missing: int) -> None:
        who = await walker(api)
        held = await differentiated(api, who)
        await make_due(api, held)
        await api.rows(f"update path_enrollment set {column} = null returning id")

        async def attempt() -> None:
            refused = await step(who.api, "submitAnnualReview", held, dryRun=True)
            assert codes(refused) == ["REQUIREMENTS_NOT_MET"] * missing

        assert await api.changes(attempt) == set()
        [shown_action] = [
            one for one in (await offers(who))["SI"]["actions"] if one["action"] == "SUBMIT_ANNUAL_REVIEW"
        ]
        assert [one["code"] for one in shown_action["blockers"]] == ["REQUIREMENTS_NOT_MET"] * missing

    async def test_what_the_vendor_looks_at_does_not_lapse(self, api: Api) -> None:
        who = await walker(api)
        held = await due(api, who)
        await step(who.api, "submitAnnualReview", held)
        api.clock.advance(days=200)
        assert await pass_time(api.settings, api.clock) == 0
        await refresh(api)
        await decide(who, "PATH_ANNUAL", approve=False, reason="Old cases.")
        assert await pass_time(api.settings, api.clock) == 1
        assert (await shown(who, "SI"))["state"] == "SELECTED"

    async def test_an_application_that_is_taken_back_puts_nothing_off(self, api: Api) -> None:
        who = await walker(api)
        held = await due(api, who)
        end = api.clock() + 10 * DAY
        sent = await step(who.api, "applyDifferentiation", held, businessPlan="https://files.example/plan.pdf")
        assert (sent["enrollment"]["annualState"], sent["enrollment"]["annualDueAt"]) == ("DUE", held["validUntil"])

        async def attempt() -> None:
            assert codes(await step(who.api, "submitAnnualReview", held)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        api.clock.at = end + DAY
        await refresh(api)
        assert await pass_time(api.settings, api.clock) == 0
        assert codes(await step(who.api, "withdrawPathApplication", held)) == []
        api.clock.at = end - SECOND
        assert await pass_time(api.settings, api.clock) == 0
        api.clock.at = end
        assert await pass_time(api.settings, api.clock) == 1
        assert (await shown(who, "SI"))["state"] == "SELECTED"

    async def test_a_rejection_past_the_end_gives_the_whole_window(self, api: Api) -> None:
        who, other = await walker(api), await walker(api)
        for one, days in ((who, 0), (other, 10)):
            held = await differing(api, one)
            api.clock.advance(days=days)
            await refresh(api)
            told = len([row for row in await api.inbox(one.main.email) if row["template"] == "path_annual_due"])
            assert codes(await decide(one, "PATH_DIFFERENTIATION", approve=False, reason="Too vague.")) == []
            now = await shown(one, "SI")
            assert (now["state"], now["annualState"]) == ("CERTIFIED", "DUE")
            again = [row for row in await api.inbox(one.main.email) if row["template"] == "path_annual_due"]
            assert len(again) == told + bool(days)
            if not days:
                assert now["annualDueAt"] == held["validUntil"]
        start = api.clock()
        api.clock.at = start + 60 * DAY - SECOND
        await refresh(api)
        assert codes(await step(other.api, "submitAnnualReview", held, dryRun=True)) == []
        api.clock.at = start + 60 * DAY
        assert codes(await step(other.api, "submitAnnualReview", held, dryRun=True)) == ["PATH_REVIEW_OVER"]


async def differing(api: Api, who: Walker) -> dict[str, object]:
    """With the yearly review due in ten days and an application for the next stage before the vendor."""
    held = await due(api, who)
    sent = await step(who.api, "applyDifferentiation", held, businessPlan="https://files.example/plan.pdf")
    assert codes(sent) == []
    return held


async def due(api: Api, who: Walker) -> dict[str, object]:
    """Certified, with the yearly review due in ten days."""
    held = await certified(api, who)
    api.clock.advance(days=355)
    await pass_time(api.settings, api.clock)
    await refresh(api)
    return held


class TestHoEligibility:
    async def reasons(self, who: Walker) -> list[str]:
        found = (await who.api.send(HO)).data["hoEligibility"]
        assert found["eligible"] == (not found["reasons"])
        return [one["code"] for one in found["reasons"]]

    async def test_the_plan_the_stage_and_the_deliveries(self, api: Api) -> None:
        who = await walker(api)
        assert await self.reasons(who) == ["PCE_NOT_JOINED", "HO_STAGE_REQUIRED"]
        await join_co_sell(api, who.partner_id)
        await delivered(api, who, "2026-02-01", 2)
        assert await self.reasons(who) == ["HO_STAGE_REQUIRED"]
        await certified(api, who)
        assert await self.reasons(who) == ["HO_DELIVERIES_REQUIRED"]
        await delivered(api, who, "2025-03-01")
        assert await self.reasons(who) == ["HO_DELIVERIES_REQUIRED"]
        await delivered(api, who, "2025-03-02")
        found = (await who.api.send(HO)).data["hoEligibility"]
        assert found == {"eligible": True, "deliveries": 3, "needed": 3, "since": "2025-03-02", "reasons": []}
        api.clock.advance(hours=12)  # the next day in Shanghai
        await refresh(api)
        assert await self.reasons(who) == ["HO_DELIVERIES_REQUIRED"]

    async def test_the_vendor_asks_about_anybody_and_a_partner_about_itself(self, api: Api) -> None:
        who, stranger = await walker(api), await walker(api)
        document = "query($id: ID) { hoEligibility(partnerId: $id) { eligible } }"
        assert (await who.manager.client.send(document, id=who.id)).data["hoEligibility"] == {"eligible": False}
        assert (await who.api.send(document, id=who.id)).data["hoEligibility"] == {"eligible": False}
        for client, ident in ((stranger.api, who.id), (who.manager.client, None), (who.manager.client, "x")):
            assert (await client.send(document, id=ident)).data["hoEligibility"] is None
