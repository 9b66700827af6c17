"""Capability labels: applications, their assessment, the end of a label, badges; through the API."""

import asyncio
from datetime import timedelta
from typing import Any

from rules.access import Role
from rules.sites import Site
from tasks.capabilities import pass_time
from tests import world
from tests.api.test_paths import refresh
from tests.capabilities import COMPLETE, create, labels, listed, passed, state_of, step, submitted
from tests.client import Api, codes, told
from tests.opportunities import key, staff
from tests.paths import MATERIALS, Walker, decide, mails, offers, record, select, shown, walker
from tests.paths import step as path_step
from tests.uploads import open_slot, paper, uploaded
from tests.world import Person

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
APPLICANT = {"CHANGE": False, "SUBMIT": False, "REQUEST_ASSESSMENT": False}
"""What the partner's people may do, where nothing more is said."""


async def actions(who: Walker) -> dict[str, bool]:
    [one] = await listed(who.api)
    return {action["action"]: action["allowed"] for action in one["actions"]}


async def case_of(reviewer: Person) -> dict[str, Any]:
    document = "{ reviewQueue(filter: {kinds: [CAPABILITY]}) { nodes { id subject { id } } } }"
    [case] = (await reviewer.client.send(document)).data["reviewQueue"]["nodes"]
    found: dict[str, Any] = case
    return found


async def turn(reviewer: Person, name: str, case: dict[str, Any]) -> dict[str, Any]:
    return await reviewer.client.do(name, "review { id }", id=case["id"], idempotencyKey=key())


