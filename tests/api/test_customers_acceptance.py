"""Accepting an invitation through the API: what comes of it, every refusal, what the partner learns of a failure."""

from datetime import timedelta
from typing import Any

import pytest

from core.ids import encode_id
from core.tokens import TokenKind, new_token
from rules.access import Role
from rules.customers import AssociationType, CustomerFact
from rules.partners import Standing
from rules.sites import Site
from tests import world
from tests.client import NOON, Api, codes
from tests.development import (
    CORRECTED,
    Prospect,
    accept,
    general_token,
    invite,
    key,
    mailed_token,
    of,
    record_facts,
    report,
    reported_customer,
    signed_in_again,
)
from tests.world import Person

KEPT = ("association_attempt", "event", "audit")
"""What a failed attempt leaves: the partner sees it."""


async def refused(api: Api, person: Person, token: str, *expected: str, notice: bool = True) -> dict[str, Any]:
    """The answer to an acceptance refused for these reasons that left nothing but a failed attempt."""
    kept: list[dict[str, Any]] = []

    async def attempt() -> None:
        kept.append(await accept(person.client, token, notice=notice))

    assert await api.changes(attempt, besides=KEPT) == set()
    assert codes(kept[0]) == list(expected), kept[0]
    return kept[0]


async def causes(api: Api) -> list[Any]:
    return [row["causes"] for row in await api.rows("select causes from association_attempt order by id")]


