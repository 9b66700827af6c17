"""The vendor's queue of reviews: submission by the domains, claims, verdicts, rounds and the clock, through the API."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from core.ids import decode_id
from core.urls import parse_url
from rules.access import Role
from rules.policy import REVIEWS_CLAIM
from rules.sites import Site
from tasks.reviews import escalate_overdue
from tests.api.contact_cases import update
from tests.api.test_plans import change
from tests.client import Api, Client, codes
from tests.companies import in_review, open_case
from tests.factories import Admitted, Person, admitted_partner, application_in_review, join, key, member, sign_in, staff
from tests.rules.test_reviews import POLICY

CASE = "review { id state round version reason decidedAt claimedById }"
SECOND = timedelta(seconds=1)


async def queue(who: Person | Client, **filter: Any) -> list[dict[str, Any]]:
    client = who.api if isinstance(who, Person) else who
    document = (
        "query($filter: ReviewQueueFilter) { reviewQueue(filter: $filter) { nodes {"
        " id kind state round version dueAt claimedById partner { id } subject { id } actions { action allowed } } } }"
    )
    found: list[dict[str, Any]] = (await client.send(document, filter=filter)).data["reviewQueue"]["nodes"]
    return found


async def step(who: Person, name: str, case: dict[str, Any], **more: Any) -> dict[str, Any]:
    return await who.api.do(name, CASE, **{"id": case["id"], "idempotencyKey": key(), **more})


async def waiting(api: Api) -> tuple[Admitted, Person, dict[str, Any]]:
    """A partner, a reviewer, and the case of its application for a plan."""
    partner, reviewer = await admitted_partner(api), await staff(api, Role.VENDOR_REVIEWER)
    await join(partner, "SOLUTION_PROVIDER")
    [case] = await queue(reviewer)
    return partner, reviewer, case


class TestQueue:
    async def test_what_waits_stands_in_it_with_its_subject(self, api: Api) -> None:
        partner, reviewer, case = await waiting(api)
        _, applicant_id = await application_in_review(api)

        found = {one["kind"]: one for one in await queue(reviewer)}

        assert found["PLAN"]["partner"] == {"id": partner.id}
        assert found["ADMISSION"]["subject"] == found["ADMISSION"]["partner"] == {"id": applicant_id}
        membership = (await partner.main.api.send("{ planApplications { nodes { id } } }")).data
        assert found["PLAN"]["subject"] == membership["planApplications"]["nodes"][0]
        assert [one["allowed"] for one in case["actions"]] == [True] * 4
        assert await queue(reviewer, kinds=["ADMISSION"]) == [found["ADMISSION"]]
        assert await queue(reviewer, site="INTL") == await queue(reviewer, claimed=True) == []

    async def test_only_the_kinds_that_one_decides(self, api: Api) -> None:
        _, reviewer, case = await waiting(api)
        finance = await staff(api, Role.VENDOR_FINANCE)
        assert await queue(finance) == await queue(finance, kinds=["PLAN"]) == []

        async def attempt() -> None:
            for name, more in (("claimReview", {}), ("releaseReview", {}), ("decideReview", {"approve": True})):
                assert codes(await step(finance, name, case, **more)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        assert await queue(reviewer) == [case]

    async def test_a_partner_sees_its_own_rounds_and_decides_none(self, api: Api) -> None:
        partner, _, case = await waiting(api)
        other = await admitted_partner(api)
        document = "{ reviews { nodes { id claimedById actions { allowed blockers { code } } } } }"

        [own] = (await partner.main.api.send(document)).data["reviews"]["nodes"]

        assert own["id"] == case["id"]
        assert {blocker["code"] for one in own["actions"] for blocker in one["blockers"]} == {"PERMISSION_DENIED"}
        assert (await other.main.api.send(document)).data["reviews"]["nodes"] == []
        assert (await partner.main.api.send("{ reviewQueue { nodes { id } } }")).error["reason"] == "PERMISSION_DENIED"
        operator = await member(api, partner, Role.OPERATIONS)
        assert (await operator.api.send(document)).error["reason"] == "PERMISSION_DENIED"


class TestClaim:
    async def test_a_claim_keeps_colleagues_out_until_released(self, api: Api) -> None:
        _, reviewer, case = await waiting(api)
        colleague = await staff(api, Role.ECO_MANAGER)
        claimed = await step(reviewer, "claimReview", case)
        assert (codes(claimed), claimed["review"]["claimedById"]) == ([], reviewer.id)
        assert len(await queue(reviewer, mine=True)) == len(await queue(colleague, claimed=True)) == 1
        assert await queue(colleague, mine=True) == []

        async def attempt() -> None:
            assert codes(await step(colleague, "claimReview", case)) == ["REVIEW_CLAIMED"]
            assert codes(await step(colleague, "releaseReview", case)) == ["REVIEW_CLAIMED"]
            assert codes(await step(colleague, "decideReview", case, approve=True)) == ["REVIEW_CLAIMED"]

        assert await api.changes(attempt) == set()
        assert codes(await step(reviewer, "releaseReview", case)) == []
        assert codes(await step(colleague, "decideReview", case, approve=True)) == []

    @pytest.mark.parametrize(("late", "expected"), [(-SECOND, ["REVIEW_CLAIMED"]), (timedelta(), [])])
    async def test_a_claim_ends_with_its_time(self, api: Api, late: timedelta, expected: list[str]) -> None:
        _, reviewer, case = await waiting(api)
        await step(reviewer, "claimReview", case)
        api.clock.at += POLICY[REVIEWS_CLAIM] + late
        colleague = await staff(api, Role.ECO_MANAGER)

        held = [len(await queue(colleague, claimed=claimed)) for claimed in (True, False)]
        assert held == ([1, 0] if expected else [0, 1])
        assert len(await queue(await sign_in(api, reviewer.account_id), mine=True)) == 1
        assert codes(await step(colleague, "decideReview", case, approve=True)) == expected

    @pytest.mark.parametrize("site", Site)
    async def test_how_long_a_claim_holds_is_a_number_of_its_site(self, api: Api, site: Site) -> None:
        _, reviewer, case = await waiting(api)
        await api.override("reviews.claim_hours", 2, site=site.value)
        await step(reviewer, "claimReview", case)
        api.clock.at += timedelta(hours=2)
        colleague = await staff(api, Role.VENDOR_REVIEWER)
        assert await queue(colleague, claimed=site is Site.CN) == []
        assert len(await queue(colleague, claimed=site is not Site.CN)) == 1

    async def test_of_two_at_once_one_has_it(self, api: Api) -> None:
        _, _, case = await waiting(api)
        people = [await staff(api, Role.VENDOR_REVIEWER) for _ in range(5)]

        answers = await asyncio.gather(*(step(one, "claimReview", case) for one in people))

        assert sorted(map(str, map(codes, answers))) == ["['REVIEW_CLAIMED']"] * 4 + ["[]"]


class TestVerdict:
    async def test_approved_it_does_what_the_domains_own_decision_does(self, api: Api) -> None:
        partner, reviewer, case = await waiting(api)

        done = await step(reviewer, "decideReview", case, approve=True)

        assert (codes(done), done["review"]["state"]) == ([], "APPROVED")
        assert (await partner.main.api.send("{ partner { kind tier } }")).data["partner"]["kind"] == "SOLUTION_PROVIDER"
        assert (await api.inbox(str(partner.main.email)))[-1]["template"] == "plan_joined"
        assert await queue(reviewer) == []

    async def test_the_domains_own_decision_ends_the_case(self, api: Api) -> None:
        _, reviewer, case = await waiting(api)
        membership = (await reviewer.api.send("{ planApplicationsInReview { nodes { id version } } }")).data
        row = membership["planApplicationsInReview"]["nodes"][0]

        await change(reviewer.api, "decidePlanApplication", row, approve=False, reason="No sales team.")

        assert await queue(reviewer) == []
        state, reason, decided_by = (
            await api.rows("select state, reason, decided_by from review_case where kind = 'PLAN'")
        )[0].values()
        assert (state, reason, decided_by) == ("REJECTED", "No sales team.", reviewer.account_id)
        refused = await step(reviewer, "decideReview", case, approve=True)
        assert codes(refused) == ["STATE_CONFLICT"]

    async def test_refusals_leave_everything_as_it_is(self, api: Api) -> None:
        _, reviewer, case = await waiting(api)

        async def attempt() -> None:
            assert codes(await step(reviewer, "decideReview", case, approve=False)) == ["REASON_REQUIRED"]
            stale = await step(reviewer, "decideReview", case, approve=True, expectedVersion=case["version"] + 1)
            assert codes(stale) == ["CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_what_is_rejected_comes_back_as_the_next_round(self, api: Api) -> None:
        partner, reviewer, case = await waiting(api)
        await step(reviewer, "decideReview", case, approve=False, reason="No sales team.")
        await join(partner, "SOLUTION_PROVIDER")

        [again] = await queue(reviewer)

        assert (again["round"], again["subject"]) == (2, case["subject"])
        rounds = "query($subject: ID) { reviews(subject: $subject) { nodes { round state reason } } }"
        found = (await partner.main.api.send(rounds, subject=case["subject"]["id"])).data["reviews"]["nodes"]
        assert [(one["round"], one["state"]) for one in found] == [(2, "SUBMITTED"), (1, "REJECTED")]
        assert found[1]["reason"] == "No sales team."
        assert (await partner.main.api.send(rounds, subject="nothing")).data["reviews"]["nodes"] == []

    async def test_what_the_partner_takes_back_waits_no_longer(self, api: Api) -> None:
        partner, reviewer, _ = await waiting(api)
        row = (await partner.main.api.send("{ planApplications { nodes { id version } } }")).data
        await change(partner.main.api, "withdrawPlanApplication", row["planApplications"]["nodes"][0])

        assert await queue(reviewer) == []
        assert await api.value("select state from review_case where kind = 'PLAN'") == "WITHDRAWN"

    async def test_of_many_verdicts_at_once_one_counts(self, api: Api) -> None:
        _, _, case = await waiting(api)
        people = [await staff(api, Role.VENDOR_REVIEWER) for _ in range(6)]
        verdicts: list[dict[str, Any]] = [{"approve": True}, {"approve": False, "reason": "No sales team."}] * 3

        answers = await asyncio.gather(
            *(step(one, "decideReview", case, **verdict) for one, verdict in zip(people, verdicts, strict=True))
        )

        assert sorted(map(str, map(codes, answers))) == ["['STATE_CONFLICT']"] * 5 + ["[]"]
        assert await api.value("select count(*) from event where type in ('plan.joined', 'plan.rejected')") == 1


async def test_a_verdict_is_on_the_round_that_was_seen(api: Api) -> None:
    """While it waits for the subject the round is taken back and the subject sent again."""
    _, reviewer, submitted = await in_review(api)
    case, change_id = await open_case(reviewer, submitted), decode_id(submitted["id"])[1]
    meanwhile = await asyncpg.connect(**parse_url(api.database.superuser_url))
    try:
        async with meanwhile.transaction():
            await meanwhile.execute("select from company_change where id = $1 for update", change_id)
            given = {"id": case, "approve": True, "idempotencyKey": key()}
            verdict = asyncio.create_task(reviewer.api.do("decideReview", "review { state }", **given))
            while not await api.value("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0.01)
            columns = "version, created_at, updated_at, partner_id, site, kind, subject_type, subject_id"
            columns += ", submitted_at, due_at"
            await meanwhile.execute("update review_case set state = 'WITHDRAWN' where subject_id = $1", change_id)
            await meanwhile.execute(
                f"insert into review_case (id, {columns}, round, state)"
                f" select gen_random_uuid(), {columns}, 2, 'SUBMITTED' from review_case where subject_id = $1",
                change_id,
            )
    finally:
        await meanwhile.close()

    assert codes(await verdict) == ["STATE_CONFLICT"]
    rounds = await api.rows("select state from review_case where kind = 'COMPANY_CHANGE' order by round")
    assert [row["state"] for row in rounds] == ["WITHDRAWN", "SUBMITTED"]
    assert await api.value("select state from company_change") == "IN_REVIEW"


class TestClock:
    async def test_reviewers_of_the_site_are_told_once_when_it_is_late(self, api: Api) -> None:
        partner, reviewer, case = await waiting(api)
        elsewhere = await staff(api, Role.VENDOR_REVIEWER, site=Site.INTL)
        due = await api.value("select due_at from review_case where kind = 'PLAN'")
        api.clock.at = due - SECOND
        assert await escalate_overdue(api.settings, api.clock) == 0
        api.clock.at = due

        assert [await escalate_overdue(api.settings, api.clock) for _ in range(2)] == [1, 0]
        await api.deliver()

        assert [mail["template"] for mail in await api.inbox(str(reviewer.email))] == ["review_overdue"]
        assert await api.inbox(str(elsewhere.email)) == []
        assert len(await queue(await staff(api, Role.VENDOR_REVIEWER), overdue=True)) == 1
        assert case["partner"] == {"id": partner.id}

    @pytest.mark.parametrize(("before", "status", "alone"), [
        (POLICY[REVIEWS_CLAIM] - SECOND, "ACTIVE", True),
        (POLICY[REVIEWS_CLAIM], "ACTIVE", False),
        (POLICY[REVIEWS_CLAIM] - SECOND, "DISABLED", False),
    ])  # fmt: skip
    async def test_whose_claim_holds_is_told_alone(self, api: Api, before: timedelta, status: str, alone: bool) -> None:
        _, colleague, case = await waiting(api)
        due = await api.value("select due_at from review_case where kind = 'PLAN'")
        api.clock.at = due - before
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        assert codes(await step(reviewer, "claimReview", case)) == []
        await update(reviewer.account_id, status=status)
        api.clock.at = due

        await escalate_overdue(api.settings, api.clock)
        await api.deliver()

        assert len(await api.inbox(str(reviewer.email))) == (status == "ACTIVE")
        assert len(await api.inbox(str(colleague.email))) == (not alone)
