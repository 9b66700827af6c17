"""Real names in the one queue of reviews: who sees a case that is no partner's, who decides it, and that once."""

import asyncio
from collections import Counter
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from core.ids import decode_id
from resolvers.verify import verify
from rules.access import Role
from rules.sites import Site
from tasks.reviews import escalate_overdue
from tests.api.contact_cases import update
from tests.api.real_name_cases import becomes_company, decide_real_name
from tests.api.test_accounts_closing import purge
from tests.api.test_reviews import queue, step
from tests.client import Api, codes
from tests.factories import Person, admitted_partner, key, member, person, real_name, real_name_case, staff
from tests.todos import groups

ROOT = Path(__file__).resolve().parents[2]
CROWDS = [8, pytest.param(200, marks=pytest.mark.long)]
ROUNDS = "{ myReviews { nodes { id round state reason decidedAt partner { id } subject { id } } } }"
SECOND = timedelta(seconds=1)
BLURRED = {"approve": False, "reason": "The licence cannot be read."}


async def waiting(api: Api) -> tuple[Person, Person, dict[str, Any]]:
    """Somebody, a reviewer, and the case of the real name that was just submitted."""
    who, reviewer = await person(api), await staff(api, Role.VENDOR_REVIEWER)
    await real_name_case(api, who)
    [case] = await queue(reviewer)
    return who, reviewer, case


async def rounds(who: Person) -> list[dict[str, Any]]:
    """The rounds of somebody's own real name, the first one first."""
    found: list[dict[str, Any]] = (await who.api.send(ROUNDS)).data["myReviews"]["nodes"]
    return found[::-1]


class TestQueue:
    async def test_it_waits_for_those_who_may_decide_it(self, api: Api) -> None:
        who, reviewer = await person(api), await staff(api, Role.VENDOR_REVIEWER)
        submitted = await real_name_case(api, who)
        [case] = await queue(await staff(api, Role.VENDOR_ADMIN), kinds=["REAL_NAME"])

        assert (case["kind"], case["state"], case["round"]) == ("REAL_NAME", "SUBMITTED", 1)
        assert (case["subject"], case["partner"]) == ({"id": submitted}, None)
        assert [one["allowed"] for one in case["actions"]] == [True] * 4
        assert await queue(reviewer) == [case]
        assert await queue(reviewer, site="INTL") == []
        [todo] = (await groups(reviewer.api))["REVIEW"]["items"]
        assert (todo["subject"], todo["dueAt"]) == ({"id": case["id"]}, case["dueAt"])

    async def test_it_is_of_the_accounts_site(self, api: Api) -> None:
        await real_name_case(api, await person(api, site=Site.INTL))
        reviewer = await staff(api, Role.VENDOR_REVIEWER, site=Site.INTL)
        assert len(await queue(reviewer, site="INTL")) == 1
        assert await queue(reviewer, site="CN") == []

    @pytest.mark.parametrize("role", [Role.ECO_MANAGER, Role.VENDOR_OPS, Role.VENDOR_FINANCE])
    async def test_others_of_the_vendor_neither_see_nor_touch_it(self, api: Api, role: Role) -> None:
        _, reviewer, case = await waiting(api)
        other = await staff(api, role)
        look = f'{{ node(id: "{case["id"]}") {{ id }} reviews {{ nodes {{ id }} }} reviewQueue {{ nodes {{ id }} }} }}'
        assert (await other.api.send(look)).data == {
            "node": None,
            "reviews": {"nodes": []},
            "reviewQueue": {"nodes": []},
        }

        async def attempt() -> None:
            for name, more in (("claimReview", {}), ("releaseReview", {}), ("decideReview", {"approve": True})):
                assert codes(await step(other, name, case, **more)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        assert await queue(reviewer) == [case]


class TestWhose:
    async def test_who_submitted_it_sees_it_and_no_other_account(self, api: Api) -> None:
        who, _, case = await waiting(api)

        [own] = await rounds(who)

        assert (own["id"], own["subject"], own["state"]) == (case["id"], case["subject"], "SUBMITTED")
        stranger = await person(api)
        assert await rounds(stranger) == []
        found = await stranger.api.send(f'{{ node(id: "{case["id"]}") {{ id }} }}')
        assert found.data["node"] is None

    @pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.OPERATIONS])
    async def test_a_members_is_not_its_partners(self, api: Api, role: Role) -> None:
        partner = await admitted_partner(api)
        somebody, colleague = await member(api, partner, role), await member(api, partner, Role.SYSTEM_ADMIN)
        submitted = await real_name_case(api, somebody)

        [own] = await rounds(somebody)

        look = f'{{ node(id: "{own["id"]}") {{ id }} }}'
        assert (own["subject"], own["partner"]) == ({"id": submitted}, None)
        assert (await somebody.api.send(look)).data["node"] == {"id": own["id"]}
        for other in (partner.main, colleague):
            assert (await other.api.send(look)).data["node"] is None
            assert (await other.api.send("{ reviews { nodes { id } } }")).data["reviews"]["nodes"] == []
        assert [one["state"] for one in await rounds(partner.main)] == ["APPROVED"]
        assert await rounds(colleague) == []

    async def test_who_reviews_is_the_vendors_own_affair(self, api: Api) -> None:
        who, reviewer, case = await waiting(api)
        await step(reviewer, "claimReview", case)
        document = "{ myReviews { nodes { claimedById actions { allowed blockers { code } } } } }"

        [own] = (await who.api.send(document)).data["myReviews"]["nodes"]

        assert own["claimedById"] is None
        blockers = {blocker["code"] for one in own["actions"] for blocker in one["blockers"]}
        assert blockers == {"PERMISSION_DENIED"} and not any(one["allowed"] for one in own["actions"])
        assert (await who.api.send("{ reviewQueue { nodes { id } } }")).error["reason"] == "PERMISSION_DENIED"


