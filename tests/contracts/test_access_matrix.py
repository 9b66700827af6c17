"""Every role at every root field: who may get in is what the access table says, and nothing else decides it."""

from dataclasses import replace
from typing import Any

import pytest

from resolvers.accounts import authenticate
from rules.access import ACCESS, ADMINISTRATORS, GRANTABLE, SYSTEM, Actor, Permission, Role, may
from tests.client import Answer, Api
from tests.contracts.population import Person, open_custom, open_person, open_session, unchecked
from tests.contracts.root_fields import ROOT_FIELDS, RootField

CALLERS = [role for role in Role if role is not Role.SYSTEM]
"""The system has no way in through the API."""
ENDS_THE_SESSION = {"signOut", "revokeSessions", "changePassword"}


def refusal(answer: Answer, field: RootField) -> tuple[str | None, str | None]:
    """(code, reason) of the error that stopped the field; (None, None) when it ran."""
    for error in answer.body.get("errors", ()):
        assert error.get("path") == [field.name], error
        return error["extensions"]["code"], error["extensions"].get("reason")
    return None, None


def expected(field: RootField, roles: frozenset[Role]) -> tuple[str | None, str | None]:
    """What the table says of somebody with these roles."""
    access = ACCESS[field.permission]
    if roles & access.roles:
        return None, None
    return ("UNAUTHENTICATED", None) if roles == {Role.ANONYMOUS} else ("FORBIDDEN", access.refusal.value)


async def _everybody(api: Api) -> list[tuple[Person, frozenset[Role]]]:
    """One person of each role, with the roles that its token gives it."""
    people = [await open_person(api.database, role, mark=f"of-{role.lower()}") for role in CALLERS]
    return [(person, await _roles(api, person)) for person in people]


async def test_who_lacks_the_permission_is_refused_with_its_reason_and_changes_nothing(api: Api) -> None:
    wrong: list[str] = []
    async with unchecked(api.database):
        people = await _everybody(api)

        async def knock() -> None:
            for field in ROOT_FIELDS:
                for person, roles in people:
                    wanted = expected(field, roles)
                    if wanted != (None, None) and (got := await _call(api, field, person)) != wanted:
                        wrong.append(f"{field} by {person.role}: {got} instead of {wanted}")

        assert await api.changes(knock) == set()
    assert wrong == []


async def test_who_has_the_permission_gets_in(api: Api) -> None:
    wrong: list[str] = []
    async with unchecked(api.database):
        people = await _everybody(api)
        for field in ROOT_FIELDS:
            for person, roles in people:
                if expected(field, roles) == (None, None):
                    code, _ = await _call(api, field, await _signed_in_anew(api, person))
                    wrong += [f"{field} by {person.role}: {code}"] if code is not None else []
    assert wrong == []


async def _signed_in_anew(api: Api, person: Person) -> Person:
    """The same person with a session that no earlier call has ended."""
    if person.account_id is None:
        return person
    return replace(person, token=await open_session(api.database, person.account_id))


async def _call(api: Api, field: RootField, person: Person) -> tuple[str | None, str | None]:
    answer = await api.anonymous.as_(person.token).send(field.document(), **field.variables())
    return refusal(answer, field)


async def _roles(api: Api, person: Person) -> frozenset[Role]:
    actor, _ = await authenticate(person.token, api.clock())
    return frozenset({Role.ANONYMOUS}) if actor is None else actor.roles


async def test_a_person_has_the_role_it_was_given_and_no_other_of_its_kind(api: Api) -> None:
    async with unchecked(api.database):
        for role in CALLERS:
            person = await open_person(api.database, role, mark=f"of-{role.lower()}")
            beside = {Role.ACCOUNT, Role.MEMBER}
            assert (await _roles(api, person)) - beside == {role} - beside


@pytest.mark.parametrize("permission", Permission)
def test_the_system_may_do_everything(permission: Permission) -> None:
    assert may(SYSTEM, permission)


@pytest.mark.parametrize("permission", GRANTABLE)
async def test_a_custom_role_opens_what_it_holds_and_nothing_else(api: Api, permission: Permission) -> None:
    doors = {field.permission: field for field in ROOT_FIELDS}
    own = [field for field in ROOT_FIELDS if field.permission is permission]
    wrong: list[str] = []
    async with unchecked(api.database):
        person = await open_custom(api.database, permission)
        for field in (*own, *doors.values()):
            if field.name in ENDS_THE_SESSION:
                continue
            wanted = (None, None) if field.permission is permission else expected(field, frozenset({Role.MEMBER}))
            if (got := await _call(api, field, person)) != wanted:
                wrong.append(f"{field}: {got} instead of {wanted}")
    assert own
    assert wrong == []


@pytest.mark.parametrize("permission", Permission)
def test_what_is_granted_holds_beside_what_every_member_may(permission: Permission) -> None:
    member = Actor(roles=frozenset({Role.MEMBER}), granted=frozenset({permission}))
    assert [held for held in Permission if may(member, held)] == [
        held for held in Permission if held is permission or Role.MEMBER in ACCESS[held].roles
    ]


def test_an_administrator_grants_only_what_it_holds_itself_and_not_every_member() -> None:
    assert set(GRANTABLE) == {
        permission
        for permission, row in ACCESS.items()
        if row.grantable and row.roles >= ADMINISTRATORS and Role.MEMBER not in row.roles
    }
    assert Permission.BILLS_IMPORT not in GRANTABLE
    assert not any(ACCESS[permission].refusal.value.endswith("_ONLY") for permission in GRANTABLE)


def test_every_permission_has_a_row_and_every_row_a_permission() -> None:
    assert set(ACCESS) == set(Permission)


def test_a_permission_reserved_to_administrators_cannot_be_granted_further() -> None:
    rows: dict[str, Any] = {permission.value: access for permission, access in ACCESS.items()}
    assert [name for name, row in rows.items() if row.grantable and row.refusal.value.endswith("_ONLY")] == []
