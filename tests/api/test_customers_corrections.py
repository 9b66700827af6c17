"""Correcting and cancelling reports, and what the partner's own references do, through the API."""

from datetime import timedelta
from typing import Any

from core.ids import encode_id
from rules.access import Role
from rules.customers import CustomerFact
from tests import world
from tests.client import NOON, Api, Client, codes
from tests.development import (
    CORRECTED,
    Prospect,
    invite,
    key,
    of,
    prospect,
    record_facts,
    report,
    reported_customer,
    signed_in_again,
)


class TestReferences:
    async def test_an_open_reports_reference_corrects_it(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        who, right = prospect(), prospect()
        first = await report(main.client, who, externalRef="crm-1")

        second = await report(main.client, right, externalRef="crm-1", customerName="钱塘数据（杭州）有限公司")

        assert codes(second) == []
        assert second["report"]["id"] == first["report"]["id"]
        [row] = await api.rows("select * from customer_report")
        assert (row["mobile"], row["customer_name"]) == (right.mobile, "钱塘数据（杭州）有限公司")

    async def test_the_same_again_changes_no_contact_and_sends_nothing(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        who = prospect()
        await report(main.client, who, externalRef="crm-1", sendInvite=True)

        assert codes(await report(main.client, who, externalRef="crm-1", sendInvite=True)) == []
        assert len(await api.inbox(who.email)) == 1
        assert await api.value("select count(*) from customer_invitation where state = 'ACTIVE'") == 1

    async def test_a_report_that_has_ended_gives_its_reference_up(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        who = prospect()
        first = await report(main.client, who, externalRef="crm-1")
        await main.client.do("cancelReport", CORRECTED, id=first["report"]["id"], idempotencyKey=key())

        second = await report(main.client, who, externalRef="crm-1")

        assert codes(second) == []
        assert second["report"]["id"] != first["report"]["id"]

    async def test_partners_do_not_share_references(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)

        assert codes(await report(main.client, prospect(), externalRef="crm-1")) == []
        assert codes(await report(other.client, prospect(), externalRef="crm-1")) == []

    async def test_one_of_a_report_the_caller_does_not_see(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        manager = await world.member(api, partner_id, Role.ACCOUNT_MANAGER)
        await report(main.client, prospect(), externalRef="crm-1")

        async def attempt() -> None:
            assert codes(await report(manager.client, prospect(), externalRef="crm-1")) == ["CONFLICT"]

        assert await api.changes(attempt) == set()


class TestCorrection:
    async def correct(self, client: Client, report_id: str, who: Prospect, **changes: Any) -> dict[str, Any]:
        given = {"id": report_id, "mobile": who.mobile, "email": who.email, "idempotencyKey": key()}
        return await client.do("updateReportContact", CORRECTED, **{**given, **changes})

    async def refused(
        self, api: Api, client: Client, report_id: str, who: Prospect, *expected: str, **more: Any
    ) -> None:
        async def attempt() -> None:
            assert codes(await self.correct(client, report_id, who, **more)) == list(expected)

        assert await api.changes(attempt) == set()

    async def test_the_old_link_ends_and_another_mail_can_go_out(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        wrong, right = prospect(), await world.person(api)
        made = await report(main.client, wrong, sendInvite=True)
        report_id = made["report"]["id"]

        corrected = await self.correct(main.client, report_id, of(right))

        assert codes(corrected) == []
        assert [e["kind"] for e in corrected["effects"]] == ["customer_invitation.revoked", "customer_report.corrected"]
        assert codes(await invite(main.client, report_id)) == []
        assert [message["template"] for message in await api.inbox(right.email)] == ["customer_invitation"]

    async def test_it_cannot_move_to_somebody_who_may_not_be_reported(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        booked, taken, own = await reported_customer(api, main), prospect(), prospect()
        consumer = await world.person(api)
        await record_facts(api, consumer, CustomerFact.CONSUMER_CLOUD_USER)
        await report(other.client, taken)
        await report(main.client, own)

        await self.refused(api, main.client, booked.id, of(consumer), "REPORT_CUSTOMER_CONSUMER_USER")
        await self.refused(api, main.client, booked.id, taken, "REPORT_CUSTOMER_REPORTED_BY_OTHER")
        await self.refused(api, main.client, booked.id, own, "REPORT_DUPLICATE_OWN")

    async def test_it_cannot_slip_past_a_review(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        aged = await world.person(api)
        api.clock.at = NOON + timedelta(days=7, milliseconds=1)
        main = await signed_in_again(api, main)
        made = await report(main.client, prospect())

        await self.refused(api, main.client, made["report"]["id"], of(aged), "REPORT_REVIEW_REQUIRED")

    async def test_an_account_counts_as_old_as_it_was_when_the_report_was_made(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        made = await report(main.client, Prospect(customer.mobile, prospect().email))
        api.clock.at = NOON + timedelta(days=10)
        main = await signed_in_again(api, main)

        assert codes(await self.correct(main.client, made["report"]["id"], of(customer))) == []

    async def test_forms_versions_and_states(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        made = await report(main.client, prospect())
        report_id = made["report"]["id"]

        await self.refused(api, main.client, report_id, prospect(), "CONFLICT", expectedVersion=7)
        await self.refused(api, main.client, report_id, prospect(), "REQUIRED", mobile=None)
        await self.refused(api, main.client, report_id, prospect(), "MOBILE_INVALID", mobile="12")
        await self.refused(api, main.client, report_id, prospect(), "MOBILE_NOT_OF_SITE", mobile="+4915112345678")
        await self.refused(api, main.client, report_id, prospect(), "EMAIL_INVALID", email="12")
        await self.refused(api, main.client, encode_id("rep", main.id), prospect(), "NOT_FOUND")
        invited = await report(main.client, prospect(), sendInvite=True)
        await self.refused(
            api, main.client, invited["report"]["id"], prospect(), "INVITATION_EMAIL_REQUIRED", email=None
        )
        await main.client.do("cancelReport", CORRECTED, id=report_id, idempotencyKey=key())
        await self.refused(api, main.client, report_id, prospect(), "STATE_CONFLICT")

    async def test_a_report_that_has_ended_is_not_touched_even_with_the_same_contact(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)
        await main.client.do("cancelReport", CORRECTED, id=booked.id, idempotencyKey=key())

        await self.refused(api, main.client, booked.id, of(booked.person), "STATE_CONFLICT")


class TestCancellation:
    async def test_its_links_open_no_more_and_anybody_may_report(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        booked = await reported_customer(api, main, sendInvite=True)

        cancelled = await main.client.do("cancelReport", CORRECTED, id=booked.id, idempotencyKey=key())

        assert cancelled["report"]["status"] == "CANCELLED"
        assert await api.value("select state from customer_invitation") == "REVOKED"
        assert codes(await report(other.client, of(booked.person))) == []

    async def test_only_a_report_that_holds_is_cancelled(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)
        api.clock.at = NOON + timedelta(days=15)
        main = await signed_in_again(api, main)

        async def attempt() -> None:
            again_ = await main.client.do("cancelReport", CORRECTED, id=booked.id, idempotencyKey=key())
            assert codes(again_) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_a_foreign_report_is_not_found(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        booked = await reported_customer(api, main)

        async def attempt() -> None:
            for name in ("cancelReport", "withdrawReport"):
                payload = await other.client.do(name, CORRECTED, id=booked.id, idempotencyKey=key())
                assert codes(payload) == ["NOT_FOUND"]
                assert payload["userErrors"][0]["path"] == ["input", "id"]

        assert await api.changes(attempt) == set()
