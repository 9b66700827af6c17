"""The members' own entry, and how many contacts of others a partner may come upon."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rules.access import Role
from tests.api.account_cases import clerk_of
from tests.client import Api, codes
from tests.factories import (
    PASSWORD,
    Admitted,
    add_member,
    admitted_partner,
    email,
    key,
    mobile,
    sign_in,
)


async def enter(api: Api, administrator: str | None, username: str, password: str = PASSWORD) -> dict[str, Any]:
    given = {"site": "CN", "administrator": administrator, "username": username, "password": password}
    return await api.anonymous.do("signInAsMember", "accessToken account { id }", **given)


@pytest.mark.parametrize("by", ["mobile", "email"])
async def test_by_the_administrators_account_and_the_own_name(api: Api, by: str) -> None:
    partner, clerk, name = await clerk_of(api)

    entered = await enter(api, str(getattr(partner.main, by)).upper(), name)

    assert codes(entered) == []
    assert entered["account"] == {"id": clerk.id}
    inside = await api.anonymous.as_(entered["accessToken"]).send("{ viewer { id } }")
    assert inside.data["viewer"] == {"id": clerk.id}
    heard = await api.value("select changes ->> 'by' from event where type = 'session.opened' order by id desc limit 1")
    assert heard == "user_name"


async def test_every_wrong_name_and_password_gets_the_one_answer(api: Api) -> None:
    partner, _, name = await clerk_of(api)
    other = await admitted_partner(api)
    main, nobody = partner.main.mobile, mobile()

    async def attempt() -> None:
        for administrator, username, password in (
            (main, name, "Wrong-one-1"),
            (main, "nobody", PASSWORD),
            (nobody, name, PASSWORD),
            (other.main.mobile, name, PASSWORD),
            ("no contact", name, PASSWORD),
        ):
            assert codes(await enter(api, administrator, username, password)) == ["SIGN_IN_FAILED"]

    assert await api.changes(attempt) == {"sign_in_guard"}


async def test_known_or_not_they_are_locked_and_a_new_password_opens(api: Api) -> None:
    partner, clerk, name = await clerk_of(api)
    for username in (name, "nobody"):
        tried = [codes(await enter(api, partner.main.mobile, username, "Wrong-one-1")) for _ in range(6)]
        assert tried == [["SIGN_IN_FAILED"]] * 5 + [["ACCOUNT_LOCKED"]]
    assert codes(await enter(api, partner.main.mobile, name)) == ["ACCOUNT_LOCKED"]
    own = {"site": "CN", "mobile": clerk.mobile, "password": PASSWORD}
    assert codes(await api.anonymous.do("signIn", "account { id }", **own)) == [], "its own contact is another name"

    asked = {"site": "CN", "administrator": partner.main.mobile, "username": name}
    request = await api.anonymous.do("requestMemberPasswordReset", "verificationId", **asked)
    answer = {"verificationId": request["verificationId"], "code": await api.code(str(clerk.mobile))}
    ticket = (await api.anonymous.do("verifyResetCode", "ticket", **answer))["ticket"]
    new = {"ticket": ticket, "newPassword": "Green-tea-99"}
    assert codes(await api.anonymous.do("setPassword", "account { id }", **new)) == []
    assert codes(await enter(api, partner.main.mobile, name, "Green-tea-99")) == []


@pytest.mark.parametrize("leaving", ["removeMember", "setMemberStatus"])
async def test_who_may_not_work_does_not_enter(api: Api, leaving: str) -> None:
    partner, clerk, name = await clerk_of(api)
    more = {"status": "DISABLED"} if leaving == "setMemberStatus" else {}
    assert codes(await partner.main.api.do(leaving, "__typename", id=clerk.id, idempotencyKey=key(), **more)) == []

    [code] = codes(await enter(api, partner.main.mobile, name))

    here = await api.anonymous.do("signIn", "account { id }", site="CN", mobile=clerk.mobile, password=PASSWORD)
    assert [code] == codes(here)


class TestContactsOfOthers:
    LIMIT = 10

    async def guess(self, partner: Admitted, taken: str, times: int, **more: Any) -> list[list[str]]:
        return [codes(await add_member(partner, Role.FINANCE, mobile=taken, **more)) for _ in range(times)]

    @pytest.mark.parametrize("dry", [False, True])
    async def test_after_some_nothing_is_told_any_more(self, api: Api, dry: bool) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        taken = str(other.main.mobile)
        assert await self.guess(partner, taken, self.LIMIT, dryRun=dry) == [["CONTACT_TAKEN"]] * self.LIMIT

        async def attempt() -> None:
            for number in (taken, mobile()):
                assert await self.guess(partner, number, 1, dryRun=dry) == [["CONTACT_CHECK_LIMIT"]]

        assert await api.changes(attempt) == set()
        assert await self.guess(other, str(partner.main.mobile), 1) == [["CONTACT_TAKEN"]], "each counts for itself"

    @pytest.mark.parametrize("crowd", [24, pytest.param(200, marks=pytest.mark.long)])
    @pytest.mark.parametrize("dry", [False, True])
    async def test_a_crowd_finds_no_more_of_them(self, api: Api, crowd: int, dry: bool) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        patient = replace(partner, main=replace(partner.main, api=partner.main.api.patient))
        taken = str(other.main.mobile)

        answers = await asyncio.gather(*(self.guess(patient, taken, 1, dryRun=dry) for _ in range(crowd)))

        told = Counter(code for [answer] in answers for code in answer)
        assert told == {"CONTACT_TAKEN": self.LIMIT, "CONTACT_CHECK_LIMIT": crowd - self.LIMIT}
        assert await api.value("select failures from sign_in_guard") == self.LIMIT

    async def test_each_contact_counts(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        given = {"mobile": other.main.mobile, "email": other.main.email}
        for _ in range(self.LIMIT // 2):
            assert codes(await add_member(partner, Role.FINANCE, **given)) == ["CONTACT_TAKEN"] * 2

        assert codes(await add_member(partner, Role.FINANCE)) == ["CONTACT_CHECK_LIMIT"]

    async def test_an_answer_given_again_does_not(self, api: Api) -> None:
        """The member's own contacts are taken when the same call comes again."""
        partner, same = await admitted_partner(api), key()
        given = {"username": "wang.fang", "mobile": mobile(), "email": email(), "idempotencyKey": same}
        assert codes(await add_member(partner, Role.FINANCE, **given)) == []

        async def attempt() -> None:
            assert codes(await add_member(partner, Role.FINANCE, **given)) == []

        assert await api.changes(attempt) == set()

    async def test_until_the_window_is_over(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        await self.guess(partner, str(other.main.mobile), self.LIMIT)
        end = api.clock() + timedelta(hours=24)
        for instant, expected in ((end - timedelta(milliseconds=1), ["CONTACT_CHECK_LIMIT"]), (end, [])):
            api.clock.at = instant
            again = await signed_in(api, partner)
            assert codes(await add_member(again, Role.FINANCE, mobile=mobile(), email=email())) == expected


async def signed_in(api: Api, partner: Admitted) -> Admitted:
    """The partner with a new session of its main account."""
    return replace(partner, main=await sign_in(api, partner.main.account_id))
