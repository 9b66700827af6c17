"""Closing an account: what stands in the way, what ends with it, restoring, and what is erased in the end."""

import pytest

from core import db
from rules.access import Role
from rules.customers import CustomerFact
from rules.partners import Standing
from rules.plans import MembershipState, PlanCode
from rules.sites import Site
from tasks.accounts import delete_closed
from tests import business_info, development, opportunities, paths, specialists, vouchers, world
from tests.api import telling
from tests.api.account_cases import challenge
from tests.api.closing_cases import applied_for, blockers, change_partner, close, nothing_left, restore, with_facts
from tests.api.contact_cases import asked_to_change, change, proved, update
from tests.client import Api, codes, told
from tests.factories import (
    PASSWORD,
    Admitted,
    Person,
    admitted_partner,
    apply,
    company,
    join,
    key,
    member,
    mobile,
    person,
    sign_in,
    staff,
)

DAYS = 90


async def enters(api: Api, who: Person) -> list[str]:
    """The codes of a sign-in with the password."""
    return codes(await api.anonymous.do("signIn", "__typename", site="CN", mobile=who.mobile, password=PASSWORD))


async def status(api: Api, who: Person) -> str:
    """How an account stands in the table."""
    found: str = await api.value("select status from account where id = $1", who.account_id)
    return found


async def purge(api: Api) -> int:
    """What the nightly job does."""
    return await delete_closed(api.settings, api.clock)


async def staffed(api: Api) -> tuple[Admitted, Person, Person]:
    """A partner with a member at work and one that was disabled before."""
    partner = await admitted_partner(api)
    working, idle = await member(api, partner, Role.FINANCE), await member(api, partner, Role.MARKETING)
    given = {"id": idle.id, "status": "DISABLED", "idempotencyKey": key()}
    assert codes(await partner.main.api.do("setMemberStatus", "__typename", **given)) == []
    return partner, working, idle