class TestClaim:
    async def test_it_keeps_colleagues_from_either_mutation_until_released(self, api: Api) -> None:
        who, reviewer, case = await waiting(api)
        colleague = await staff(api, Role.VENDOR_ADMIN)
        assert codes(await step(reviewer, "claimReview", case)) == []

        async def decided() -> dict[str, Any]:
            given = {"id": case["subject"]["id"], "approve": True, "idempotencyKey": key()}
            return await colleague.api.do("decideRealName", "case { state }", **given)

        async def attempt() -> None:
            assert codes(await decided()) == ["REVIEW_CLAIMED"]
            assert codes(await step(colleague, "decideReview", case, approve=True)) == ["REVIEW_CLAIMED"]
            assert codes(await step(colleague, "claimReview", case)) == ["REVIEW_CLAIMED"]

        assert await api.changes(attempt) == set()
        assert codes(await step(reviewer, "releaseReview", case)) == []
        assert codes(await decided()) == []
        [own] = await rounds(who)
        assert own["state"] == "APPROVED"


class TestVerdict:
    async def test_approved_in_the_queue_the_account_has_passed_and_is_told(self, api: Api) -> None:
        who, reviewer, case = await waiting(api)

        done = await step(reviewer, "decideReview", case, approve=True)
        await api.deliver()

        assert (codes(done), done["review"]["state"]) == ([], "APPROVED")
        viewer = (await who.api.send("{ viewer { realNameState } }")).data["viewer"]
        assert viewer == {"realNameState": "PASSED"}
        assert "real_name_passed" in [mail["template"] for mail in await api.inbox(str(who.email))]
        assert await queue(reviewer) == [] and "REVIEW" not in await groups(reviewer.api)
        assert codes(await step(reviewer, "decideReview", case, approve=True)) == ["STATE_CONFLICT"]

    async def test_the_domains_own_decision_ends_the_case(self, api: Api) -> None:
        _, reviewer, case = await waiting(api)

        assert codes(await decide_real_name(api, case["subject"]["id"], **BLURRED)) == []

        assert await queue(reviewer) == []
        [row] = await api.rows("select state, reason, decided_by is not null as decided from review_case")
        assert tuple(row.values()) == ("REJECTED", BLURRED["reason"], True)

    async def test_refusals_leave_everything_as_it_is(self, api: Api) -> None:
        _, reviewer, case = await waiting(api)

        async def attempt() -> None:
            assert codes(await step(reviewer, "decideReview", case, approve=False)) == ["REASON_REQUIRED"]
            stale = await step(reviewer, "decideReview", case, approve=True, expectedVersion=case["version"] + 1)
            assert codes(stale) == ["CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_what_failed_comes_back_as_the_next_round(self, api: Api) -> None:
        who, reviewer, case = await waiting(api)
        shown = [case["subject"]]
        for _ in range(2):
            await step(reviewer, "decideReview", case, **BLURRED)
            shown.append({"id": await real_name_case(api, who)})
            [case] = await queue(reviewer)

        found = await rounds(who)

        assert [(one["round"], one["state"]) for one in found] == [(1, "REJECTED"), (2, "REJECTED"), (3, "SUBMITTED")]
        assert [one["subject"] for one in found] == shown
        assert [one["reason"] for one in found] == [BLURRED["reason"]] * 2 + [None]
        assert await rounds(await person(api)) == []

    async def test_a_person_that_becomes_a_company_has_its_next_round(self, api: Api) -> None:
        who, reviewer, case = await waiting(api)
        await step(reviewer, "decideReview", case, approve=True)
        await real_name_case(api, who, **await becomes_company(api, who))
        [again] = await queue(reviewer)

        assert again["round"] == 2
        assert codes(await step(reviewer, "decideReview", again, approve=True)) == []
        viewer = (await who.api.send("{ viewer { realNameState realNameKind } }")).data["viewer"]
        assert viewer == {"realNameState": "PASSED", "realNameKind": "ENTERPRISE"}

    @pytest.mark.parametrize("crowd", CROWDS)
    async def test_of_many_verdicts_by_either_mutation_one_counts(self, api: Api, patience: None, crowd: int) -> None:
        _, reviewer, case = await waiting(api)
        colleague, client = await staff(api, Role.VENDOR_ADMIN), reviewer.api.patient
        other, subject = colleague.api.patient, case["subject"]["id"]
        verdicts: list[dict[str, Any]] = [{"approve": True}, BLURRED, BLURRED, {"approve": True}]
        calls = [
            (client.do if number % 2 else other.do)(
                "decideReview" if number % 2 else "decideRealName",
                "__typename",
                **{"id": case["id"] if number % 2 else subject, "idempotencyKey": key(), **verdicts[number % 4]},
            )
            for number in range(crowd)
        ]

        answers = Counter("+".join(codes(answer)) or "done" for answer in await asyncio.gather(*calls))

        assert answers == {"done": 1, "STATE_CONFLICT": crowd - 1}
        assert await api.value("select count(*) from event where type = 'account.real_name_decided'") == 1

    @pytest.mark.parametrize("crowd", CROWDS)
    async def test_of_many_submissions_one_opens_a_round(self, api: Api, patience: None, crowd: int) -> None:
        who = await person(api)
        given = [await real_name(api, who) for _ in range(crowd)]

        calls = (who.api.patient.do("submitRealName", "__typename", **one) for one in given)

        answers = Counter("+".join(codes(answer)) or "done" for answer in await asyncio.gather(*calls))
        assert answers == {"done": 1, "STATE_CONFLICT": crowd - 1}
        assert await api.value("select count(*) from review_case") == 1


class TestClock:
    async def test_who_may_decide_is_told_once_and_of_nobodys_name(self, api: Api) -> None:
        who, reviewer, _ = await waiting(api)
        others = [await staff(api, Role.VENDOR_OPS), await staff(api, Role.VENDOR_REVIEWER, site=Site.INTL)]
        due = await api.value("select due_at from review_case")
        api.clock.at = due - SECOND
        assert await escalate_overdue(api.settings, api.clock) == 0
        api.clock.at = due

        assert [await escalate_overdue(api.settings, api.clock) for _ in range(2)] == [1, 0]
        await api.deliver()

        [mail] = await api.inbox(str(reviewer.email))
        assert (mail["template"], mail["subject"]) == ("review_overdue", "A review for an account is late")
        assert "A real name." in mail["body"] and str(who.name) not in mail["body"] and "张伟" not in mail["body"]
        assert [await api.inbox(str(one.email)) for one in others] == [[], []]

    async def test_whose_claim_holds_is_told_alone(self, api: Api) -> None:
        _, colleague, case = await waiting(api)
        due = await api.value("select due_at from review_case")
        api.clock.at = due - SECOND
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        assert codes(await step(reviewer, "claimReview", case)) == []
        api.clock.at = due

        await escalate_overdue(api.settings, api.clock)
        await api.deliver()

        assert [mail["template"] for mail in await api.inbox(str(reviewer.email))] == ["review_overdue"]
        assert await api.inbox(str(colleague.email)) == []


class TestDeletion:
    async def test_what_waits_is_withdrawn_with_the_account(self, api: Api) -> None:
        who, reviewer, case = await waiting(api)
        await update(who.account_id, status="CLOSED_RETAINED", retained_until=api.clock())

        assert await purge(api) == 1

        assert await queue(reviewer) == []
        states = "select c.state, r.state as review, a.real_name_state, a.status from real_name_case c"
        states += " join review_case r on r.subject_id = c.id join account a on a.id = c.account_id"
        assert [tuple(row.values()) for row in await api.rows(states)] == [("NONE", "WITHDRAWN", "NONE", "DELETED")]

        async def attempt() -> None:
            assert codes(await step(reviewer, "decideReview", case, approve=True)) == ["STATE_CONFLICT"]
            assert codes(await decide_real_name(api, case["subject"]["id"])) == ["STATE_CONFLICT"]

        assert not await api.changes(attempt) & {"real_name_case", "review_case", "event", "outbox"}

    async def test_a_real_name_that_has_passed_stays_passed_when_its_change_is_withdrawn(self, api: Api) -> None:
        who, reviewer, case = await waiting(api)
        await step(reviewer, "decideReview", case, approve=True)
        await real_name_case(api, who, **await becomes_company(api, who))
        await update(who.account_id, status="CLOSED_RETAINED", retained_until=api.clock())

        assert await purge(api) == 1

        assert await api.value("select real_name_state from account where id = $1", who.account_id) == "PASSED"
        reviews = await api.rows("select state from review_case order by round")
        assert [row["state"] for row in reviews] == ["APPROVED", "WITHDRAWN"]

    async def test_the_reviewers_words_go_with_the_account(self, api: Api) -> None:
        who, reviewer, case = await waiting(api)
        await step(reviewer, "decideReview", case, approve=False, reason="Xanthippe's certificate is blurred.")
        await update(who.account_id, status="CLOSED_RETAINED", retained_until=api.clock())

        assert await purge(api) == 1

        [row] = await api.rows("select state, reason from review_case")
        assert tuple(row.values()) == ("REJECTED", "")


class TestOlderCases:
    async def test_they_get_the_rounds_that_others_have(self, api: Api) -> None:
        """By the statements of the migration, from what stood in the table of real names before it."""
        [path] = ROOT.glob("migrations/*_real_names_are_reviewed_by_the_one_engine.py")
        statements = import_module(f"migrations.{path.stem}").REAL_NAMES
        who, _, case = await waiting(api)
        api.clock.advance(minutes=5)
        await decide_real_name(api, case["subject"]["id"], **BLURRED)
        await real_name_case(api, who)
        gone, passed = await person(api), await person(api)
        await real_name_case(api, gone)
        await update(gone.account_id, status="DELETED", real_name_state="IN_REVIEW")
        born_passed = decode_id(await real_name_case(api, passed))[1]
        superuser = api.database.superuser
        await superuser.execute(
            "update real_name_case set state = 'PASSED', decided_at = created_at where id = $1", born_passed
        )
        columns = (
            "account_id, subject_type, subject_id, site, round, state, submitted_at, reason, decided_by, decided_at"
        )
        before = f"select {columns} from review_case where account_id = $1 order by round"
        wanted = await api.rows(before, who.account_id)
        await superuser.execute("delete from review_case")

        await superuser.execute(statements)

        assert await api.rows(before, who.account_id) == wanted
        assert [row["state"] for row in wanted] == ["REJECTED", "SUBMITTED"]
        due = await api.rows("select due_at - submitted_at as clock from review_case")
        assert [row["clock"] for row in due] == [timedelta(days=7)] * 2
        ended = "select c.state, a.real_name_state from real_name_case c join account a on a.id = c.account_id"
        [row] = await api.rows(f"{ended} where a.id = $1", gone.account_id)
        assert tuple(row.values()) == ("NONE", "NONE")
        assert [finding.count for finding in await verify() if finding.invariant.name == "I18"] == [0]


@pytest.mark.tampers
@pytest.mark.parametrize(
    "damage",
    [
        "update real_name_case set state = 'PASSED'",
        "update review_case set state = 'WITHDRAWN'",
        "delete from review_case",
    ],
)
async def test_a_real_name_that_waits_for_nobody_is_found(api: Api, damage: str) -> None:
    await waiting(api)
    assert [finding.invariant.name for finding in await verify() if finding.count] == []
    await api.database.superuser.execute(damage)
    assert [finding.invariant.name for finding in await verify() if finding.count] == ["I18"]
