"""Closing, restoring and deleting at once with each other, and with customers who come just then."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from rules.sites import Site
from tasks.accounts import delete_closed
from tests import development, world
from tests.api.account_cases import Work, call, challenge
from tests.api.closing_cases import about_to_close, change_partner, close, restore
from tests.api.reset_cases import forgetful
from tests.api.test_accounts_closing import DAYS, status
from tests.business_info import answers
from tests.client import Api, codes
from tests.factories import PASSWORD, admitted_partner, apply, company, key, person, sign_in
from tests.locks import until_waiting
from tests.specialists import accept, employee, employer, invite

pytestmark = pytest.mark.usefixtures("patience")
CANCEL = "mutation($input: CancelAccountInput!) { cancelAccount(input: $input) { userErrors { code } } }"
CROWDS = [5, pytest.param(200, marks=pytest.mark.long)]


@pytest.mark.parametrize("crowd", CROWDS)
async def test_an_account_is_closed_once(api: Api, crowd: int) -> None:
    who, given = await person(api), {"idempotencyKey": key()}
    asked = await who.api.do("cancelAccount", "__typename", **given)
    found = asked["userErrors"][0]["challenge"]["id"]
    answered = await who.api.do("verifyChallenge", "proof", id=found, code=await api.code(str(who.mobile)))

    async def once(number: int) -> str:
        name = f"close-{number:06}"
        answer = await who.api.send(CANCEL, input={"idempotencyKey": name, "proof": answered["proof"]})
        if "errors" in answer.body:
            return str(answer.status)
        return "+".join(codes(answer.data["cancelAccount"])) or "done"

    outcomes = Counter(await asyncio.gather(*(once(number) for number in range(crowd))))
    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", "STATE_CONFLICT", "401"}
    assert await api.value("select count(*) from event where type = 'account.closed'") == 1


async def test_nobody_becomes_the_customer_of_a_partner_that_closes(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    token = await development.general_token(main.client)
    await change_partner(partner_id, kind=None)
    guests = [await world.person(api) for _ in range(5)]
    cancel = await about_to_close(api, main.client, main.mobile)

    closed, *accepted = await asyncio.gather(cancel(), *(development.accept(guest.client, token) for guest in guests))
    associated = await api.value("select count(*) from customer_association where status = 'ACTIVE'")
    assert associated == sum(codes(payload) == [] for payload in accepted)
    assert codes(closed) == ([] if associated == 0 else ["CLOSE_CUSTOMERS_ASSOCIATED"])


async def test_restored_or_deleted_but_not_both(api: Api) -> None:
    who = await person(api)
    await close(api, who)
    api.clock.advance(days=DAYS, milliseconds=-1)
    found, digits = await challenge(api, "RESTORE_ACCOUNT", str(who.mobile))
    later = api.clock() + timedelta(milliseconds=1)
    restored, _ = await asyncio.gather(
        api.anonymous.do("restoreAccount", "__typename", verificationId=found, code=digits),
        delete_closed(api.settings, lambda: later),
    )
    assert await status(api, who) == ("ACTIVE" if codes(restored) == [] else "DELETED")


async def test_an_account_that_closes_becomes_nobodys_customer(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    token = await development.general_token(main.client)
    guest = await world.person(api)
    cancel = await about_to_close(api, guest.client, guest.mobile)

    answers: list[Any] = await asyncio.gather(
        cancel(),
        development.accept(guest.client, token),
        return_exceptions=True,
    )
    associated = await api.value("select count(*) from customer_association where status = 'ACTIVE'")
    ended = await api.value("select status from account where id = $1", guest.id)
    assert (associated, ended) in ((1, "ACTIVE"), (0, "CLOSED_RETAINED")), answers


async def test_who_is_enabled_while_the_partner_closes_works_for_it_again_with_it_alone(api: Api) -> None:
    partner, clerk, name = await forgetful(api)
    cancel, superuser = await about_to_close(api, partner.main.api, partner.main.mobile), api.database.superuser
    await superuser.execute("update account set status = 'DISABLED' where id = $1", clerk.account_id)
    enables = call(partner.main.api, "setMemberStatus", id=clerk.id, status="ACTIVE", idempotencyKey=key())
    async with superuser.transaction():
        await superuser.execute("select from account where id = $1 for update", clerk.account_id)
        asked = asyncio.ensure_future(enables())
        await until_waiting(superuser, asked)
        assert codes(await cancel()) == []
    assert (codes(await asked), await status(api, clerk)) == ([], "ACTIVE")

    given = {"site": "CN", "administrator": partner.main.mobile, "username": name, "password": PASSWORD}
    assert codes(await api.anonymous.do("signInAsMember", "__typename", **given)) == ["SIGN_IN_FAILED"]
    own = await sign_in(api, clerk.account_id)
    assert (await own.api.send("{ viewer { id } }")).status == 401
    api.clock.advance(minutes=1)
    assert codes(await restore(api, partner.main)) == []
    assert (await own.api.send("{ partner { id } }")).data["partner"] == {"id": partner.id}


@pytest.mark.parametrize("closes_first", [True, False])
async def test_an_account_that_closes_is_bound_to_nobody(api: Api, closes_first: bool) -> None:
    own, who = await employer(api), await employee(api)
    invited = await invite(own.main.api, who.email)
    cancel = await about_to_close(api, who.api, who.mobile)
    superuser = api.database.superuser

    async def waits(number: int) -> None:
        while await superuser.fetchval("select count(*) from pg_locks where not granted") < number:
            await asyncio.sleep(0.01)

    async with superuser.transaction():
        await superuser.execute("select from account where id = $1 for update", who.account_id)
        steps: list[Work] = [cancel, lambda: accept(who.api, id=invited["invitation"]["id"])]
        asked = []
        for number, step in enumerate(steps if closes_first else reversed(steps), 1):
            asked.append(asyncio.ensure_future(step()))
            await waits(number)
    answers = [codes(await one) for one in asked]

    bound = await api.value("select count(*) from specialist_binding where account_id = $1", who.account_id)
    if closes_first:
        assert (answers, bound, await status(api, who)) == ([[], ["LINK_INVALID"]], 0, "CLOSED_RETAINED")
    else:
        assert (answers, bound, await status(api, who)) == ([[], ["CLOSE_SPECIALIST_BOUND"]], 1, "ACTIVE")


@pytest.mark.parametrize("closes_first", [True, False])
async def test_an_account_that_closes_applies_for_nothing(api: Api, closes_first: bool) -> None:
    applicant = await company(api)
    who = applicant.main
    cancel = await about_to_close(api, who.api, who.mobile)
    superuser = api.database.superuser
    async with superuser.transaction():
        await superuser.execute("select from account where id = $1 for update", who.account_id)
        steps: list[Work] = [cancel, lambda: apply(applicant)]
        asked: list[asyncio.Future[Any]] = []
        for step in steps if closes_first else reversed(steps):
            asked.append(asyncio.ensure_future(step()))
            await until_waiting(superuser, *asked)
    answers = [codes(await one) for one in asked]

    applied = await api.value("select count(*) from partner")
    if closes_first:
        assert (answers, applied, await status(api, who)) == ([[], ["STATE_CONFLICT"]], 0, "CLOSED_RETAINED")
        api.clock.advance(minutes=1)
        assert codes(await restore(api, who)) == []
    else:
        assert (answers, applied, await status(api, who)) == ([[], ["CLOSE_REVIEW_OPEN"]], 1, "ACTIVE")


@pytest.mark.parametrize("closes_first", [True, False])
@pytest.mark.parametrize("submitted", ["company_change", "business_info_form"])
async def test_a_partner_that_closes_submits_nothing(api: Api, submitted: str, closes_first: bool) -> None:
    own = await admitted_partner(api)
    name, asked_of, superuser = own.company.legal_name, own.main.api, api.database.superuser
    assert codes(await asked_of.do("saveBusinessInfo", "__typename", **answers(Site.CN, name))) == []
    given = {"privacyStatement": "2026-01", "idempotencyKey": key()}
    submits = call(asked_of, "submitBusinessInfo", **given)
    if submitted == "company_change":
        submits = call(asked_of, "submitCompanyChange", address="文三路1号", idempotencyKey=key())
    cancel = await about_to_close(api, asked_of, own.main.mobile)
    asked: list[asyncio.Future[Any]] = []
    async with superuser.transaction():
        await superuser.execute("select from partner where id = $1 for update", own.partner_id)
        for step in (cancel, submits) if closes_first else (submits, cancel):
            asked.append(asyncio.ensure_future(step()))
            await until_waiting(superuser, *asked)
    refused = ["STATE_CONFLICT"] if closes_first else ["CLOSE_REVIEW_OPEN"]
    assert [codes(await one) for one in asked] == [[], refused]
    assert await status(api, own.main) == ("CLOSED_RETAINED" if closes_first else "ACTIVE")
