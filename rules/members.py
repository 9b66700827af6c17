"""Organisation members of a partner: which roles go together, what a new member needs, whose customers they see."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.i18n import Locale, translate
from rules.access import GRANTABLE, MEMBER_ROLES, PARTNER_ROLES, Actor, Role
from rules.accounts import AccountStatus
from rules.errors import ErrorCode, Violation
from rules.policy import MEMBERS_CUSTOM_ROLES_MAX, MEMBERS_ROLES_MAX, Policy
from rules.registry import rule
from rules.transitions import machine

USERNAME_LENGTH = 64
"""Longest user name of a member, in characters."""
POSITION_LENGTH = 64
"""Longest position of a member in its company, in characters."""
ROLE_NAME_LENGTH = 64
"""Longest name of a custom role, in characters."""

_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zh-cn_topic_0072435176.html"
_ROLES_PAGE = "https://huaweicloud.com/s/Jee9keermeWQjuWPsOeuoeeQhuWFpeWPoyU/t_30_p_8/JeWQiOS9nOS8meS8tOS4reW_gyU"
_CONTACT_PAGE = (
    "https://huaweicloud.com/s/JW15c3Fs5pWw5o2u5bqT5pON5L2c5ZG95Luk6KGMJQ/t_30_p_20/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_ALLOCATION_PAGE = "https://huaweicloud.com/s/JWFjY2Vzc-S7k-W6k-euoeeQhuezu-e7nyU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"
_USERNAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_.-]{{0,{USERNAME_LENGTH - 1}}}")
_CONFLICTS = (frozenset({Role.ACCOUNT_MANAGER, Role.ACCOUNT_DIRECTOR}),)
QUALIFIED_ROLES = frozenset({Role.ACCOUNT_MANAGER, Role.SA_SPECIALIST})
"""The roles that ask for a qualification: none is taken away while that of its member is in review."""


class MemberStatus(StrEnum):
    """Whether a member may work for the partner."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class MemberLife(StrEnum):
    """A member's life; the vendor's own states of an account lie outside of it."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"
    DELETED = "DELETED"


L = MemberLife
MEMBER = machine(
    "member",
    MemberLife,
    (L.ACTIVE,),
    "A 10.3",
    (L.ACTIVE, "disable", "administrator", L.DISABLED),
    (L.ACTIVE, "reset_password", "administrator", L.ACTIVE),
    (L.DISABLED, "enable", "administrator", L.ACTIVE),
    (L.ACTIVE, "remove", "administrator", L.DELETED),
    (L.DISABLED, "remove", "administrator", L.DELETED),
)
_OUTSIDE = frozenset({AccountStatus.FROZEN, AccountStatus.CLOSED_RETAINED})
_STATUS_EVENTS = {MemberStatus.DISABLED: "disable", MemberStatus.ACTIVE: "enable"}


def check_status_change(present: AccountStatus, wanted: MemberStatus) -> list[Violation]:
    """STATE_CONFLICT when the member is so already, or when the vendor has frozen or closed the account."""
    return _check_event(present, _STATUS_EVENTS[wanted])


def check_removal(present: AccountStatus, roles: AbstractSet[Role], in_review: AbstractSet[Role]) -> list[Violation]:
    """All reasons against removing a member: STATE_CONFLICT as above, ROLE_LOCKED_BY_REVIEW while it must keep a
    role; until then it can be disabled.
    """
    return _check_event(present, "remove") + check_roles_kept(roles, frozenset(), in_review, path=("input", "id"))


def check_reset(present: AccountStatus) -> list[Violation]:
    """STATE_CONFLICT unless the member may work: one who may not, needs no password."""
    return _check_event(present, "reset_password")


def _check_event(present: AccountStatus, event: str) -> list[Violation]:
    if present in _OUTSIDE:
        details = {"event": event, "state": present.value, "allowed": ["ACTIVE", "DISABLED"]}
        return [Violation(ErrorCode.STATE_CONFLICT, rule=MEMBER.rule, parameters=details)]
    return MEMBER.check(MemberLife(present.value), event)


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member about to be made; contacts in their stored form. `username_taken`: a member of the partner has it or had
    it; the others: another account of the site has it.
    """

    username: str
    full_name: str
    roles: Sequence[Role]
    custom_roles: int = 0
    mobile: str | None = None
    email: str | None = None
    username_taken: bool = False
    mobile_taken: bool = False
    email_taken: bool = False


