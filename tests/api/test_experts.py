"""The experts' incentive: qualification, persons, the check of a list; through the API."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from rules.access import Role
from rules.sites import Site
from tasks import experts as clock
from tests import specialists
from tests.client import Api, codes
from tests.experts import (
    Stage,
    apply,
    at,
    confirm,
    enter,
    generated,
    listed,
    mails,
    qualify,
    remove,
    specialist,
    stage,
    status_of,
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
        applied = (await schemes(on))["CERTIFIED_EXPERT"]
        assert (applied["qualification"]["state"], applied["amounts"]) == ("IN_REVIEW", None)

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
        assert {name: one["amounts"] for name, one in offered.items()} == dict.fromkeys(offered)
        await qualify(on)
        amounts = (await schemes(on))["CERTIFIED_EXPERT"]["amounts"]
        assert amounts[0]["amount"] == {"amount": "1800.00", "currency": "USD"}
        assert (await schemes(on))["SI_PRESALES"]["amounts"] is None

        async def attempt() -> None:
            assert codes(await apply(on, "SERVICE_EXPERT")) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()

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
        who, bound = await specialists.told_employee(api, on.partner)
        told = {"position": "SALES_ENGINEER", "cloudSince": "2026-01-05"}
        assert codes(await specialists.save_employment(who.api, **told)) == []
        missing = ["EXPERT_QUALIFICATION_REQUIRED", "SPECIALIST_REQUIRED", "EXPERT_NOT_CERTIFIED"]

        async def attempt() -> None:
            assert codes(await enter(on, bound)) == missing
            assert codes(await enter(on, bound, assessed=True)) == missing[:2]
            more = ["EXPERT_POSITION_REQUIRED", "EXPERT_CLOUD_TIME"]
            asked = await enter(on, bound, scheme="SI_PRESALES")
            assert codes(asked) == [missing[0], "REQUIRED", *missing[1:], *more]
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

    async def test_several_who_confirm_at_once_leave_one_confirmation(self, api: Api) -> None:
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
