"""Every role at every root field: who may get in is what the access table says, and nothing else decides it."""

from typing import Any

import pytest

from resolvers.accounts import authenticate
from rules.access import ACCESS, SYSTEM, Permission, Role, may
from tests.client import Answer, Api
from tests.contracts.population import Person, open_person, unchecked
from tests.contracts.root_fields import ROOT_FIELDS, RootField

CALLERS = [role for role in Role if role is not Role.SYSTEM]
"""The system has no way in through the API."""


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


@pytest.mark.parametrize("field", ROOT_FIELDS, ids=str)
async def test_the_table_decides_who_gets_in(api: Api, field: RootField) -> None:
    async with unchecked(api.database):
        people = [await open_person(api.database, role, mark=f"of-{role.lower()}") for role in CALLERS]
        roles = {person.role: await _roles(api, person) for person in people}
        denied = [person for person in people if expected(field, roles[person.role]) != (None, None)]
        allowed = [person for person in people if person not in denied]

        async def knock() -> None:
            for person in denied:
                assert await _call(api, field, person) == expected(field, roles[person.role]), person.role

        assert await api.changes(knock) == set()
        for person in allowed:
            code, _ = await _call(api, field, person)
            assert code is None, f"{person.role}: {code}"


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
            assert (await _roles(api, person)) - {Role.ACCOUNT} == {role} - {Role.ACCOUNT}


@pytest.mark.parametrize("permission", Permission)
def test_the_system_may_do_everything(permission: Permission) -> None:
    assert may(SYSTEM, permission)


def test_every_permission_has_a_row_and_every_row_a_permission() -> None:
    assert set(ACCESS) == set(Permission)


def test_a_permission_reserved_to_administrators_cannot_be_granted_further() -> None:
    rows: dict[str, Any] = {permission.value: access for permission, access in ACCESS.items()}
    assert [name for name, row in rows.items() if row.grantable and row.refusal.value.endswith("_ONLY")] == []
