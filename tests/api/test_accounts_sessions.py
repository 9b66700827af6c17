"""Sessions: rotation, reuse, revocation, and what counts from the next request on."""

import asyncio
from typing import Any

import pytest

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from rules.access import Role
from tests.api.account_cases import main_account
from tests.client import Api, Client, codes
from tests.factories import PASSWORD, Person, person, sign_in, staff

TOKENS = "accessToken refreshToken"


async def refresh(api: Api, token: str) -> dict[str, Any]:
    return await api.anonymous.do("refreshSession", TOKENS, refreshToken=token)


async def opens(client: Client) -> bool:
    """Whether the credential still opens anything."""
    answer = await client.send("{ viewer { id } }")
    assert answer.status in (200, 401)
    return answer.status == 200


class TestRotation:
    async def test_a_refresh_gives_new_tokens_and_ends_the_old(self, api: Api) -> None:
        who = await person(api)
        payload = await refresh(api, who.refresh_token)
        assert codes(payload) == []
        assert len({payload["accessToken"], payload["refreshToken"], who.access_token, who.refresh_token}) == 4
        assert not await opens(who.api)
        assert await opens(api.anonymous.as_(payload["accessToken"]))
        assert [row["type"] for row in await api.rows("select type from event")] == ["session.refreshed"]

    async def test_a_token_that_comes_twice_ends_its_family_and_is_told_once(self, api: Api) -> None:
        who = await person(api)
        other = await sign_in(api, who.account_id)
        new = await refresh(api, who.refresh_token)

        for _ in range(3):
            again = await refresh(api, who.refresh_token)
            assert codes(again) == ["SESSION_INVALID"]

        assert codes(await refresh(api, new["refreshToken"])) == ["SESSION_INVALID"]
        assert not await opens(api.anonymous.as_(new["accessToken"]))
        assert await opens(other.api)  # another family
        ended = await api.rows("select changes::text as changes from event where type = 'session.ended'")
        assert [row["changes"] for row in ended] == ['{"reason": "REFRESH_REUSED"}']
        assert [mail["template"] for mail in await api.inbox(str(who.email))] == ["sessions_revoked"]

    @pytest.mark.parametrize(("seconds", "open_"), [(899.999, True), (900, False)])
    async def test_an_access_token_lives_a_quarter_of_an_hour(self, api: Api, seconds: float, open_: bool) -> None:
        who = await person(api)
        api.clock.advance(seconds=seconds)
        assert await opens(who.api) is open_

    @pytest.mark.parametrize(("seconds", "found"), [(2_591_999.999, []), (2_592_000, ["SESSION_INVALID"])])
    async def test_a_refresh_token_lives_thirty_days(self, api: Api, seconds: float, found: list[str]) -> None:
        who = await person(api)
        api.clock.advance(seconds=seconds)
        assert codes(await refresh(api, who.refresh_token)) == found

    async def test_an_access_token_refreshes_nothing(self, api: Api) -> None:
        who = await person(api)
        assert codes(await refresh(api, who.access_token)) == ["SESSION_INVALID"]
        assert not await opens(api.anonymous.as_(who.refresh_token))

    async def test_tokens_are_stored_as_digests(self, api: Api) -> None:
        who = await person(api)
        (row,) = await api.rows("select t::text as row from session as t")
        assert who.access_token not in row["row"]
        assert who.refresh_token not in row["row"]


