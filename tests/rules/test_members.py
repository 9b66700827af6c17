"""Roles of members, what a new member needs, and whose customers they see."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

import pytest

from rules.access import MEMBER_ROLES, Role
from rules.accounts import AccountStatus
from rules.errors import ErrorCode
from rules.members import (
    MemberStatus,
    NewMember,
    check_member,
    check_roles,
    check_status_change,
    is_limited_to_own_customers,
)
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

POLICY = Policy.at(Site.CN, date(2026, 11, 21))
R, E = Role, ErrorCode
WANG = NewMember("wang.fang", "王芳", (R.FINANCE,), mobile="+8613812345678", email="wang.fang@example.com")


class TwoRoles:
    """Operations permit two roles only."""

    site, key, effective_on, value = Site.CN, "members.roles_max", date(2026, 1, 1), 2


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([], [E.ROLE_COUNT]),
        ([R.ACCOUNT_MANAGER], []),
        ([R.ACCOUNT_MANAGER, R.FINANCE], []),
        ([R.ACCOUNT_MANAGER, R.FINANCE, R.MARKETING], []),
        ([R.ACCOUNT_MANAGER, R.FINANCE, R.MARKETING, R.OPERATIONS], [E.ROLE_COUNT]),
        ([R.FINANCE, R.FINANCE, R.MARKETING, R.OPERATIONS], []),
        ([R.SYSTEM_ADMIN], []),
        ([R.SYSTEM_ADMIN, R.SYSTEM_ADMIN], []),
        ([R.SYSTEM_ADMIN, R.FINANCE], [E.ROLE_EXCLUSIVE_ADMIN]),
        ([R.ACCOUNT_MANAGER, R.ACCOUNT_DIRECTOR], [E.ROLE_CONFLICT]),
        ([R.ACCOUNT_DIRECTOR, R.FINANCE, R.ACCOUNT_MANAGER], [E.ROLE_CONFLICT]),
        ([R.ACCOUNT_DIRECTOR, R.SA_SPECIALIST], []),
        (
            [R.SYSTEM_ADMIN, R.ACCOUNT_DIRECTOR, R.ACCOUNT_MANAGER, R.FINANCE],
            [E.ROLE_COUNT, E.ROLE_EXCLUSIVE_ADMIN, E.ROLE_CONFLICT],
        ),
        ([R.CUSTOMER], [E.ROLE_UNKNOWN]),
        ([R.MAIN_ACCOUNT], [E.ROLE_UNKNOWN]),
        ([R.VENDOR_ADMIN, R.SYSTEM], [E.ROLE_UNKNOWN, E.ROLE_UNKNOWN]),
    ],
)
def test_roles(roles: Sequence[Role], expected: list[ErrorCode]) -> None:
    assert codes(check_roles(roles, policy=POLICY)) == expected


def test_every_pair_of_roles() -> None:
    refused = {
        frozenset(pair): codes(found)
        for pair in combinations(MEMBER_ROLES, 2)
        if (found := check_roles(pair, policy=POLICY))
    }
    assert refused == {
        **{frozenset({R.SYSTEM_ADMIN, role}): [E.ROLE_EXCLUSIVE_ADMIN] for role in MEMBER_ROLES - {R.SYSTEM_ADMIN}},
        frozenset({R.ACCOUNT_MANAGER, R.ACCOUNT_DIRECTOR}): [E.ROLE_CONFLICT],
    }


@pytest.mark.parametrize("role", [role for role in Role if role not in MEMBER_ROLES])
def test_no_other_role_can_be_given(role: Role) -> None:
    found = check_roles([R.FINANCE, role], policy=POLICY)
    assert codes(found) == [E.ROLE_UNKNOWN]
    assert (found[0].path, found[0].parameters) == (("input", "roles", "1"), {"role": role.value})


def test_how_many_roles_is_policy() -> None:
    policy = Policy.at(Site.CN, date(2026, 11, 21), [TwoRoles()])
    assert codes(check_roles([R.FINANCE, R.MARKETING], policy=policy)) == []
    (found,) = check_roles([R.FINANCE, R.MARKETING, R.OPERATIONS], policy=policy)
    assert (found.code, found.parameters) == (E.ROLE_COUNT, {"min": 1, "max": 2})


def test_a_whole_member() -> None:
    assert check_member(WANG, policy=POLICY) == []
    assert check_member(replace(WANG, mobile=None), policy=POLICY) == []
    assert check_member(replace(WANG, email=None), policy=POLICY) == []


@pytest.mark.parametrize("username", ["w", "wang", "Wang_Fang-2.x", "_w", "w" * 64])
def test_good_user_names(username: str) -> None:
    assert check_member(replace(WANG, username=username), policy=POLICY) == []


@pytest.mark.parametrize("username", ["", "w" * 65, "2wang", "-wang", ".wang", "wang fang", "王芳", "wang\n", "wang@x"])
def test_bad_user_names(username: str) -> None:
    found = check_member(replace(WANG, username=username), policy=POLICY)
    assert codes(found) == [E.USERNAME_INVALID]
    assert found[0].path == ("input", "username")


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"username_taken": True}, E.USERNAME_TAKEN, "username"),
        ({"full_name": "  "}, E.REQUIRED, "fullName"),
        ({"mobile": None, "email": None}, E.CONTACT_REQUIRED, "mobile"),
        ({"mobile_taken": True}, E.CONTACT_TAKEN, "mobile"),
        ({"email_taken": True}, E.CONTACT_TAKEN, "email"),
        ({"roles": ()}, E.ROLE_COUNT, "roles"),
    ],
)
def test_what_a_member_lacks(facts: dict[str, Any], code: ErrorCode, field: str) -> None:
    found = check_member(replace(WANG, **facts), policy=POLICY)
    assert codes(found) == [code]
    assert found[0].path == ("input", field)


def test_all_reasons_at_once() -> None:
    member = NewMember("2", "", (R.SYSTEM_ADMIN, R.FINANCE), username_taken=True)
    assert codes(check_member(member, policy=POLICY)) == [
        E.USERNAME_INVALID,
        E.USERNAME_TAKEN,
        E.REQUIRED,
        E.CONTACT_REQUIRED,
        E.ROLE_EXCLUSIVE_ADMIN,
    ]


@pytest.mark.parametrize("role", sorted(MEMBER_ROLES))
def test_one_role_alone(role: Role) -> None:
    assert is_limited_to_own_customers({role}) is (role is R.ACCOUNT_MANAGER)


@pytest.mark.parametrize("second", [role for role in Role if role is not R.ACCOUNT_MANAGER])
def test_a_second_role_opens_all_customers(second: Role) -> None:
    assert not is_limited_to_own_customers(frozenset({R.ACCOUNT_MANAGER, second}))


@pytest.mark.parametrize("present", AccountStatus)
@pytest.mark.parametrize("wanted", MemberStatus)
def test_members_are_disabled_and_enabled_unless_the_vendor_says_otherwise(
    present: AccountStatus, wanted: MemberStatus
) -> None:
    possible = {(AccountStatus.ACTIVE, MemberStatus.DISABLED), (AccountStatus.DISABLED, MemberStatus.ACTIVE)}
    refused = (present, wanted) not in possible
    assert codes(check_status_change(present, wanted)) == [E.STATE_CONFLICT] * refused
