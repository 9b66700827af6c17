"""Development paths: invited or chosen, left again, one place for a company; through the API."""

import asyncio
from datetime import timedelta

import pytest

from rules.access import Role
from tasks.paths import pass_time
from tests import world
from tests.client import Api, Client, codes, told
from tests.factories import company
from tests.opportunities import join_co_sell, key
from tests.paths import (
    MATERIALS,
    certified,
    decide,
    differentiated,
    invite,
    mails,
    offers,
    on_si,
    record,
    select,
    sibling,
    step,
    walker,
)
from tests.specialists import employee
from tests.specialists import invite as invite_employee

SECOND = timedelta(seconds=1)
CROWDS = [4, pytest.param(200, marks=pytest.mark.long)]


async def events(api: Api) -> list[str]:
    return [row["type"] for row in await api.rows("select type from event where type like 'path%' order by id")]


class TestSelection:
    async def test_a_path_is_chosen_by_oneself_and_shown_in_the_catalogue(self, api: Api) -> None:
        who = await walker(api)
        before = (await offers(who))["SERVICE"]
        assert before["stage"] is before["enrollment"] is None
        assert before["onePerCompany"] is True
        assert before["focusAreas"][0] == "Migration planning"
        assert {one["kind"] for one in before["benefits"]} == {"ENABLEMENT", "TECHNICAL_SUPPORT", "INCENTIVE"}
        assert before["actions"] == [{"action": "SELECT", "allowed": True, "blockers": []}]

        chosen = await select(who, "SERVICE")

        assert codes(chosen) == []
        assert [one["kind"] for one in chosen["effects"]] == ["path.selected"]
        after = (await offers(who))["SERVICE"]
        assert (after["stage"], after["enrollment"]["state"]) == ("SELECTED", "SELECTED")
        assert after["exitBlockers"] == []
        assert {one["action"]: one["allowed"] for one in after["actions"]} == {
            "SELECT": False,
            "ACCEPT": False,
            "APPLY_ROLE": False,
            "APPLY_DIFFERENTIATION": False,
            "SUBMIT_ANNUAL_REVIEW": False,
            "WITHDRAW": False,
            "EXIT": True,
            "RECORD_EXIT": False,
        }
        assert await events(api) == ["path.selected"]
        assert "path_selected" in await mails(api, who)

    async def test_what_the_role_needs_what_there_is_and_where_to_act(self, api: Api) -> None:
        who = await walker(api)
        await select(who, "SERVICE")
        await record(who, "PROFESSIONAL_CERTIFICATES", 3)

        asked = [one for one in (await offers(who))["SERVICE"]["requirements"] if one["stage"] == "CERTIFIED"]

        assert [(one["kind"], one["have"], one["needed"], one["met"], one["place"]) for one in asked] == [
            ("ASSOCIATE_CERTIFICATES", 1, 2, False, "PEOPLE"),
            ("PROFESSIONAL_CERTIFICATES", 3, 2, True, "PEOPLE"),
            ("CASE_MATERIALS", 0, 1, False, "APPLICATION"),
        ]

    @pytest.mark.parametrize("path", ["LEARNING", "SI", "DISTRIBUTOR"])
    async def test_three_paths_are_for_the_invited_alone(self, api: Api, path: str) -> None:
        who = await walker(api)

        async def attempt() -> None:
            assert codes(await select(who, path)) == ["PATH_INVITE_ONLY"]

        assert await api.changes(attempt) == set()

    async def test_not_twice_and_not_by_members_without_the_role(self, api: Api) -> None:
        who = await walker(api)
        clerk = await world.member(api, who.partner_id, Role.MARKETING)
        admin = await world.member(api, who.partner_id, Role.SYSTEM_ADMIN)
        document = "mutation($input: SelectPathInput!) { selectPath(input: $input) { userErrors { code } } }"
        given = {"path": "SOFTWARE", "idempotencyKey": key()}
        assert (await clerk.client.send(document, input=given)).error["reason"] == "ADMIN_ONLY"
        applicant = await company(api)
        assert (await applicant.main.api.send(document, input=given)).error["reason"] == "ADMIN_ONLY"
        assert codes((await admin.client.send(document, input=given)).data["selectPath"]) == []

        async def attempt() -> None:
            assert codes(await select(who, "SOFTWARE")) == ["PATH_ALREADY_CHOSEN"]

        assert await api.changes(attempt) == set()

    async def test_before_admission_there_is_no_path(self, api: Api) -> None:
        who = await walker(api)
        await api.database.superuser.execute(
            "update partner set admission_state = 'MANUAL_REVIEW' where id = $1", who.partner_id
        )
        document = "mutation($input: SelectPathInput!) { selectPath(input: $input) { userErrors { code } } }"
        given = {"path": "SERVICE", "idempotencyKey": key()}
        assert (await who.api.send(document, input=given)).error["reason"] == "ADMIN_ONLY"
        assert codes(await invite(who, "SI")) == ["HCPN_REQUIRED"]


