"""The vendor's part in reporting: the queue, decisions, releases, and the facts that rules ask for."""

from datetime import timedelta
from typing import Any

import pytest

from core.ids import encode_id
from rules.access import Role
from rules.customers import CustomerFact
from rules.sites import Site
from tests import world
from tests.client import NOON, Api, codes
from tests.development import (
    CORRECTED,
    REVIEWED,
    accept,
    apply,
    decide,
    key,
    mailed_token,
    of,
    prospect,
    record_facts,
    report,
    reported_customer,
    staff,
)

QUEUE = """{ reportReviewQueue { nodes { id customerName mobile email expectedSpend { amount currency } expectedMonths
    projectDetail customerAccount communicationLog partner { name } } } }"""


async def in_review(api: Api, **changes: Any) -> tuple[world.Person, world.Person, str]:
    """A partner's main account, a customer that needs a review, and the application for it."""
    _, main = await world.admitted_partner(api)
    customer = await world.person(api)
    await record_facts(api, customer, CustomerFact.ONLINE_SALES_TEAM)
    applied = await apply(main.client, of(customer), **changes)
    assert codes(applied) == [], applied
    return main, customer, applied["report"]["id"]


async def release(api: Api, report_id: str, **changes: Any) -> dict[str, Any]:
    clerk = await staff(api, Role.VENDOR_OPS)
    return await clerk.client.do("recordReportRelease", REVIEWED, id=report_id, idempotencyKey=key(), **changes)


