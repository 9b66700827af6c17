"""Members who leave, what becomes of their name and contacts, and account managers left without a director."""

import asyncio
from typing import Any

import pytest

from rules.access import Role
from tests.client import Api, Client, codes
from tests.factories import Admitted, add_member, admitted_partner, key, member, sign_in

LEAVING: dict[str, dict[str, Any]] = {
    "removeMember": {},
    "setMemberStatus": {"status": "DISABLED"},
    "changeMemberRoles": {"roles": ["FINANCE"]},
}
REMOVED = "member { id name status roles fullName mobile email version }"


async def remove(who: Client, member_id: str, **more: Any) -> dict[str, Any]:
    return await who.do("removeMember", REMOVED, id=member_id, idempotencyKey=key(), **more)


async def directorless(partner: Admitted) -> int:
    """How many account managers are without a director."""
    answer = await partner.main.api.send("{ roles { preset withoutDirector } }")
    return int(sum(role["withoutDirector"] for role in answer.data["roles"]))


async def test_removing_ends_sessions_and_frees_the_contacts(api: Api) -> None:
    partner, other = await admitted_partner(api), await admitted_partner(api)
    clerk = await member(api, partner, Role.FINANCE)
    elsewhere = await sign_in(api, clerk.account_id)
    name = await api.value("select name from account where id = $1", clerk.account_id)

    removed = await remove(partner.main.api, clerk.id)

    assert codes(removed) == []
    gone = removed["member"]
    assert (gone["status"], gone["roles"], gone["name"]) == ("DELETED", [], name)
    assert (gone["mobile"], gone["email"]) == (None, None)
    for session in (clerk, elsewhere):
        assert (await session.api.send("{ viewer { id } }")).error["code"] == "UNAUTHENTICATED"
    assert await api.value("select password_hash from account where id = $1", clerk.account_id) is None
    assert await api.value("select count(*) from event where type = 'member.removed'") == 1
    contacts = {"mobile": clerk.mobile, "email": clerk.email}
    assert codes(await add_member(other, Role.FINANCE, **contacts)) == []

    async def attempt() -> None:
        assert codes(await add_member(partner, Role.FINANCE, username=name)) == ["USERNAME_TAKEN"]
        for call in LEAVING:
            more: dict[str, Any] = {**LEAVING[call], "id": clerk.id, "idempotencyKey": key()}
            refused = await partner.main.api.do(call, "__typename", **more)
            assert codes(refused) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


async def test_who_is_gone_is_listed_only_when_asked_for(api: Api) -> None:
    partner = await admitted_partner(api)
    clerk, leaver = await member(api, partner, Role.FINANCE), await member(api, partner, Role.FINANCE)
    await remove(partner.main.api, leaver.id)

    async def seen(filters: str = "") -> list[str]:
        answer = await partner.main.api.send(f"{{ members{filters} {{ nodes {{ id }} }} }}")
        return [node["id"] for node in answer.data["members"]["nodes"]]

    assert await seen() == [clerk.id]
    assert await seen("(status: DELETED)") == [leaver.id]


@pytest.mark.parametrize(("status", "expected"), [("DISABLED", []), ("FROZEN", ["STATE_CONFLICT"])])
async def test_from_which_state(api: Api, status: str, expected: list[str]) -> None:
    partner = await admitted_partner(api)
    clerk = await member(api, partner, Role.FINANCE)
    await api.database.superuser.execute("update account set status = $2 where id = $1", clerk.account_id, status)

    async def attempt() -> None:
        assert codes(await remove(partner.main.api, clerk.id, dryRun=True)) == expected
        assert codes(await remove(partner.main.api, clerk.id, expectedVersion=9)) == ["CONFLICT"]

    assert await api.changes(attempt) == set()
    assert codes(await remove(partner.main.api, clerk.id)) == expected


async def test_nobody_but_ones_own_members(api: Api) -> None:
    partner, other = await admitted_partner(api), await admitted_partner(api)
    theirs = await member(api, other, Role.FINANCE)

    async def attempt() -> None:
        for stranger in (theirs.id, partner.main.id):
            assert codes(await remove(partner.main.api, stranger)) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


@pytest.mark.parametrize("crowd", [5, pytest.param(200, marks=pytest.mark.long)])
async def test_many_at_once_remove_one(api: Api, crowd: int) -> None:
    partner = await admitted_partner(api)
    clerk = await member(api, partner, Role.FINANCE)

    answers = await asyncio.gather(*(remove(partner.main.api.patient, clerk.id) for _ in range(crowd)))

    assert sorted(map(codes, answers)) == [[]] + [["NOT_FOUND"]] * (crowd - 1)
    assert await api.value("select count(*) from event where type = 'member.removed'") == 1


class TestWithoutDirector:
    @pytest.mark.parametrize("leaving", LEAVING)
    async def test_the_managers_of_who_goes_are_counted(self, api: Api, leaving: str) -> None:
        partner = await admitted_partner(api)
        await member(api, partner, Role.ACCOUNT_MANAGER, Role.FINANCE)
        idle = await member(api, partner, Role.ACCOUNT_MANAGER)
        await partner.main.api.do("setMemberStatus", "__typename", id=idle.id, status="DISABLED", idempotencyKey=key())
        directors = [await member(api, partner, Role.ACCOUNT_DIRECTOR) for _ in range(2)]
        assert await directorless(partner) == 1
        found = (await partner.main.api.send("{ members { nodes { id status roles } } }")).data["members"]
        manager = next(one["id"] for one in found["nodes"] if "FINANCE" in one["roles"])
        told = []
        for director in directors:
            given = {"memberIds": [manager], "directorId": director.id, "idempotencyKey": key()}
            assert codes(await partner.main.api.do("assignDirector", "__typename", **given)) == []
            assert await directorless(partner) == 0
        for director in directors:
            left = await partner.main.api.do(
                leaving, "__typename", **LEAVING[leaving], id=director.id, idempotencyKey=key()
            )
            assert codes(left) == []
            told.append([effect["kind"] for effect in left["effects"]][-1])

        assert "member.managers_without_director" not in told[0]
        assert told[1] == "member.managers_without_director"
        assert await directorless(partner) == 1