class TestOnePerCompany:
    async def test_a_sibling_finds_the_place_taken_until_it_is_free(self, api: Api) -> None:
        first = await walker(api)
        second = await sibling(api, first)
        held = (await select(first, "SERVICE"))["enrollment"]

        async def attempt() -> None:
            assert codes(await select(second, "SERVICE")) == ["PATH_TAKEN_BY_SIBLING"]

        assert await api.changes(attempt) == set()
        assert (await offers(second))["SERVICE"]["actions"][0]["blockers"] == [{"code": "PATH_TAKEN_BY_SIBLING"}]
        assert codes(await select(await walker(api), "SERVICE")) == []
        assert codes(await select(first, "SOFTWARE")) == codes(await select(second, "SOFTWARE")) == []
        assert codes(await step(first.api, "exitPath", held)) == []
        assert codes(await select(second, "SERVICE")) == []

    async def test_an_invitation_holds_no_place_and_its_acceptance_does(self, api: Api) -> None:
        first = await walker(api)
        second = await sibling(api, first)
        waiting = (await invite(second, "SI"))["enrollment"]
        await on_si(api, first)

        async def attempt() -> None:
            assert codes(await step(second.api, "acceptPathInvitation", waiting)) == ["PATH_TAKEN_BY_SIBLING"]

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize("crowd", CROWDS)
    async def test_of_all_that_choose_at_once_one_gets_the_place(self, api: Api, crowd: int) -> None:
        first = await walker(api)
        others = [await sibling(api, first) for _ in range(crowd - 1)]
        chosen = await asyncio.gather(*(select(one, "SERVICE") for one in (first, *others)))
        assert sorted(codes(one) for one in chosen) == [[], *[["PATH_TAKEN_BY_SIBLING"]] * (crowd - 1)]
        assert await api.value("select count(*) from path_enrollment") == 1