class TestApplication:
    async def test_it_waits_in_the_vendors_queue(self, api: Api) -> None:
        main, customer, report_id = await in_review(api)
        reviewer = await staff(api, Role.ECO_MANAGER)

        [entry] = (await reviewer.client.send(QUEUE)).data["reportReviewQueue"]["nodes"]

        assert entry["id"] == report_id
        assert (entry["mobile"], entry["email"]) == (customer.mobile, customer.email)
        assert entry["customerName"] == "钱塘数据有限公司"
        assert entry["expectedSpend"] == {"amount": "120000.50", "currency": "CNY"}
        assert entry["partner"]["name"].startswith("Partner")
        denied = await main.client.send(QUEUE)
        assert denied.error["code"] == "FORBIDDEN"

    async def test_it_holds_nothing_against_others_until_it_is_approved(self, api: Api) -> None:
        _, customer, _ = await in_review(api)
        _, other = await world.admitted_partner(api)

        assert codes(await apply(other.client, of(customer))) == []

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"expectedSpend": "0"}, ["OUT_OF_RANGE"]),
            ({"expectedSpend": "1,000"}, ["INVALID_FORMAT"]),
            ({"expectedSpend": "1.005"}, ["INVALID_FORMAT"]),
            ({"expectedMonths": 0}, ["OUT_OF_RANGE"]),
            ({"expectedMonths": 121}, ["OUT_OF_RANGE"]),
            ({"projectDetail": " ", "customerAccount": " ", "communicationLog": " "}, ["REQUIRED"] * 3),
        ],
    )
    async def test_what_it_must_say(self, api: Api, changes: dict[str, Any], expected: list[str]) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        await record_facts(api, customer, CustomerFact.ONLINE_SALES_TEAM)

        async def attempt() -> None:
            assert codes(await apply(main.client, of(customer), **changes)) == expected

        assert await api.changes(attempt) == set()

    async def test_who_can_be_reported_directly_needs_none(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        async def attempt() -> None:
            assert codes(await apply(main.client, prospect())) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_one_at_a_time_for_a_customer_and_a_reference(self, api: Api) -> None:
        main, customer, _ = await in_review(api, externalRef="crm-1")
        another = await world.person(api)
        await record_facts(api, another, CustomerFact.ONLINE_SALES_TEAM)

        assert codes(await apply(main.client, of(customer))) == ["REPORT_DUPLICATE_OWN"]
        assert codes(await apply(main.client, of(another), externalRef="crm-1")) == ["REPORT_DUPLICATE_OWN"]

    async def test_it_is_taken_back_before_the_decision_only(self, api: Api) -> None:
        main, _, report_id = await in_review(api)

        withdrawn = await main.client.do("withdrawReport", CORRECTED, id=report_id, idempotencyKey=key())

        assert withdrawn["report"]["status"] == "WITHDRAWN"

        async def attempt() -> None:
            assert codes(await decide(api, report_id)) == ["STATE_CONFLICT"]
            again = await main.client.do("withdrawReport", CORRECTED, id=report_id, idempotencyKey=key())
            assert codes(again) == ["STATE_CONFLICT"]

        assert await api.changes(attempt, besides=("account", "session")) == set()


class TestDecision:
    async def test_an_approved_report_holds_from_then_on_and_the_invitation_goes_out(self, api: Api) -> None:
        main, customer, report_id = await in_review(api, sendInvite=True)
        api.clock.at = NOON + timedelta(days=2)

        decided = await decide(api, report_id)

        assert codes(decided) == []
        assert decided["report"]["status"] == "REPORTED"
        assert decided["report"]["validUntil"] == "2026-03-19T04:00:00.000Z"
        assert [row["template"] for row in await api.inbox(customer.email)] == ["customer_invitation"]
        told = await api.inbox(main.email)
        assert [row["template"] for row in told] == ["report_approved"]
        assert "钱塘数据有限公司" in told[0]["body"]
        assert "2026-03-19 12:00 CST" in told[0]["body"]
        events = await api.rows("select type from event where type like 'customer%' order by id")
        assert [row["type"] for row in events][-2:] == ["customer_report.approved", "customer_invitation.sent"]

    async def test_an_approved_customer_may_associate_though_the_vendor_has_reported_it(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        await record_facts(api, customer, CustomerFact.REPORTED_BY_VENDOR)
        applied = await apply(main.client, of(customer), sendInvite=True)
        await decide(api, applied["report"]["id"])

        assert codes(await accept(customer.client, await mailed_token(api, customer.email))) == []

    async def test_a_rejection_needs_a_reason_and_the_partner_reads_it(self, api: Api) -> None:
        main, _, report_id = await in_review(api)

        async def attempt() -> None:
            assert codes(await decide(api, report_id, approve=False)) == ["REASON_REQUIRED"]
            assert codes(await decide(api, report_id, approve=False, reason="  ")) == ["REASON_REQUIRED"]
            assert codes(await decide(api, report_id, approve=False, reason="x" * 501)) == ["OUT_OF_RANGE"]

        assert await api.changes(attempt, besides=("account", "session")) == set()
        decided = await decide(api, report_id, approve=False, reason="The customer is ours.")
        assert decided["report"]["status"] == "REJECTED"
        assert decided["report"]["rejectReason"] == "The customer is ours."
        [told] = await api.inbox(main.email)
        assert told["template"] == "report_rejected"
        assert "The customer is ours." in told["body"]

    @pytest.mark.parametrize(
        ("fact", "code"),
        [
            (CustomerFact.SIGNED_CONTRACT, "REPORT_CUSTOMER_CONTRACT"),
            (CustomerFact.UNIFIED_MEMBER, "REPORT_CUSTOMER_UNIFIED_MEMBER"),
        ],
    )
    async def test_what_forbids_any_report_is_asked_again(self, api: Api, fact: CustomerFact, code: str) -> None:
        _, customer, report_id = await in_review(api)
        await record_facts(api, customer, fact)

        async def attempt() -> None:
            assert codes(await decide(api, report_id)) == [code]

        assert await api.changes(attempt, besides=("account", "session")) == set()

    async def test_whoever_was_faster_stands_in_the_way(self, api: Api) -> None:
        _, customer, report_id = await in_review(api)
        _, other = await world.admitted_partner(api)
        second = (await apply(other.client, of(customer)))["report"]["id"]
        assert codes(await decide(api, second)) == []

        assert codes(await decide(api, report_id)) == ["REPORT_CUSTOMER_REPORTED_BY_OTHER"]

    async def test_a_partner_may_not_decide(self, api: Api) -> None:
        main, _, report_id = await in_review(api)
        document = "mutation($input: DecideReportReviewInput!) { decideReportReview(input: $input) { report { id } } }"

        answer = await main.client.send(document, input={"id": report_id, "approve": True, "idempotencyKey": key()})

        assert answer.error["code"] == "FORBIDDEN"

    async def test_an_unknown_report(self, api: Api) -> None:
        main, _, _ = await in_review(api)

        assert codes(await decide(api, encode_id("rep", main.id))) == ["NOT_FOUND"]


class TestRelease:
    async def test_the_partner_is_told_once_and_the_links_end(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        who = prospect()
        made = await report(main.client, who, sendInvite=True)

        released = await release(api, made["report"]["id"])

        assert codes(released) == []
        assert released["report"]["status"] == "RELEASED"
        assert await api.value("select state from customer_invitation") == "REVOKED"
        assert [row["template"] for row in await api.inbox(main.email)] == ["report_released"]
        before = await api.value("select count(*) from event")
        again = await release(api, made["report"]["id"])
        assert codes(again) == []
        assert again["effects"] == []
        assert await api.value("select count(*) from event") == before
        assert len(await api.inbox(main.email)) == 1

    async def test_a_customer_with_an_account_is_not_released(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)

        async def attempt() -> None:
            assert codes(await release(api, booked.id)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt, besides=("account", "session")) == set()

    async def test_nor_is_a_report_that_holds_no_more(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        made = await report(main.client, prospect())
        api.clock.at = NOON + timedelta(days=15)

        assert codes(await release(api, made["report"]["id"])) == ["STATE_CONFLICT"]
        assert codes(await release(api, encode_id("rep", main.id))) == ["NOT_FOUND"]


class TestFacts:
    SELECTION = "customer { id name version }"

    async def record(self, api: Api, facts: list[str], **ids: str) -> dict[str, Any]:
        clerk = await staff(api, Role.VENDOR_OPS)
        return await clerk.client.do("recordCustomerFacts", self.SELECTION, facts=facts, idempotencyKey=key(), **ids)

    async def test_the_whole_list_is_recorded_for_an_account_or_a_customer(self, api: Api) -> None:
        someone = await world.person(api, Site.INTL)

        first = await self.record(api, ["ARREARS", "KEY_ACCOUNT", "ARREARS"], accountId=encode_id("acc", someone.id))
        assert await api.value("select facts from customer") == '["ARREARS", "KEY_ACCOUNT"]'
        second = await self.record(api, [], customerId=first["customer"]["id"])

        assert second["customer"]["id"] == first["customer"]["id"]
        assert await api.value("select facts from customer") == "[]"
        assert await api.value("select partner_id from customer") is None

    async def test_exactly_one_id_of_somebody(self, api: Api) -> None:
        someone = await world.person(api)
        account, nobody = encode_id("acc", someone.id), encode_id("cus", someone.id)

        async def attempt() -> None:
            assert codes(await self.record(api, [])) == ["REQUIRED"]
            assert codes(await self.record(api, [], accountId=account, customerId=nobody)) == ["REQUIRED"]
            unknown = await self.record(api, [], customerId=nobody)
            assert codes(unknown) == ["NOT_FOUND"]
            assert unknown["userErrors"][0]["path"] == ["input", "customerId"]
            assert codes(await self.record(api, [], accountId=nobody)) == ["NOT_FOUND"]

        assert await api.changes(attempt, besides=("account", "session")) == set()
