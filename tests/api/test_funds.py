"""Market development funds: quotas by line and year, applications and what stands against them; through the API."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.ids import decode_id
from core.scope import EVERYTHING
from models.funds import MdfViolation
from rules.access import Role
from rules.funds.kinds import MdfViolationKind
from rules.sites import Site
from tests import world
from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.funds import (
    CURRENCIES,
    GIFT,
    QUOTA,
    Funded,
    actions,
    approved,
    certify,
    create,
    day,
    decide,
    drafted,
    entitled,
    event,
    expense,
    funded,
    in_provider_plan,
    left,
    open_quota,
    review_of,
    shown,
    step,
    submit,
    submitted,
)
from tests.opportunities import done, key, staff
from tests.paths import certified, mails, sibling, walker


async def change_quota(who: Funded, amount: str, **more: Any) -> dict[str, Any]:
    """What the ecosystem manager adds to the quota."""
    given = {"id": who.quota, "amount": amount, "reason": "A fair of three days.", "idempotencyKey": key()}
    return await who.manager.client.do("changeMdfQuota", QUOTA, **{**given, **more})


async def suspend(api: Api, who: Funded, case: dict[str, Any]) -> None:
    """A violation of the year, as the vendor has decided it."""
    async with db.transaction(EVERYTHING):
        await MdfViolation.insert(
            now=api.clock(),
            partner_id=who.partner_id,
            case_id=decode_id(case["id"])[1],
            kind=MdfViolationKind.MDF_SPLIT,
            penalty="A warning.",
            year=2026,
            decided_by=who.manager.id,
            decided_at=api.clock(),
            suspended_until=api.clock() + timedelta(days=300),
        )


class TestQuota:
    @pytest.mark.parametrize(("site", "granted"), [(Site.CN, "50000.00"), (Site.INTL, "8000.00")])
    async def test_it_is_opened_once_a_year_with_what_the_stage_gives(self, api: Api, site: Site, granted: str) -> None:
        who = await walker(api, site)

        async def offer(line: str = "SI") -> dict[str, Any]:
            document = (
                "{ mdfLines { line amount { amount currency } quota { id } suspendedUntil"
                " actions { action blockers { code } } } }"
            )
            lines = (await who.api.send(document)).data["mdfLines"]
            found: dict[str, Any] = {one["line"]: one for one in lines}[line]
            return found

        async def attempt() -> None:
            refused = await open_quota(who)
            assert codes(refused) == ["MDF_NOT_ENTITLED", "BUSINESS_INFO_REQUIRED"]

        assert await api.changes(attempt) == set()
        assert actions(await offer()) == {"OPEN": ["MDF_NOT_ENTITLED", "BUSINESS_INFO_REQUIRED"]}
        await certified(api, who)
        assert codes(await open_quota(who)) == ["BUSINESS_INFO_REQUIRED"]
        await certify(api, who, site)
        assert (await offer())["amount"] == {"amount": granted, "currency": CURRENCIES[site]}
        assert actions(await offer()) == {"OPEN": []}
        quota = (await done(await open_quota(who)))["quota"]
        assert (quota["granted"]["amount"], quota["available"]["amount"]) == (granted, granted)
        assert (quota["year"], quota["reserved"]["amount"]) == (2026, "0.00")

        async def again() -> None:
            assert codes(await open_quota(who)) == ["MDF_QUOTA_OPENED"]

        assert await api.changes(again) == set()
        assert (await offer())["quota"] == {"id": quota["id"]}
        assert codes(await open_quota(who, "SOFTWARE")) == ["MDF_NOT_ENTITLED"]

    async def test_a_tier_of_the_provider_plan_gives_one_too(self, api: Api) -> None:
        who = await entitled(api)
        await in_provider_plan(api, who, "SELECT")
        assert codes(await open_quota(who, "SOLUTION_PROVIDER")) == ["MDF_NOT_ENTITLED"]
        await api.database.superuser.execute("update plan_membership set tier = 'CORE'")
        quota = (await done(await open_quota(who, "SOLUTION_PROVIDER")))["quota"]
        assert quota["granted"] == {"amount": "500000.00", "currency": "CNY"}

    async def test_two_at_once_open_one(self, api: Api) -> None:
        who = await entitled(api)
        answers = await asyncio.gather(*(open_quota(who) for _ in range(4)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("MDF_QUOTA_OPENED",)] * 3]

    async def test_the_ecosystem_manager_changes_it_for_a_reason(self, api: Api) -> None:
        who = await funded(api)
        await submitted(api, who)

        async def attempt() -> None:
            assert codes(await change_quota(who, "-46000.01")) == ["MDF_OVER_QUOTA"]
            assert codes(await change_quota(who, "0.00", reason=" ")) == ["OUT_OF_RANGE", "REASON_REQUIRED"]
            assert codes(await change_quota(who, "much")) == ["INVALID_FORMAT"]
            assert codes(await change_quota(who, "1.00", expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()
        lowered = (await done(await change_quota(who, "-46000.00")))["quota"]
        assert lowered["available"]["amount"] == "0.00"
        await done(await change_quota(who, "20000.00"))
        document = (
            "query($id: ID!) { node(id: $id) { ... on MdfQuota { granted { amount } adjustments(first: 1) {"
            " amount { amount } reason madeById } } } }"
        )
        found = (await who.api.send(document, id=who.quota)).data["node"]
        assert found["granted"] == {"amount": "24000.00"}
        [newest] = found["adjustments"]
        assert (newest["amount"], newest["reason"]) == ({"amount": "20000.00"}, "A fair of three days.")
        assert "mdf_quota_adjusted" in await mails(api, who)

    async def test_a_stranger_and_a_partner_cannot_change_it(self, api: Api) -> None:
        who, other = await funded(api), await walker(api)
        document = "{ mdfQuotas(line: SI, year: 2026) { nodes { id partner { id } } } }"
        assert (await other.api.send(document)).data["mdfQuotas"]["nodes"] == []
        [seen] = (await who.manager.client.send(document)).data["mdfQuotas"]["nodes"]
        assert seen == {"id": who.quota, "partner": {"id": who.id}}
        theirs = Funded(other.partner_id, other.main, other.manager)
        theirs.quota, theirs.site = who.quota, Site.CN
        assert codes(await create(api, theirs)) == ["NOT_FOUND"]


class TestApplication:
    async def test_a_draft_is_filled_in_later_and_asked_for_everything(self, api: Api) -> None:
        who = await funded(api)
        empty = {"activityType": None, "audience": None, "department": None, "events": None, "budget": None}
        draft = await drafted(api, who, **empty, expectedLeads=None, expectedOpportunities=None)
        assert (draft["state"], draft["planned"]["amount"], draft["startsOn"]) == ("DRAFT", "0.00", None)
        missing = [
            *("activityType", "audience", "department", "expectedLeads", "expectedOpportunities", "events", "budget")
        ]

        async def attempt() -> None:
            refused = await submit(who, draft, agreementVersion="0.9")
            assert codes(refused) == ["REQUIRED"] * 7 + ["AGREEMENT_REQUIRED"]
            assert [error["path"][1] for error in refused["userErrors"]][:7] == missing

        assert await api.changes(attempt) == set()
        rest = {"activityType": "PARTNER_TRAINING", "audience": "Partners", "department": "Enablement"}
        goals = {"expectedLeads": 0, "expectedOpportunities": 0}
        given = {**rest, **goals, "events": [event(api, days=2)], "budget": [expense(), GIFT]}
        changed = (await done(await step(who.api, "updateMdfCase", draft, **given)))["case"]
        assert (changed["planned"]["amount"], changed["fundPlanned"]["amount"]) == ("10000.00", "5000.00")
        assert changed["endsOn"] == (day(api) + timedelta(days=29)).isoformat()
        assert codes(await step(who.api, "updateMdfCase", draft, name="X", expectedVersion=1)) == ["CONFLICT"]
        assert actions(changed) == {"CHANGE": [], "SUBMIT": [], "CANCEL": ["STATE_CONFLICT"]}
        await done(await submit(who, draft))
        assert codes(await step(who.api, "updateMdfCase", draft, name="X")) == ["STATE_CONFLICT"]

    async def test_what_a_draft_says_is_checked_at_once(self, api: Api) -> None:
        who = await funded(api)
        wrong = {
            "events": [event(api, endsOn=day(api).isoformat())],
            "budget": [
                expense(amount="0.00", fundAmount="0.00"),
                expense(fundAmount="8000.01"),
                expense(fundAmount="-0.01"),
                expense(amount="a lot"),
            ],
            "expectedLeads": -1,
        }

        async def attempt() -> None:
            refused = await create(api, who, **wrong)
            assert codes(refused) == ["INVALID_FORMAT", *["OUT_OF_RANGE"] * 5]
            paths = [".".join(error["path"][1:]) for error in refused["userErrors"]]
            assert paths == [
                *("budget.3.amount", "events.0.endsOn", "budget.0.amount", "budget.1.fundAmount"),
                *("budget.2.fundAmount", "expectedLeads"),
            ]
            many = await create(api, who, events=[event(api)] * 21, budget=[expense()] * 51)
            assert codes(many) == ["TOO_MANY", "TOO_MANY"]

        assert await api.changes(attempt) == set()

    async def test_its_day_comes_after_its_approval_and_after_ten_working_days(self, api: Api) -> None:
        """The second of March is a Monday: the tenth working day after it is the sixteenth."""
        who = await funded(api)
        draft = await drafted(api, who, events=[event(api, inside=13)])

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["MDF_LATE_REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        for inside in (0, -1):
            await done(await step(who.api, "updateMdfCase", draft, events=[event(api, inside=inside)]))
            assert codes(await submit(who, draft)) == ["MDF_RETROACTIVE"]
        await done(await step(who.api, "updateMdfCase", draft, events=[event(api, inside=14)]))
        assert codes(await submit(who, draft, dryRun=True)) == []
        tomorrow = {"events": [event(api, inside=1)], "lateReason": "The customer moved the date."}
        await done(await step(who.api, "updateMdfCase", draft, **tomorrow))
        await done(await submit(who, draft))

    async def test_days_that_are_worked_in_exchange_count(self, api: Api) -> None:
        """The fourteenth of March is a Saturday; operations declare it a working day."""
        who = await funded(api)
        draft = await drafted(api, who, events=[event(api, inside=12)])
        assert codes(await submit(who, draft)) == ["MDF_LATE_REASON_REQUIRED"]
        await api.database.superuser.execute(
            "insert into working_day (id, site, day, is_working) values (gen_random_uuid(), 'CN', '2026-03-14', true)"
        )
        await done(await submit(who, draft))

    async def test_events_of_one_application_lie_within_a_quarter(self, api: Api) -> None:
        who = await funded(api)
        first = event(api, startsOn="2026-04-01", endsOn="2026-04-02")
        last = event(api, name="Closing day", startsOn="2026-06-30", endsOn="2026-07-01")
        draft = await drafted(api, who, events=[last, first])

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["MDF_BATCH_SPAN"]

        assert await api.changes(attempt) == set()
        within = {**last, "endsOn": "2026-06-30"}
        await done(await step(who.api, "updateMdfCase", draft, events=[within, first]))
        await done(await submit(who, draft))

    async def test_types_that_the_site_does_not_support_are_refused(self, api: Api) -> None:
        await api.override("mdf.activity_types", ["PARTNER_TRAINING"])
        who = await funded(api)
        draft = await drafted(api, who)

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["MDF_TYPE_NOT_ALLOWED"]

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize(("site", "cap"), [(Site.CN, "200"), (Site.INTL, "30")])
    async def test_gifts_are_named_belong_to_the_activity_and_keep_the_cap(
        self, api: Api, site: Site, cap: str
    ) -> None:
        who = await funded(api, site)
        dear = {**GIFT, "quantity": 1, "heads": 1, "fundAmount": "10.00"}
        lines = [
            {**dear, "amount": f"{cap}.00"},
            {**dear, "amount": f"{cap}.01"},
            {**dear, "amount": "20.00", "item": " ", "occasion": "REGULAR_VISIT"},
            {**dear, "amount": "20.00", "heads": None, "quantity": 0},
        ]
        draft = await drafted(api, who, budget=lines)

        async def attempt() -> None:
            refused = await submit(who, draft)
            assert [(error["code"], ".".join(error["path"][2:])) for error in refused["userErrors"]] == [
                ("MDF_GIFT_CAP", "1.quantity"),
                ("MDF_GIFT_CAP", "1.heads"),
                ("MDF_GIFT_NOT_NAMED", "2.item"),
                ("MDF_GIFT_UNRELATED", "2.occasion"),
                ("REQUIRED", "3.quantity"),
                ("REQUIRED", "3.heads"),
            ]

        assert await api.changes(attempt) == set()
        await done(await step(who.api, "updateMdfCase", draft, budget=lines[:1]))
        await done(await submit(who, draft))

    async def test_what_the_quota_has_left_is_the_limit(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who, budget=[expense(amount="60000.00", fundAmount="50000.01")])

        async def attempt() -> None:
            refused = await submit(who, draft)
            assert codes(refused) == ["MDF_OVER_QUOTA"]

        assert await api.changes(attempt) == set()
        assert actions(await shown(who, draft))["SUBMIT"] == ["MDF_OVER_QUOTA"]
        exact = [expense(amount="60000.00", fundAmount="50000.00")]
        await done(await step(who.api, "updateMdfCase", draft, budget=exact))
        await done(await submit(who, draft))
        assert await left(who) == ("50000.00", "0.00", "0.00")

    async def test_without_a_share_of_the_fund_it_is_warned(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who, budget=[expense(fundAmount="0.00")])
        answer = await submit(who, draft, dryRun=True)
        assert "mdf_case.without_funds" in {effect["kind"] for effect in answer["effects"]}
        other = await submit(who, await drafted(api, who), dryRun=True)
        assert "mdf_case.without_funds" not in {effect["kind"] for effect in other["effects"]}

    async def test_an_activity_like_another_one_is_confirmed_and_shown_to_the_reviewers(self, api: Api) -> None:
        who = await funded(api)
        await submitted(api, who)
        again = await drafted(api, who, name="Another cloud day")

        async def attempt() -> None:
            assert codes(await submit(who, again)) == ["MDF_SIMILAR_ACTIVITY"]

        assert await api.changes(attempt) == set()
        case = (await done(await submit(who, again, confirmSimilar=True)))["case"]
        assert case["findings"] == [{"signal": "SIMILAR_ACTIVITY", "note": ""}]
        elsewhere = await drafted(api, who, name="A third one", events=[event(api, location="Town hall")])
        await done(await submit(who, elsewhere))
        later = await drafted(api, who, events=[event(api, inside=40)])
        assert (await done(await submit(who, later)))["case"]["findings"] == []

    async def test_the_same_activity_on_another_line_is_refused_to_the_whole_company(self, api: Api) -> None:
        who = await funded(api)
        other = await sibling(api, who)
        await submitted(api, who)
        await in_provider_plan(api, other, "CORE")
        await certify(api, other)
        quota = (await done(await open_quota(other, "SOLUTION_PROVIDER")))["quota"]
        second = Funded(other.partner_id, other.main, other.manager)
        second.quota, second.site = quota["id"], Site.CN
        draft = await drafted(api, second, name="CLOUD  Day", events=[event(api, location="Elsewhere")])

        async def attempt() -> None:
            assert codes(await submit(second, draft, confirmSimilar=True)) == ["MDF_DOUBLE_DIP"]

        assert await api.changes(attempt) == set()

    async def test_while_suspended_nothing_is_applied_for(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who)
        await suspend(api, who, draft)

        async def attempt() -> None:
            assert codes(await create(api, who)) == ["MDF_SUSPENDED"]
            refused = await submit(who, draft)
            assert codes(refused) == ["MDF_SUSPENDED"]
            assert refused["userErrors"][0]["availableAt"] == "2026-12-27T04:00:00.000Z"

        assert await api.changes(attempt) == set()
        api.clock.advance(days=300)
        await refresh(api)
        await done(await step(who.api, "updateMdfCase", draft, events=[event(api)]))
        api.clock.at -= timedelta(seconds=1)
        assert codes(await submit(who, draft, dryRun=True)) == ["MDF_SUSPENDED"]
        api.clock.at += timedelta(seconds=1)
        assert codes(await submit(who, draft, dryRun=True)) == []

    async def test_a_quota_of_last_year_pays_for_nothing_new(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who)
        api.clock.advance(days=365)
        await refresh(api)
        await done(await step(who.api, "updateMdfCase", draft, events=[event(api)]))

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["MDF_QUOTA_CLOSED"]

        assert await api.changes(attempt) == set()
        fresh = (await done(await open_quota(who)))["quota"]
        assert fresh["year"] == 2027
        await done(await step(who.api, "updateMdfCase", draft, quotaId=fresh["id"]))
        await done(await submit(who, draft))

    async def test_frozen_benefits_neither_open_a_quota_nor_let_apply(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who)
        await api.database.superuser.execute("update partner set kind = 'SOLUTION_PROVIDER'")
        finance = await staff(api, Role.VENDOR_FINANCE)
        bill = {"number": "B-1", "amount": "10.00", "overdueSince": "2026-03-01T00:00:00.000Z"}
        given = {"partnerId": who.id, "bills": [bill], "idempotencyKey": key()}
        await done(await finance.client.do("recordOverdueBills", "partner { id }", **given))

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["BENEFITS_FROZEN"]
            assert codes(await open_quota(who)) == ["MDF_QUOTA_OPENED", "BENEFITS_FROZEN"]

        assert await api.changes(attempt) == set()
        paid = {"partnerId": who.id, "numbers": ["B-1"], "idempotencyKey": key()}
        await done(await finance.client.do("clearOverdueBills", "partner { id }", **paid))
        await done(await submit(who, draft))

    async def test_who_has_no_part_in_it_is_kept_out(self, api: Api) -> None:
        who, stranger = await funded(api), await walker(api)
        draft = await drafted(api, who)
        assert codes(await submit(stranger, draft)) == ["NOT_FOUND"]
        clerk = await world.member(api, who.partner_id, Role.FINANCE)
        listed = "{ mdfCases(state: DRAFT) { nodes { id actions { action allowed } } } }"
        [seen] = (await clerk.client.send(listed)).data["mdfCases"]["nodes"]
        assert not any(one["allowed"] for one in seen["actions"])
        manager = await world.member(api, who.partner_id, Role.ACCOUNT_MANAGER)
        assert (await manager.client.send(listed)).error["code"] == "FORBIDDEN"
        assert (await stranger.api.send(listed)).data["mdfCases"]["nodes"] == []
        marketing = await world.member(api, who.partner_id, Role.MARKETING)
        await done(await step(marketing.client, "submitMdfCase", draft, agreementVersion="1.0"))


class TestReview:
    async def test_submitted_it_holds_its_share_and_approved_it_has_ninety_days_to_be_claimed(self, api: Api) -> None:
        who = await funded(api)
        case = await submitted(api, who)
        assert (case["state"], case["reserved"]["amount"]) == ("USE_REVIEW", "4000.00")
        assert await left(who) == ("4000.00", "0.00", "46000.00")
        await done(await decide(who, case))
        now = await shown(who, case)
        assert (now["state"], now["dueAt"]) == ("USE_APPROVED", "2026-06-28T16:00:00.000Z")
        assert now["hostName"] is not None
        assert await left(who) == ("4000.00", "0.00", "46000.00")
        assert "mdf_case_approved" in await mails(api, who)

    async def test_rejected_it_frees_its_share_and_is_submitted_again(self, api: Api) -> None:
        who = await funded(api)
        case = await submitted(api, who)

        async def attempt() -> None:
            assert codes(await decide(who, case, approve=False)) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        await done(await decide(who, case, approve=False, reason="Too vague."))
        now = await shown(who, case)
        assert (now["state"], now["reason"], now["reserved"]["amount"]) == ("USE_REJECTED", "Too vague.", "0.00")
        assert await left(who) == ("0.00", "0.00", "50000.00")
        assert "mdf_case_rejected" in await mails(api, who)
        await done(await step(who.api, "updateMdfCase", case, audience="Customers in logistics"))
        again = (await done(await submit(who, case)))["case"]
        assert (again["state"], again["reason"]) == ("USE_REVIEW", None)
        assert await api.value("select max(round) from review_case where kind = 'MDF_APPLICATION'") == 2

    async def test_what_has_begun_cannot_be_approved_any_more(self, api: Api) -> None:
        who = await funded(api)
        case = await submitted(api, who)
        start = api.clock() + timedelta(days=28) - timedelta(hours=12)
        for at, expected in ((start, ["MDF_RETROACTIVE"]), (start - timedelta(seconds=1), [])):
            api.clock.at = at
            await refresh(api)
            assert codes(await decide(who, case, dryRun=True)) == expected
        await done(await decide(who, case, approve=False, reason="Too late."))

    async def test_two_verdicts_at_once_leave_one(self, api: Api) -> None:
        who = await funded(api)
        case = await submitted(api, who)
        review = await review_of(who, case)

        async def verdict(approve: bool) -> dict[str, Any]:
            given = {"id": review, "approve": approve, "reason": "As agreed.", "idempotencyKey": key()}
            return await who.manager.client.do("decideReview", "review { id }", **given)

        answers = await asyncio.gather(*(verdict(number % 2 == 0) for number in range(4)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("STATE_CONFLICT",)] * 3]
        held = (await shown(who, case))["state"] == "USE_APPROVED"
        assert await left(who) == (("4000.00", "0.00", "46000.00") if held else ("0.00", "0.00", "50000.00"))


class TestCancellation:
    async def test_before_its_first_day_it_is_taken_back_and_changed(self, api: Api) -> None:
        who = await funded(api)
        waiting = await submitted(api, who)
        await done(await step(who.api, "cancelMdfCase", waiting))
        assert await left(who) == ("0.00", "0.00", "50000.00")
        assert await api.value("select state from review_case where kind = 'MDF_APPLICATION'") == "WITHDRAWN"
        assert codes(await step(who.api, "cancelMdfCase", waiting)) == ["STATE_CONFLICT"]
        changed = (await done(await step(who.api, "updateMdfCase", waiting, name="Cloud week")))["case"]
        assert changed["state"] == "DRAFT"
        case = await approved(api, who)
        start = api.clock() + timedelta(days=28) - timedelta(hours=12)
        api.clock.at = start
        await refresh(api)

        async def attempt() -> None:
            assert codes(await step(who.api, "cancelMdfCase", case)) == ["MDF_ACTIVITY_STARTED"]

        assert await api.changes(attempt) == set()
        assert actions(await shown(who, case))["CANCEL"] == ["MDF_ACTIVITY_STARTED"]
        api.clock.at = start - timedelta(seconds=1)
        await done(await step(who.api, "cancelMdfCase", case))
        assert (await shown(who, case))["dueAt"] is None
        assert await left(who) == ("0.00", "0.00", "50000.00")