class TestInvitation:
    async def test_invited_accepted_and_on_the_path(self, api: Api) -> None:
        who = await walker(api)

        invited = await invite(who, "LEARNING")

        assert codes(invited) == []
        assert invited["enrollment"]["state"] == "INVITED"
        assert (await offers(who))["LEARNING"]["stage"] is None
        assert "path_invited" in await mails(api, who)
        page = f"/path-invitation#{invited['enrollment']['id']}"
        [mail] = [row for row in await api.inbox(who.main.email) if row["template"] == "path_invited"]
        assert page in mail["body"]
        accepted = await step(who.api, "acceptPathInvitation", invited["enrollment"])
        assert codes(accepted) == []
        assert (await offers(who))["LEARNING"]["stage"] == "SELECTED"
        assert codes(await step(who.api, "acceptPathInvitation", invited["enrollment"])) == ["STATE_CONFLICT"]
        assert await events(api) == ["path.invited", "path.selected"]

    async def test_open_until_the_last_instant_of_its_thirty_days(self, api: Api) -> None:
        who, other = await walker(api), await walker(api)
        early, late = (await invite(who, "SI"))["enrollment"], (await invite(other, "SI"))["enrollment"]
        start = api.clock()
        api.clock.at = start + timedelta(days=30) - SECOND
        assert await pass_time(api.settings, api.clock) == 0
        await refresh(api)
        assert codes(await step(who.api, "acceptPathInvitation", early)) == []
        api.clock.at = start + timedelta(days=30)

        async def attempt() -> None:
            assert codes(await step(other.api, "acceptPathInvitation", late)) == ["PATH_INVITATION_EXPIRED"]

        assert await api.changes(attempt) == set()
        assert await pass_time(api.settings, api.clock) == 1
        assert await pass_time(api.settings, api.clock) == 0
        assert "path_invitation_expired" in await mails(api, other)
        assert codes(await step(other.api, "acceptPathInvitation", late)) == ["STATE_CONFLICT"]
        assert codes(await invite(other, "SI")) == []

    async def test_an_overdue_one_keeps_the_next_invitation_not_away(self, api: Api) -> None:
        who = await walker(api)
        await invite(who, "SI")
        api.clock.advance(days=31)
        await refresh(api)
        assert codes(await invite(who, "SI")) == []
        rows = await api.rows("select state from path_enrollment order by id")
        assert [row["state"] for row in rows] == ["EXPIRED", "INVITED"]

    async def test_refused_for_paths_of_ones_own_choice_and_a_second_time(self, api: Api) -> None:
        who = await walker(api)
        await invite(who, "SI")

        async def attempt() -> None:
            assert codes(await invite(who, "SERVICE")) == ["PATH_NOT_INVITABLE"]
            assert codes(await invite(who, "SI")) == ["PATH_ALREADY_CHOSEN"]

        assert await api.changes(attempt) == set()

    async def test_nobody_else_accepts_or_invites(self, api: Api) -> None:
        who, stranger = await walker(api), await walker(api)
        waiting = (await invite(who, "SI"))["enrollment"]

        async def attempt() -> None:
            assert codes(await step(stranger.api, "acceptPathInvitation", waiting)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        document = "mutation($input: InviteToPathInput!) { inviteToPath(input: $input) { userErrors { code } } }"
        given = {"partnerId": who.id, "path": "SI", "idempotencyKey": key()}
        assert (await who.api.send(document, input=given)).error["code"] == "FORBIDDEN"
        node = "query($id: ID!) { node(id: $id) { id } }"
        assert (await stranger.api.send(node, id=waiting["id"])).data["node"] is None


async def refresh(api: Api) -> None:
    """Access tokens do not live as long as invitations."""
    await api.database.superuser.execute("update session set access_expires_at = $1", api.clock() + timedelta(days=1))


class TestExit:
    async def test_all_reasons_on_all_paths_come_with_their_details(self, api: Api) -> None:
        who = await walker(api)
        await select(who, "SOFTWARE")
        reasons = "actions { action blockers { code message details { name values } } }"
        offered = (await who.api.send(f"{{ paths {{ code exitBlockers {{ kind title }} {reasons} }} }}")).data["paths"]
        [software] = [path["actions"] for path in offered if path["code"] == "SOFTWARE"]
        [against] = [one["blockers"] for one in software if one["action"] == "APPLY_ROLE"]
        details = {detail["name"]: detail["values"] for detail in against[0]["details"]}
        assert details == {
            "requirement": ["CERTIFIED_SOLUTION"],
            "have": ["0"],
            "needed": ["1"],
            "place": ["SOLUTIONS"],
        }

    async def test_every_blocker_is_named_at_once(self, api: Api) -> None:
        who = await walker(api)
        await join_co_sell(api, who.partner_id)
        held = await certified(api, who)
        for kind in ("TEST_COUPONS", "EXAM_VOUCHERS", "MDF_CASES", "EXPERT_INCENTIVES", "DELIVERY_SUPPORTS"):
            await record(who, kind, 1)
        expected = [
            "PLAN_JOINED",
            "ROLE_VALIDATED",
            "TEST_COUPON",
            "EXAM_VOUCHER",
            "MDF",
            "EXPERT_INCENTIVE",
            "DELIVERY_SUPPORT",
        ]

        async def attempt() -> None:
            refused = await step(who.api, "exitPath", held)
            assert codes(refused) == ["PATH_EXIT_BLOCKED"] * 7
            assert told(refused, "blocker") == [[blocker] for blocker in expected]

        assert await api.changes(attempt) == set()
        assert [one["kind"] for one in (await offers(who))["SI"]["exitBlockers"]] == expected
        await record(who, "MDF_CASES", 0)
        assert len((await offers(who))["SI"]["exitBlockers"]) == 6

    async def test_the_vendor_records_what_a_certified_partner_cannot_do_itself(self, api: Api) -> None:
        who = await walker(api)
        held = await differentiated(api, who)
        assert [one["kind"] for one in (await offers(who))["SI"]["exitBlockers"]] == [
            "ROLE_VALIDATED",
            "DIFFERENTIATED",
        ]

        async def attempt() -> None:
            assert codes(await step(who.manager.client, "recordPathExit", held, reason=" ")) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        left = await step(who.manager.client, "recordPathExit", held, reason="Agreed on by letter.")
        assert codes(left) == []
        assert (left["enrollment"]["state"], left["enrollment"]["stage"]) == ("EXITED", None)
        again = await step(who.manager.client, "recordPathExit", held, reason="Again.")
        assert codes(again) == ["STATE_CONFLICT"]
        assert codes(await step(who.api, "exitPath", held)) == ["STATE_CONFLICT"]

    async def test_a_path_in_review_is_withdrawn_before_it_is_left(self, api: Api) -> None:
        who = await walker(api)
        held = await on_si(api, who)
        await step(who.api, "applyRoleValidation", held, caseMaterials=MATERIALS)
        assert codes(await step(who.api, "exitPath", held)) == ["STATE_CONFLICT"]
        assert codes(await step(who.api, "withdrawPathApplication", held)) == []
        assert codes(await step(who.api, "exitPath", held, expectedVersion=1)) == ["CONFLICT"]
        assert codes(await step(who.api, "exitPath", held)) == []
        assert "path_exited" in await mails(api, who)


class TestOtherDomains:
    async def test_a_path_entitles_to_invite_employees(self, api: Api) -> None:
        who, person = await walker(api), await employee(api)
        assert codes(await invite_employee(who.api, person.email)) == ["INVITE_NOT_ENTITLED"]
        await select(who, "SOFTWARE")
        assert codes(await invite_employee(who.api, person.email)) == ["INVITE_NOT_ENTITLED"]
        await select(who, "SERVICE")
        assert codes(await invite_employee(who.api, person.email)) == []

    async def test_plans_ask_for_a_path_and_for_the_service_role(self, api: Api) -> None:
        who = await walker(api)
        assert "PLAN_PATH_REQUIRED" in await plan_reasons(who.api, "COMPETENCY")
        chosen = (await select(who, "SERVICE"))["enrollment"]
        assert await plan_reasons(who.api, "COMPETENCY") == []
        assert "PLAN_SERVICE_ROLE_REQUIRED" in await plan_reasons(who.api, "SERVICE_COMPETENCY")
        for kind in ("ASSOCIATE_CERTIFICATES", "PROFESSIONAL_CERTIFICATES"):
            await record(who, kind, 2)
        await step(who.api, "applyRoleValidation", chosen, caseMaterials=MATERIALS)
        await decide(who, "PATH_ROLE")
        assert "PLAN_SERVICE_ROLE_REQUIRED" not in await plan_reasons(who.api, "SERVICE_COMPETENCY")

    async def test_a_record_is_a_number_that_can_be(self, api: Api) -> None:
        who = await walker(api)

        async def attempt() -> None:
            assert codes(await record(who, "TRAINERS", -1)) == ["OUT_OF_RANGE"]
            assert codes(await record(who, "TRAINERS", 100_001)) == ["OUT_OF_RANGE"]

        assert await api.changes(attempt) == set()
        assert (await record(who, "TRAINERS", 100_000))["record"]["count"] == 100_000
        assert (await record(who, "TRAINERS", 0))["record"]["count"] == 0


async def plan_reasons(client: Client, plan: str) -> list[str]:
    """What the catalogue of plans says against applying."""
    document = "{ planCatalogue { code eligibility { reasons { code } } } }"
    found = (await client.send(document)).data["planCatalogue"]
    return [one["code"] for offer in found if offer["code"] == plan for one in offer["eligibility"]["reasons"]]
