"""Accounts: kinds and states, real-name cases, locks after failed sign-ins."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.access import VENDOR_ROLES, Role
from rules.errors import ErrorCode, Violation
from rules.policy import (
    ACCOUNTS_QUICK_REGISTER,
    ACCOUNTS_SIGN_UPS_PER_ADDRESS_HOUR,
    LOGIN_LOCK,
    LOGIN_MAX_FAILURES,
    LOGIN_RESET,
    MEMBERS_CONTACTS_TAKEN_MAX,
    MEMBERS_CONTACTS_TAKEN_WINDOW,
    PASSWORD_HISTORY,
    PASSWORD_LINK_LIFE,
    PASSWORD_TICKET_LIFE,
    Policy,
)
from rules.registry import Rule, register, rule
from rules.statements import StatementCode, present
from rules.transitions import machine

_LOCK_PAGE = (
    "https://huaweicloud.com/s/JW5hdOi9rOaNoueahOW7tui_n-aYr-WkmuWkpyU/t_30_p_16/"
    "Jee7n-S4gOi6q-S7veiupOivgeacjeWKoSBJQU0l"
)
_CONTACT_PAGE = (
    "https://huaweicloud.com/s/JeWcqOe6v-aOpeaUtuefreS_oemqjOivgeeggeWPt-eggSU/t_30_p_1/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_SIBLING_PAGE = (
    "https://huaweicloud.com/s/JemfqeWbveaOpeefreS_oemqjOivgeeggeW5s-WPsCU/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
)

# Rules that a use case applies by itself, since they need no more than a comparison or a constraint.
E = ErrorCode
register(Rule("accounts.contact", "A 3.2", codes=(E.CONTACT_TAKEN,)))
register(Rule("accounts.session", "A 3.2", codes=(E.SESSION_INVALID,)))
register(Rule("accounts.password_history", "A 3.2", policy=(PASSWORD_HISTORY,), codes=(E.PASSWORD_REUSED,)))
register(
    Rule(
        "accounts.reset_ticket",
        "A 3.2",
        policy=(PASSWORD_TICKET_LIFE, PASSWORD_LINK_LIFE),
        codes=(E.TICKET_INVALID,),
    )
)
register(
    Rule(
        "accounts.sign_ups_per_address",
        "A 3.2",
        policy=(ACCOUNTS_SIGN_UPS_PER_ADDRESS_HOUR,),
        codes=(E.REGISTRATION_THROTTLED,),
    )
)


class AccountKind(StrEnum):
    """What signs in: a person, a company, a partner's member, or the vendor's staff."""

    PERSONAL = "PERSONAL"
    ENTERPRISE = "ENTERPRISE"
    IAM_USER = "IAM_USER"
    STAFF = "STAFF"


class AccountStatus(StrEnum):
    """Whether the account works; a lock after failed sign-ins is a time, not a state."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    DISABLED = "DISABLED"
    CLOSED_RETAINED = "CLOSED_RETAINED"
    DELETED = "DELETED"


class RealNameKind(StrEnum):
    """Whom the real name belongs to."""

    PERSONAL = "PERSONAL"
    ENTERPRISE = "ENTERPRISE"


class RealNameState(StrEnum):
    """Where real-name authentication stands."""

    NONE = "NONE"
    IN_REVIEW = "IN_REVIEW"
    FAILED = "FAILED"
    PASSED = "PASSED"


S = RealNameState
REAL_NAME = machine(
    "real_name",
    RealNameState,
    (S.NONE,),
    "A 3.2",
    (S.NONE, "submit", "account", S.IN_REVIEW),
    (S.FAILED, "submit", "account", S.IN_REVIEW),
    (S.IN_REVIEW, "approve", "vendor", S.PASSED),
    (S.IN_REVIEW, "reject", "vendor", S.FAILED),
    (S.IN_REVIEW, "withdraw", "system", S.NONE),
)


@dataclass(frozen=True, slots=True)
class Failures:
    """The sign-in failures counted so far and the lock they led to."""

    count: int
    first_at: datetime | None
    locked_until: datetime | None


@rule("accounts.lock", "A 3.1", policy=(LOGIN_MAX_FAILURES, LOGIN_LOCK), codes=(E.ACCOUNT_LOCKED,), page=_LOCK_PAGE)
def check_lock(locked_until: datetime | None, *, now: datetime) -> list[Violation]:
    """ACCOUNT_LOCKED while the lock lasts; it is over at `locked_until` itself."""
    if locked_until is None or now >= locked_until:
        return []
    return [Violation(ErrorCode.ACCOUNT_LOCKED, rule="accounts.lock", retryable=True, available_at=locked_until)]


@rule("accounts.sign_in", "A 3.2", codes=(E.ACCOUNT_FROZEN, E.ACCOUNT_CLOSED, E.SIGN_IN_FAILED))
def check_may_sign_in(status: AccountStatus, locked_until: datetime | None, *, now: datetime) -> list[Violation]:
    """ACCOUNT_CLOSED for one that is kept and can be restored, ACCOUNT_FROZEN for any other state but ACTIVE, else
    whether a lock lasts.
    """
    if status is AccountStatus.CLOSED_RETAINED:
        return [Violation(ErrorCode.ACCOUNT_CLOSED, rule="accounts.sign_in")]
    if status is not AccountStatus.ACTIVE:
        return [Violation(ErrorCode.ACCOUNT_FROZEN, rule="accounts.sign_in")]
    return check_lock(locked_until, now=now)