class TestApplication:
    async def test_a_draft_is_filled_in_later_and_asked_for_everything(self, api: Api) -> None:
        who = await walker(api)
        draft = (await create(who, level2=None, selfCheck=None, evidenceIds=None))["application"]
        assert (draft["state"], draft["labelName"], draft["badge"]) == ("DRAFT", "Migration to the cloud", None)
        assert await actions(who) == {**APPLICANT, "CHANGE": True}

        async def attempt() -> None:
            refused = await step(who.api, "submitCapabilityApplication", draft)
            assert codes(refused) == ["REQUIRED"] * 3
            assert [error["path"][1] for error in refused["userErrors"]] == ["level2", "selfCheck", "evidenceIds"]

        assert await api.changes(attempt) == set()
        rest = {name: COMPLETE[name] for name in ("level2", "selfCheck")} | {"evidenceIds": [await paper(who.api)]}
        changed = await step(who.api, "updateCapabilityApplication", draft, **rest)
        assert changed["application"]["evidence"] == [{"name": "contract.pdf"}]
        stale = await step(who.api, "updateCapabilityApplication", draft, level2=[], expectedVersion=1)
        assert codes(stale) == ["CONFLICT"]
        assert await actions(who) == {**APPLICANT, "CHANGE": True, "SUBMIT": True}
        assert codes(await step(who.api, "submitCapabilityApplication", draft)) == []
        assert await actions(who) == APPLICANT
        for name in ("submitCapabilityApplication", "updateCapabilityApplication"):
            assert codes(await step(who.api, name, draft)) == ["STATE_CONFLICT"]

    async def test_one_application_for_a_label_at_a_time(self, api: Api) -> None:
        who = await walker(api)
        draft = (await create(who))["application"]
        offered = (await labels(who))["MIGRATION"]
        assert offered["application"] == {"id": draft["id"]}
        [apply] = offered["actions"]
        assert [one["code"] for one in apply["blockers"]] == ["CAPABILITY_ALREADY_OPEN"]

        async def attempt() -> None:
            assert codes(await create(who)) == ["CAPABILITY_ALREADY_OPEN"]

        assert await api.changes(attempt) == set()
        assert codes(await create(who, level1="SECURITY", level2=["HARDENING"])) == []

    async def test_what_it_says_is_checked_at_once(self, api: Api) -> None:
        who = await walker(api)
        draft = (await create(who))["application"]
        file, theirs = await paper(who.api), await uploaded((await walker(api)).api)
        slot = (await open_slot(who.api))["upload"]["id"]
        wrong = {"level2": ["HOSTS", "HOSTS", "CAKES"], "evidenceIds": [file, theirs, slot]}
        expected = ["NOT_FOUND", "UPLOAD_NOT_RECEIVED", "REPEATED", "CAPABILITY_UNKNOWN"]

        async def attempt() -> None:
            assert codes(await step(who.api, "updateCapabilityApplication", draft, **wrong)) == expected
            other = await create(who, level1="SECURITY", **wrong)
            assert codes(other) == [*expected[:2], *["CAPABILITY_UNKNOWN"] * 3]
            assert codes(await create(who, level1="BAKING", level2=[])) == ["CAPABILITY_UNKNOWN"]
            many = await step(who.api, "updateCapabilityApplication", draft, evidenceIds=[file] * 21)
            assert codes(many) == ["TOO_MANY"]

        assert await api.changes(attempt) == set()

    async def test_members_need_the_permission_and_strangers_see_nothing(self, api: Api) -> None:
        who, stranger = await walker(api), await walker(api)
        draft = (await create(who))["application"]
        clerk = await world.member(api, who.partner_id, Role.MARKETING)
        [seen] = await listed(clerk.client)
        assert [one["allowed"] for one in seen["actions"]] == [False] * 3

        async def attempt() -> None:
            assert codes(await step(stranger.api, "submitCapabilityApplication", draft)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        assert await listed(stranger.api) == []
        assert len(await listed(who.manager.client, state="DRAFT", level1="MIGRATION")) == 1
        assert await listed(who.manager.client, state="PASSED") == []
        assert await listed(who.manager.client, level1="SECURITY") == []

    async def test_the_vendor_sees_the_bare_catalogue(self, api: Api) -> None:
        who = await walker(api)
        await passed(who)
        document = "{ capabilityLabels { code core heldUntil application { id } actions { action } level2 { code } } }"
        shown = (await who.manager.client.send(document)).data["capabilityLabels"]
        assert all(one["heldUntil"] is None and one["actions"] == [] and one["level2"] for one in shown)

    async def test_several_drafts_at_once_leave_one(self, api: Api) -> None:
        who = await walker(api)
        answers = await asyncio.gather(*(create(who) for _ in range(5)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("CAPABILITY_ALREADY_OPEN",)] * 4]
        assert await api.value("select count(*) from capability_application") == 1


class TestAssessment:
    async def test_passed_it_is_held_with_a_badge(self, api: Api) -> None:
        who = await walker(api)
        await passed(who)
        [one] = await listed(who.api)
        badge = one["badge"]
        assert (one["state"], one["validUntil"]) == ("PASSED", "2027-03-02T04:00:00.000Z")
        assert (badge["label"], badge["parts"]) == ("Migration to the cloud", ["Servers", "Databases"])
        assert (badge["validFrom"], badge["validTo"]) == ("2026-03-02", "2027-03-02")
        assert badge["number"].startswith("CL-CN-")
        for text in (
            "Capability Badge",
            "能力徽章",
            "上云迁移",
            "二级标签：主机迁移",
            "Field: Databases",
            badge["number"],
        ):
            assert text in badge["document"]
        offered = (await labels(who))["MIGRATION"]
        held = {part["code"]: part["heldUntil"] for part in offered["level2"]}
        assert held == {**dict.fromkeys(("HOSTS", "DATABASES"), one["validUntil"]), "STORAGE": None, "BIG_DATA": None}
        assert (offered["heldUntil"], offered["application"]) == (one["validUntil"], None)
        assert "capability_passed" in await mails(api, who)

    async def test_rejected_with_a_reason_it_is_changed_and_submitted_again(self, api: Api) -> None:
        who = await walker(api)
        sent = await submitted(who)

        async def attempt() -> None:
            assert codes(await decide(who, "CAPABILITY", approve=False)) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        assert codes(await decide(who, "CAPABILITY", approve=False, reason="No dates.")) == []
        [one] = await listed(who.api)
        assert (one["state"], one["reason"], one["badge"]) == ("REJECTED", "No dates.", None)
        assert "capability_rejected" in await mails(api, who)
        assert codes(await create(who)) == ["CAPABILITY_ALREADY_OPEN"]
        assert codes(await step(who.api, "updateCapabilityApplication", sent, selfCheck="With dates.")) == []
        assert codes(await step(who.api, "submitCapabilityApplication", sent)) == []
        assert codes(await decide(who, "CAPABILITY")) == []
        [one] = await listed(who.api)
        assert (one["state"], one["reason"]) == ("PASSED", None)
        assert await api.value("select max(round) from review_case where kind = 'CAPABILITY'") == 2

    async def test_it_is_in_review_while_a_reviewer_has_it(self, api: Api) -> None:
        who = await walker(api)
        sent = await submitted(who)
        reviewer, colleague = await staff(api, Role.VENDOR_REVIEWER), await staff(api, Role.VENDOR_REVIEWER)
        case = await case_of(reviewer)
        assert case["subject"] == {"id": sent["id"]}
        assert codes(await turn(reviewer, "claimReview", case)) == []
        assert await state_of(api, sent) == "IN_REVIEW"

        async def attempt() -> None:
            assert codes(await turn(colleague, "releaseReview", case)) == ["REVIEW_CLAIMED"]
            assert codes(await decide(who, "CAPABILITY")) == ["REVIEW_CLAIMED"]

        assert await api.changes(attempt) == set()
        assert codes(await turn(reviewer, "releaseReview", case)) == []
        assert await state_of(api, sent) == "SUBMITTED"
        assert codes(await turn(colleague, "claimReview", case)) == []
        given = {"id": case["id"], "approve": True, "idempotencyKey": key()}
        assert codes(await colleague.client.do("decideReview", "review { id }", **given)) == []
        assert await state_of(api, sent) == "PASSED"
        assert codes(await turn(colleague, "claimReview", case)) == ["STATE_CONFLICT"]
        assert await state_of(api, sent) == "PASSED"

    async def test_finance_does_not_decide_it(self, api: Api) -> None:
        who = await walker(api)
        await submitted(who)
        clerk = await staff(api, Role.VENDOR_FINANCE)
        document = "{ reviewQueue(filter: {kinds: [CAPABILITY]}) { nodes { id } } }"
        assert (await clerk.client.send(document)).data["reviewQueue"]["nodes"] == []

    async def test_two_verdicts_at_once_leave_one(self, api: Api) -> None:
        who = await walker(api)
        await submitted(who)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        case = await case_of(reviewer)

        async def verdict() -> dict[str, Any]:
            given = {"id": case["id"], "approve": True, "idempotencyKey": key()}
            return await reviewer.client.do("decideReview", "review { id }", **given)

        answers = await asyncio.gather(*(verdict() for _ in range(5)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("STATE_CONFLICT",)] * 4]
        assert await api.value("select count(*) from event where type = 'capability.passed'") == 1


class TestEnd:
    async def test_its_partner_is_told_once_sixty_days_before_and_may_apply_again(self, api: Api) -> None:
        who = await walker(api)
        await passed(who)
        end = api.clock() + timedelta(days=365)
        again = (await create(who))["application"]
        api.clock.at = end - 60 * DAY - SECOND
        await refresh(api)
        assert await pass_time(api.settings, api.clock) == 0

        async def attempt() -> None:
            refused = await step(who.api, "submitCapabilityApplication", again)
            assert codes(refused) == ["CAPABILITY_ALREADY_HELD"]

        assert await api.changes(attempt) == set()
        api.clock.at = end - 60 * DAY
        assert await pass_time(api.settings, api.clock) == 1
        assert await pass_time(api.settings, api.clock) == 0
        assert await api.value("select count(*) from event where type = 'capability.near_end_noticed'") == 1
        assert "capability_expiring" in await mails(api, who)
        assert codes(await step(who.api, "submitCapabilityApplication", again)) == []

    async def test_each_site_has_a_window_of_its_own(self, api: Api) -> None:
        await api.override("capabilities.notice_days", 30, site="INTL")
        for site in Site:
            await passed(await walker(api, site))
        end = api.clock() + timedelta(days=365)
        for days, count in ((60, 1), (60, 0), (30, 1), (30, 0)):
            api.clock.at = end - timedelta(days=days)
            assert await pass_time(api.settings, api.clock) == count

    async def test_at_its_end_it_is_over(self, api: Api) -> None:
        who = await walker(api)
        held = await passed(who)
        end = api.clock() + timedelta(days=365)
        api.clock.at = end - SECOND
        await refresh(api)
        await pass_time(api.settings, api.clock)
        assert (await listed(who.api))[0]["badge"] is not None
        api.clock.at = end
        assert (await listed(who.api))[0]["badge"] is None
        assert (await labels(who))["MIGRATION"]["heldUntil"] is None
        assert await pass_time(api.settings, api.clock) == 1
        assert await pass_time(api.settings, api.clock) == 0
        assert await state_of(api, held) == "EXPIRED"
        assert "capability_expired" in await mails(api, who)

    async def test_of_a_label_that_a_later_one_says_as_well_nobody_is_told(self, api: Api) -> None:
        who = await walker(api)
        first = await passed(who)
        api.clock.advance(days=100)
        await refresh(api)
        await passed(who, level2=["HOSTS", "DATABASES", "STORAGE"])
        api.clock.advance(days=265)
        assert await pass_time(api.settings, api.clock) == 1
        await refresh(api)
        assert await state_of(api, first) == "EXPIRED"
        assert {"capability_expiring", "capability_expired"} & set(await mails(api, who)) == set()
        assert (await labels(who))["MIGRATION"]["heldUntil"] is not None


PLAN = "https://files.example/plan.pdf"


class TestServicePath:
    async def certified(self, who: Walker) -> dict[str, Any]:
        """With a validated role on the service path."""
        for kind in ("ASSOCIATE_CERTIFICATES", "PROFESSIONAL_CERTIFICATES"):
            await record(who, kind, 2)
        chosen = (await select(who, "SERVICE"))["enrollment"]
        assert codes(await path_step(who.api, "applyRoleValidation", chosen, caseMaterials=MATERIALS)) == []
        await decide(who, "PATH_ROLE")
        return await shown(who, "SERVICE")

    async def missing(self, who: Walker, held: dict[str, Any]) -> set[str]:
        """What an application for differentiation is refused for, which is what the path shows."""
        answer = await path_step(who.api, "applyDifferentiation", held, businessPlan=PLAN, dryRun=True)
        asked = [one for one in (await offers(who))["SERVICE"]["requirements"] if one["stage"] == "DIFFERENTIATED"]
        shown = {one["kind"] for one in asked if not one["met"] and one["kind"] != "BUSINESS_PLAN"}
        assert codes(answer) == ["REQUIREMENTS_NOT_MET"] * len(shown)
        assert {kind for [kind] in told(answer, "requirement")} == shown
        return shown

    async def test_one_label_of_the_core_list_and_one_more_of_any_kind(self, api: Api) -> None:
        who = await walker(api)
        held = await self.certified(who)
        assert await self.missing(who, held) == {"CORE_CAPABILITY_LABEL", "CAPABILITY_LABELS"}
        await passed(who, level1="SECURITY", level2=["HARDENING"])
        assert await self.missing(who, held) == {"CORE_CAPABILITY_LABEL", "CAPABILITY_LABELS"}
        await passed(who, level1="DATA", level2=["LAKE"])
        assert await self.missing(who, held) == {"CORE_CAPABILITY_LABEL"}
        await submitted(who)
        assert await self.missing(who, held) == {"CORE_CAPABILITY_LABEL"}
        await decide(who, "CAPABILITY")
        assert codes(await path_step(who.api, "applyDifferentiation", held, businessPlan=PLAN)) == []
        await decide(who, "PATH_DIFFERENTIATION")
        assert (await shown(who, "SERVICE"))["state"] == "DIFFERENTIATED"

    async def test_a_core_label_alone_is_too_few(self, api: Api) -> None:
        who = await walker(api)
        held = await self.certified(who)
        await passed(who)
        assert await self.missing(who, held) == {"CAPABILITY_LABELS"}

    async def test_without_its_labels_the_stage_is_at_risk_until_they_are_back(self, api: Api) -> None:
        who = await walker(api)
        held = await self.certified(who)
        await passed(who)
        await passed(who, level1="SECURITY", level2=["HARDENING"])
        await path_step(who.api, "applyDifferentiation", held, businessPlan=PLAN)
        await decide(who, "PATH_DIFFERENTIATION")
        api.clock.advance(days=365)
        await pass_time(api.settings, api.clock)
        await refresh(api)
        now = await shown(who, "SERVICE")
        assert (now["state"], now["atRisk"]) == ("DIFFERENTIATED", True)
        assert "path_at_risk" in await mails(api, who)
        assert await api.value("select count(*) from event where type = 'path.endangered'") == 1
        await passed(who)
        assert (await shown(who, "SERVICE"))["atRisk"] is True
        await passed(who, level1="SECURITY", level2=["HARDENING"])
        assert (await shown(who, "SERVICE"))["atRisk"] is False
