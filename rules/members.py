"""Organisation members of a partner: which roles go together, what a new member needs, whose customers they see."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from rules.access import MEMBER_ROLES, Role
from rules.accounts import AccountStatus
from rules.errors import ErrorCode, Violation
from rules.policy import MEMBERS_ROLES_MAX, Policy
from rules.registry import rule
from rules.transitions import machine

USERNAME_LENGTH = 64
"""Longest user name of a member, in characters."""

_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zh-cn_topic_0072435176.html"
_USERNAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_.-]{{0,{USERNAME_LENGTH - 1}}}")
_CONFLICTS = (frozenset({Role.ACCOUNT_MANAGER, Role.ACCOUNT_DIRECTOR}),)


class MemberStatus(StrEnum):
    """Whether a member may work for the partner; the vendor's own states of an account lie outside of it."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


MEMBER = machine(
    "member",
    MemberStatus,
    (MemberStatus.ACTIVE,),
    "A 10.3",
    (MemberStatus.ACTIVE, "disable", "administrator", MemberStatus.DISABLED),
    (MemberStatus.DISABLED, "enable", "administrator", MemberStatus.ACTIVE),
)
_STATUS_EVENTS = {MemberStatus.DISABLED: "disable", MemberStatus.ACTIVE: "enable"}


def check_status_change(present: AccountStatus, wanted: MemberStatus) -> list[Violation]:
    """STATE_CONFLICT when the member is so already, or when the vendor has frozen or closed the account."""
    if present not in (AccountStatus.ACTIVE, AccountStatus.DISABLED):
        details = {"event": _STATUS_EVENTS[wanted], "state": present.value, "allowed": "ACTIVE, DISABLED"}
        return [Violation(ErrorCode.STATE_CONFLICT, rule=MEMBER.rule, parameters=details)]
    return MEMBER.check(MemberStatus(present.value), _STATUS_EVENTS[wanted])


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member about to be made; contacts in their stored form. `*_taken`: another account of the site has it."""

    username: str
    full_name: str
    roles: Sequence[Role]
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
    roles: Sequence[Role], *, policy: Policy, path: tuple[str, ...] = ("input", "roles")
) -> list[Violation]:
    """All reasons against a member with these roles; one named twice counts once.

    ROLE_COUNT: none or too many; ROLE_UNKNOWN at its place: no role of a member; ROLE_EXCLUSIVE_ADMIN: the system
    administrator with another; ROLE_CONFLICT: an account manager who is also an account director.
    """
    held, most = frozenset(roles), policy[MEMBERS_ROLES_MAX]
    violations = [
        Violation(ErrorCode.ROLE_UNKNOWN, (*path, str(place)), "members.role_known", {"role": role.value})
        for place, role in enumerate(roles)
        if role not in MEMBER_ROLES
    ]
    if not 1 <= len(held) <= most:
        violations.append(Violation(ErrorCode.ROLE_COUNT, path, "members.role_count", {"min": 1, "max": most}))
    if Role.SYSTEM_ADMIN in held and len(held) > 1:
        violations.append(Violation(ErrorCode.ROLE_EXCLUSIVE_ADMIN, path, "members.administrator"))
    for pair in _CONFLICTS:
        if pair <= held:
            details = {"roles": sorted(role.value for role in pair)}
            violations.append(Violation(ErrorCode.ROLE_CONFLICT, path, "members.role_conflict", details))
    return violations


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
    return violations + check_roles(member.roles, policy=policy)


@rule("members.data_scope", "A 10.3", page=_PAGE)
def is_limited_to_own_customers(roles: AbstractSet[Role]) -> bool:
    """Whether a member sees its own customers only: an account manager with no second role. Computed, never stored."""
    return roles == {Role.ACCOUNT_MANAGER}
