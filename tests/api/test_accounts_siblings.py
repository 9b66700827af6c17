"""Quick registration: the company of a main account gets a further one, by a link of a day, once."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from core.ids import decode_id
from rules.access import Role
from rules.sites import Site
from tests.api.account_cases import main_account
from tests.api.contact_cases import COMPLETE, linked, proved, sibling_input, token_sent_to, update
from tests.client import Api, codes
from tests.factories import OTHER_CODE, Company, admitted_partner, apply, email, key, member, person, sign_in

MADE = "account { id kind fullName realNameState } accessToken"
START = "mutation($input: StartQuickRegistrationInput!) { startQuickRegistration(input: $input) { effects { kind } } }"
CROWDS = [5, pytest.param(200, marks=pytest.mark.long)]


class TestLink:
    async def test_it_goes_by_mail_after_a_code_and_is_stored_nowhere(self, api: Api) -> None:
        main = (await admitted_partner(api)).main
        payload = await proved(api, main, "startQuickRegistration", "registration { id state validUntil }")
        assert codes(payload) == []
        assert payload["registration"]["state"] == "ACTIVE"
        assert payload["registration"]["validUntil"] == "2026-03-03T04:00:00.000Z"
        token = await token_sent_to(api, main.email)
        assert token.startswith("cos_inv_")
        assert "24 hours" in (await api.inbox(str(main.email)))[-1]["body"]
        assert await api.value("select count(*) from event where type = 'quick_registration.sent'") == 1
        api.clock.advance(hours=24)
        again = await sign_in(api, main.account_id)
        document = "query($id: ID!) { node(id: $id) { ... on QuickRegistration { state } } }"
        answer = await again.api.send(document, id=payload["registration"]["id"])
        assert answer.data["node"] == {"state": "EXPIRED"}

    async def test_a_second_link_ends_the_first(self, api: Api) -> None:
        main, first = await linked(api)
        api.clock.advance(minutes=1)
        payload = await proved(api, main, "startQuickRegistration", "registration { id }")
        assert codes(payload) == []
        second = await token_sent_to(api, main.email)
        assert second != first
        late = await api.anonymous.do(COMPLETE, MADE, **await sibling_input(api, first))
        assert codes(late) == ["LINK_INVALID"]
        assert codes(await api.anonymous.do(COMPLETE, MADE, **await sibling_input(api, second))) == []

    async def test_a_link_replaced_before_it_was_mailed_is_not(self, api: Api) -> None:
        main, _ = await linked(api)
        api.clock.advance(minutes=1)
        await proved(api, main, "startQuickRegistration", "registration { id }")
        await api.value("update quick_registration set state = 'REVOKED'")
        await api.deliver()
        sent = [row for row in await api.inbox(str(main.email)) if row["template"] == "quick_registration"]
        assert len(sent) == 1

    @pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.FINANCE])
    async def test_only_the_main_account(self, api: Api, role: Role) -> None:
        who = await member(api, await admitted_partner(api), role)
        answer = await who.api.send(START, input={"idempotencyKey": key()})
        assert (answer.error["code"], answer.error["reason"]) == ("FORBIDDEN", "MAIN_ACCOUNT_ONLY")


class TestRegistering:
    async def test_the_new_account_is_of_the_same_company(self, api: Api) -> None:
        first = await admitted_partner(api)
        await proved(api, first.main, "startQuickRegistration", "registration { id }")
        token = await token_sent_to(api, first.main.email)
        payload = await api.anonymous.do(COMPLETE, MADE, **await sibling_input(api, token))
        assert codes(payload) == []
        account = payload["account"]
        assert (account["kind"], account["realNameState"]) == ("ENTERPRISE", "PASSED")
        _, made_id = decode_id(account["id"])
        assert await api.value("select full_name from account where id = $1", made_id) == first.company.legal_name
        told = [row["template"] for row in await api.inbox(str(first.main.email))]
        assert told[-1] == "quick_registration_used"

        made = await sign_in(api, made_id)
        sibling = await admitted_partner(api, Company(made, first.company.legal_name, first.company.credit_code))
        companies = await api.rows(
            "select company_id from partner where id = any ($1)", [first.partner_id, sibling.partner_id]
        )
        assert len({row["company_id"] for row in companies}) == 1
        assert await api.value("select count(*) from company") == 1

    async def test_the_new_account_is_welcome(self, api: Api) -> None:
        _, token = await linked(api)
        payload = await api.anonymous.do(COMPLETE, MADE, **await sibling_input(api, token))
        me = api.anonymous.as_(payload["accessToken"])
        assert (await me.send("{ viewer { id } }")).data["viewer"]["id"] == payload["account"]["id"]
        await api.deliver()
        assert await api.value("select count(*) from message where template = 'welcome'") == 1
        kinds = [row["type"] for row in await api.rows("select type from event order by id desc limit 2")]
        assert set(kinds) == {"account.signed_up", "quick_registration.used"}

    async def test_another_company_than_the_main_accounts_needs_a_review(self, api: Api) -> None:
        _, token = await linked(api)
        payload = await api.anonymous.do(COMPLETE, MADE, **await sibling_input(api, token))
        made = await sign_in(api, decode_id(payload["account"]["id"])[1])
        assert codes(await apply(Company(made, "另一家公司", OTHER_CODE))) == []
        await api.deliver()
        state = "select admission_state from partner where main_account_id = $1"
        assert await api.value(state, made.account_id) == "MANUAL_REVIEW"

    async def test_the_last_instant_of_the_link(self, api: Api) -> None:
        _, token = await linked(api)
        api.clock.advance(hours=24, milliseconds=-1)
        assert codes(await api.anonymous.do(COMPLETE, MADE, **await sibling_input(api, token))) == []

    async def test_a_frozen_main_account_has_no_further_ones(self, api: Api) -> None:
        main, token = await linked(api)
        await update(main.account_id, status="FROZEN")
        payload = await api.anonymous.do(COMPLETE, MADE, **await sibling_input(api, token))
        assert codes(payload) == ["LINK_INVALID"]

    async def test_a_code_of_the_other_site_opens_nothing(self, api: Api) -> None:
        _, token = await linked(api)
        address = email()
        given = {"scene": "SIGN_UP", "site": "INTL", "email": address}
        found = (await api.anonymous.do("requestCode", "challenge { id }", **given))["challenge"]["id"]
        given = await sibling_input(api, token, verificationId=found, code=await api.code(address))
        assert codes(await api.anonymous.do(COMPLETE, MADE, **given)) == ["LINK_INVALID"]

    async def test_on_intl_a_mobile_number_is_proven_as_well(self, api: Api) -> None:
        main = await main_account(api)
        await update(main.account_id, site="INTL")
        await api.value("update partner set site = 'INTL'")
        before = len(await api.inbox(str(main.email)))

        payload = await proved(api, main, "startQuickRegistration", "registration { id }")

        assert codes(payload) == []
        await api.deliver()
        mailed = [row["template"] for row in (await api.inbox(str(main.email)))[before:]]
        assert mailed == ["quick_registration"]

    async def test_on_intl_without_one_all_of_it_goes_by_mail(self, api: Api) -> None:
        main = await main_account(api)
        await update(main.account_id, site="INTL", mobile=None)
        await api.value("update partner set site = 'INTL'")
        main = replace(main, mobile=None)
        payload = await proved(api, main, "startQuickRegistration", "registration { id }", to=main.email)
        assert codes(payload) == []
        token, address = await token_sent_to(api, main.email), email()
        given = {"scene": "SIGN_UP", "site": "INTL", "email": address}
        found = (await api.anonymous.do("requestCode", "challenge { id }", **given))["challenge"]["id"]
        given = await sibling_input(api, token, verificationId=found, code=await api.code(address))
        assert codes(await api.anonymous.do(COMPLETE, MADE, **given)) == []
        assert await api.value("select site from account order by id desc limit 1") == Site.INTL


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("crowd", CROWDS)
async def test_one_link_makes_one_account(api: Api, crowd: int) -> None:
    _, token = await linked(api)
    for name in ("codes.per_prefix_hour", "codes.per_address_hour"):
        await api.override(name, 10 * crowd)
    clients = [api.at(f"10.0.0.{number}").patient for number in range(crowd)]
    given = [await sibling_input(api, token, client) for client in clients]
    before = await api.value("select count(*) from account")

    crowded = zip(clients, given, strict=True)
    payloads = await asyncio.gather(*(client.do(COMPLETE, MADE, **each) for client, each in crowded))

    outcomes = Counter("+".join(codes(payload)) or "done" for payload in payloads)
    assert outcomes == {"done": 1, "LINK_USED": crowd - 1}
    assert await api.value("select count(*) from account") == before + 1


async def test_a_stranger_has_no_company_to_register_for(api: Api) -> None:
    who = await person(api)
    answer = await who.api.send(START, input={"idempotencyKey": key()})
    assert answer.error["reason"] == "MAIN_ACCOUNT_ONLY"
