"""Solutions: drafts, certification, its end, and sharing it inside a company; through the API."""

import asyncio
import contextvars
from datetime import timedelta
from typing import Any

from core import db
from core.ids import decode_id
from core.scope import EVERYTHING
from models.partners import Partner
from models.paths import PathEnrollment
from rules.access import Role
from rules.sites import Site
from tasks.solutions import pass_time
from tests import world
from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.opportunities import staff
from tests.paths import Walker, decide, mails, offers, select, shown, sibling, walker
from tests.paths import step as path_step
from tests.solutions import (
    COMPLETE,
    builder,
    certified,
    create,
    sharable,
    share,
    state_of,
    step,
    submitted,
)

SECOND = timedelta(seconds=1)
CONTACT = ("contactName", "contactMobile", "contactEmail")
LIST = "{ solutions { nodes { name contactName contactMobile contactEmail actions { action allowed } } } }"


class TestRegistry:
    async def test_only_on_the_software_path(self, api: Api) -> None:
        who = await walker(api)

        async def attempt() -> None:
            assert codes(await create(who)) == ["SOFTWARE_PATH_REQUIRED"]

        assert await api.changes(attempt) == set()

    async def test_a_draft_may_name_a_contact_that_is_none_and_is_not_submitted_with_it(self, api: Api) -> None:
        who = await builder(api)
        draft = (await create(who, contactMobile="x", contactEmail="x"))["solution"]

        async def attempt() -> None:
            refused = await step(who.api, "submitSolution", draft)
            assert [(error["code"], error["path"][1]) for error in refused["userErrors"]] == [
                ("MOBILE_INVALID", "contactMobile"),
                ("EMAIL_INVALID", "contactEmail"),
            ]

        assert await api.changes(attempt) == set()
        abroad = {"contactMobile": "+6591234567", "contactEmail": COMPLETE["contactEmail"]}
        assert codes(await step(who.api, "updateSolution", draft, **abroad)) == []

        async def again() -> None:
            assert codes(await step(who.api, "submitSolution", draft)) == ["MOBILE_NOT_OF_SITE"]

        assert await api.changes(again) == set()

    async def test_a_draft_is_filled_in_later_and_asked_for_every_field(self, api: Api) -> None:
        who = await builder(api)
        only = dict.fromkeys(set(COMPLETE) - {"kind", "form", "name"})
        draft = (await create(who, **only))["solution"]
        assert draft["state"] == "DRAFT"

        async def attempt() -> None:
            refused = await step(who.api, "submitSolution", draft)
            assert codes(refused) == ["REQUIRED"] * 6
            assert {error["path"][1] for error in refused["userErrors"]} == set(only)

        assert await api.changes(attempt) == set()
        assert [one["kind"] for one in (await offers(who))["SOFTWARE"]["exitBlockers"]] == ["SOLUTION"]
        rest = {name: COMPLETE[name] for name in only}
        changed = await step(who.api, "updateSolution", draft, **rest)
        assert (codes(changed), changed["solution"]["name"]) == ([], COMPLETE["name"])
        assert codes(await step(who.api, "updateSolution", draft, name="x", expectedVersion=1)) == ["CONFLICT"]
        assert codes(await step(who.api, "submitSolution", draft)) == []
        for name in ("submitSolution", "updateSolution"):
            assert codes(await step(who.api, name, draft)) == ["STATE_CONFLICT"]

    async def test_contacts_are_masked_but_for_those_who_edit_and_review(self, api: Api) -> None:
        who = await builder(api)
        await submitted(who)
        operator = await staff(api, Role.VENDOR_OPS)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        [masked] = (await operator.client.send(LIST)).data["solutions"]["nodes"]
        assert COMPLETE["contactMobile"] not in masked.values()
        assert COMPLETE["contactEmail"] not in masked.values()
        [plain] = (await reviewer.client.send(LIST)).data["solutions"]["nodes"]
        assert plain["contactMobile"] == COMPLETE["contactMobile"]
        [own] = (await who.api.send(LIST)).data["solutions"]["nodes"]
        assert {name: own[name] for name in CONTACT} == {name: COMPLETE[name] for name in CONTACT}
        clerk = await world.member(api, who.partner_id, Role.MARKETING)
        [theirs] = (await clerk.client.send(LIST)).data["solutions"]["nodes"]
        assert all(theirs[name] != COMPLETE[name] for name in CONTACT)
        assert (await (await walker(api)).api.send(LIST)).data["solutions"]["nodes"] == []

    async def test_members_without_the_permission_do_not_edit(self, api: Api) -> None:
        who = await builder(api)
        draft = (await create(who))["solution"]
        clerk = await world.member(api, who.partner_id, Role.MARKETING)
        [seen] = (await clerk.client.send(LIST)).data["solutions"]["nodes"]
        assert [one["allowed"] for one in seen["actions"]] == [False, False]
        stranger = await builder(api)

        async def attempt() -> None:
            assert codes(await step(stranger.api, "submitSolution", draft)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()


class TestCertification:
    async def test_a_certified_solution_validates_the_role_by_itself(self, api: Api) -> None:
        who = await builder(api)
        solution = await certified(who)
        assert await state_of(api, solution) == "CERTIFIED"
        now = await shown(who, "SOFTWARE")
        assert (now["state"], now["atRisk"]) == ("CERTIFIED", False)
        assert now["certificateNo"].startswith("SW-CN-")
        assert {"solution_certified", "path_stage_reached"} <= set(await mails(api, who))
        assert [one["kind"] for one in (await offers(who))["SOFTWARE"]["exitBlockers"]] == [
            "ROLE_VALIDATED",
            "SOLUTION",
        ]
        assert codes(await path_step(who.api, "exitPath", now)) == ["PATH_EXIT_BLOCKED"] * 2

    async def test_an_advanced_one_validates_the_role_and_is_asked_for_the_next_stage(self, api: Api) -> None:
        who = await builder(api)
        await certified(who, kind="ADVANCED", form="SOFTWARE_SOLUTION")
        now = await shown(who, "SOFTWARE")
        assert now["state"] == "CERTIFIED"
        assert codes(await path_step(who.api, "applyDifferentiation", now)) == []

    async def test_where_the_policy_says_so_it_differentiates_at_once(self, api: Api) -> None:
        await api.override("paths.advanced_differentiates", True)
        who = await builder(api)
        await certified(who, kind="ADVANCED")
        assert (await shown(who, "SOFTWARE"))["state"] == "DIFFERENTIATED"

    async def test_rejected_with_a_reason_and_submitted_again(self, api: Api) -> None:
        who = await builder(api)
        solution = await submitted(who)
        assert codes(await decide(who, "SOLUTION", approve=False)) == ["REASON_REQUIRED"]
        assert codes(await decide(who, "SOLUTION", approve=False, reason="No test report.")) == []
        assert await state_of(api, solution) == "REJECTED"
        assert "solution_rejected" in await mails(api, who)
        assert codes(await step(who.api, "submitSolution", solution)) == []
        assert (await shown(who, "SOFTWARE"))["state"] == "SELECTED"

    async def test_a_solution_on_hand_validates_the_role_of_a_path_taken_again(self, api: Api) -> None:
        who = await builder(api)
        await certified(who)
        held = await shown(who, "SOFTWARE")
        await path_step(who.manager.client, "recordPathExit", held, reason="As agreed.")
        assert (await select(who, "SOFTWARE"))["enrollment"]["state"] == "CERTIFIED"


class TestEnd:
    async def test_told_sixty_days_before_and_over_at_the_end(self, api: Api) -> None:
        who = await builder(api)
        solution = await certified(who)
        end = api.clock() + timedelta(days=365)
        api.clock.at = end - timedelta(days=60) - SECOND
        assert await pass_time(api.settings, api.clock) == 0
        await refresh(api)
        assert codes(await step(who.api, "submitSolution", solution)) == ["STATE_CONFLICT"]
        api.clock.at = end - timedelta(days=60)
        assert await pass_time(api.settings, api.clock) == 1
        assert await pass_time(api.settings, api.clock) == 0
        assert await state_of(api, solution) == "EXPIRING"
        assert "solution_expiring" in await mails(api, who)
        api.clock.at = end - SECOND
        assert await pass_time(api.settings, api.clock) == 0
        api.clock.at = end
        assert await pass_time(api.settings, api.clock) == 1
        assert await pass_time(api.settings, api.clock) == 0
        assert await state_of(api, solution) == "EXPIRED"
        await refresh(api)
        now = await shown(who, "SOFTWARE")
        assert (now["state"], now["atRisk"]) == ("CERTIFIED", True)
        assert {"solution_expired", "path_at_risk"} <= set(await mails(api, who))

    async def test_each_site_has_a_window_of_its_own(self, api: Api) -> None:
        await api.override("solutions.recertification_days", 30, site="INTL")
        for site in Site:
            await certified(await builder(api, site))
        end = api.clock() + timedelta(days=365)
        for days, count in ((60, 1), (60, 0), (30, 1), (30, 0)):
            api.clock.at = end - timedelta(days=days)
            assert await pass_time(api.settings, api.clock) == count

    async def test_certified_anew_the_old_validity_is_kept_until_the_verdict(self, api: Api) -> None:
        who = await builder(api)
        solution = await certified(who)
        api.clock.advance(days=320)
        await pass_time(api.settings, api.clock)
        await refresh(api)
        sent = await step(who.api, "submitSolution", solution)
        assert (sent["solution"]["state"], sent["solution"]["validUntil"]) == ("SUBMITTED", "2027-03-02T04:00:00.000Z")
        await decide(who, "SOLUTION", approve=False, reason="No test report.")
        assert await state_of(api, solution) == "EXPIRING"
        await step(who.api, "submitSolution", solution)
        await decide(who, "SOLUTION")
        found = (await who.api.send("{ solutions { nodes { state validUntil } } }")).data["solutions"]["nodes"]
        assert found == [{"state": "CERTIFIED", "validUntil": "2028-01-16T04:00:00.000Z"}]

    async def test_a_late_verdict_takes_the_stage_out_of_danger(self, api: Api) -> None:
        who = await builder(api)
        solution = await certified(who)
        api.clock.advance(days=320)
        await pass_time(api.settings, api.clock)
        await refresh(api)
        await step(who.api, "submitSolution", solution)
        api.clock.advance(days=50)
        assert await pass_time(api.settings, api.clock) == 1
        await refresh(api)
        assert await state_of(api, solution) == "SUBMITTED"
        assert (await shown(who, "SOFTWARE"))["atRisk"] is True
        await decide(who, "SOLUTION")
        assert (await shown(who, "SOFTWARE"))["atRisk"] is False


class TestSharing:
    async def pair(self, api: Api) -> tuple[Walker, Walker]:
        """Two accounts of one company on the software path."""
        first = await builder(api)
        second = await sibling(api, first)
        assert codes(await select(second, "SOFTWARE")) == []
        return first, second

    async def test_a_sibling_rests_on_it_and_the_source_is_told(self, api: Api) -> None:
        first, second = await self.pair(api)
        solution = await certified(first)
        assert await sharable(second) == ["Port analytics"]
        assert await sharable(first) == await sharable(await builder(api)) == []
        assert "solution_sharable" in await mails(api, second)

        shared = await share(second, solution)

        assert codes(shared) == []
        assert (await shown(second, "SOFTWARE"))["state"] == "CERTIFIED"
        assert await sharable(second) == []
        assert "certification_shared" in await mails(api, first)

        async def attempt() -> None:
            assert codes(await share(second, solution)) == ["ALREADY_CERTIFIED"]

        assert await api.changes(attempt) == set()

    async def test_the_lapse_of_the_source_puts_both_at_risk(self, api: Api) -> None:
        first, second = await self.pair(api)
        solution = await certified(first)
        await share(second, solution)
        api.clock.advance(days=365)
        assert await pass_time(api.settings, api.clock) == 1
        await refresh(api)
        for who in (first, second):
            assert (await shown(who, "SOFTWARE"))["atRisk"] is True
            assert "path_at_risk" in await mails(api, who)
        third = await sibling(api, first)
        await select(third, "SOFTWARE")
        assert await sharable(third) == []
        assert codes(await share(third, solution)) == ["NO_SHARABLE_CERTIFICATION"]

    async def test_its_end_waits_for_whoever_changes_a_sharer(self, api: Api) -> None:
        first, second = await self.pair(api)
        await share(second, await certified(first))
        api.clock.advance(days=365)
        held = await api.value("select id from path_enrollment where partner_id = $1", second.partner_id)
        outside = contextvars.copy_context()
        async with db.transaction(EVERYTHING):
            await Partner.filter(id=second.partner_id).select_for_update(no_key=True).get()
            ending = asyncio.create_task(pass_time(api.settings, api.clock), context=outside)
            await asyncio.sleep(0.5)
            row = await PathEnrollment.get(id=held)
            await row.change(now=api.clock(), reason="Changed meanwhile.")
            assert not ending.done()
        assert await ending == 1
        await refresh(api)
        now = await shown(second, "SOFTWARE")
        assert (now["atRisk"], now["reason"]) == (True, "Changed meanwhile.")

    async def test_certified_anew_it_carries_those_that_share_it(self, api: Api) -> None:
        first, second = await self.pair(api)
        other = await sibling(api, first)
        solution = await certified(first)
        await share(second, solution)
        api.clock.advance(days=365)
        await pass_time(api.settings, api.clock)
        await refresh(api)
        third = await sibling(api, first)
        await select(third, "SOFTWARE")
        await self.make_share(api, third, solution)
        offers_before = await self.offered(api, second, other)

        assert codes(await step(first.api, "submitSolution", solution)) == []
        assert codes(await decide(first, "SOLUTION")) == []

        for who in (first, second, third):
            now = await shown(who, "SOFTWARE")
            assert (now["state"], now["atRisk"]) == ("CERTIFIED", False)
        assert "path_stage_reached" in await mails(api, third)
        assert await self.offered(api, second, other) == (offers_before[0], offers_before[1] + 1)

    async def make_share(self, api: Api, who: Walker, solution: dict[str, Any]) -> None:
        """A share from the time when the certification held."""
        await api.database.superuser.execute(
            "insert into solution_share (id, solution_id, partner_id, source_partner_id, solution_name, shared_at)"
            " select gen_random_uuid(), id, $2, partner_id, name, certified_at from solution where id = $1",
            decode_id(solution["id"])[1],
            who.partner_id,
        )

    async def offered(self, api: Api, *partners: Walker) -> tuple[int, ...]:
        """How often each was told that it could share a certification."""
        inboxes = [await api.inbox(str(who.main.email)) for who in partners]
        return tuple(sum(row["template"] == "solution_sharable" for row in inbox) for inbox in inboxes)

    async def test_every_reason_against_it(self, api: Api) -> None:
        first, second = await self.pair(api)
        waiting, foreign = await submitted(first), await certified(await builder(api))
        beginner = await sibling(api, first)

        async def attempt() -> None:
            assert codes(await share(second, waiting)) == ["NO_SHARABLE_CERTIFICATION"]
            assert codes(await share(second, foreign)) == ["NOT_SAME_COMPANY"]
            assert codes(await share(first, waiting)) == ["NO_SHARABLE_CERTIFICATION"]
            assert codes(await share(beginner, foreign)) == ["NOT_SAME_COMPANY", "SOFTWARE_PATH_REQUIRED"]

        assert await api.changes(attempt) == set()

    async def test_shared_twice_at_once_it_is_one_share(self, api: Api) -> None:
        first, second = await self.pair(api)
        solution = await certified(first)
        shared = await asyncio.gather(*(share(second, solution) for _ in range(4)))
        assert sorted(codes(one) for one in shared) == [[], *[["ALREADY_CERTIFIED"]] * 3]
        assert await api.value("select count(*) from solution_share") == 1
