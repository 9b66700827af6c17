"""The experts' incentive: qualification, persons, the list of the fifteenth and its check; through the API."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.ids import decode_id
from rules.access import Role
from rules.sites import Site
from tasks import experts as clock
from tests import specialists
from tests.client import Api, codes
from tests.experts import (
    FIFTEENTH,
    Stage,
    apply,
    at,
    confirm,
    enter,
    generated,
    listed,
    mails,
    presales_stage,
    qualify,
    remove,
    request,
    specialist,
    stage,
    status_of,
    team,
)
from tests.factories import key, member
from tests.paths import decide, offers, on_si, walker

MS, SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
THIRTIETH = datetime(2026, 4, 27, 16, 0, tzinfo=UTC)
"""The end of the thirtieth working day after Sunday 15 March on the mainland site."""


async def schemes(on: Stage) -> dict[str, dict[str, Any]]:
    document = (
        "{ expertSchemes { code name path minStage generation agreementVersion materials amounts { level amount {"
        " amount currency } } qualification { state reason } actions { action allowed blockers { code } } } }"
    )
    return {one["code"]: one for one in (await on.api.send(document)).data["expertSchemes"]}


def allowed(of: dict[str, Any]) -> dict[str, bool]:
    return {one["action"]: one["allowed"] for one in of["actions"]}


class TestQualification:
    async def test_it_is_reviewed_and_then_experts_can_be_entered(self, api: Api) -> None:
        on = await stage(api)
        assert allowed((await schemes(on))["CERTIFIED_EXPERT"]) == {"APPLY": True, "REQUEST": False}
        assert codes(await apply(on)) == []
        assert (await schemes(on))["CERTIFIED_EXPERT"]["qualification"]["state"] == "IN_REVIEW"

        async def attempt() -> None:
            assert codes(await apply(on)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        assert codes(await decide(on.walker, "EXPERT_QUALIFICATION", approve=False, reason="No service cases.")) == []
        told = (await schemes(on))["CERTIFIED_EXPERT"]
        assert told["qualification"] == {"state": "REJECTED", "reason": "No service cases."}
        assert allowed(told)["APPLY"]
        await qualify(on)
        assert (await schemes(on))["CERTIFIED_EXPERT"]["qualification"] == {"state": "QUALIFIED", "reason": None}
        assert await api.value("select max(round) from review_case where kind = 'EXPERT_QUALIFICATION'") == 2
        assert {"expert_qualification_rejected", "expert_qualified"} <= set(await mails(api, on))

    async def test_below_the_stage_and_without_the_agreement_it_is_refused(self, api: Api) -> None:
        on = await stage(api)

        async def attempt() -> None:
            assert codes(await apply(on, "CCOE", agreementVersion="0.9")) == ["STAGE_TOO_LOW", "AGREEMENT_REQUIRED"]
            assert codes(await apply(on, "SI_PRESALES")) == ["STAGE_TOO_LOW"]

        assert await api.changes(attempt) == set()
        assert [one["code"] for one in (await schemes(on))["CCOE"]["actions"][0]["blockers"]] == ["STAGE_TOO_LOW"]

    async def test_it_holds_the_partner_on_its_path(self, api: Api) -> None:
        on = await stage(api)
        assert "EXPERT_INCENTIVE" not in await self.blockers(on)
        await apply(on)
        assert "EXPERT_INCENTIVE" in await self.blockers(on)
        await decide(on.walker, "EXPERT_QUALIFICATION", approve=False, reason="No service cases.")
        assert "EXPERT_INCENTIVE" not in await self.blockers(on)

    async def blockers(self, on: Stage) -> list[str]:
        return [one["kind"] for one in (await offers(on.walker))["SERVICE"]["exitBlockers"]]

    async def test_a_site_has_its_own_schemes(self, api: Api) -> None:
        on = await stage(api, Site.INTL)
        offered = await schemes(on)
        assert offered.keys() == {"CERTIFIED_EXPERT", "SI_PRESALES"}
        assert offered["CERTIFIED_EXPERT"]["amounts"][0]["amount"] == {"amount": "1800.00", "currency": "USD"}
        assert codes(await apply(on, "SERVICE_EXPERT")) == ["NOT_FOUND"]

    async def test_an_application_is_the_administrators(self, api: Api) -> None:
        on = await stage(api)
        clerk = await member(api, on.partner, Role.FINANCE)
        asked = "mutation($input: ApplyForExpertSchemeInput!)"
        document = f"{asked} {{ applyForExpertScheme(input: $input) {{ userErrors {{ code }} }} }}"
        given = {"scheme": "CERTIFIED_EXPERT", "agreementVersion": "1.0", "idempotencyKey": key()}
        assert (await clerk.api.send(document, input=given)).error["reason"] == "ADMIN_ONLY"


class TestEntering:
    async def test_a_person_is_entered_once_for_one_scheme_and_a_removed_one_again(self, api: Api) -> None:
        on = await stage(api)
        await qualify(on)
        await qualify(on, "SERVICE_EXPERT")
        binding = await specialist(api, on)
        entered = await enter(on, binding, level="PRINCIPAL")
        assert codes(entered) == []
        assert (entered["expert"]["level"], entered["expert"]["actions"]) == (
            "PRINCIPAL",
            [{"action": "REMOVE", "allowed": True}],
        )

        async def attempt() -> None:
            assert codes(await enter(on, binding)) == ["EXPERT_ENTERED"]
            assert codes(await enter(on, binding, scheme="SERVICE_EXPERT")) == ["PERSON_IN_OTHER_SCHEME"]
            assert codes(await remove(on, entered["expert"], reason=" ")) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        removed = await remove(on, entered["expert"])
        assert codes(removed) == []
        assert removed["expert"]["actions"] == [{"action": "REMOVE", "allowed": False}]

        async def again() -> None:
            assert codes(await remove(on, entered["expert"])) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()
        assert codes(await enter(on, binding, scheme="SERVICE_EXPERT")) == []
        told = await mails(api, on)
        assert told.count("expert_entered") == 2
        assert told.count("expert_removed") == 1

    async def test_everything_that_is_missing_is_said_at_once(self, api: Api) -> None:
        on = await stage(api)
        _, bound = await specialists.told_employee(api, on.partner)
        missing = ["EXPERT_QUALIFICATION_REQUIRED", "SPECIALIST_REQUIRED", "EXPERT_NOT_CERTIFIED"]

        async def attempt() -> None:
            assert codes(await enter(on, bound)) == missing
            assert codes(await enter(on, bound, assessed=True)) == missing[:2]
            more = ["REQUIRED", *missing[1:], "EXPERT_POSITION_REQUIRED"]
            assert sorted(codes(await enter(on, bound, scheme="SI_PRESALES"))) == sorted([missing[0], *more[:3]])
            assert codes(await enter(on, on.walker.id)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()

    async def test_two_entries_at_once_leave_one(self, api: Api) -> None:
        on = await stage(api)
        await qualify(on)
        await qualify(on, "SERVICE_EXPERT")
        binding = await specialist(api, on)
        tries = [enter(on, binding, scheme=scheme) for scheme in ("CERTIFIED_EXPERT", "SERVICE_EXPERT") * 3]
        answers = await asyncio.gather(*tries)
        assert sum(codes(answer) == [] for answer in answers) == 1
        refused = {code for answer in answers for code in codes(answer)}
        assert refused == {"EXPERT_ENTERED", "PERSON_IN_OTHER_SCHEME"}
        assert await api.value("select count(*) from expert") == 1


class TestGeneration:
    @pytest.mark.parametrize("site", Site)
    async def test_on_the_fifteenth_each_qualified_partner_gets_one_list(self, api: Api, site: Site) -> None:
        on = await stage(api, site)
        await team(api, on, "SENIOR", "PRINCIPAL")
        await at(api, FIFTEENTH - MS)
        assert await clock.generate(api.settings, api.clock) == 0
        await at(api, FIFTEENTH)
        assert await clock.generate(api.settings, api.clock) == 1
        assert await clock.generate(api.settings, api.clock) == 0
        [one] = await listed(on.api)
        total = {
            Site.CN: {"amount": "32000.00", "currency": "CNY"},
            Site.INTL: {"amount": "4800.00", "currency": "USD"},
        }
        assert (one["period"], one["headCount"], one["total"]) == ("2026-03", 2, total[site])
        assert [line["level"] for line in one["lines"]] == ["PRINCIPAL", "SENIOR"]
        assert one["status"] == "PENDING_CONFIRM"
        assert (await mails(api, on)).count("expert_list_pending") == 1
        await at(api, datetime(2026, 4, 14, 18, tzinfo=UTC))
        assert await clock.generate(api.settings, api.clock) == 1
        assert sorted(one["period"] for one in await listed(on.api)) == ["2026-03", "2026-04"]

    async def test_who_came_later_waits_for_the_next_month(self, api: Api) -> None:
        on = await stage(api)
        await at(api, FIFTEENTH)
        await team(api, on, "SENIOR")
        api.clock.advance(minutes=1)
        assert await clock.generate(api.settings, api.clock) == 0
        await at(api, datetime(2026, 4, 14, 18, tzinfo=UTC))
        assert await clock.generate(api.settings, api.clock) == 1
        assert [one["period"] for one in await listed(on.api)] == ["2026-04"]

    async def test_only_those_who_meet_the_conditions_that_day_are_on_it(self, api: Api) -> None:
        on = await stage(api)
        first, second, third = await team(api, on, "SENIOR", "SENIOR", "SENIOR")
        await specialists.set_state(api, first, "CANCEL_REVIEW")
        profile = "select account_id from specialist_binding where id = $1"
        account = await api.value(profile, decode_id(second)[1])
        await api.database.superuser.execute(
            "update specialist_certificate set expires_on = '2026-03-14' where account_id = $1", account
        )
        await at(api, FIFTEENTH)
        await clock.generate(api.settings, api.clock)
        [one] = await listed(on.api)
        assert one["headCount"] == 1
        expert = "select binding_id from expert where id = $1"
        found = await api.value(expert, decode_id(one["lines"][0]["expert"]["id"])[1])
        assert found == decode_id(third)[1]

    async def test_without_the_stage_there_is_no_list(self, api: Api) -> None:
        on = await stage(api)
        await team(api, on, "SENIOR")
        await api.database.superuser.execute("update path_enrollment set state = 'SELECTED'")
        await at(api, FIFTEENTH)
        assert await clock.generate(api.settings, api.clock) == 1
        assert await clock.generate(api.settings, api.clock) == 0
        assert await listed(on.api) == []

    async def test_two_workers_make_one_list(self, api: Api) -> None:
        on = await stage(api)
        await team(api, on, "SENIOR")
        await at(api, FIFTEENTH)
        await asyncio.gather(*(clock.generate(api.settings, api.clock) for _ in range(4)))
        assert await api.value("select count(*) from expert_incentive") == 1
        assert await api.value("select count(*) from event where type = 'expert_incentive.generated'") == 1
        assert (await mails(api, on)).count("expert_list_pending") == 1

    async def test_nobody_elses_list_is_seen(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        other = await walker(api)
        assert await listed(other.api) == []
        assert (await other.api.send("query($id: ID!) { node(id: $id) { id } }", id=made["id"])).data["node"] is None
        assert codes(await confirm(other.api, made)) == ["NOT_FOUND"]
        assert [one["id"] for one in await listed(on.operations)] == [made["id"]]


class TestRequest:
    async def test_a_list_that_is_asked_for_is_confirmed_with_it_once_a_month(self, api: Api) -> None:
        on = await presales_stage(api)
        await qualify(on, "SI_PRESALES")

        async def attempt() -> None:
            assert codes(await request(on)) == ["EXPERT_LIST_EMPTY"]

        assert await api.changes(attempt) == set()
        binding = await specialist(api, on, path="SI")
        assert codes(await enter(on, binding, scheme="SI_PRESALES", project="PRJ-1")) == []
        asked = await request(on)
        assert codes(asked) == []
        assert (asked["incentive"]["status"], asked["incentive"]["period"]) == ("WAIT_MATERIALS", "2026-03")
        assert asked["incentive"]["confirmedAt"] is not None
        assert codes(await request(on)) == ["EXPERT_LIST_THERE"]
        await at(api, FIFTEENTH)
        assert await clock.generate(api.settings, api.clock) == 0

    async def test_what_stands_against_asking_is_said_at_once(self, api: Api) -> None:
        on = await stage(api)

        async def attempt() -> None:
            for scheme, expected in (
                ("CERTIFIED_EXPERT", ["EXPERT_LIST_GENERATED", "EXPERT_QUALIFICATION_REQUIRED", "EXPERT_LIST_EMPTY"]),
                ("SI_PRESALES", ["STAGE_TOO_LOW", "EXPERT_QUALIFICATION_REQUIRED", "EXPERT_LIST_EMPTY"]),
            ):
                assert codes(await request(on, scheme)) == expected

        assert await api.changes(attempt) == set()

    async def test_a_project_is_one_persons_and_the_months_of_a_year_are_few(self, api: Api) -> None:
        on = await presales_stage(api)
        await qualify(on, "SI_PRESALES")
        first, second = await specialist(api, on, path="SI"), await specialist(api, on, path="SI")
        assert codes(await enter(on, first, scheme="SI_PRESALES", project="PRJ-1")) == []

        async def attempt() -> None:
            assert codes(await enter(on, second, scheme="SI_PRESALES", project="PRJ-1")) == ["PROJECT_ALREADY_USED"]

        assert await api.changes(attempt) == set()
        answers = []
        for month in (3, 4, 5, 6):
            await at(api, datetime(2026, month, 20, 4, tzinfo=UTC))
            answers.append(codes(await request(on)))
        # The funding year begins with May, the month in which the person began on the cloud.
        assert answers == [[], [], [], []]
        await at(api, datetime(2026, 7, 20, 4, tzinfo=UTC))
        assert codes(await request(on)) == ["EXPERT_LIST_EMPTY"]


class TestConfirming:
    async def test_both_numbers_are_acknowledged(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR", "SENIOR")

        async def attempt() -> None:
            wrong = await confirm(on.api, made, headCount=3, total="24000.01")
            assert codes(wrong) == ["EXPERT_LIST_DIFFERS", "EXPERT_LIST_DIFFERS"]
            assert [error["path"] for error in wrong["userErrors"]] == [["input", "headCount"], ["input", "total"]]
            assert codes(await confirm(on.api, made, total="much")) == ["INVALID_FORMAT"]

        assert await api.changes(attempt) == set()
        done = await confirm(on.api, made, total="24000")
        assert codes(done) == []
        assert (done["incentive"]["status"], done["incentive"]["confirmedAt"]) == (
            "WAIT_MATERIALS",
            "2026-03-14T18:00:00.000Z",
        )

        async def again() -> None:
            assert codes(await confirm(on.api, made)) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()

    async def test_finance_may_confirm_and_an_account_manager_may_not_look(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        seller = await member(api, on.partner, Role.ACCOUNT_MANAGER)
        document = "{ expertIncentives { nodes { id } } }"
        assert (await seller.api.send(document)).error["reason"] == "PERMISSION_DENIED"
        clerk = await member(api, on.partner, Role.FINANCE)
        assert codes(await confirm(clerk.api, made)) == []

    async def test_until_the_thirtieth_working_day_it_can_be_confirmed_then_it_has_expired(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        assert made["deadline"] == "2026-04-27T16:00:00.000Z"
        await at(api, THIRTIETH - MS)
        assert codes(await confirm(on.api, made, dryRun=True)) == []
        assert await clock.pass_time(api.settings, api.clock) == 0
        await at(api, THIRTIETH)

        async def attempt() -> None:
            assert codes(await confirm(on.api, made)) == ["INCENTIVE_EXPIRED"]

        assert await api.changes(attempt) == set()
        [one] = await listed(on.api, status="EXPIRED")
        assert one["actions"][0]["blockers"] == [{"code": "INCENTIVE_EXPIRED"}]
        assert await listed(on.api, status="PENDING_CONFIRM") == []
        assert await status_of(api, made) == "PENDING_CONFIRM"
        assert await clock.pass_time(api.settings, api.clock) == 1
        assert await clock.pass_time(api.settings, api.clock) == 0
        assert await status_of(api, made) == "EXPIRED"
        assert (await mails(api, on)).count("expert_list_expired") == 1

    async def test_confirming_and_expiring_at_once_leave_one(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        answers = await asyncio.gather(*(confirm(on.api, made) for _ in range(4)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("STATE_CONFLICT",)] * 3]
        assert await api.value("select count(*) from event where type = 'expert_incentive.confirmed'") == 1

    async def test_the_calendar_moves_a_provisional_deadline(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await api.database.superuser.execute("update expert_incentive set deadline_provisional = true")
        assert await clock.settle_deadlines(api.settings, api.clock) == 1
        [one] = await listed(on.api)
        assert (one["deadline"], one["deadlineProvisional"]) == (made["deadline"], False)
        assert await clock.settle_deadlines(api.settings, api.clock) == 0


async def test_the_consulting_path_alone_is_no_service_path(api: Api) -> None:
    who = await walker(api)
    await on_si(api, who)
    given = {"scheme": "CERTIFIED_EXPERT", "agreementVersion": "1.0", "idempotencyKey": key()}
    answer = await who.api.do("applyForExpertScheme", "qualification { id }", **given)
    assert codes(answer) == ["STAGE_TOO_LOW"]