@rule("accounts.sign_up", "A 3.2", codes=(E.OUT_OF_RANGE, E.REQUIRED, E.TERMS_REQUIRED))
def check_sign_up(kind: AccountKind, full_name: str, terms_version: str | None) -> list[Violation]:
    """OUT_OF_RANGE unless a person or a company signs up, REQUIRED for a blank name, TERMS_REQUIRED, naming the version
    in force, unless those terms are accepted.
    """
    newest, name = present(StatementCode.TERMS).version, "accounts.sign_up"
    found = (
        (kind in (AccountKind.PERSONAL, AccountKind.ENTERPRISE), ErrorCode.OUT_OF_RANGE, "kind"),
        (bool(full_name.strip()), ErrorCode.REQUIRED, "fullName"),
    )
    violations = [Violation(code, ("input", field), name) for fits, code, field in found if not fits]
    if terms_version != newest:
        violations.append(Violation(E.TERMS_REQUIRED, ("input", "termsVersion"), name, {"version": newest}))
    return violations


@rule("accounts.contact_change", "A 3.2", codes=(E.CONTACT_UNCHANGED,), page=_CONTACT_PAGE)
def check_contact_change(present: str | None, wanted: str, *, field: str) -> list[Violation]:
    """CONTACT_UNCHANGED when the account has this very contact; both in their stored form."""
    if present != wanted:
        return []
    return [Violation(ErrorCode.CONTACT_UNCHANGED, ("input", field), "accounts.contact_change")]


@rule("accounts.quick_registration", "A 3.2", policy=(ACCOUNTS_QUICK_REGISTER,), page=_SIBLING_PAGE)
def compute_quick_registration_end(now: datetime, *, policy: Policy) -> datetime:
    """The first instant at which the link for a further account of the company opens no more."""
    return now + policy[ACCOUNTS_QUICK_REGISTER]


@rule("accounts.staff", "A 1", codes=(E.REQUIRED, E.ROLE_COUNT, E.ROLE_UNKNOWN))
def check_staff(full_name: str, roles: tuple[Role, ...]) -> list[Violation]:
    """REQUIRED for a blank name; ROLE_COUNT without a role; ROLE_UNKNOWN for one that is not the vendor's."""
    violations = [] if full_name.strip() else [Violation(ErrorCode.REQUIRED, ("input", "fullName"), "accounts.staff")]
    if not roles:
        parameters = {"min": 1, "max": len(VENDOR_ROLES)}
        violations.append(Violation(ErrorCode.ROLE_COUNT, ("input", "roles"), "accounts.staff", parameters))
    return violations + [
        Violation(ErrorCode.ROLE_UNKNOWN, ("input", "roles", str(place)), "accounts.staff", {"role": role.value})
        for place, role in enumerate(roles)
        if role not in VENDOR_ROLES
    ]


@rule("accounts.failures", "A 3.1", policy=(LOGIN_MAX_FAILURES, LOGIN_LOCK, LOGIN_RESET), page=_LOCK_PAGE)
def compute_failures(failures: Failures, *, now: datetime, policy: Policy) -> Failures:
    """The count after one more failure: it starts anew after the reset time, and the last allowed one locks."""
    stale = failures.first_at is None or now - failures.first_at >= policy[LOGIN_RESET]
    count = 1 if stale else failures.count + 1
    first_at = now if stale else failures.first_at
    if count < policy[LOGIN_MAX_FAILURES]:
        return Failures(count, first_at, failures.locked_until)
    return Failures(0, None, now + policy[LOGIN_LOCK])


@dataclass(frozen=True, slots=True)
class Guesses:
    """How often a partner has named contacts that are others', and since when that is counted."""

    count: int
    first_at: datetime | None


@rule(
    "accounts.contact_guesses",
    "D 1",
    policy=(MEMBERS_CONTACTS_TAKEN_MAX, MEMBERS_CONTACTS_TAKEN_WINDOW),
    codes=(E.CONTACT_CHECK_LIMIT,),
)
def check_guesses(guesses: Guesses, *, now: datetime, policy: Policy) -> list[Violation]:
    """CONTACT_CHECK_LIMIT, with its end, once as many contacts as the policy allows were others' within its window."""
    end = None if guesses.first_at is None else guesses.first_at + policy[MEMBERS_CONTACTS_TAKEN_WINDOW]
    if end is None or now >= end or guesses.count < policy[MEMBERS_CONTACTS_TAKEN_MAX]:
        return []
    return [Violation(E.CONTACT_CHECK_LIMIT, ("input",), "accounts.contact_guesses", available_at=end)]


def compute_guesses(guesses: Guesses, *, now: datetime, policy: Policy) -> Guesses:
    """The count after one more; it starts anew when the window is over."""
    first_at = guesses.first_at
    if first_at is None or now >= first_at + policy[MEMBERS_CONTACTS_TAKEN_WINDOW]:
        return Guesses(1, now)
    return Guesses(guesses.count + 1, first_at)
