"""Reporting customers through the API: what is stored, every refusal, the limits to the millisecond."""

from datetime import timedelta
from typing import Any

import pytest

from rules.access import Role
from rules.customers import CustomerFact
from rules.partners import Standing
from rules.sites import Site
from tests import world
from tests.client import NOON, Api, codes
from tests.development import (
    Prospect,
    accept,
    associated_customer,
    fill_reports,
    general_token,
    key,
    of,
    prospect,
    record_facts,
    report,
    reported_customer,
    signed_in_again,
)

WARNING = "W_NO_ACCOUNT"


async def refused(api: Api, client: Any, who: Prospect, *expected: str, **changes: Any) -> dict[str, Any]:
    """The payload of a report refused for exactly these reasons, having left nothing behind."""
    kept: list[dict[str, Any]] = []

    async def attempt() -> None:
        kept.append(await report(client, who, **changes))

    assert await api.changes(attempt) == set()
    assert codes(kept[0]) == list(expected), kept[0]
    assert kept[0]["report"] is None
    return kept[0]


async def test_a_prospect_without_an_account_is_reported_with_a_warning(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    who = prospect()

    made = await report(main.client, who, mobile=who.mobile.removeprefix("+86"))

    assert codes(made) == []
    assert made["report"]["status"] == "REPORTED"
    assert made["report"]["validUntil"] == "2026-03-17T04:00:00.000Z"
    assert made["report"]["hadAccount"] is False
    assert made["nextStep"] == "INVITE_CUSTOMER"
    assert [effect["kind"] for effect in made["effects"]] == ["customer_report.reported", WARNING]
    [row] = await api.rows("select * from customer_report")
    assert (row["partner_id"], row["mobile"], row["email"]) == (partner_id, who.mobile, who.email)
    [event] = await api.rows("select type, partner_id, changes from event")
    assert (event["type"], event["partner_id"]) == ("customer_report.reported", partner_id)
    assert who.mobile not in event["changes"]


async def test_one_with_a_new_account_is_reported_without_a_warning(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    customer = await world.person(api)

    made = await report(main.client, of(customer))

    assert made["report"]["hadAccount"] is True
    assert [effect["kind"] for effect in made["effects"]] == ["customer_report.reported"]


async def test_with_send_invite_the_mail_goes_out_at_once(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    who = prospect()

    made = await report(main.client, who, sendInvite=True)

    assert made["nextStep"] is None
    assert [message["template"] for message in await api.inbox(who.email)] == ["customer_invitation"]
    assert "customer_invitation.sent" in [effect["kind"] for effect in made["effects"]]


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.OPERATIONS, Role.ACCOUNT_MANAGER])
async def test_members_who_develop_customers_may_report(api: Api, role: Role) -> None:
    partner_id, _ = await world.admitted_partner(api)
    someone = await world.member(api, partner_id, role)

    assert codes(await report(someone.client, prospect())) == []


HARD = [
    (CustomerFact.OTHER_SITE, "REPORT_CUSTOMER_OTHER_SITE"),
    (CustomerFact.CONSUMER_CLOUD_USER, "REPORT_CUSTOMER_CONSUMER_USER"),
    (CustomerFact.SIGNED_CONTRACT, "REPORT_CUSTOMER_CONTRACT"),
    (CustomerFact.CASH_CONSUMPTION, "REPORT_CUSTOMER_CASH_NOT_FOLLOWED"),
    (CustomerFact.UNIFIED_MEMBER, "REPORT_CUSTOMER_UNIFIED_MEMBER"),
    (CustomerFact.REFERRAL_REWARD_PLAN, "REPORT_CUSTOMER_REFERRAL_PLAN"),
]


class TestRefusals:
    @pytest.mark.parametrize(("fact", "code"), HARD)
    async def test_facts_that_no_review_lifts(self, api: Api, fact: CustomerFact, code: str) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        await record_facts(api, customer, fact)

        payload = await refused(api, main.client, of(customer), code)

        assert payload["nextStep"] is None

    async def test_all_of_them_come_at_once(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        await record_facts(api, customer, *(fact for fact, _ in HARD))

        await refused(api, main.client, of(customer), *(code for _, code in HARD))

    async def test_an_account_of_the_other_site(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        abroad = await world.person(api, Site.INTL)

        await refused(api, main.client, of(abroad), "REPORT_CUSTOMER_OTHER_SITE")

    async def test_a_customer_of_any_partner(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        customer = await associated_customer(api, other)

        await refused(api, main.client, of(customer), "REPORT_CUSTOMER_ALREADY_ASSOCIATED")

    async def test_another_partners_report_without_naming_it(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        name = await api.value("select name from partner where main_account_id = $1", other.id)
        who = prospect()
        await report(other.client, who)

        for same in (who, Prospect(who.mobile, prospect().email), Prospect(prospect().mobile, who.email)):
            payload = await refused(api, main.client, same, "REPORT_CUSTOMER_REPORTED_BY_OTHER")
            assert name not in str(payload)

    async def test_ones_own_open_report(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        who = prospect()
        await report(main.client, who)

        await refused(api, main.client, who, "REPORT_DUPLICATE_OWN")

    async def test_a_partner_that_may_not_develop_or_refer(self, api: Api) -> None:
        _, main = await world.admitted_partner(api, may_develop=False, may_refer=False)

        await refused(
            api,
            main.client,
            prospect(),
            "DEVELOPMENT_NOT_ALLOWED",
            "INVITATION_TYPE_NOT_ALLOWED",
            associationType="REFERRAL",
        )

    async def test_a_frozen_partner_and_resale(self, api: Api) -> None:
        _, main = await world.admitted_partner(api, standing=Standing.FROZEN)

        await refused(api, main.client, prospect(), "PARTNER_FROZEN")
        assert codes(await report(main.client, prospect(), associationType="REFERRAL")) == []

    async def test_what_an_invitation_at_once_needs(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        payload = await refused(
            api,
            main.client,
            prospect(),
            "INVITATION_EMAIL_REQUIRED",
            "REQUIRED",
            sendInvite=True,
            email=None,
            associationType=None,
        )

        assert [error["path"][-1] for error in payload["userErrors"]] == ["email", "associationType"]

    async def test_what_a_later_invitation_needs(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        await refused(api, main.client, prospect(), "REQUIRED", mobile=None)

    async def test_contacts_that_are_none(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        await refused(api, main.client, prospect(), "MOBILE_INVALID", "EMAIL_INVALID", mobile="1", email="nobody")
        await refused(api, main.client, prospect(), "MOBILE_NOT_OF_SITE", mobile="+4915112345678")
        await refused(api, main.client, prospect(), "EMAIL_INVALID", email="a+b@example.com")

    async def test_a_name_of_blanks(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        await refused(api, main.client, prospect(), "REQUIRED", customerName="   ")
        await refused(api, main.client, prospect(), "OUT_OF_RANGE", customerName="x" * 257)

    async def test_somebody_without_a_contact_of_its_own(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        owner = api.database.superuser
        check = await api.value(
            "select pg_get_constraintdef(oid) from pg_constraint where conname='account_has_contact'"
        )
        await owner.execute("alter table account drop constraint account_has_contact")
        await owner.execute("update account set mobile = null, email = null where id = $1", main.id)
        try:
            await refused(api, main.client, prospect(), "REPORT_CONTACT_REQUIRED")
        finally:
            await owner.execute("delete from account where mobile is null and email is null")
            await owner.execute(f"alter table account add constraint account_has_contact {check}")

    async def test_members_without_the_permission(self, api: Api) -> None:
        partner_id, _ = await world.admitted_partner(api)
        clerk = await world.member(api, partner_id, Role.FINANCE)
        document = "mutation($input: ReportCustomerInput!) { reportCustomer(input: $input) { nextStep } }"
        given = {"customerName": "x", "sendInvite": False, "mobile": prospect().mobile, "idempotencyKey": key()}

        answer = await clerk.client.send(document, input=given)

        assert (answer.error["code"], answer.error["reason"]) == ("FORBIDDEN", "PERMISSION_DENIED")


class TestReview:
    async def test_the_payload_says_that_and_why_a_review_is_needed(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        await record_facts(api, customer, CustomerFact.REPORTED_BY_VENDOR, CustomerFact.ONLINE_SALES_TEAM)

        payload = await refused(api, main.client, of(customer), "REPORT_REVIEW_REQUIRED")

        assert payload["nextStep"] == "REVIEW_REQUIRED"
        assert payload["reviewReasons"] == ["REPORTED_BY_VENDOR", "ONLINE_SALES_TEAM"]

    async def test_an_account_is_new_for_seven_days_to_the_millisecond(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        young, old = await world.person(api), await world.person(api)
        api.clock.at = NOON + timedelta(days=7)
        main = await signed_in_again(api, main)
        assert codes(await report(main.client, of(young))) == []

        api.clock.advance(milliseconds=1)

        payload = await refused(api, main.client, of(old), "REPORT_REVIEW_REQUIRED")
        assert payload["reviewReasons"] == ["AGED_ACCOUNT"]


class TestLimits:
    async def test_a_hundred_open_reports(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        await report(main.client, prospect())
        await fill_reports(api, partner_id, 98)
        assert codes(await report(main.client, prospect())) == []

        payload = await refused(api, main.client, prospect(), "REPORT_LIMIT_REACHED")

        assert payload["userErrors"][0]["__typename"] == "QuotaError"

    async def test_a_report_holds_for_fifteen_days_to_the_millisecond(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        who = prospect()
        await report(main.client, who)
        api.clock.at = NOON + timedelta(days=15, milliseconds=-1)
        other, main = await signed_in_again(api, other), await signed_in_again(api, main)
        await refused(api, other.client, who, "REPORT_CUSTOMER_REPORTED_BY_OTHER")
        await refused(api, main.client, who, "REPORT_DUPLICATE_OWN")

        api.clock.advance(milliseconds=1)

        assert codes(await report(other.client, who)) == []  # though the schedule has not marked the old one yet

    async def test_a_report_over_does_not_count_towards_the_limit(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        await report(main.client, prospect())
        await fill_reports(api, partner_id, 99)
        api.clock.at = NOON + timedelta(days=15)
        main = await signed_in_again(api, main)

        assert codes(await report(main.client, prospect())) == []


class TestRepetition:
    async def test_the_same_key_replays(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        who, one_key = prospect(), key()

        first = await report(main.client, who, idempotencyKey=one_key, sendInvite=True)
        second = await report(main.client, who, idempotencyKey=one_key, sendInvite=True)

        assert second["report"] == first["report"]
        assert second["effects"] == first["effects"]
        assert await api.value("select count(*) from customer_report") == 1
        assert len(await api.inbox(who.email)) == 1

    async def test_a_dry_run_tells_the_effects_and_leaves_nothing(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        async def attempt() -> None:
            dry = await report(main.client, prospect(), dryRun=True, sendInvite=True)
            kinds = [effect["kind"] for effect in dry["effects"]]
            assert kinds == ["customer_report.reported", WARNING, "customer_invitation.sent"]

        assert await api.changes(attempt) == set()


async def test_a_customer_that_came_by_a_general_link_uses_up_its_report(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    booked = await reported_customer(api, main, externalRef="crm-9")

    assert codes(await accept(booked.person.client, await general_token(main.client))) == []

    assert await api.value("select status from customer_report") == "ASSOCIATED"
    assert await api.value("select external_user_id from customer_association") == "crm-9"
