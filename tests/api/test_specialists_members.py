"""A bound person who is a member of its partner keeps the member's roles while its application is in review."""

import asyncio
from typing import Any

import pytest

from core.ids import decode_id
from rules.access import Role
from tests.client import Api, codes
from tests.factories import Admitted, Person, key, member
from tests.specialists import (
    BINDING,
    apply_for,
    ask_cancellation,
    bound,
    path_employer,
    specialist,
    told_employee,
    unbind,
    verdict,
)


async def assign(who: Person, binding_id: str, member_id: str | None, **changes: object) -> dict[str, Any]:
    """Which member a person is, as an administrator says it."""
    given = {"id": binding_id, "memberId": member_id, "idempotencyKey": key()}
    return await who.api.do("assignSpecialistMember", BINDING, **{**given, **changes})


async def give(partner: Admitted, clerk: Person, *roles: Role) -> dict[str, Any]:
    """Other roles for a member."""
    wanted = {"id": clerk.id, "roles": [role.value for role in roles], "idempotencyKey": key()}
    return await partner.main.api.do("changeMemberRoles", "member { id roles }", **wanted)


async def locked(partner: Admitted) -> list[list[str]]:
    """The roles that each of its members keeps for now."""
    found = await partner.main.api.send("{ members { nodes { lockedRoles } } }")
    return [node["lockedRoles"] for node in found.data["members"]["nodes"]]


async def remove(partner: Admitted, clerk: Person) -> dict[str, Any]:
    """A member removed."""
    return await partner.main.api.do("removeMember", "__typename", id=clerk.id, idempotencyKey=key())


async def known(api: Api, *roles: Role) -> tuple[Admitted, str, Person]:
    """A partner with a bound employee, and the member that the employee is."""
    own = await path_employer(api)
    _, binding_id = await told_employee(api, own)
    clerk = await member(api, own, *roles)
    assert codes(await assign(own.main, binding_id, clerk.id)) == []
    return own, binding_id, clerk


@pytest.mark.parametrize("role", [Role.SA_SPECIALIST, Role.ACCOUNT_MANAGER])
@pytest.mark.parametrize("approve", [True, False])
async def test_a_qualified_role_is_held_until_the_verdict(api: Api, role: Role, approve: bool) -> None:
    own, binding_id, clerk = await known(api, role, Role.FINANCE)
    assert codes(await give(own, clerk, Role.FINANCE)) == []
    assert codes(await give(own, clerk, role, Role.FINANCE)) == []
    assert await locked(own) == [[]]
    assert codes(await apply_for(own.main.api, binding_id)) == []
    assert await locked(own) == [[role.value]]

    async def held() -> None:
        assert codes(await give(own, clerk, Role.FINANCE)) == ["ROLE_LOCKED_BY_REVIEW"]
        assert codes(await remove(own, clerk)) == ["ROLE_LOCKED_BY_REVIEW"]
        assert codes(await assign(own.main, binding_id, None)) == ["STATE_CONFLICT"]

    assert await api.changes(held) == set()
    assert codes(await give(own, clerk, role)) == []
    assert codes(await verdict(api, approve=approve, reason="Because.")) == []
    assert await locked(own) == [[]]
    assert codes(await give(own, clerk, Role.FINANCE)) == []
    assert codes(await remove(own, clerk)) == []


async def test_a_role_given_during_the_review_is_held_too(api: Api) -> None:
    own, binding_id, clerk = await known(api, Role.FINANCE)
    assert codes(await apply_for(own.main.api, binding_id)) == []
    assert codes(await give(own, clerk, Role.FINANCE, Role.SA_SPECIALIST)) == []

    async def held() -> None:
        assert codes(await give(own, clerk, Role.FINANCE)) == ["ROLE_LOCKED_BY_REVIEW"]

    assert await api.changes(held) == set()


async def test_a_member_that_was_removed_keeps_nothing(api: Api) -> None:
    own, binding_id, clerk = await known(api, Role.FINANCE)
    seen = "select version, roles_in_review from account where id = $1"
    assert codes(await apply_for(own.main.api, binding_id)) == []
    assert codes(await remove(own, clerk)) == []
    gone = await api.rows(seen, clerk.account_id)
    assert gone[0]["roles_in_review"] in ([], "[]")
    assert codes(await verdict(api, approve=False, reason="Because.")) == []
    assert codes(await apply_for(own.main.api, binding_id)) == []
    assert await api.rows(seen, clerk.account_id) == gone