class TestPrecheck:
    async def test_a_fresh_account_may_close(self, api: Api) -> None:
        assert await blockers((await person(api)).api) == []
        assert await blockers((await admitted_partner(api)).main.api) == []

    async def test_the_whole_list_at_once_and_the_same_as_the_closings(self, api: Api) -> None:
        at = await opportunities.desk(api)
        await opportunities.submitted(api, at)
        await world.associated_customer(api, at.partner_id)
        await applied_for(api, at.partner_id, PlanCode.MARKETPLACE_SELLER, MembershipState.IN_REVIEW)
        await change_partner(at.partner_id, standing=Standing.FROZEN)
        expected = [
            "CLOSE_SALES_PARTNER",
            "PARTNER_FROZEN",
            "CLOSE_CUSTOMERS_ASSOCIATED",
            "CLOSE_OPPORTUNITIES_OPEN",
            "CLOSE_PLAN_APPLICATION_OPEN",
        ]
        assert await blockers(at.main.client) == expected
        tried = await at.main.client.do("cancelAccount", "__typename", idempotencyKey=key())
        assert codes(tried) == expected

    async def test_a_path_is_left_first(self, api: Api) -> None:
        who = await paths.walker(api)
        chosen = await paths.select(who, "SOFTWARE")
        await paths.on_si(api, who)
        tried = await who.api.do("cancelAccount", "__typename", idempotencyKey=key())
        [refused] = tried["userErrors"]
        assert told(tried, "paths") == [["SI", "SOFTWARE"]]
        assert refused["rule"] == {"id": "accounts.paths_left"}
        assert codes(await paths.step(who.api, "exitPath", chosen["enrollment"])) == []
        again = await who.api.do("cancelAccount", "__typename", idempotencyKey=key())
        assert told(again, "paths") == [["SI"]]

    async def test_a_certified_path_can_be_neither_left_nor_closed_with(self, api: Api) -> None:
        who = await paths.walker(api)
        enrollment = await paths.certified(api, who)
        assert await blockers(who.api) == ["PATH_EXIT_REQUIRED"]
        assert codes(await paths.step(who.api, "exitPath", enrollment)) == ["PATH_EXIT_BLOCKED"]

    async def test_an_invitation_to_a_path_keeps_nobody(self, api: Api) -> None:
        who = await paths.walker(api)
        assert codes(await paths.invite(who, "LEARNING")) == []
        assert await blockers(who.api) == []

    @pytest.mark.parametrize("plan", [PlanCode.MARKETPLACE_SELLER, PlanCode.MARKETPLACE_SALES])
    async def test_a_marketplace_partner_asks_its_manager(self, api: Api, plan: PlanCode) -> None:
        partner = await admitted_partner(api)
        await applied_for(api, partner.partner_id, plan, MembershipState.JOINED)
        assert await blockers(partner.main.api) == ["CLOSE_SALES_PARTNER"]

    async def test_the_co_sell_plan_alone_keeps_nobody(self, api: Api) -> None:
        partner = await admitted_partner(api)
        await join(partner, "CO_SELL")
        assert await blockers(partner.main.api) == []

    async def test_both_sides_of_a_bound_personal_account(self, api: Api) -> None:
        to = await specialists.employer(api)
        someone, binding = await specialists.bound(api, to)
        assert await blockers(someone.api) == ["CLOSE_SPECIALIST_BOUND"]
        assert await blockers(to.main.api) == ["CLOSE_SALES_PARTNER", "CLOSE_SPECIALIST_BOUND"]
        assert codes(await specialists.unbind(to.main.api, binding)) == []
        assert await blockers(someone.api) == []
        assert await blockers(to.main.api) == ["CLOSE_SALES_PARTNER"]

    async def test_a_draft_keeps_nobody(self, api: Api) -> None:
        at = await opportunities.desk(api)
        await opportunities.drafted(at.main.client)
        await change_partner(at.partner_id, kind=None)
        assert await blockers(at.main.client) == []

    async def test_a_review_of_a_report_or_of_the_admission(self, api: Api) -> None:
        (_, main), guest = await world.admitted_partner(api, kind=None), await world.person(api)
        await development.record_facts(api, guest, CustomerFact.SUPPORT_CENTRE)
        applied = await development.apply(main.client, development.of(guest))
        assert codes(applied) == []
        assert await blockers(main.client) == ["CLOSE_REVIEW_OPEN"]
        applicant = await company(api)
        assert codes(await apply(applicant)) == []
        assert await blockers(applicant.main.api) == ["CLOSE_REVIEW_OPEN"]

    async def test_business_information_under_review(self, api: Api) -> None:
        on = await world.world(api, kind=None)
        await business_info.in_auto_check(api, on)
        assert await blockers(on.main.client) == ["CLOSE_CUSTOMERS_ASSOCIATED", "CLOSE_REVIEW_OPEN"]

    async def test_money_in_a_quota(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        operations = await staff(api, Role.VENDOR_OPS)
        await vouchers.grant(api, operations.api, partner_id)
        await change_partner(partner_id, kind=None)
        assert await blockers(main.client) == ["CLOSE_BALANCE_LEFT"]

    async def test_another_accounts_facts_are_nobodys(self, api: Api) -> None:
        partner_id, _ = await world.admitted_partner(api)
        await world.associated_customer(api, partner_id)
        assert await blockers((await admitted_partner(api)).main.api) == []

    @pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.FINANCE])
    async def test_a_member_is_told_who_may(self, api: Api, role: Role) -> None:
        who = await member(api, await admitted_partner(api), role)
        assert await blockers(who.api) == ["MAIN_ACCOUNT_ONLY"]
        document = "mutation($input: CancelAccountInput!) { cancelAccount(input: $input) { effects { kind } } }"
        answer = await who.api.send(document, input={"idempotencyKey": key()})
        assert (answer.error["code"], answer.error["reason"]) == ("FORBIDDEN", "MAIN_ACCOUNT_ONLY")

    async def test_staff_have_nothing_to_close(self, api: Api) -> None:
        assert await blockers((await staff(api, Role.VENDOR_OPS)).api) == ["MAIN_ACCOUNT_ONLY"]


