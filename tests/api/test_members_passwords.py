"""A member's new password: forgotten by itself, or taken away by its administrator, who never sees one."""

import asyncio
import re
from typing import Any

import pytest

from rules.access import Role
from tests.api.reset_cases import NEW, asked, asking, forgetful, ticketed
from tests.client import Api, codes
from tests.factories import (
    PASSWORD,
    Person,
    add_member,
    admitted_partner,
    email,
    key,
    member,
    mobile,
    sign_in,
    staff,
)

LINK = re.compile(r"/new-password#(cos_tkt_[\w-]{43})")


async def set_password(api: Api, ticket: str, password: str = NEW) -> list[str]:
    return codes(await api.anonymous.do("setPassword", "account { id }", ticket=ticket, newPassword=password))


async def signs_in(api: Api, who: Person, password: str) -> bool:
    given = {"site": "CN", "mobile": who.mobile, "password": password}
    return codes(await api.anonymous.do("signIn", "accessToken", **given)) == []


async def reset(api: Api, who: Any, clerk: Person, **more: Any) -> dict[str, Any]:
    """The administrator's reset of a member's password."""
    given = {"id": clerk.id, "idempotencyKey": key(), **more}
    payload: dict[str, Any] = await who.do("resetMemberPassword", "member { id version }", **given)
    return payload


async def link_of(api: Api, clerk: Person) -> str:
    """The ticket in the newest link that the member got."""
    found = [LINK.search(row["body"]) for row in await api.inbox(str(clerk.email))]
    return [match[1] for match in found if match][-1]


class TestForgotten:
    async def test_code_ticket_new_password(self, api: Api) -> None:
        partner, clerk, name = await forgetful(api)
        assert await signs_in(api, clerk, PASSWORD)
        request = await api.anonymous.do(
            "requestMemberPasswordReset", "verificationId expiresAt", **asking(partner, name)
        )
        assert codes(request) == []
        digits = await api.code(str(clerk.mobile))
        verified = await api.anonymous.do(
            "verifyResetCode", "ticket expiresAt", verificationId=request["verificationId"], code=digits
        )
        assert codes(verified) == []

        assert await set_password(api, verified["ticket"]) == []

        assert (await clerk.api.send("{ viewer { id } }")).error["code"] == "UNAUTHENTICATED"
        assert not await signs_in(api, clerk, PASSWORD)
        assert await signs_in(api, clerk, NEW)
        assert "sessions_revoked" in [row["template"] for row in await api.inbox(str(clerk.email))]
        assert await api.value("select count(*) from event where type = 'account.password_changed'") == 1

    @pytest.mark.parametrize("by", ["mobile", "email"])
    async def test_the_administrator_by_either_contact(self, api: Api, by: str) -> None:
        partner, clerk, name = await forgetful(api)
        administrator = str(getattr(partner.main, by)).upper() if by == "email" else partner.main.mobile

        await api.anonymous.do(
            "requestMemberPasswordReset", "__typename", **asking(partner, name, administrator=administrator)
        )

        assert "code_reset_password" in [row["template"] for row in await api.inbox(str(clerk.mobile))]

    async def test_to_the_only_contact_there_is(self, api: Api) -> None:
        partner, address = await admitted_partner(api), email()
        await add_member(partner, Role.FINANCE, username="wang.fang", mobile=None, email=address)

        await api.anonymous.do("requestMemberPasswordReset", "__typename", **asking(partner, "wang.fang"))

        assert {row["template"] for row in await api.inbox(address)} == {"member_added", "code_reset_password"}

    @pytest.mark.parametrize("state", ["DISABLED", "FROZEN", "removed"])
    async def test_nothing_to_whoever_may_not_work(self, api: Api, state: str) -> None:
        partner, clerk, name = await forgetful(api)
        if state == "removed":
            await partner.main.api.do("removeMember", "__typename", id=clerk.id, idempotencyKey=key())
        else:
            await api.database.superuser.execute(
                "update account set status = $2 where id = $1", clerk.account_id, state
            )

        payload = await api.anonymous.do("requestMemberPasswordReset", "verificationId", **asking(partner, name))

        assert payload["verificationId"] is not None
        await api.deliver()
        assert await api.value("select count(*) from recorded_message where template like 'code%'") == 0

    async def test_who_is_removed_while_the_code_travels_gets_none(self, api: Api) -> None:
        partner, clerk, name = await forgetful(api)
        await api.deliver()
        await api.anonymous.do("requestMemberPasswordReset", "__typename", **asking(partner, name))
        await partner.main.api.do("removeMember", "__typename", id=clerk.id, idempotencyKey=key())
        await api.deliver()
        assert await api.value("select count(*) from recorded_message where template = 'code_reset_password'") == 0

    async def test_a_ticket_lives_ten_minutes(self, api: Api) -> None:
        _, ticket = await ticketed(api)
        api.clock.advance(minutes=10)

        async def attempt() -> None:
            assert await set_password(api, ticket) == ["TICKET_INVALID"]

        assert await api.changes(attempt) == set()

    async def test_a_ticket_works_to_the_last_instant_and_once(self, api: Api) -> None:
        _, ticket = await ticketed(api)
        api.clock.advance(minutes=9, seconds=59)
        assert await set_password(api, ticket) == []
        assert await set_password(api, ticket, "Black-tea-77") == ["TICKET_INVALID"]

    async def test_a_weak_password_leaves_the_ticket(self, api: Api) -> None:
        _, ticket = await ticketed(api)
        assert await set_password(api, ticket, "tea") == ["PASSWORD_LENGTH", "PASSWORD_CLASSES"]
        assert await set_password(api, ticket) == []

    @pytest.mark.parametrize("crowd", [5, pytest.param(100, marks=pytest.mark.long)])
    async def test_many_at_once_set_one(self, api: Api, crowd: int) -> None:
        _, ticket = await ticketed(api)

        answers = await asyncio.gather(*(set_password(api, ticket, f"Green-tea-{number}") for number in range(crowd)))

        assert sorted(answers) == [[]] + [["TICKET_INVALID"]] * (crowd - 1)

    async def test_a_code_of_one_scene_opens_nothing_in_the_other(self, api: Api) -> None:
        clerk, verification_id, digits = await asked(api)
        wrong = await api.anonymous.do(
            "resetPassword", "__typename", verificationId=verification_id, code=digits, newPassword=NEW
        )
        assert codes(wrong) == ["CODE_WRONG"]
        own = await api.anonymous.do(
            "requestCode", "challenge { id }", scene="RESET_PASSWORD", site="CN", mobile=str(clerk.mobile)
        )
        found, digits = own["challenge"]["id"], await api.code(str(clerk.mobile))
        wrong = await api.anonymous.do("verifyResetCode", "__typename", verificationId=found, code=digits)
        assert codes(wrong) == ["CODE_WRONG"]


