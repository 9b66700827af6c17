"""Roles of members, what a new member needs, and whose customers they see."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest

from core.ids import uuid7
from rules.access import GRANTABLE, MEMBER_ROLES, PARTNER_ROLES, Actor, Permission, Role
from rules.accounts import AccountStatus
from rules.errors import ErrorCode
from rules.members import (
    Colleague,
    MemberChange,
    MemberStatus,
    NewMember,
    RoleDraft,
    check_assignment,
    check_custom_role,
    check_custom_role_count,
    check_director,
    check_manager,
    check_member,
    check_removal,
    check_role_deletion,
    check_roles,
    check_roles_kept,
    check_status_change,
    compute_locked_roles,
    compute_managers_seen,
    compute_without_director,
    compute_without_director_since,
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


OWN, BELOW = uuid7(), frozenset({uuid7(), uuid7()})


def member(*roles: Role, custom: int = 0) -> Actor:
    """Somebody with these roles and so many custom ones."""
    return Actor(
        roles=frozenset({*roles, R.MEMBER}),
        account_id=OWN,
        custom_roles=frozenset(uuid7() for _ in range(custom)),
        directed=BELOW,
    )


@pytest.mark.parametrize("role", sorted(MEMBER_ROLES))
def test_one_role_alone(role: Role) -> None:
    seen = {R.ACCOUNT_MANAGER: frozenset({OWN}), R.ACCOUNT_DIRECTOR: BELOW}
    assert compute_managers_seen(member(role)) == seen.get(role)


@pytest.mark.parametrize("first", [R.ACCOUNT_MANAGER, R.ACCOUNT_DIRECTOR])
@pytest.mark.parametrize("second", [role for role in Role if role in PARTNER_ROLES])
def test_a_second_role_opens_all_customers(first: Role, second: Role) -> None:
    assert (compute_managers_seen(member(first, second)) is None) is (first is not second)


def test_a_custom_role_opens_all_customers_alone_or_as_the_second() -> None:
    for roles in ((R.ACCOUNT_MANAGER,), (R.ACCOUNT_DIRECTOR,), ()):
        assert compute_managers_seen(member(*roles, custom=1)) is None


@pytest.mark.parametrize(
    ("roles", "custom", "expected"),
    [
        ([], 1, []),
        ([], 3, []),
        ([R.FINANCE], 2, []),
        ([], 0, [E.ROLE_COUNT]),
        ([], 4, [E.ROLE_COUNT]),
        ([R.FINANCE, R.MARKETING], 2, [E.ROLE_COUNT]),
        ([R.SYSTEM_ADMIN], 1, [E.ROLE_EXCLUSIVE_ADMIN]),
        ([R.ACCOUNT_MANAGER, R.ACCOUNT_DIRECTOR], 1, [E.ROLE_CONFLICT]),
        ([R.ACCOUNT_MANAGER], 1, []),
    ],
)
def test_preset_and_custom_roles_together(roles: Sequence[Role], custom: int, expected: list[ErrorCode]) -> None:
    assert codes(check_roles(roles, custom, policy=POLICY)) == expected
    assert codes(check_member(replace(WANG, roles=roles, custom_roles=custom), policy=POLICY)) == expected


@pytest.mark.parametrize(
    ("before", "wanted", "in_review", "locked"),
    [
        ({R.ACCOUNT_MANAGER}, {R.FINANCE}, {R.ACCOUNT_MANAGER}, ["ACCOUNT_MANAGER"]),
        ({R.ACCOUNT_MANAGER}, {R.FINANCE, R.ACCOUNT_MANAGER}, {R.ACCOUNT_MANAGER}, []),
        ({R.ACCOUNT_MANAGER}, {R.FINANCE}, set(), []),
        ({R.ACCOUNT_MANAGER}, {R.FINANCE}, {R.SA_SPECIALIST}, []),
        (
            {R.ACCOUNT_MANAGER, R.SA_SPECIALIST},
            {R.FINANCE},
            {R.ACCOUNT_MANAGER, R.SA_SPECIALIST},
            ["ACCOUNT_MANAGER", "SA_SPECIALIST"],
        ),
        ({R.FINANCE}, {R.MARKETING}, {R.FINANCE}, []),
    ],
)
def test_a_role_in_review_stays(before: set[Role], wanted: set[Role], in_review: set[Role], locked: list[str]) -> None:
    assert compute_locked_roles(before - wanted, in_review) == [R(role) for role in locked]
    found = check_roles_kept(before, wanted, in_review)
    assert codes(found) == [E.ROLE_LOCKED_BY_REVIEW] * len(locked)
    assert [one.parameters["role"] for one in found] == locked


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (RoleDraft("Clerk", ["customers:read"]), []),
        (RoleDraft(), []),
        (RoleDraft(" ", ["customers:read"]), [(E.REQUIRED, "name")]),
        (RoleDraft("Clerk", []), [(E.REQUIRED, "permissions")]),
        (RoleDraft("Clerk", ["customers:read"], name_taken=True), [(E.ROLE_NAME_TAKEN, "name")]),
        (RoleDraft("finance"), [(E.ROLE_PRESET, "name")]),
        (RoleDraft(" Account Manager "), [(E.ROLE_PRESET, "name")]),
        (RoleDraft("客户经理"), [(E.ROLE_PRESET, "name")]),
        (RoleDraft("Finance clerk"), []),
    ],
)
def test_custom_roles(draft: RoleDraft, expected: list[tuple[ErrorCode, str]]) -> None:
    assert [(one.code, one.path[1]) for one in check_custom_role(draft)] == expected


@pytest.mark.parametrize("permission", [permission.value for permission in Permission] + ["customers:eat", ""])
def test_only_what_can_be_granted(permission: str) -> None:
    found = check_custom_role(RoleDraft("Clerk", ["customers:read", permission]))
    refused = permission not in {one.value for one in GRANTABLE}
    assert [(one.code, one.path) for one in found] == [
        (E.PERMISSION_NOT_GRANTABLE, ("input", "permissions", "1"))
    ] * refused


@pytest.mark.parametrize("site", Site)
def test_ten_custom_roles(site: Site) -> None:
    policy = Policy.at(site, date(2026, 11, 21))
    assert check_custom_role_count(9, policy=policy) == []
    (found,) = check_custom_role_count(10, policy=policy)
    assert (found.code, found.parameters) == (E.ROLE_LIMIT, {"max": 10})


def test_a_role_somebody_has_stays() -> None:
    assert check_role_deletion(0) == []
    assert codes(check_role_deletion(1)) == [E.ROLE_IN_USE]


CHIEF = uuid7()


@pytest.mark.parametrize(
    ("chief", "manager", "left"),
    [
        (Colleague({R.ACCOUNT_DIRECTOR}), Colleague({R.ACCOUNT_MANAGER}, director_id=CHIEF), False),
        (Colleague({R.ACCOUNT_DIRECTOR}, works=False), Colleague({R.ACCOUNT_MANAGER}, director_id=CHIEF), True),
        (Colleague({R.FINANCE}), Colleague({R.ACCOUNT_MANAGER}, director_id=CHIEF), True),
        (Colleague({R.ACCOUNT_DIRECTOR}), Colleague({R.ACCOUNT_MANAGER, R.FINANCE}), True),
        (Colleague({R.ACCOUNT_DIRECTOR}), Colleague({R.ACCOUNT_MANAGER}, works=False), False),
        (Colleague({R.ACCOUNT_DIRECTOR}), Colleague({R.FINANCE}), False),
    ],
)
def test_account_managers_without_a_director(chief: Colleague, manager: Colleague, left: bool) -> None:
    assert compute_without_director({CHIEF: chief, OWN: manager}) == ({OWN} if left else set())


_BEGUN = datetime(2026, 11, 21, 4, tzinfo=UTC)
_MANAGES, _DIRECTS = {"roles": {R.ACCOUNT_MANAGER}}, {"roles": {R.ACCOUNT_DIRECTOR}}
_HEIR = uuid7()


@pytest.mark.parametrize(
    ("told", "minutes"),
    [
        ([(OWN, _MANAGES)], 0),
        ([(OWN, {"roles": {R.FINANCE}}), (OWN, _MANAGES), (OWN, _MANAGES | {"works": True})], 1),
        ([(CHIEF, _DIRECTS), (OWN, _MANAGES), (OWN, {"director_id": CHIEF})], None),
        ([(CHIEF, _DIRECTS), (OWN, _MANAGES), (OWN, {"director_id": CHIEF}), (CHIEF, {"works": False})], 3),
        (
            [
                (CHIEF, _DIRECTS),
                (_HEIR, _DIRECTS),
                (OWN, _MANAGES),
                (OWN, {"director_id": CHIEF}),
                (CHIEF, {"works": False}),
                (OWN, {"director_id": _HEIR}),
                (CHIEF, {"works": True}),
                (_HEIR, {"roles": {R.FINANCE}}),
                (OWN, {"director_id": None}),
                (OWN, {"works": True}),
            ],
            7,
        ),
        ([(OWN, _MANAGES), (OWN, {"works": False}), (CHIEF, _DIRECTS), (OWN, {"works": True})], 3),
        ([], None),
    ],
)
def test_since_when_an_account_manager_is_without_a_director(
    told: list[tuple[UUID, dict[str, Any]]], minutes: int | None
) -> None:
    history: dict[UUID, list[MemberChange]] = {}
    for minute, (one, became) in enumerate(told):
        history.setdefault(one, []).append(MemberChange(_BEGUN + timedelta(minutes=minute), became))
    expected = None if minutes is None else _BEGUN + timedelta(minutes=minutes)
    assert compute_without_director_since(OWN, history) == expected


@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("role", sorted(MEMBER_ROLES))
def test_who_directs_and_who_manages(role: Role, works: bool) -> None:
    someone, path = Colleague({role}, works), ("input", "id")
    directs, manages = works and role is R.ACCOUNT_DIRECTOR, works and role is R.ACCOUNT_MANAGER
    assert codes(check_director(someone, path=path)) == ([] if directs else [E.NOT_ACCOUNT_DIRECTOR])
    assert codes(check_manager(someone, path=path)) == ([] if manages else [E.NOT_ACCOUNT_MANAGER])


@pytest.mark.parametrize(
    ("present", "wanted", "same"), [(OWN, OWN, True), (OWN, CHIEF, False), (OWN, None, False), (None, None, True)]
)
def test_an_assignment_changes_something(present: UUID | None, wanted: UUID | None, same: bool) -> None:
    found = check_assignment(present, wanted, path=("input", "id"))
    assert codes(found) == ([E.ALREADY_ASSIGNED] if same else [])


@pytest.mark.parametrize("present", AccountStatus)
def test_members_are_removed_unless_the_vendor_says_otherwise(present: AccountStatus) -> None:
    possible = present in (AccountStatus.ACTIVE, AccountStatus.DISABLED)
    assert codes(check_removal(present, {R.FINANCE}, frozenset())) == [E.STATE_CONFLICT] * (not possible)
    locked = check_removal(present, {R.SA_SPECIALIST}, {R.SA_SPECIALIST})
    assert codes(locked) == [E.STATE_CONFLICT] * (not possible) + [E.ROLE_LOCKED_BY_REVIEW]


@pytest.mark.parametrize("present", AccountStatus)
@pytest.mark.parametrize("wanted", MemberStatus)
def test_members_are_disabled_and_enabled_unless_the_vendor_says_otherwise(
    present: AccountStatus, wanted: MemberStatus
) -> None:
    possible = {(AccountStatus.ACTIVE, MemberStatus.DISABLED), (AccountStatus.DISABLED, MemberStatus.ACTIVE)}
    refused = (present, wanted) not in possible
    assert codes(check_status_change(present, wanted)) == [E.STATE_CONFLICT] * refused