class TestClosing:
    async def test_all_that_ends_with_the_main_account(self, api: Api) -> None:
        partner, working, idle = await staffed(api)
        payload = await close(api, partner.main)
        assert payload["account"]["status"] == "CLOSED_RETAINED"
        assert payload["account"]["retainedUntil"] == "2026-05-31T04:00:00.000Z"
        assert [effect["kind"] for effect in payload["effects"]] == ["account.closed"]
        for who in (partner.main, working):
            assert (await who.api.send("{ viewer { id } }")).status == 401
        assert [await status(api, who) for who in (working, idle)] == ["DISABLED", "DISABLED"]
        assert await api.value("select standing from partner where id = $1", partner.partner_id) == "CLOSED"
        assert await enters(api, partner.main) == ["ACCOUNT_CLOSED"]
        told = await api.inbox(str(partner.main.email))
        assert told[-1]["template"] == "account_closed"
        [event] = await api.rows("select partner_id from event where type = 'account.closed'")
        assert event["partner_id"] == partner.partner_id

    async def test_a_refresh_token_opens_nothing(self, api: Api) -> None:
        who = await person(api)
        await close(api, who)
        tried = await api.anonymous.do("refreshSession", "__typename", refreshToken=who.refresh_token)
        assert codes(tried) == ["SESSION_INVALID"]

    async def test_a_code_for_another_operation_does_not_close(self, api: Api) -> None:
        main = (await admitted_partner(api)).main
        asked = await main.api.do("startQuickRegistration", "__typename", idempotencyKey=key())
        found = asked["userErrors"][0]["challenge"]["id"]
        proof = await main.api.do("verifyChallenge", "proof", id=found, code=await api.code(str(main.mobile)))
        tried = await main.api.do("cancelAccount", "__typename", proof=proof["proof"], idempotencyKey=key())
        assert codes(tried) == ["PROOF_INVALID"]

    async def test_a_dry_run_asks_for_no_code(self, api: Api) -> None:
        main = (await admitted_partner(api)).main

        async def attempt() -> None:
            tried = await main.api.do("cancelAccount", "__typename", dryRun=True, idempotencyKey=key())
            assert codes(tried) == []
            assert [effect["kind"] for effect in tried["effects"]] == ["account.closed"]

        assert await api.changes(attempt) == set()

    async def test_a_customer_that_has_left_closes_too(self, api: Api) -> None:
        who = await with_facts(api, "CASH_CONSUMPTION")
        await close(api, who)
        assert await status(api, who) == "CLOSED_RETAINED"

    async def test_no_vendor_reopens_the_partner(self, api: Api) -> None:
        partner, operations = await admitted_partner(api), await staff(api, Role.VENDOR_OPS)
        await close(api, partner.main)
        for standing, expected in (("ACTIVE", "STATE_CONFLICT"), ("CLOSED", "OUT_OF_RANGE")):
            given = {"id": partner.id, "standing": standing, "reason": "x", "idempotencyKey": key()}
            assert codes(await operations.api.do("setPartnerStanding", "__typename", **given)) == [expected]

    async def test_its_invitations_lead_nowhere(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        token = await development.general_token(main.client)
        await change_partner(partner_id, standing=Standing.CLOSED)
        guest = await world.person(api)
        assert codes(await development.accept(guest.client, token)) == ["PARTNER_FROZEN"]


class TestRestoring:
    async def test_everything_is_as_before_but_sessions(self, api: Api) -> None:
        partner, working, idle = await staffed(api)
        await close(api, partner.main)
        api.clock.advance(days=DAYS, milliseconds=-1)
        restored = await restore(api, partner.main)
        assert codes(restored) == []
        assert restored["account"]["status"] == "ACTIVE"
        assert restored["account"]["retainedUntil"] is None
        assert [await status(api, who) for who in (working, idle)] == ["ACTIVE", "DISABLED"]
        assert await api.value("select standing from partner where id = $1", partner.partner_id) == "ACTIVE"
        assert (await partner.main.api.send("{ viewer { id } }")).status == 401
        assert await enters(api, partner.main) == []
        assert (await api.inbox(str(partner.main.email)))[-1]["template"] == "account_restored"
        [event] = await api.rows("select partner_id from event where type = 'account.restored'")
        assert event["partner_id"] == partner.partner_id
        assert await blockers((await sign_in(api, partner.main.account_id)).api) == []

    async def test_its_code_says_what_it_is_for(self, api: Api) -> None:
        who = await person(api)
        await close(api, who)
        api.clock.advance(minutes=1)
        _, digits = await challenge(api, "RESTORE_ACCOUNT", str(who.mobile))
        last = (await api.inbox(str(who.mobile)))[-1]
        assert last["template"] == "code_restore_account" and digits in last["body"]

    async def test_at_the_deadline_it_is_too_late(self, api: Api) -> None:
        who = await person(api)
        await close(api, who)
        api.clock.advance(days=DAYS)
        tried = await restore(api, who)
        assert codes(tried) == ["RESTORE_TOO_LATE"]
        assert tried["userErrors"][0]["deadline"] == "2026-05-31T04:00:00.000Z"

    async def test_a_stopped_member_cannot_restore_itself(self, api: Api) -> None:
        partner, working, _ = await staffed(api)
        await close(api, partner.main)
        assert codes(await restore(api, working)) == ["STATE_CONFLICT"]

    async def test_the_number_stays_taken_meanwhile(self, api: Api) -> None:
        who, other = await person(api), await person(api)
        await close(api, who)
        api.clock.advance(minutes=1)
        found, digits = await asked_to_change(api, other, mobile=str(who.mobile))
        assert codes(await change(other, found, digits)) == ["CONTACT_TAKEN"]


class TestDeleting:
    async def test_not_before_its_time_and_once(self, api: Api) -> None:
        who = await person(api)
        await close(api, who)
        api.clock.advance(days=DAYS, milliseconds=-1)
        assert await purge(api) == 0
        assert await status(api, who) == "CLOSED_RETAINED"
        api.clock.advance(milliseconds=1)
        assert await purge(api) == 1
        assert await status(api, who) == "DELETED"
        assert await api.changes(lambda: purge(api)) == set()
        assert await api.value("select count(*) from event where type = 'account.deleted'") == 1

    async def test_personal_data_go_and_the_books_stay(self, api: Api) -> None:
        partner, working, idle = await staffed(api)
        await telling.contact(api, partner.main.api, email="somebody.told@contact.example")
        number = mobile()
        found, digits = await asked_to_change(api, partner.main, mobile=number)
        assert codes(await change(partner.main, found, digits)) == []
        await api.deliver()
        main = await sign_in(api, partner.main.account_id)
        api.clock.advance(minutes=1)
        await close(api, main)
        await api.deliver()
        api.clock.advance(days=DAYS)
        events = await api.value("select count(*) from event")
        audit = await api.value("select count(*) from audit")
        assert await purge(api) == 1

        everybody = [main, working, idle]
        rows = await api.rows(
            "select name, full_name, mobile, email, password_hash, locale, status from account where id = any ($1)",
            [who.account_id for who in everybody],
        )
        nobody = {"name": None, "full_name": "", "mobile": None, "email": None, "password_hash": None, "locale": None}
        assert rows == [{**nobody, "status": "DELETED"}] * 3
        people = [main, partner.main, working, idle]
        contacts = {text for who in people for text in (who.mobile, who.email) if text}
        await nothing_left(api, contacts | {"somebody.told@contact.example"})
        assert await api.value("select name from partner where id = $1", partner.partner_id) != ""
        assert await api.value("select count(*) from event") == events + 3  # the account, the contact, the licence
        assert await api.value("select count(*) from audit") == audit + 1

    async def test_what_a_specialist_told_goes(self, api: Api) -> None:
        to = await specialists.path_employer(api)
        who, binding_id = await specialists.specialist(api, to)
        assert codes(await specialists.ask_cancellation(to.main.api, binding_id)) == []
        assert codes(await specialists.verdict(api)) == []
        assert codes(await specialists.unbind(to.main.api, binding_id)) == []
        await close(api, who)
        api.clock.advance(days=DAYS)
        assert await purge(api) == 1
        [told] = await api.rows(
            "select position, employer, cloud_since, base_location, document from specialist_profile"
        )
        assert set(told.values()) == {None}
        [applied] = await api.rows("select base_location, documents from specialist_application")
        assert tuple(applied.values()) == ("", "[]")
        assert await api.value("select reason from specialist_cancellation") == ""

    async def test_a_customers_copies_go(self, api: Api) -> None:
        who = await with_facts(api)
        await close(api, who)
        api.clock.advance(days=DAYS)
        await purge(api)
        assert await api.rows("select name, mobile, email from customer") == [
            {"name": "", "mobile": None, "email": None}
        ]

    async def test_the_real_name_goes(self, api: Api) -> None:
        made = await company(api)
        await close(api, made.main)
        api.clock.advance(days=DAYS)
        await purge(api)
        assert await api.rows("select legal_name, document_number, state from real_name_case") == [
            {"legal_name": "", "document_number": "", "state": "PASSED"}
        ]

    async def test_bank_account_and_contact_of_the_business_information_go(self, api: Api) -> None:
        on = await world.world(api, kind=None)
        await business_info.in_auto_check(api, on)
        await update(on.main.id, status="CLOSED_RETAINED", retained_until=api.clock())
        assert await purge(api) == 1
        columns = "contact_name, contact_mobile, contact_email, account_sealed, account_end"
        [form] = await api.rows(f"select {columns} from business_info_form")
        assert list(form.values()) == [None, None, None, b"", ""]
        assert await api.value("select company_name from business_info_form") != ""

    async def test_the_number_is_free_again(self, api: Api) -> None:
        who = await person(api)
        await close(api, who)
        api.clock.advance(days=DAYS)
        await purge(api)
        found, digits = await challenge(api, "SIGN_UP", str(who.mobile))
        given = {"password": "Green-tea-99", "kind": "PERSONAL", "fullName": "张伟", "termsVersion": "2026-01"}
        made = await api.anonymous.do("signUp", "account { id }", verificationId=found, code=digits, **given)
        assert codes(made) == []
        assert made["account"]["id"] != who.id

    async def test_one_that_fails_does_not_stop_the_others(self, api: Api) -> None:
        first, second = await person(api), await person(api)
        for who in (first, second):
            await close(api, who)
        api.clock.advance(days=DAYS)
        async with api.database.superuser.transaction():
            await api.database.superuser.execute("select 1 from account where id = $1 for update", first.account_id)
            with pytest.raises(db.DatabaseFailure):
                await purge(api)
        assert await status(api, second) == "DELETED"
        assert await purge(api) == 1
        assert await status(api, first) == "DELETED"

    async def test_on_intl_alike(self, api: Api) -> None:
        who = await person(api, site=Site.INTL)
        payload = await proved(api, who, "cancelAccount", "account { retainedUntil }", to=who.email)
        assert payload["account"]["retainedUntil"] == "2026-05-31T04:00:00.000Z"
        api.clock.advance(days=DAYS)
        assert await purge(api) == 1