@rule("members.role_count", "A 10.2", policy=(MEMBERS_ROLES_MAX,), codes=(ErrorCode.ROLE_COUNT,), page=_PAGE)
@rule("members.role_known", "A 10.1", codes=(ErrorCode.ROLE_UNKNOWN,), page=_PAGE)
@rule("members.administrator", "A 10.2", codes=(ErrorCode.ROLE_EXCLUSIVE_ADMIN,), page=_PAGE)
@rule("members.role_conflict", "A 10.2", codes=(ErrorCode.ROLE_CONFLICT,), page=_PAGE)
def check_roles(
    roles: Sequence[Role], custom_roles: int = 0, *, policy: Policy, path: tuple[str, ...] = ("input", "roles")
) -> list[Violation]:
    """All reasons against a member with these preset roles and so many custom ones; one named twice counts once.

    ROLE_COUNT: none or too many; ROLE_UNKNOWN at its place: no role of a member; ROLE_EXCLUSIVE_ADMIN: the system
    administrator with another; ROLE_CONFLICT: an account manager who is also an account director.
    """
    held, most = frozenset(roles), policy[MEMBERS_ROLES_MAX]
    count = len(held) + custom_roles
    violations = [
        Violation(ErrorCode.ROLE_UNKNOWN, (*path, str(place)), "members.role_known", {"role": role.value})
        for place, role in enumerate(roles)
        if role not in MEMBER_ROLES
    ]
    if not 1 <= count <= most:
        violations.append(Violation(ErrorCode.ROLE_COUNT, path, "members.role_count", {"min": 1, "max": most}))
    if Role.SYSTEM_ADMIN in held and count > 1:
        violations.append(Violation(ErrorCode.ROLE_EXCLUSIVE_ADMIN, path, "members.administrator"))
    for pair in _CONFLICTS:
        if pair <= held:
            details = {"roles": sorted(role.value for role in pair)}
            violations.append(Violation(ErrorCode.ROLE_CONFLICT, path, "members.role_conflict", details))
    return violations


def compute_locked_roles(roles: AbstractSet[Role], in_review: AbstractSet[Role]) -> list[Role]:
    """Those of `roles` that cannot be taken away while the person's qualification for them is in review."""
    return [role for role in Role if role in roles & in_review & QUALIFIED_ROLES]


@rule("members.role_in_review", "A 10.2", codes=(ErrorCode.ROLE_LOCKED_BY_REVIEW,), page=_PAGE)
def check_roles_kept(
    before: AbstractSet[Role],
    wanted: AbstractSet[Role],
    in_review: AbstractSet[Role],
    *,
    path: tuple[str, ...] = ("input", "roles"),
) -> list[Violation]:
    """ROLE_LOCKED_BY_REVIEW for each role to be taken away while the person's qualification for it is in review.

    Only account managers and SA specialists are qualified.
    """
    return [
        Violation(ErrorCode.ROLE_LOCKED_BY_REVIEW, path, "members.role_in_review", {"role": role.value})
        for role in compute_locked_roles(before - wanted, in_review)
    ]


@dataclass(frozen=True, slots=True)
class RoleDraft:
    """A custom role as it is to be; None for what stays as it is. `name_taken`: another role of the partner has it."""

    name: str | None = None
    permissions: Sequence[str] | None = None
    name_taken: bool = False


@rule(
    "members.custom_role",
    "A 10.2",
    codes=(ErrorCode.REQUIRED, ErrorCode.ROLE_NAME_TAKEN, ErrorCode.ROLE_PRESET),
    page=_PAGE,
)
@rule("members.grantable", "A 10.3", codes=(ErrorCode.PERMISSION_NOT_GRANTABLE,), page=_PAGE)
def check_custom_role(draft: RoleDraft) -> list[Violation]:
    """All reasons against a custom role as it is to be.

    REQUIRED: a blank name, or no permission at all; ROLE_PRESET: the name of a preset role, whose permissions nobody
    changes; ROLE_NAME_TAKEN; PERMISSION_NOT_GRANTABLE at its place.
    """
    name, permissions = draft.name, draft.permissions
    reasons = (
        (name is not None and not name.strip(), ErrorCode.REQUIRED, "name"),
        (name is not None and is_preset_name(name), ErrorCode.ROLE_PRESET, "name"),
        (draft.name_taken, ErrorCode.ROLE_NAME_TAKEN, "name"),
        (permissions is not None and not permissions, ErrorCode.REQUIRED, "permissions"),
    )
    violations = [Violation(code, ("input", field), "members.custom_role") for hit, code, field in reasons if hit]
    return violations + [
        Violation(
            ErrorCode.PERMISSION_NOT_GRANTABLE,
            ("input", "permissions", str(place)),
            "members.grantable",
            {"permission": permission},
        )
        for place, permission in enumerate(permissions or ())
        if permission not in GRANTABLE
    ]