class TestTakenAway:
    async def test_the_member_chooses_a_new_one_by_a_link(self, api: Api) -> None:
        partner, clerk, _ = await forgetful(api)
        api.clock.advance(minutes=1)

        answer = await reset(api, partner.main.api, clerk)

        assert codes(answer) == []
        assert (await clerk.api.send("{ viewer { id } }")).error["code"] == "UNAUTHENTICATED"
        assert not await signs_in(api, clerk, PASSWORD)
        ticket = await link_of(api, clerk)
        told = [row["template"] for row in await api.inbox(str(partner.main.email))]
        assert "password_link" not in told
        assert ticket not in repr(answer)
        assert ticket not in repr(await api.rows("select * from outbox") + await api.rows("select * from verification"))
        assert await set_password(api, ticket) == []
        assert await signs_in(api, clerk, NEW)
        assert await api.value("select count(*) from event where type = 'member.password_ended'") == 1

    @pytest.mark.parametrize(("seconds", "expected"), [(-1, []), (0, ["TICKET_INVALID"])])
    async def test_the_link_lives_a_day(self, api: Api, seconds: int, expected: list[str]) -> None:
        partner, clerk, _ = await forgetful(api)
        await reset(api, partner.main.api, clerk)
        ticket = await link_of(api, clerk)
        api.clock.advance(hours=24, seconds=seconds)
        assert await set_password(api, ticket) == expected

    async def test_the_newest_link_alone_opens(self, api: Api) -> None:
        partner, clerk, _ = await forgetful(api)
        await reset(api, partner.main.api, clerk)
        first = await link_of(api, clerk)
        api.clock.advance(minutes=1)
        await reset(api, partner.main.api, clerk)

        assert await set_password(api, first) == ["TICKET_INVALID"]
        assert await set_password(api, await link_of(api, clerk)) == []

    async def test_another_new_password_ends_the_link(self, api: Api) -> None:
        partner, clerk, name = await forgetful(api)
        await reset(api, partner.main.api, clerk)
        link = await link_of(api, clerk)
        request = await api.anonymous.do("requestMemberPasswordReset", "verificationId", **asking(partner, name))
        digits = await api.code(str(clerk.mobile))
        verified = await api.anonymous.do(
            "verifyResetCode", "ticket", verificationId=request["verificationId"], code=digits
        )
        assert await set_password(api, verified["ticket"]) == []
        assert await set_password(api, link, "Black-tea-77") == ["TICKET_INVALID"]

    async def test_refused(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        clerk, theirs = await member(api, partner, Role.FINANCE), await member(api, other, Role.FINANCE)
        idle = await member(api, partner, Role.FINANCE)
        await api.database.superuser.execute("update account set status = 'DISABLED' where id = $1", idle.account_id)
        await reset(api, partner.main.api, clerk)
        vendor = await staff(api, Role.VENDOR_ADMIN)
        again = await sign_in(api, clerk.account_id)

        async def attempt() -> None:
            assert codes(await reset(api, partner.main.api, idle)) == ["STATE_CONFLICT"]
            assert codes(await reset(api, partner.main.api, clerk)) == ["CODE_TOO_SOON"]
            assert codes(await reset(api, partner.main.api, clerk, expectedVersion=1)) == ["CONFLICT"]
            for stranger in (theirs, partner.main, other.main, vendor):
                assert codes(await reset(api, partner.main.api, stranger)) == ["NOT_FOUND"]
            call = "resetMemberPassword(input: $input) { __typename }"
            document = f"mutation($input: ResetMemberPasswordInput!) {{ {call} }}"
            for caller in (again, vendor, theirs):
                answer = await caller.api.send(document, input={"id": idle.id, "idempotencyKey": key()})
                assert answer.error["reason"] == "ADMIN_ONLY"

        assert await api.changes(attempt) == set()

    async def test_too_many_links(self, api: Api) -> None:
        partner, clerk, _ = await forgetful(api)
        for _ in range(15):
            assert codes(await reset(api, partner.main.api, clerk)) == []
            api.clock.advance(seconds=60)
        main = (await sign_in(api, partner.main.account_id)).api

        async def attempt() -> None:
            assert codes(await reset(api, main, clerk)) == ["CODE_SEND_LIMIT"]

        assert await api.changes(attempt) == set()

    async def test_who_is_removed_gets_no_link(self, api: Api) -> None:
        partner, clerk, _ = await forgetful(api)
        await api.deliver()
        await reset(api, partner.main.api, clerk)
        await partner.main.api.do("removeMember", "__typename", id=clerk.id, idempotencyKey=key())
        await api.deliver()
        assert await api.value("select count(*) from recorded_message where template = 'password_link'") == 0

    async def test_by_sms_to_who_has_no_address(self, api: Api) -> None:
        partner, number = await admitted_partner(api), mobile()
        added = await add_member(partner, Role.FINANCE, mobile=number, email=None)
        await partner.main.api.do("resetMemberPassword", "__typename", id=added["member"]["id"], idempotencyKey=key())
        (link,) = [row for row in await api.inbox(number) if row["template"] == "password_link"]
        assert LINK.search(link["body"])


class TestRemembered:
    async def test_what_was_taken_away_is_not_chosen_again(self, api: Api) -> None:
        partner, clerk, _ = await forgetful(api)
        await reset(api, partner.main.api, clerk)
        link = await link_of(api, clerk)

        assert await set_password(api, link, PASSWORD) == ["PASSWORD_REUSED"]
        assert await set_password(api, link) == []

    async def test_the_latest_three_are(self, api: Api) -> None:
        _, clerk, _ = await forgetful(api)
        passwords = [PASSWORD, NEW, "Black-tea-77", "Green-tea-66"]

        async def change(old: str, new: str) -> list[str]:
            who = await sign_in(api, clerk.account_id)
            given = {"oldPassword": old, "newPassword": new}
            return codes(await who.api.do("changePassword", "account { id }", **given))

        for place in range(2):
            assert await change(passwords[place], passwords[place + 1]) == []
        for used in passwords[:3]:
            assert await change(passwords[2], used) == ["PASSWORD_REUSED"]
        assert await change(passwords[2], passwords[3]) == []
        assert await change(passwords[3], passwords[1]) == ["PASSWORD_REUSED"]
        assert await change(passwords[3], passwords[0]) == []
