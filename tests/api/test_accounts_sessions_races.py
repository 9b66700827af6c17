"""What ends every session ends those too that are being opened or refreshed just then."""

import asyncio
from typing import Any

import pytest

from core.passwords import hash_password
from resolvers import codes as sent
from resolvers.accounts import passwords
from tests.api.account_cases import Work, call, challenge
from tests.api.reset_cases import forgetful
from tests.client import Api, codes
from tests.factories import PASSWORD, Person, person, sign_in
from tests.locks import until_waiting

pytestmark = pytest.mark.usefixtures("patience")
NEW = "Green-tea-99"
LIVING = "select count(*) from session where revoked_at is null and rotated_at is null"
HOLD = "select from account where id = $1 for update"
REPLACE = "update account set password_hash = 'another', version = version + 1 where id = $1"
HASHED_ANEW = "update account set password_hash = 'the same, hashed anew' where id = $1"
FREEZE = "update account set status = 'FROZEN', version = version + 1, updated_at = now() where id = $1"


async def entry(api: Api, by: str) -> tuple[Person, Work]:
    """A person, and one of the ways in."""
    if by == "signInAsMember":
        partner, clerk, name = await forgetful(api)
        given = {"site": "CN", "administrator": partner.main.mobile, "username": name, "password": PASSWORD}
        return clerk, call(api.anonymous, by, **given)
    who = await person(api)
    if by == "signIn":
        return who, call(api.anonymous, by, site="CN", mobile=who.mobile, password=PASSWORD)
    if by == "refreshSession":
        return who, call(api.anonymous, by, refreshToken=who.refresh_token)
    found, digits = await challenge(api, "SIGN_IN", str(who.mobile))
    return who, call(api.anonymous, by, verificationId=found, code=digits)


async def while_held(api: Api, who: Person, work: Work, *meanwhile: str) -> list[str]:
    """How it goes when the account is changed after it was looked at and before its lock."""
    superuser = api.database.superuser
    async with superuser.transaction():
        await superuser.execute(HOLD, who.account_id)
        asked = asyncio.ensure_future(work())
        await until_waiting(superuser, asked)
        for statement in meanwhile:
            await superuser.execute(statement, who.account_id)
    return codes(await asked)


class TestOpening:
    @pytest.mark.parametrize("by", ["signIn", "signInAsMember"])
    async def test_a_password_replaced_meanwhile_opens_nothing(self, api: Api, by: str) -> None:
        who, work = await entry(api, by)
        before = await api.value(LIVING)
        assert await while_held(api, who, work, REPLACE) == ["SIGN_IN_FAILED"]
        assert await api.value(LIVING) == before

    async def test_the_same_password_hashed_anew_opens(self, api: Api) -> None:
        who, work = await entry(api, "signIn")
        assert await while_held(api, who, work, HASHED_ANEW) == []

    @pytest.mark.parametrize(
        ("by", "expected"),
        [
            ("signIn", "ACCOUNT_FROZEN"),
            ("signInWithCode", "ACCOUNT_FROZEN"),
            ("signInAsMember", "ACCOUNT_FROZEN"),
            ("refreshSession", "SESSION_INVALID"),
        ],
    )
    async def test_an_account_stopped_meanwhile_gets_no_session(self, api: Api, by: str, expected: str) -> None:
        who, work = await entry(api, by)
        before = await api.value(LIVING)
        assert await while_held(api, who, work, FREEZE) == [expected]
        assert await api.value(LIVING) == before

    async def test_a_code_that_opens_nothing_any_more_is_not_spent(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, work = await entry(api, "signInWithCode")
        attempt = sent.attempt

        async def slowly(*given: Any) -> sent.TriedCode:
            tried = await attempt(*given)
            await api.database.superuser.execute("update verification set state = 'SUPERSEDED'")
            return tried

        monkeypatch.setattr(sent, "attempt", slowly)
        assert codes(await work()) == ["CODE_WRONG"]
        assert await api.value("select used_at from verification") is None


class TestEnding:
    @pytest.mark.parametrize("by", ["revokeSessions", "changePassword", "signOut"])
    async def test_a_refresh_under_way_is_ended_too(self, api: Api, by: str) -> None:
        who = await person(api)
        other, superuser = await sign_in(api, who.account_id), api.database.superuser
        own = who if by == "signOut" else other
        given: dict[str, Any] = {"oldPassword": PASSWORD, "newPassword": NEW} if by == "changePassword" else {}
        ends = call(own.api, by, **given)
        async with superuser.transaction():
            await superuser.execute("select from session where account_id = $1 for update", who.account_id)
            refreshed = call(api.anonymous, "refreshSession", refreshToken=who.refresh_token)
            asked = [asyncio.ensure_future(refreshed())]
            await until_waiting(superuser, *asked)
            asked.append(asyncio.ensure_future(ends()))
            await until_waiting(superuser, *asked)
        assert [codes(await one) for one in asked] == [[], []]
        assert await api.value(LIVING) == (1 if by == "signOut" else 0)


async def test_an_old_password_overwrites_no_newer_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await person(api)

    async def slowly(password: str) -> str:
        await api.database.superuser.execute(REPLACE, who.account_id)
        return await hash_password(password)

    monkeypatch.setattr(passwords, "hash_password", slowly)
    payload = await who.api.do("changePassword", "__typename", oldPassword=PASSWORD, newPassword=NEW)
    assert codes(payload) == ["SIGN_IN_FAILED"]
    assert payload["userErrors"][0]["path"] == ["input", "oldPassword"]
    assert await api.value("select password_hash from account where id = $1", who.account_id) == "another"