async def test_a_member_that_is_being_removed_is_nobody(api: Api) -> None:
    own = await path_employer(api)
    (_, binding_id), clerk = await bound(api, own), await member(api, own, Role.FINANCE)
    superuser = api.database.superuser
    async with superuser.transaction():
        await superuser.execute("update account set status = 'DELETED' where id = $1", clerk.account_id)
        asked = asyncio.ensure_future(assign(own.main, binding_id, clerk.id))
        while not asked.done() and not await superuser.fetchval("select count(*) from pg_locks where not granted"):
            await asyncio.sleep(0.01)
    assert codes(await asked) == ["NOT_FOUND"]


async def test_neither_a_cancellation_nor_anybody_elses_review_holds_a_role(api: Api) -> None:
    own = await path_employer(api)
    _, binding_id = await specialist(api, own)
    clerk = await member(api, own, Role.SA_SPECIALIST, Role.FINANCE)
    assert codes(await assign(own.main, binding_id, clerk.id)) == []
    assert codes(await ask_cancellation(own.main.api, binding_id)) == []
    _, other = await told_employee(api, own)
    assert codes(await apply_for(own.main.api, other)) == []
    assert codes(await give(own, clerk, Role.FINANCE)) == []


async def test_an_application_that_was_not_made_holds_nothing(api: Api) -> None:
    own, binding_id, clerk = await known(api, Role.SA_SPECIALIST, Role.FINANCE)
    assert codes(await apply_for(own.main.api, binding_id, dryRun=True)) == []
    assert codes(await give(own, clerk, Role.FINANCE)) == []


@pytest.mark.parametrize("crowd", [2, pytest.param(100, marks=pytest.mark.long)])
async def test_a_member_is_one_person_however_many_are_named_at_once(api: Api, crowd: int) -> None:
    own = await path_employer(api)
    bindings = [(await bound(api, own))[1] for _ in range(2)]
    clerk = await member(api, own, Role.SA_SPECIALIST)
    given = [{"id": bindings[place % 2], "memberId": clerk.id, "idempotencyKey": key()} for place in range(crowd)]
    answers = await asyncio.gather(
        *(own.main.api.patient.do("assignSpecialistMember", BINDING, **one) for one in given)
    )
    assert {code for answer in answers for code in codes(answer)} == {"MEMBER_ASSIGNED"}
    assert await api.value("select count(*) from specialist_binding where member_id = $1", clerk.account_id) == 1


async def test_whom_a_person_can_be(api: Api) -> None:
    own, binding_id, clerk = await known(api, Role.FINANCE)
    other, strangers, second = (await known(api, Role.FINANCE))[0], await path_employer(api), await bound(api, own)
    gone, theirs = await member(api, own, Role.FINANCE), await member(api, strangers, Role.FINANCE)
    assert codes(await remove(own, gone)) == []

    async def refused() -> None:
        for member_id in (theirs.id, own.main.id, gone.id):
            assert codes(await assign(own.main, binding_id, member_id)) == ["NOT_FOUND"]
        assert codes(await assign(other.main, binding_id, None)) == ["NOT_FOUND"]
        assert codes(await assign(own.main, second[1], clerk.id)) == ["MEMBER_ASSIGNED"]
        assert codes(await assign(own.main, binding_id, None, expectedVersion=9)) == ["CONFLICT"]

    assert await api.changes(refused) == set()
    shown = (await own.main.api.send("{ specialistBindings { nodes { id member { name } } } }")).data
    members = {node["id"]: node["member"] for node in shown["specialistBindings"]["nodes"]}
    name = await api.value("select name from account where id = $1", clerk.account_id)
    assert members == {binding_id: {"name": name}, second[1]: None}
    assert codes(await assign(own.main, binding_id, None)) == []
    assert codes(await assign(own.main, second[1], clerk.id)) == []
    assert codes(await unbind(own.main.api, second[1])) == []
    assert codes(await assign(own.main, second[1], clerk.id)) == ["STATE_CONFLICT"]
    assert codes(await assign(own.main, binding_id, clerk.id)) == []
    row = decode_id(binding_id)[1]
    assert await api.value("select member_id from specialist_binding where id = $1", row) == clerk.account_id