class TestAssociation:
    async def test_by_mail_it_uses_up_report_and_link_and_both_sides_are_told(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)
        await invite(main.client, booked.id)
        token = await mailed_token(api, booked.person.email)

        accepted = await accept(booked.person.client, token)

        assert codes(accepted) == []
        assert accepted["association"]["type"] == "RESALE"
        assert accepted["association"]["source"] == "REPORT"
        assert [effect["kind"] for effect in accepted["effects"]] == [
            "customer.associated",
            "associations.TAKE_BACK_CREDIT",
            "associations.LENGTHEN_GRACE_PERIOD",
        ]
        [customer] = await api.rows("select * from customer")
        assert (customer["partner_id"], customer["account_id"]) == (partner_id, booked.person.id)
        assert (customer["mobile"], customer["email"]) == (booked.person.mobile, booked.person.email)
        assert accepted["customer"]["name"] == customer["name"]  # one's own data is shown in clear
        [row] = await api.rows("select status, customer_id from customer_report")
        assert (row["status"], row["customer_id"]) == ("ASSOCIATED", customer["id"])
        [row] = await api.rows("select state, used_by from customer_invitation")
        assert (row["state"], row["used_by"]) == ("USED", booked.person.id)
        assert await api.value("select state from association_attempt") == "ASSOCIATED"
        [record] = await api.rows("select action, result from association_record")
        assert (record["action"], record["result"]) == ("ASSOCIATE", "DONE")
        [event] = await api.rows("select * from event where type = 'customer.associated'")
        assert (event["partner_id"], event["customer_id"]) == (partner_id, customer["id"])
        assert (await api.inbox(main.email))[-1]["template"] == "customer_associated"
        assert (await api.inbox(booked.person.email))[-1]["template"] == "associated_with_partner"

    async def test_the_caller_is_a_customer_from_then_on(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        token = await general_token(main.client)
        document = """mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
            association { partner { name } customer { id } actions { action allowed } } } }"""

        answer = await customer.client.send(document, input={"token": token, "noticeAccepted": True})

        association = answer.data["acceptInvitation"]["association"]
        assert association["partner"]["name"].startswith("Partner")
        assert association["customer"] is not None
        assert {"action": "REQUEST_LEAVE", "allowed": True} in association["actions"]
        mine = (await customer.client.send("{ myPartner { type } }")).data["myPartner"]
        assert mine == {"type": "RESALE"}

    async def test_by_a_general_link_the_tag_becomes_the_label(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        token = await general_token(main.client, tag="Hannover Fair", associationType="REFERRAL")
        one, two = await world.person(api), await world.person(api)

        first, second = await accept(one.client, token, notice=False), await accept(two.client, token, notice=False)

        for accepted in (first, second):
            assert accepted["association"]["source"] == "INVITE_OFFLINE"
            assert accepted["association"]["label"] == "Hannover Fair"
            assert [effect["kind"] for effect in accepted["effects"]] == ["customer.associated"]
        assert await api.value("select state from customer_invitation") == "ACTIVE"

    async def test_on_the_international_site_the_account_waits_for_a_budget(self, api: Api) -> None:
        _, main = await world.admitted_partner(api, Site.INTL)
        customer = await world.person(api, Site.INTL)

        accepted = await accept(customer.client, await general_token(main.client))

        assert "associations.FREEZE_UNTIL_BUDGET" in [effect["kind"] for effect in accepted["effects"]]

    async def test_an_account_managers_customer_is_in_its_charge(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        manager = await world.member(api, partner_id, Role.ACCOUNT_MANAGER)
        by_report, by_link, by_main = (
            await reported_customer(api, manager),
            await world.person(api),
            await world.person(api),
        )
        await invite(manager.client, by_report.id)
        await accept(by_report.person.client, await mailed_token(api, by_report.person.email))
        await accept(by_link.client, await general_token(manager.client))
        await accept(by_main.client, await general_token(main.client))

        rows = await api.rows("select account_manager_id from customer_association order by id")

        assert [row["account_manager_id"] for row in rows] == [manager.id, manager.id, None]

    async def test_one_that_may_not_work_gets_no_customers(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        manager, customer = await world.member(api, partner_id, Role.ACCOUNT_MANAGER), await world.person(api)
        token, given = await general_token(manager.client), {"id": encode_id("acc", manager.id), "status": "DISABLED"}
        assert codes(await main.client.do("setMemberStatus", "__typename", **given, idempotencyKey=key())) == []

        assert codes(await accept(customer.client, token)) == []

        assert await api.value("select account_manager_id from customer_association") is None
        assert await api.value("select count(*) from customer_assignment") == 0


class TestLink:
    async def test_an_unknown_one_and_one_for_somebody_else_get_the_same_answer(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked, stranger = await reported_customer(api, main), await world.person(api)
        await invite(main.client, booked.id)
        token = await mailed_token(api, booked.person.email)

        foreign = await refused(api, stranger, token, "LINK_INVALID")
        unknown = await refused(api, stranger, new_token(TokenKind.INVITATION), "LINK_INVALID")
        nonsense = await refused(api, stranger, "nonsense", "LINK_INVALID")

        assert foreign == unknown == nonsense
        assert await causes(api) == ['["CONTACT_MISMATCH"]']
        assert codes(await accept(booked.person.client, token)) == []

    async def test_nor_does_somebody_else_learn_that_it_is_over(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked, stranger = await reported_customer(api, main), await world.person(api)
        await invite(main.client, booked.id)
        token = await mailed_token(api, booked.person.email)
        api.clock.at = NOON + timedelta(days=7)
        stranger, invitee = await signed_in_again(api, stranger), await signed_in_again(api, booked.person)

        foreign = await refused(api, stranger, token, "LINK_INVALID")
        unknown = await refused(api, stranger, new_token(TokenKind.INVITATION), "LINK_INVALID")
        await refused(api, invitee, token, "LINK_EXPIRED")

        assert foreign == unknown

    async def test_it_opens_for_seven_days_to_the_millisecond(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        early, late = await reported_customer(api, main), await reported_customer(api, main)
        tokens = []
        for booked in (early, late):
            await invite(main.client, booked.id)
            tokens.append(await mailed_token(api, booked.person.email))
        api.clock.at = NOON + timedelta(days=7, milliseconds=-1)
        first, second = await signed_in_again(api, early.person), await signed_in_again(api, late.person)
        assert codes(await accept(first.client, tokens[0])) == []

        api.clock.advance(milliseconds=1)

        over = await refused(api, second, tokens[1], "LINK_EXPIRED")
        assert over["userErrors"][0]["deadline"] == "2026-03-09T04:00:00.000Z"

    async def test_it_ends_with_its_report_even_within_its_own_time(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)
        api.clock.at = NOON + timedelta(days=14)
        main, person = await signed_in_again(api, main), await signed_in_again(api, booked.person)
        await invite(main.client, booked.id)
        token = await mailed_token(api, person.email)
        api.clock.at = NOON + timedelta(days=15)
        person = await signed_in_again(api, person)

        await refused(api, person, token, "LINK_EXPIRED")

    async def test_one_that_was_taken_back(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main, sendInvite=True)
        token = await mailed_token(api, booked.person.email)
        await main.client.do("cancelReport", CORRECTED, id=booked.id, idempotencyKey=key())

        await refused(api, booked.person, token, "LINK_INVALID")
        assert await causes(api) == ['["LINK_NOT_FOUND"]']

    async def test_one_that_was_used(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main, sendInvite=True)
        token = await mailed_token(api, booked.person.email)
        await accept(booked.person.client, token)

        await refused(api, booked.person, token, "LINK_USED")

    async def test_one_sent_to_the_address_before_the_report_was_corrected(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked, right = await reported_customer(api, main, sendInvite=True), await world.person(api)
        token = await mailed_token(api, booked.person.email)
        corrected = await main.client.do(
            "updateReportContact",
            CORRECTED,
            id=booked.id,
            mobile=right.mobile,
            email=right.email,
            idempotencyKey=key(),
        )
        assert codes(corrected) == []

        await refused(api, booked.person, token, "LINK_INVALID")
        await refused(api, right, token, "LINK_INVALID")


class TestCustomer:
    async def test_the_notice_is_needed_for_resale_only(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)

        answer = await refused(api, customer, await general_token(main.client), "NOTICE_REQUIRED", notice=False)

        assert answer["userErrors"][0]["path"] == ["input", "noticeAccepted"]

    @pytest.mark.parametrize(
        ("fact", "code"),
        [
            (CustomerFact.OTHER_SITE, "ASSOCIATION_OTHER_SITE"),
            (CustomerFact.INTERNAL_ACCOUNT, "ASSOCIATION_INTERNAL_ACCOUNT"),
            (CustomerFact.SUBSIDY_PLAN, "ASSOCIATION_SUBSIDY_PLAN"),
            (CustomerFact.REFERRAL_REWARD_PLAN, "ASSOCIATION_REWARD_PLAN"),
            (CustomerFact.CONSUMER_CLOUD_USER, "ASSOCIATION_CONSUMER_USER"),
            (CustomerFact.ARREARS, "ASSOCIATION_ARREARS"),
            (CustomerFact.UNIFIED_MEMBER, "ASSOCIATION_UNIFIED_MEMBER"),
            (CustomerFact.SPECIAL_CONTRACT, "ASSOCIATION_SPECIAL_CONTRACT"),
            (CustomerFact.RESERVED_INSTANCE, "ASSOCIATION_RESERVED_INSTANCE"),
            (CustomerFact.OWED_INVOICE, "ASSOCIATION_OWED_INVOICE"),
            (CustomerFact.STORED_VALUE_CARD, "ASSOCIATION_STORED_VALUE_CARD"),
            (CustomerFact.MASTER_WITH_NON_UNIFIED_MEMBERS, "ASSOCIATION_MASTER_WITH_MEMBERS"),
            (CustomerFact.NON_UNIFIED_MEMBER, "ASSOCIATION_IS_MEMBER"),
            (CustomerFact.GIFT_BALANCE, "ASSOCIATION_GIFT_BALANCE"),
            (CustomerFact.CREDIT_ACCOUNT, "ASSOCIATION_CREDIT_ACCOUNT"),
            (CustomerFact.REPORTED_BY_VENDOR, "ASSOCIATION_REPORTED_BY_VENDOR"),
            (CustomerFact.CASH_CONSUMPTION, "ASSOCIATION_NOT_REPORTED"),
        ],
    )
    async def test_facts_that_stand_in_the_way(self, api: Api, fact: CustomerFact, code: str) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        await record_facts(api, customer, fact)

        await refused(api, customer, await general_token(main.client), code)
        assert len(await causes(api)) == 1

    async def test_unsettled_bills_on_the_international_site(self, api: Api) -> None:
        _, main = await world.admitted_partner(api, Site.INTL)
        customer = await world.person(api, Site.INTL)
        await record_facts(api, customer, CustomerFact.UNSETTLED_BILL)

        await refused(api, customer, await general_token(main.client), "ASSOCIATION_UNSETTLED_BILL")

    async def test_an_account_of_the_other_site_whatever_its_contacts_belong_to_here(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        here = await world.person(api)
        abroad = await world.person(api, Site.INTL, mobile=here.mobile, email=here.email)

        await refused(api, abroad, await general_token(main.client), "ASSOCIATION_OTHER_SITE")

    async def test_a_partner_is_nobodys_customer(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)

        await refused(api, other, await general_token(main.client), "ASSOCIATION_CUSTOMER_IS_PARTNER")

    async def test_one_partner_at_a_time(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        customer = await world.person(api)
        await accept(customer.client, await general_token(main.client))

        for partner in (main, other):
            await refused(api, customer, await general_token(partner.client), "ASSOCIATION_ALREADY_ASSOCIATED")

    async def test_another_partners_report(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        booked = await reported_customer(api, other)

        await refused(api, booked.person, await general_token(main.client), "ASSOCIATION_REGISTERED_BY_OTHER")

    async def test_an_account_of_more_than_seven_days_needs_a_report(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        token = await general_token(main.client)
        young, old, reported = [await world.person(api) for _ in range(3)]
        await report(main.client, of(reported))
        api.clock.at = NOON + timedelta(days=7)
        young = await signed_in_again(api, young)
        assert codes(await accept(young.client, token)) == []

        api.clock.advance(milliseconds=1)
        old, reported = await signed_in_again(api, old), await signed_in_again(api, reported)

        await refused(api, old, token, "ASSOCIATION_NOT_REPORTED")
        assert codes(await accept(reported.client, token)) == []

    @pytest.mark.parametrize(
        ("standing", "code"), [(Standing.RESTRICTED, "PARTNER_RESTRICTED"), (Standing.FROZEN, "PARTNER_FROZEN")]
    )
    async def test_a_partner_that_may_take_on_nobody(self, api: Api, standing: Standing, code: str) -> None:
        _, main = await world.admitted_partner(api)
        customer, token = await world.person(api), await general_token(main.client, associationType="REFERRAL")
        await api.database.superuser.execute("update partner set standing = $1", standing.value)

        await refused(api, customer, token, code)

    async def test_every_reason_comes_at_once_and_the_partner_reads_cause_and_advice(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        await record_facts(api, customer, CustomerFact.ARREARS, CustomerFact.CREDIT_ACCOUNT)
        token = await general_token(main.client)

        await refused(
            api,
            customer,
            token,
            "NOTICE_REQUIRED",
            "ASSOCIATION_ARREARS",
            "ASSOCIATION_CREDIT_ACCOUNT",
            notice=False,
        )

        selection = "failures { cause advice text } invitation { tag }"
        document = f"{{ associationAttempts(state: FAILED) {{ nodes {{ {selection} }} }} }}"
        [attempt] = (await main.client.send(document)).data["associationAttempts"]["nodes"]
        assert [(one["cause"], one["advice"]) for one in attempt["failures"]] == [
            ("NOTICE_NOT_ACCEPTED", "TICK_NOTICE"),
            ("ARREARS", "SETTLE_ACCOUNT"),
            ("HAS_CREDIT_ACCOUNT", "CHOOSE_REFERRAL"),
        ]
        assert attempt["failures"][1]["text"] == "The account can be associated when it is settled."
        assert attempt["invitation"]["tag"]
        [event] = await api.rows("select * from event where type = 'customer.association_failed'")
        assert customer.mobile not in str(event["changes"])

    async def test_resale_facts_do_not_hinder_referral(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        await record_facts(api, customer, CustomerFact.CREDIT_ACCOUNT)

        token = await general_token(main.client, associationType=AssociationType.REFERRAL.value)

        assert codes(await accept(customer.client, token, notice=False)) == []


async def test_nobody_accepts_without_signing_in(api: Api) -> None:
    document = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { customer { id } } }"

    answer = await api.anonymous.send(document, input={"token": "x", "noticeAccepted": True})

    assert answer.error["code"] == "UNAUTHENTICATED"


async def test_a_mobile_number_decides_before_an_address(api: Api) -> None:
    """A report with both names the account with that number, not one that only has the address."""
    _, main = await world.admitted_partner(api)
    right, other = await world.person(api), await world.person(api)
    made = await report(main.client, Prospect(right.mobile, other.email), sendInvite=True)
    assert codes(made) == []
    token = await mailed_token(api, other.email)

    await refused(api, other, token, "LINK_INVALID")
    assert codes(await accept(right.client, token)) == []
