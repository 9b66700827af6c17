"""Claims of the market development fund: what they must show, in which time, and the verdict; through the API."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from rules.access import Role
from rules.sites import Site
from tasks.funds import pass_time
from tests.client import NOON, Api, codes
from tests.funds import (
    GIFT,
    actions,
    approved,
    at_day,
    certify,
    claimed,
    decide,
    event,
    expense,
    funded,
    held,
    left,
    line,
    over,
    refused,
    review_of,
    save_claim,
    shown,
    step,
)
from tests.opportunities import done, key, staff
from tests.paths import mails, walker
from tests.uploads import open_slot, paper, uploaded

END = NOON.replace(month=6, day=28, hour=16)


class TestPreparing:
    async def test_what_may_be_done_can_be_asked_of_an_approved_activity_alone(self, api: Api) -> None:
        who = await funded(api)
        case = await approved(api, who)
        answer = await who.api.send("{ mdfCases(first: 1) { nodes { actions { action allowed blockers { code } } } } }")
        [alone] = answer.data["mdfCases"]["nodes"]
        assert actions(alone) == actions(case)
        assert actions(alone)["CANCEL"] == []

    async def test_when_the_activity_is_over_the_claim_is_prepared_and_shown(self, api: Api) -> None:
        who = await funded(api)
        case = await approved(api, who)
        assert (await done(await step(who.api, "startMdfEvent", case)))["case"]["state"] == "EVENT_RUNNING"
        assert codes(await step(who.api, "startMdfEvent", case)) == ["STATE_CONFLICT"]
        await at_day(api, 28)

        async def attempt() -> None:
            assert codes(await save_claim(api, who, case)) == ["MDF_ACTIVITY_NOT_OVER"]
            assert codes(await step(who.api, "submitMdfClaim", case))[:2] == ["STATE_CONFLICT", "MDF_ACTIVITY_NOT_OVER"]

        await paper(who.api)
        assert await api.changes(attempt, besides=("upload",)) == set()
        assert actions(await shown(who, case))["SAVE_CLAIM"] == ["MDF_ACTIVITY_NOT_OVER"]
        await at_day(api, 29)
        saved = (await done(await save_claim(api, who, case, summary="First words.")))["case"]
        assert saved["state"] == "CLAIM_DRAFT"
        await done(await step(who.api, "saveMdfClaim", case, leads=30))
        document = """query($id: ID!) { node(id: $id) { ... on MdfCase { claim { summary leads total { amount }
          fundTotal { amount currency } invoice { name } invoiceTitle invoiceAmount { amount } mediaSummary { name }
          events { startsOn photos { name url } substitutes { name } }
          lines { category amount { amount } receipt { name } payee paidOn confirmation { name } } } } } }"""
        claim = (await who.manager.client.send(document, id=case["id"])).data["node"]["claim"]
        assert (claim["summary"], claim["leads"], claim["total"]["amount"]) == ("First words.", 30, "7000.00")
        assert claim["fundTotal"] == {"amount": "3500.00", "currency": "CNY"}
        assert claim["lines"][0]["receipt"] == {"name": "contract.pdf"}
        assert claim["events"][0]["photos"][0]["url"].startswith("/")
        assert codes(await step(who.api, "saveMdfClaim", case, leads=1, expectedVersion=1)) == ["CONFLICT"]
        assert codes(await step(who.api, "cancelMdfCase", case)) == ["STATE_CONFLICT", "MDF_ACTIVITY_STARTED"]

    async def test_what_it_says_is_checked_at_once(self, api: Api) -> None:
        who, other = await funded(api), await walker(api)
        case = await over(api, who)
        file, theirs = await paper(who.api), await uploaded(other.api)
        slot = (await open_slot(who.api))["upload"]["id"]
        wrong: dict[str, Any] = {
            "events": [held(file, photoIds=[theirs, slot]), held(file, endsOn="2026-03-29")],
            "lines": [line(file, amount="a lot"), line(theirs, fundAmount="7000.01")],
            "invoiceId": slot,
            "leads": -1,
        }

        async def attempt() -> None:
            refused = await save_claim(api, who, case, **wrong)
            assert [(error["code"], ".".join(error["path"][1:])) for error in refused["userErrors"]] == [
                ("UPLOAD_NOT_RECEIVED", "invoiceId"),
                ("NOT_FOUND", "events.0.photoIds.0"),
                ("UPLOAD_NOT_RECEIVED", "events.0.photoIds.1"),
                ("INVALID_FORMAT", "lines.0.amount"),
                ("NOT_FOUND", "lines.1.receiptId"),
                ("OUT_OF_RANGE", "events"),
                ("OUT_OF_RANGE", "events.1.endsOn"),
                ("OUT_OF_RANGE", "lines.1.fundAmount"),
                ("OUT_OF_RANGE", "leads"),
            ]
            many = await save_claim(api, who, case, lines=[line(file)] * 51, events=[held(file, photoIds=[file] * 21)])
            assert codes(many) == ["TOO_MANY", "TOO_MANY"]
            unknown = await save_claim(api, who, case, lines=[line("mdf_0")])
            assert [error["path"] for error in unknown["userErrors"]] == [["input", "lines", "0", "receiptId"]]

        assert await api.changes(attempt) == set()
        assert codes(await step(other.api, "saveMdfClaim", case, leads=1)) == ["NOT_FOUND"]


class TestProofs:
    async def test_everything_is_asked_for(self, api: Api) -> None:
        who = await funded(api)
        case = await over(api, who, activityType="ADVERTISING")
        file = await paper(who.api)
        bare = {"events": [held(file, photoIds=[])], "lines": [line(file, receiptId=None, payee=" ")]}
        await done(await step(who.api, "saveMdfClaim", case, **bare))

        async def attempt() -> None:
            refused = await step(who.api, "submitMdfClaim", case)
            assert codes(refused) == ["REQUIRED"] * 10
            assert [".".join(error["path"][1:]) for error in refused["userErrors"]] == [
                *("summary", "leads", "opportunities", "invoiceId", "invoiceTitle", "invoiceAmount", "mediaSummaryId"),
                *("events.0.photoIds", "lines.0.receiptId", "lines.0.payee"),
            ]

        assert await api.changes(attempt) == set()
        whole = {"events": [held(file, photoIds=[], substituteIds=[file])], "mediaSummaryId": file}
        await done(await save_claim(api, who, case, **whole))
        await done(await step(who.api, "submitMdfClaim", case))

    async def test_receipts_and_invoice_name_the_real_category(self, api: Api) -> None:
        """The detail of the invoice always; the sealed receipt unless somebody confirms why not."""
        who = await funded(api)
        case = await over(api, who)
        file = await paper(who.api)
        other, excuse = {"receiptCategory": "LODGING"}, {"mismatchReason": "The hotel's form."}
        cases: list[tuple[dict[str, Any], list[str]]] = [
            (other, ["MDF_EXPENSE_CATEGORY_MISMATCH"]),
            ({**other, **excuse}, ["MDF_EXPENSE_CATEGORY_MISMATCH"]),
            ({**other, "confirmationId": file}, ["MDF_EXPENSE_CATEGORY_MISMATCH"]),
            ({"detailCategory": "LODGING", **excuse, "confirmationId": file}, ["MDF_INVOICE_CATEGORY_MISMATCH"]),
        ]
        for changes, expected in cases:
            await done(await save_claim(api, who, case, lines=[line(file, **changes)]))
            await refused(api, lambda: step(who.api, "submitMdfClaim", case), *expected)
        explained = line(file, **other, **excuse, confirmationId=file)
        await done(await save_claim(api, who, case, lines=[explained]))
        await done(await step(who.api, "submitMdfClaim", case))

    async def test_the_invoice_is_the_partners_and_covers_what_is_claimed(self, api: Api) -> None:
        who = await funded(api)
        case = await over(api, who)
        await done(await save_claim(api, who, case, invoiceTitle="Another company", invoiceAmount="3499.99"))

        async def attempt() -> None:
            refused = await step(who.api, "submitMdfClaim", case)
            assert codes(refused) == ["MDF_INVOICE_TITLE_MISMATCH", "MDF_INVOICE_TOO_LOW"]

        assert await api.changes(attempt) == set()
        name = await api.value("select upper(name) from partner where id = $1", who.partner_id)
        await done(await save_claim(api, who, case, invoiceTitle=f" {name} ", invoiceAmount="3500.00"))
        await done(await step(who.api, "submitMdfClaim", case))

    async def test_no_more_than_was_approved_and_no_gift_over_the_cap(self, api: Api) -> None:
        who = await funded(api)
        case = await over(api, who)
        file = await paper(who.api)
        gift = {name: GIFT[name] for name in ("item", "occasion")} | {"quantity": 1, "heads": 1}
        kinds = dict.fromkeys(("category", "receiptCategory", "detailCategory"), "GIFTS")
        dear = line(file, **kinds, **gift, amount="201.00", fundAmount="0.01")
        much = line(file, fundAmount="4000.00")
        await done(await save_claim(api, who, case, lines=[much, dear]))

        async def attempt() -> None:
            refused = await step(who.api, "submitMdfClaim", case)
            assert codes(refused) == ["MDF_GIFT_CAP", "MDF_GIFT_CAP", "MDF_OVER_BUDGET"]

        assert await api.changes(attempt) == set()
        unnamed = {**dear, "item": None, "occasion": "OTHER", "amount": "20.00", "fundAmount": "0.00"}
        await done(await save_claim(api, who, case, lines=[{**much, "fundAmount": "0.00"}, unnamed]))
        refused = await step(who.api, "submitMdfClaim", case)
        assert codes(refused) == ["MDF_GIFT_NOT_NAMED", "MDF_GIFT_UNRELATED", "OUT_OF_RANGE"]
        await done(await save_claim(api, who, case, lines=[much]))
        await done(await step(who.api, "submitMdfClaim", case))

    async def test_expenses_that_may_be_one_are_shown_to_the_reviewers(self, api: Api) -> None:
        who = await funded(api)
        case = await over(api, who)
        file = await paper(who.api)
        lines = [
            line(file, fundAmount="1000.00"),
            line(file, fundAmount="1000.00", payee="HARBOUR kitchen", paidOn="2026-03-29"),
            line(file, fundAmount="1000.00", payee="Somebody else", paidOn="2026-03-28"),
        ]
        await done(await save_claim(api, who, case, lines=lines))
        sent = (await done(await step(who.api, "submitMdfClaim", case)))["case"]
        assert sent["findings"] == [{"signal": "SPLIT_EXPENSE", "note": "1 + 2"}]


class TestTime:
    @pytest.mark.parametrize("site", Site)
    async def test_ninety_days_after_the_activity_are_the_limit(self, api: Api, site: Site) -> None:
        who = await funded(api, site)
        case = await over(api, who, budget=[expense(amount="4000.00", fundAmount="3500.00")])
        await done(await save_claim(api, who, case))
        end = END + (timedelta(hours=8) if site is Site.INTL else timedelta())
        await at_day(api, 118)
        api.clock.at = end

        async def attempt() -> None:
            assert codes(await step(who.api, "submitMdfClaim", case)) == ["MDF_CLAIM_LATE"]

        assert await api.changes(attempt) == set()
        api.clock.at = end - timedelta(seconds=1)
        await done(await step(who.api, "submitMdfClaim", case))

    async def test_an_approved_delay_gives_thirty_days_more(self, api: Api) -> None:
        who = await funded(api)
        case = await over(api, who)
        saved = (await done(await save_claim(api, who, case, delayApprovalId=await paper(who.api))))["case"]
        assert saved["dueAt"] == "2026-07-28T16:00:00.000Z"
        await at_day(api, 130)
        assert codes(await step(who.api, "submitMdfClaim", case, dryRun=True)) == []
        api.clock.at = END + timedelta(days=30)
        await api.database.superuser.execute("update session set access_expires_at = $1", END + timedelta(days=31))
        assert codes(await step(who.api, "submitMdfClaim", case)) == ["MDF_CLAIM_LATE"]
        assert await pass_time(api.settings, api.clock) == 1
        assert codes(await step(who.api, "submitMdfClaim", case))[:2] == ["STATE_CONFLICT", "MDF_CLAIM_LATE"]

    async def test_a_rejected_claim_has_forty_five_days(self, api: Api) -> None:
        who = await funded(api)
        case = await claimed(api, who)
        await done(await decide(who, case, "MDF_CLAIM", approve=False, reason="The photos are blurred."))
        now = await shown(who, case)
        assert (now["state"], now["reason"]) == ("CLAIM_REJECTED", "The photos are blurred.")
        assert now["dueAt"] == "2026-05-15T16:00:00.000Z"
        assert await left(who) == ("4000.00", "0.00", "46000.00")
        assert "mdf_claim_rejected" in await mails(api, who)
        await at_day(api, 74)
        api.clock.at = NOON.replace(month=5, day=15, hour=16)

        async def attempt() -> None:
            assert codes(await step(who.api, "submitMdfClaim", case)) == ["MDF_CLAIM_LATE"]

        assert await api.changes(attempt) == set()
        api.clock.at -= timedelta(seconds=1)
        await done(await step(who.api, "submitMdfClaim", case, dryRun=True))
        api.clock.at += timedelta(seconds=1)
        assert await pass_time(api.settings, api.clock) == 1
        assert (await shown(who, case))["state"] == "CLAIM_EXPIRED"
        assert await left(who) == ("0.00", "0.00", "50000.00")


class TestStanding:
    async def test_who_claims_has_certified_information_and_no_overdue_bill(self, api: Api) -> None:
        who = await funded(api)
        case = await over(api, who)
        await done(await save_claim(api, who, case))
        await certify(api, who, holds=False)
        await api.database.superuser.execute("update partner set kind = 'SOLUTION_PROVIDER'")
        finance = await staff(api, Role.VENDOR_FINANCE)
        bill = {"number": "B-1", "amount": "10.00", "overdueSince": "2026-03-01T00:00:00.000Z"}
        given = {"partnerId": who.id, "bills": [bill], "idempotencyKey": key()}
        await done(await finance.client.do("recordOverdueBills", "partner { id }", **given))

        async def attempt() -> None:
            refused = await step(who.api, "submitMdfClaim", case)
            assert codes(refused) == ["BUSINESS_INFO_REQUIRED", "BENEFITS_FROZEN"]

        assert await api.changes(attempt) == set()
        assert actions(await shown(who, case))["CLAIM"] == ["BUSINESS_INFO_REQUIRED", "BENEFITS_FROZEN"]
        await certify(api, who)
        paid = {"partnerId": who.id, "numbers": ["B-1"], "idempotencyKey": key()}
        await done(await finance.client.do("clearOverdueBills", "partner { id }", **paid))
        await done(await step(who.api, "submitMdfClaim", case))


class TestVerdict:
    async def test_approved_it_uses_the_quota_and_frees_the_rest(self, api: Api) -> None:
        who = await funded(api)
        case = await claimed(api, who)
        assert (case["state"], case["claimed"]["amount"]) == ("CLAIM_REVIEW", "3500.00")
        assert await left(who) == ("4000.00", "0.00", "46000.00")
        await done(await decide(who, case, "MDF_CLAIM"))
        now = await shown(who, case)
        assert (now["state"], now["reserved"]["amount"]) == ("CLAIM_APPROVED", "0.00")
        assert now["dueAt"] == "2026-04-15T16:00:00.000Z"
        assert await left(who) == ("0.00", "3500.00", "46500.00")
        assert "mdf_claim_approved" in await mails(api, who)

    async def test_two_verdicts_at_once_leave_one(self, api: Api) -> None:
        who = await funded(api)
        case = await claimed(api, who)
        review = await review_of(who, case, "MDF_CLAIM")

        async def verdict() -> dict[str, Any]:
            given = {"id": review, "approve": True, "idempotencyKey": key()}
            return await who.manager.client.do("decideReview", "review { id }", **given)

        answers = await asyncio.gather(*(verdict() for _ in range(4)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("STATE_CONFLICT",)] * 3]
        assert await left(who) == ("0.00", "3500.00", "46500.00")

    async def test_a_rejection_says_why(self, api: Api) -> None:
        who = await funded(api)
        case = await claimed(api, who)

        async def attempt() -> None:
            assert codes(await decide(who, case, "MDF_CLAIM", approve=False)) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()

    async def test_a_series_reports_each_event(self, api: Api) -> None:
        who = await funded(api)
        case = await over(api, who, events=[event(api), event(api, name="Second day")])
        file = await paper(who.api)
        assert codes(await save_claim(api, who, case)) == ["OUT_OF_RANGE"]
        await done(await save_claim(api, who, case, events=[held(file), held(file)]))
        await done(await step(who.api, "submitMdfClaim", case))