class TestEnds:
    async def test_signing_out_ends_this_device_only(self, api: Api) -> None:
        who = await person(api)
        other = await sign_in(api, who.account_id)
        payload = await who.api.do("signOut", "account { id }")
        assert (codes(payload), payload["account"]["id"]) == ([], who.id)
        assert not await opens(who.api)
        assert await opens(other.api)
        assert codes(await refresh(api, who.refresh_token)) == ["SESSION_INVALID"]

    async def test_revoking_ends_every_device_in_one_request(self, api: Api) -> None:
        who, stranger = await person(api), await person(api)
        devices = [who, await sign_in(api, who.account_id), await sign_in(api, who.account_id)]
        assert codes(await devices[1].api.do("revokeSessions", "account { id }")) == []
        assert [await opens(device.api) for device in devices] == [False, False, False]
        assert [codes(await refresh(api, device.refresh_token)) for device in devices] == [["SESSION_INVALID"]] * 3
        assert await opens(stranger.api)

    @pytest.mark.parametrize("command", ["changePassword", "resetPassword"])
    async def test_a_new_password_ends_every_session(self, api: Api, command: str) -> None:
        who = await person(api)
        other = await sign_in(api, who.account_id)
        if command == "changePassword":
            given = {"oldPassword": PASSWORD}
        else:
            asked = await api.anonymous.do(
                "requestCode", "challenge { id }", scene="RESET_PASSWORD", site="CN", mobile=who.mobile
            )
            given = {"verificationId": asked["challenge"]["id"], "code": await api.code(str(who.mobile))}

        payload = await who.api.do(command, "account { id }", **given, newPassword="Green-tea-99")

        assert codes(payload) == []
        assert [await opens(device.api) for device in (who, other)] == [False, False]
        for password, found in ((PASSWORD, ["SIGN_IN_FAILED"]), ("Green-tea-99", [])):
            signed = await api.anonymous.do("signIn", TOKENS, site="CN", mobile=who.mobile, password=password)
            assert codes(signed) == found
        assert [mail["template"] for mail in await api.inbox(str(who.email))] == ["sessions_revoked"]


class TestNextRequest:
    async def test_a_frozen_account_is_out_at_once(self, api: Api) -> None:
        who = await person(api)
        await _set(who, status="FROZEN")
        assert not await opens(who.api)
        assert codes(await refresh(api, who.refresh_token)) == ["SESSION_INVALID"]

    async def test_roles_count_from_the_next_request_on(self, api: Api) -> None:
        member = await staff(api, Role.VENDOR_REVIEWER)
        queue = "{ realNameCases { nodes { id } } }"
        assert (await member.api.send(queue)).data["realNameCases"] == {"nodes": []}
        await _set(member, roles=["PSM"])
        assert (await member.api.send(queue)).error["reason"] == "PERMISSION_DENIED"
        await _set(member, roles=["VENDOR_ADMIN"])
        assert (await member.api.send(queue)).data["realNameCases"] == {"nodes": []}

    async def test_stored_roles_are_of_the_accounts_own_kind(self, api: Api) -> None:
        main, nobody = await main_account(api), await person(api)
        partner_id = await api.value("select id from partner")
        await _set(nobody, roles=["VENDOR_ADMIN", "SYSTEM", "NO_SUCH_ROLE"], partner_id=partner_id)
        answer = await nobody.api.send("{ realNameCases { nodes { id } } }")
        assert answer.error["reason"] == "PERMISSION_DENIED"
        viewer = (await nobody.api.send("{ viewer { roles } }")).data["viewer"]
        assert viewer == {"roles": ["VENDOR_ADMIN", "SYSTEM"]}
        assert await opens(main.api)

    async def test_anonymous_reads_nobody(self, api: Api) -> None:
        assert (await api.anonymous.send("{ viewer { id } }")).data == {"viewer": None}
        assert (await api.anonymous.as_("nonsense").send("{ viewer { id } }")).error["code"] == "UNAUTHENTICATED"


async def test_a_refresh_token_in_two_hands_at_once_opens_at_most_one_family(api: Api) -> None:
    await _reuse_race(api, 20)


@pytest.mark.long
@pytest.mark.usefixtures("patience")
async def test_a_refresh_token_in_two_hundred_hands_at_once(api: Api) -> None:
    await _reuse_race(api, 200)


async def _reuse_race(api: Api, callers: int) -> None:
    who = await person(api)
    crowd = api.anonymous.patient
    given = {"refreshToken": who.refresh_token}
    payloads = await asyncio.gather(*(crowd.do("refreshSession", TOKENS, **given) for _ in range(callers)))
    assert sorted(map(codes, payloads)) == [[], *[["SESSION_INVALID"]] * (callers - 1)]
    # Somebody else had the token too: whoever got the new ones has lost them again.
    (won,) = [payload for payload in payloads if payload["accessToken"]]
    assert not await opens(api.anonymous.as_(won["accessToken"]))
    assert await api.value("select count(*) from session where revoked_at is null") == 0
    assert await api.value("select count(*) from event where type = 'session.ended'") == 1


async def _set(who: Person, **values: Any) -> None:
    async with db.transaction(EVERYTHING):
        await Account.filter(id=who.account_id).update(**values)