def is_preset_name(name: str) -> bool:
    """Whether a preset role is called so, by its code or in either language."""
    presets = {role.value for role in MEMBER_ROLES}
    presets |= {translate(f"roles.{role}", locale) for role in MEMBER_ROLES for locale in Locale}
    return name.strip().casefold() in {preset.casefold() for preset in presets}


@rule(
    "members.custom_roles_max",
    "A 10.2",
    policy=(MEMBERS_CUSTOM_ROLES_MAX,),
    codes=(ErrorCode.ROLE_LIMIT,),
    page=_ROLES_PAGE,
)
def check_custom_role_count(present: int, *, policy: Policy) -> list[Violation]:
    """ROLE_LIMIT when the partner has as many custom roles as it may have."""
    most = policy[MEMBERS_CUSTOM_ROLES_MAX]
    if present < most:
        return []
    return [Violation(ErrorCode.ROLE_LIMIT, ("input",), "members.custom_roles_max", {"max": most})]


@rule("members.custom_role_unused", "A 10.2", codes=(ErrorCode.ROLE_IN_USE,), page=_PAGE)
def check_role_deletion(people: int) -> list[Violation]:
    """ROLE_IN_USE while a member has the role, whether or not it may work at present."""
    if not people:
        return []
    return [Violation(ErrorCode.ROLE_IN_USE, ("input", "id"), "members.custom_role_unused", {"people": people})]


@rule("members.username", "A 10.1", codes=(ErrorCode.USERNAME_INVALID, ErrorCode.USERNAME_TAKEN), page=_PAGE)
@rule(
    "members.contact",
    "A 10.1",
    codes=(ErrorCode.CONTACT_REQUIRED, ErrorCode.CONTACT_TAKEN, ErrorCode.REQUIRED),
    page=_PAGE,
)
def check_member(member: NewMember, *, policy: Policy) -> list[Violation]:
    """All reasons against making this member, its roles included.

    USERNAME_INVALID: up to 64 letters, digits, `_`, `.` and `-`, the first a letter or `_`; USERNAME_TAKEN; REQUIRED
    without a full name; CONTACT_REQUIRED without mobile and e-mail; CONTACT_TAKEN.
    """
    reasons = (
        (not _USERNAME.fullmatch(member.username), ErrorCode.USERNAME_INVALID, "username", "members.username"),
        (member.username_taken, ErrorCode.USERNAME_TAKEN, "username", "members.username"),
        (not member.full_name.strip(), ErrorCode.REQUIRED, "fullName", "members.contact"),
        (not (member.mobile or member.email), ErrorCode.CONTACT_REQUIRED, "mobile", "members.contact"),
        (member.mobile_taken, ErrorCode.CONTACT_TAKEN, "mobile", "members.contact"),
        (member.email_taken, ErrorCode.CONTACT_TAKEN, "email", "members.contact"),
    )
    violations = [Violation(code, ("input", name), rule_id) for hit, code, name, rule_id in reasons if hit]
    return violations + check_roles(member.roles, member.custom_roles, policy=policy)


@rule("members.profile", "A 10.3", codes=(ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT), page=_PAGE)
def check_profile(full_name: str | None, locale: str | None) -> list[Violation]:
    """All reasons against what a member changes of itself: REQUIRED for a blank name, INVALID_FORMAT for a language
    that is none of ours.
    """
    violations = []
    if full_name is not None and not full_name.strip():
        violations.append(Violation(ErrorCode.REQUIRED, ("input", "fullName"), "members.profile"))
    if locale is not None and locale not in {known.value for known in Locale}:
        violations.append(Violation(ErrorCode.INVALID_FORMAT, ("input", "locale"), "members.profile"))
    return violations


