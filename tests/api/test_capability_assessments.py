"""A third party's assessment of an application for a label: who is asked, what it sees, what its word does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from rules.access import Role
from rules.calendar import add_working_days
from rules.sites import Site
from tasks.capabilities import pass_time
from tests.api.test_paths import refresh
from tests.capabilities import (
    LABEL,
    STATEMENT,
    Case,
    ask,
    assessments,
    assessor,
    case,
    create,
    give,
    may,
    reviewer,
    revoke,
    state_of,
    stop,
    told,
)
from tests.client import Api, Client, codes
from tests.factories import Person, key, staff
from tests.paths import decide, walker
from tests.todos import groups

SECOND = timedelta(seconds=1)
QUEUE = (
    "{ reviewQueue(filter: {kinds: [CAPABILITY]}) { nodes { id subject { id } actions { action allowed"
    " blockers { code } } } } }"
)


async def may_decide(vendor: Person) -> dict[str, list[str]]:
    """What stands against each verdict on the one application that waits."""
    [waiting] = (await vendor.api.send(QUEUE)).data["reviewQueue"]["nodes"]
    steps = [one for one in waiting["actions"] if one["action"] in ("APPROVE", "REJECT")]
    return {one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in steps}


async def may_ask(vendor: Person) -> list[str]:
    """What stands against asking somebody, as the application shows it."""
    document = "{ capabilityApplications { nodes { actions { action blockers { code } } } } }"
    [one] = (await vendor.api.send(document)).data["capabilityApplications"]["nodes"]
    [step] = [step for step in one["actions"] if step["action"] == "REQUEST_ASSESSMENT"]
    return [blocker["code"] for blocker in step["blockers"]]


class TestWay:
    async def test_the_assessor_is_told_reads_and_says_and_the_vendor_decides(self, api: Api) -> None:
        on = await case(api)
        assert await may_ask(on.vendor) == []
        asked = await on.asked()
        assert (asked["state"], asked["maskedName"], asked["labelName"]) == ("REQUESTED", "周**", LABEL)
        assert asked["application"]["partner"] == {"id": on.who.id}
        assert await told(api, on.third) == ["capability_assessment_requested"]
        assert "Assessments that the vendor asks" in (await api.inbox(str(on.third.email)))[-1]["body"]
        [mine] = await assessments(on.third.api)
        shown = mine["application"]
        assert (shown["id"], shown["partner"]) == (on.application["id"], None)
        assert shown["selfCheck"] == on.application["selfCheck"]
        assert [one["allowed"] for one in shown["actions"]] == [False] * 3
        assert (may(mine, "GIVE"), may(mine, "REVOKE")) == ([], ["PERMISSION_DENIED"])

        answer = await give(on.third.api, asked, favourable=False, statement=f"  {STATEMENT} ")

        assert codes(answer) == []
        said = answer["assessment"]
        assert (said["state"], said["favourable"], said["statement"]) == ("GIVEN", False, STATEMENT)
        assert said["application"] is None
        assert await told(api, on.vendor) == ["capability_assessment_given"]
        assert await state_of(api, on.application) == "SUBMITTED"
        assert codes(await decide(on.who, "CAPABILITY")) == []
        assert await state_of(api, on.application) == "PASSED"
        [kept] = await assessments(on.vendor.api)
        assert (kept["statement"], kept["application"]["id"]) == (STATEMENT, on.application["id"])

    async def test_it_may_be_asked_for_in_review_and_whoever_has_it_is_told(self, api: Api) -> None:
        on = await case(api)
        colleague = await reviewer(api)
        [waiting] = (await on.vendor.api.send(QUEUE)).data["reviewQueue"]["nodes"]
        claim = {"id": waiting["id"], "idempotencyKey": key()}
        assert codes(await on.vendor.api.do("claimReview", "review { id }", **claim)) == []
        asked = await on.asked()
        assert codes(await give(on.third.api, asked)) == []
        assert await told(api, on.vendor) == ["capability_assessment_given"]
        assert await told(api, colleague) == []

    async def test_events_are_no_partners(self, api: Api) -> None:
        on = await case(api)
        assert codes(await give(on.third.api, await on.asked())) == []
        rows = await api.rows(
            "select type, partner_id from event where type like 'capability_assessment.%' order by id"
        )
        assert [(row["type"], row["partner_id"]) for row in rows] == [
            ("capability_assessment.requested", None),
            ("capability_assessment.given", None),
        ]

    async def test_by_number_or_name_and_where_several_match_by_id(self, api: Api) -> None:
        on = await case(api)
        assert codes(await ask(on.vendor.api, on.application, on.third.mobile, dryRun=True)) == []
        other, renamed = await assessor(api), "update account set name = $2 where id = $1"
        await api.database.superuser.execute(renamed, other.account_id, on.third.email)

        async def attempt() -> None:
            assert codes(await ask(on.vendor.api, on.application, on.third.email)) == ["INVITEE_AMBIGUOUS"]
            assert codes(await ask(on.vendor.api, on.application, "nobody@example.com")) == ["INVITEE_NOT_FOUND"]
            stranger = await ask(on.vendor.api, on.application, on.third.mobile, accountId=other.id)
            assert codes(stranger) == ["INVITEE_NOT_FOUND"]

        assert await api.changes(attempt) == set()
        assert codes(await ask(on.vendor.api, on.application, on.third.email, accountId=other.id)) == []
        assert await told(api, other) == ["capability_assessment_requested"]

    async def test_who_may(self, api: Api) -> None:
        on = await case(api)
        asked = await on.asked()
        finance, stranger = await staff(api, Role.VENDOR_FINANCE), await assessor(api)

        async def attempt() -> None:
            for client in (on.who.api, on.third.api, finance.api):
                assert await denied(client, "requestAssessment", applicationId=on.application["id"], identifier="x")
                assert await denied(client, "revokeAssessment", id=asked["id"])
            said = {"id": asked["id"], "favourable": True, "statement": STATEMENT}
            assert await denied(on.vendor.api, "giveAssessment", **said)
            for client in (on.who.api, stranger.api):
                assert codes(await give(client, asked)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        assert [one["state"] for one in await assessments(finance.api)] == ["REQUESTED"]
        assert await assessments(stranger.api) == []

    async def test_dry_runs_tell_what_would_follow_and_change_nothing(self, api: Api) -> None:
        on = await case(api)

        async def attempt() -> None:
            dry = await ask(on.vendor.api, on.application, on.third.email, dryRun=True)
            assert [one["kind"] for one in dry["effects"]] == ["capability_assessment.requested"]

        assert await api.changes(attempt) == set()
        asked = await on.asked()

        async def answers() -> None:
            dry = [await give(on.third.api, asked, dryRun=True), await revoke(on.vendor.api, asked, dryRun=True)]
            kinds = [one["kind"] for answer in dry for one in answer["effects"]]
            assert kinds == ["capability_assessment.given", "capability_assessment.revoked"]

        assert await api.changes(answers) == set()


async def denied(client: Client, name: str, **given: Any) -> bool:
    """Whether somebody is refused a mutation because of what it is."""
    kind = name[0].upper() + name[1:] + "Input"
    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    answer = await client.send(document, input={**given, "idempotencyKey": key()})
    return bool(answer.error["reason"] == "PERMISSION_DENIED")


class TestOutstanding:
    async def test_nobody_decides_and_nobody_else_is_asked(self, api: Api) -> None:
        on = await case(api)
        assert await may_decide(on.vendor) == {"APPROVE": [], "REJECT": []}
        await on.asked()
        waits = ["ASSESSMENT_OUTSTANDING"]
        assert await may_decide(on.vendor) == {"APPROVE": waits, "REJECT": waits}
        assert await may_ask(on.vendor) == waits
        other = await assessor(api)

        async def attempt() -> None:
            assert codes(await decide(on.who, "CAPABILITY")) == waits
            assert codes(await decide(on.who, "CAPABILITY", approve=False)) == [*waits, "REASON_REQUIRED"]
            assert codes(await ask(on.vendor.api, on.application, other.email)) == waits

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize("end", ["given", "revoked"])
    async def test_once_it_has_ended_both_may_be_done(self, api: Api, end: str) -> None:
        on = await case(api)
        asked = await on.asked()
        ended = await (give(on.third.api, asked) if end == "given" else revoke(on.vendor.api, asked))
        assert (codes(ended), ended["assessment"]["state"]) == ([], end.upper())
        assert ended["assessment"]["endedAt"] is not None
        assert (await may_decide(on.vendor), await may_ask(on.vendor)) == ({"APPROVE": [], "REJECT": []}, [])
        await on.asked()
        assert [one["state"] for one in await assessments(on.vendor.api)] == ["REQUESTED", end.upper()]

    async def test_only_of_what_waits_for_the_vendor(self, api: Api) -> None:
        who, vendor, third = await walker(api), await reviewer(api), await assessor(api)
        draft = (await create(who))["application"]

        async def refused() -> None:
            assert codes(await ask(vendor.api, draft, third.email)) == ["STATE_CONFLICT"]
            assert await may_ask(vendor) == ["STATE_CONFLICT"]

        assert await api.changes(refused) == set()
        await who.api.do("submitCapabilityApplication", "application { id }", id=draft["id"], idempotencyKey=key())
        assert await may_ask(vendor) == []
        assert codes(await decide(who, "CAPABILITY", approve=False, reason="Too old.")) == []
        assert await api.changes(refused) == set()

    async def test_what_has_ended_is_neither_given_nor_revoked(self, api: Api) -> None:
        on = await case(api)
        asked = await on.asked()
        assert codes(await revoke(on.vendor.api, asked)) == []
        assert await told(api, on.third) == ["capability_assessment_requested", "capability_assessment_revoked"]
        [mine] = await assessments(on.third.api)
        assert may(mine, "GIVE") == ["STATE_CONFLICT"]

        async def attempt() -> None:
            assert codes(await give(on.third.api, asked)) == ["STATE_CONFLICT"]
            assert codes(await give(on.third.api, asked, statement=" ")) == ["STATE_CONFLICT", "REQUIRED"]
            assert codes(await revoke(on.vendor.api, asked)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_one_who_knows_an_older_version_is_told(self, api: Api) -> None:
        on = await case(api)
        asked = await on.asked()

        async def attempt() -> None:
            assert codes(await give(on.third.api, asked, expectedVersion=2)) == ["CONFLICT"]
            assert codes(await revoke(on.vendor.api, asked, expectedVersion=2)) == ["CONFLICT"]
            assert codes(await give(on.third.api, asked, statement=" \n")) == ["REQUIRED"]

        assert await api.changes(attempt) == set()
        assert codes(await give(on.third.api, asked, expectedVersion=1)) == []


class TestDay:
    async def test_it_may_be_given_until_its_day_is_over(self, api: Api) -> None:
        on = await case(api)
        asked = await on.asked()
        due = add_working_days(api.clock(), 10, Site.CN).at
        assert asked["dueAt"] == due.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        api.clock.at = due - SECOND
        await refresh(api)
        assert await pass_time(api.settings, api.clock) == 0
        assert codes(await give(on.third.api, asked, dryRun=True)) == []
        assert codes(await decide(on.who, "CAPABILITY")) == ["ASSESSMENT_OUTSTANDING"]
        assert [one["state"] for one in await assessments(on.third.api, state="REQUESTED")] == ["REQUESTED"]
        assert await assessments(on.third.api, state="EXPIRED") == []

        api.clock.at = due
        assert await may_decide(on.vendor) == {"APPROVE": [], "REJECT": []}
        assert await may_ask(on.vendor) == []
        [mine] = await assessments(on.third.api, state="EXPIRED")
        assert (mine["state"], mine["application"], may(mine, "GIVE")) == ("EXPIRED", None, ["STATE_CONFLICT"])
        assert await assessments(on.third.api, state="REQUESTED") == []
        assert codes(await give(on.third.api, asked)) == ["STATE_CONFLICT"]
        assert codes(await revoke(on.vendor.api, asked)) == ["STATE_CONFLICT"]
        assert await pass_time(api.settings, api.clock) == 1
        assert await pass_time(api.settings, api.clock) == 0
        assert await told(api, on.vendor) == ["capability_assessment_expired"]
        assert [one["state"] for one in await assessments(on.vendor.api)] == ["EXPIRED"]

    @pytest.mark.parametrize("step", ["decide", "ask"])
    async def test_whoever_is_there_before_the_clock_ends_it(self, api: Api, step: str) -> None:
        on = await case(api)
        await on.asked()
        api.clock.at = add_working_days(api.clock(), 10, Site.CN).at
        await refresh(api)
        assert codes(await (decide(on.who, "CAPABILITY") if step == "decide" else _asks(on))) == []
        assert await api.value("select count(*) from event where type = 'capability_assessment.expired'") == 1
        assert await pass_time(api.settings, api.clock) == 0
        states = [one["state"] for one in await assessments(on.vendor.api)]
        assert states == (["EXPIRED"] if step == "decide" else ["REQUESTED", "EXPIRED"])

    async def test_each_site_has_days_of_its_own(self, api: Api) -> None:
        await api.override("capabilities.assessment_days", 3, site="INTL")
        for site, days in ((Site.CN, 10), (Site.INTL, 3)):
            asked = await (await case(api, site)).asked()
            assert asked["dueAt"] == add_working_days(api.clock(), days, site).at.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    async def test_of_a_closed_account_nothing_is_waited_for(self, api: Api) -> None:
        on = await case(api)
        await on.asked()
        await stop(api, on.third, "FROZEN")
        assert await pass_time(api.settings, api.clock) == 0
        await stop(api, on.third, "CLOSED_RETAINED")
        assert await pass_time(api.settings, api.clock) == 1
        assert await told(api, on.vendor) == ["capability_assessment_expired"]
        assert codes(await decide(on.who, "CAPABILITY")) == []


def _asks(on: Case) -> Any:
    return ask(on.vendor.api, on.application, on.third.email)


class TestTodo:
    async def test_it_waits_for_the_assessor_until_its_day_is_over(self, api: Api) -> None:
        on = await case(api)
        await on.asked()
        due = add_working_days(api.clock(), 10, Site.CN).at
        for at, there in ((due - SECOND, True), (due, False)):
            api.clock.at = at
            await refresh(api)
            assert ("CAPABILITY_ASSESSMENT" in await groups(on.third.api)) is there

    async def test_it_goes_when_the_vendor_takes_it_back(self, api: Api) -> None:
        on = await case(api)
        asked = await on.asked()
        assert codes(await revoke(on.vendor.api, asked)) == []
        assert "CAPABILITY_ASSESSMENT" not in await groups(on.third.api)


class TestRaces:
    @pytest.mark.parametrize("crowd", [5, pytest.param(200, marks=pytest.mark.long)])
    async def test_of_several_requests_at_once_one_stays(self, api: Api, crowd: int) -> None:
        on = await case(api)
        others = [await assessor(api) for _ in range(5)]
        asks = (ask(on.vendor.api.patient, on.application, others[one % 5].email) for one in range(crowd))
        answers = [tuple(codes(answer)) for answer in await asyncio.gather(*asks)]
        assert sorted(answers) == [(), *[("ASSESSMENT_OUTSTANDING",)] * (crowd - 1)]
        assert await api.value("select count(*) from capability_assessment") == 1

    async def test_it_is_given_or_revoked_never_both(self, api: Api) -> None:
        on = await case(api)
        asked = await on.asked()
        both = (give(on.third.api.patient, asked), revoke(on.vendor.api.patient, asked))
        answers = [tuple(codes(answer)) for answer in await asyncio.gather(*both)]
        assert sorted(answers) in ([(), ("STATE_CONFLICT",)], [(), ("CONFLICT",)])
        count = (
            "select count(*) from event where type in ('capability_assessment.given', 'capability_assessment.revoked')"
        )
        assert await api.value(count) == 1

    async def test_a_verdict_and_a_request_at_once_leave_nothing_open(self, api: Api) -> None:
        on = await case(api)
        both = (decide(on.who, "CAPABILITY"), ask(on.vendor.api.patient, on.application, on.third.email))
        verdict, asking = await asyncio.gather(*both)
        assert (codes(verdict), codes(asking)) in (
            ([], ["STATE_CONFLICT"]),
            (["ASSESSMENT_OUTSTANDING"], []),
        )
        passed = await state_of(api, on.application) == "PASSED"
        assert await api.value("select count(*) from capability_assessment where ended_at is null") == int(not passed)