@rule("members.customer_contact", "A 10.1", codes=(ErrorCode.STATE_CONFLICT,), page=_CONTACT_PAGE)
def check_contact(present: AccountStatus) -> list[Violation]:
    """STATE_CONFLICT for a member that may not work: customers would be shown somebody else."""
    if present is AccountStatus.ACTIVE:
        return []
    details = {"event": "set", "state": present.value, "allowed": "ACTIVE"}
    return [Violation(ErrorCode.STATE_CONFLICT, ("input", "memberId"), "members.customer_contact", details)]


@rule("members.data_scope", "A 10.3", page=_PAGE)
def compute_managers_seen(actor: Actor) -> frozenset[UUID] | None:
    """The account managers whose customers alone the actor sees; None for all customers of the partner.

    An account manager sees its own, an account director those of the managers below; either sees all with a second
    role, preset or custom. Computed, never stored.
    """
    held = actor.roles & PARTNER_ROLES
    if actor.custom_roles or actor.account_id is None:
        return None
    if held == {Role.ACCOUNT_MANAGER}:
        return frozenset({actor.account_id})
    return actor.directed if held == {Role.ACCOUNT_DIRECTOR} else None


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member as its colleagues' work depends on it; `director_id` is the account director above it."""

    roles: AbstractSet[Role]
    works: bool = True
    director_id: UUID | None = None

    @property
    def manages(self) -> bool:
        """Whether customers can be its own."""
        return self.works and Role.ACCOUNT_MANAGER in self.roles

    @property
    def directs(self) -> bool:
        """Whether account managers can be below it."""
        return self.works and Role.ACCOUNT_DIRECTOR in self.roles


@rule("members.director", "A 10.3", codes=(ErrorCode.NOT_ACCOUNT_DIRECTOR,), page=_PAGE)
def check_director(member: Colleague, *, path: tuple[str, ...]) -> list[Violation]:
    """NOT_ACCOUNT_DIRECTOR for a member who is no account director or may not work."""
    return [] if member.directs else [Violation(ErrorCode.NOT_ACCOUNT_DIRECTOR, path, "members.director")]


@rule("members.manager", "B 5.5", codes=(ErrorCode.NOT_ACCOUNT_MANAGER,), page=_ALLOCATION_PAGE)
def check_manager(member: Colleague, *, path: tuple[str, ...]) -> list[Violation]:
    """NOT_ACCOUNT_MANAGER for a member who is no account manager or may not work."""
    return [] if member.manages else [Violation(ErrorCode.NOT_ACCOUNT_MANAGER, path, "members.manager")]


@rule("members.assignment", "B 5.5", codes=(ErrorCode.ALREADY_ASSIGNED,), page=_ALLOCATION_PAGE)
def check_assignment(present: UUID | None, wanted: UUID | None, *, path: tuple[str, ...]) -> list[Violation]:
    """ALREADY_ASSIGNED where it is so: to this member, or to nobody."""
    return [] if present != wanted else [Violation(ErrorCode.ALREADY_ASSIGNED, path, "members.assignment")]


@rule("members.without_director", "A 10.3", page=_PAGE)
def compute_without_director(members: Mapping[UUID, Colleague]) -> set[UUID]:
    """Of the members of one partner the account managers who may work and whose director may not, or who have none."""
    directors = {member_id for member_id, member in members.items() if member.directs}
    return {key for key, member in members.items() if member.manages and member.director_id not in directors}


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What of a member became so at an instant: fields of `Colleague` by their names."""

    at: datetime
    became: Mapping[str, Any]


def compute_without_director_since(manager_id: UUID, history: Mapping[UUID, Sequence[MemberChange]]) -> datetime | None:
    """Since when, without a break, the account manager has been without a director; None when it is not.

    `history` has the changes of the manager and of everybody who was ever above it, of each in order.
    """
    own = history.get(manager_id, ())
    above = {change.became.get("director_id") for change in own}
    told = [(one, change) for one in (manager_id, *above) if one is not None for change in history.get(one, ())]
    people: dict[UUID, Colleague] = {}
    since: datetime | None = None
    for one, change in sorted(told, key=lambda entry: entry[1].at):
        people[one] = replace(people.get(one, Colleague(frozenset())), **change.became)
        since = (since or change.at) if manager_id in compute_without_director(people) else None
    return since
