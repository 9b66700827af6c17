"""Verification codes: scenes, states, send limits, tries; the step-up challenge is a code bound to one operation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.errors import ErrorCode, Violation
from rules.policy import (
    CODES_CHANNEL,
    CODES_GAP,
    CODES_LIFE,
    CODES_LIFE_CLAMPED,
    CODES_LIFE_LONGEST,
    CODES_MAX_TRIES,
    CODES_MESSAGE_PRICE,
    CODES_MONEY_PER_HOUR,
    CODES_PER_ACCOUNT_HOUR,
    CODES_PER_ADDRESS_HOUR,
    CODES_PER_PARTNER_HOUR,
    CODES_PER_PREFIX_HOUR,
    CODES_PER_TARGET_DAY,
    CODES_PER_TARGET_HOUR,
    STEP_UP_PROOF_LIFE,
    Policy,
    PolicyKey,
)
from rules.registry import Rule, register, rule

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_SEND_CODE_PAGE = "https://support.huaweicloud.com/api-bpconsole/mc_00024.md"
_LIMITS_PAGE = (
    "https://huaweicloud.com/s/Jee9keermeWfn-WQjeWcqOWbveWkluiuv-mXruS4jeWIsCU/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_TRIES_PAGE = "https://www.twilio.com/docs/errors/60202"

# Rules that the step-up applies by itself.
register(Rule("codes.channel", "A 4.1", _SEND_CODE_PAGE, policy=(CODES_CHANNEL,), codes=(ErrorCode.CONTACT_NOT_BOUND,)))
register(Rule("codes.proof", "A 4.3", policy=(STEP_UP_PROOF_LIFE,), codes=(ErrorCode.PROOF_INVALID,)))


class Scene(StrEnum):
    """What a code is for; a code of one scene is worthless in another."""

    SIGN_UP = "SIGN_UP"
    SIGN_IN = "SIGN_IN"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a scene, not a password
    RESET_MEMBER_PASSWORD = "RESET_MEMBER_PASSWORD"  # noqa: S105 - a scene, not a password
    CHANGE_CONTACT = "CHANGE_CONTACT"
    RESTORE_ACCOUNT = "RESTORE_ACCOUNT"
    CONFIRM_CONTACT = "CONFIRM_CONTACT"
    SENSITIVE_OPERATION = "SENSITIVE_OPERATION"


PUBLIC_SCENES = frozenset({Scene.SIGN_UP, Scene.SIGN_IN, Scene.RESET_PASSWORD, Scene.RESTORE_ACCOUNT})
"""Scenes a caller may ask a code for without being signed in."""

OWN_SCENES = frozenset({Scene.CHANGE_CONTACT, Scene.CONFIRM_CONTACT, Scene.SENSITIVE_OPERATION})
"""Scenes whose codes count for the account alone that asked for them, whoever else has the digits."""


DISCREET_SCENES = frozenset({Scene.SIGN_IN, Scene.RESET_PASSWORD, Scene.RESET_MEMBER_PASSWORD, Scene.RESTORE_ACCOUNT})
"""Scenes in which an unknown contact is sent nothing: a sending that failed would tell that there is an account."""


class Channel(StrEnum):
    """How a code travels."""

    SMS = "SMS"
    EMAIL = "EMAIL"


class CodeState(StrEnum):
    """Where a code stands; expiry is a time, not a state."""

    PENDING = "PENDING"
    SENT = "SENT"
    SEND_FAILED = "SEND_FAILED"
    VERIFIED = "VERIFIED"
    SUPERSEDED = "SUPERSEDED"


@dataclass(frozen=True, slots=True)
class Sends:
    """Codes sent so far, counted back from now; `since` is when the oldest of the window was sent."""

    last_to_target: datetime | None = None
    target_hour: int = 0
    target_hour_since: datetime | None = None
    target_day: int = 0
    target_day_since: datetime | None = None
    address_hour: int = 0
    prefix_hour: int = 0
    account_hour: int = 0
    partner_hour: int = 0
    site_hour: int = 0


@dataclass(frozen=True, slots=True)
class _Cap:
    """One limit on sending: its rule, its number, what was counted, since when, and the window."""

    rule: str
    limit: PolicyKey[int]
    count: Callable[[Sends], int]
    since: Callable[[Sends], datetime | None]
    window: timedelta


_CAPS = (
    _Cap("codes.per_target_hour", CODES_PER_TARGET_HOUR, lambda s: s.target_hour, lambda s: s.target_hour_since, HOUR),
    _Cap("codes.per_target_day", CODES_PER_TARGET_DAY, lambda s: s.target_day, lambda s: s.target_day_since, DAY),
    _Cap("codes.per_address_hour", CODES_PER_ADDRESS_HOUR, lambda s: s.address_hour, lambda s: None, HOUR),
    _Cap("codes.per_prefix_hour", CODES_PER_PREFIX_HOUR, lambda s: s.prefix_hour, lambda s: None, HOUR),
    _Cap("codes.per_account_hour", CODES_PER_ACCOUNT_HOUR, lambda s: s.account_hour, lambda s: None, HOUR),
    _Cap("codes.per_partner_hour", CODES_PER_PARTNER_HOUR, lambda s: s.partner_hour, lambda s: None, HOUR),
)


@rule("codes.gap", "A 4.2", policy=(CODES_GAP,), codes=(ErrorCode.CODE_TOO_SOON,))
@rule(
    "codes.per_target_hour",
    "B 1.2",
    policy=(CODES_PER_TARGET_HOUR,),
    codes=(ErrorCode.CODE_SEND_LIMIT,),
    page=_LIMITS_PAGE,
)
@rule(
    "codes.per_target_day",
    "B 1.2",
    policy=(CODES_PER_TARGET_DAY,),
    codes=(ErrorCode.CODE_SEND_LIMIT,),
    page=_LIMITS_PAGE,
)
@rule("codes.per_address_hour", "A 4.2", policy=(CODES_PER_ADDRESS_HOUR,), codes=(ErrorCode.CODE_SEND_LIMIT,))
@rule("codes.per_prefix_hour", "A 4.2", policy=(CODES_PER_PREFIX_HOUR,), codes=(ErrorCode.CODE_SEND_LIMIT,))
@rule("codes.per_account_hour", "A 4.2", policy=(CODES_PER_ACCOUNT_HOUR,), codes=(ErrorCode.CODE_SEND_LIMIT,))
@rule("codes.per_partner_hour", "A 4.2", policy=(CODES_PER_PARTNER_HOUR,), codes=(ErrorCode.CODE_SEND_LIMIT,))
@rule(
    "codes.money_per_hour",
    "A 4.2",
    policy=(CODES_MESSAGE_PRICE, CODES_MONEY_PER_HOUR),
    codes=(ErrorCode.CODE_SEND_LIMIT,),
)
def check_send(sends: Sends, *, now: datetime, policy: Policy) -> list[Violation]:
    """CODE_TOO_SOON within the gap since the last code to this target, CODE_SEND_LIMIT at any cap, both with
    `availableAt` where it is known. The money cap counts every code of the site.
    """
    violations = []
    if sends.last_to_target is not None and now - sends.last_to_target < policy[CODES_GAP]:
        at = sends.last_to_target + policy[CODES_GAP]
        violations.append(_limit(ErrorCode.CODE_TOO_SOON, "codes.gap", at))
    for cap in _CAPS:
        if cap.count(sends) >= policy[cap.limit]:
            since = cap.since(sends)
            violations.append(
                _limit(ErrorCode.CODE_SEND_LIMIT, cap.rule, None if since is None else since + cap.window)
            )
    if (sends.site_hour + 1) * policy[CODES_MESSAGE_PRICE] > policy[CODES_MONEY_PER_HOUR]:
        violations.append(_limit(ErrorCode.CODE_SEND_LIMIT, "codes.money_per_hour", None))
    return violations


@rule("codes.switch", "A 4.3", codes=(ErrorCode.STATE_CONFLICT,))
def check_switch(enabled: bool, wanted: bool) -> list[Violation]:
    """STATE_CONFLICT when the switch stands as wanted already."""
    return [Violation(ErrorCode.STATE_CONFLICT, ("input", "enabled"), "codes.switch")] if enabled == wanted else []


def _limit(code: ErrorCode, rule: str, at: datetime | None) -> Violation:
    return Violation(code, rule=rule, retryable=True, available_at=at)


@rule(
    "codes.life",
    "A 4.1",
    policy=(CODES_LIFE, CODES_LIFE_LONGEST, CODES_LIFE_CLAMPED),
    codes=(ErrorCode.CODE_EXPIRED,),
    page=_SEND_CODE_PAGE,
)
def compute_life(asked: timedelta | None, policy: Policy) -> timedelta:
    """How long a code lives: the default, or what was asked, but a value over the longest gives the clamped one."""
    if asked is None:
        return policy[CODES_LIFE]
    return asked if asked <= policy[CODES_LIFE_LONGEST] else policy[CODES_LIFE_CLAMPED]


@dataclass(frozen=True, slots=True)
class Try:
    """One try at a code, already counted. `found` is False for an unknown, foreign, used or superseded one; `unsent` is
    True for one that could not be sent, at which no try counts.
    """

    found: bool
    counted: bool = False
    right: bool = False
    expires_at: datetime | None = None
    left: int = 0
    unsent: bool = False


@rule("codes.unsent", "A 4.3", codes=(ErrorCode.CODE_SEND_FAILED,))
@rule(
    "codes.tries",
    "A 4.3",
    policy=(CODES_MAX_TRIES,),
    codes=(ErrorCode.CODE_WRONG, ErrorCode.CODE_TOO_MANY_TRIES),
    page=_TRIES_PAGE,
)
def check_try(attempt: Try, *, now: datetime, path: tuple[str, ...] = ("input", "code")) -> list[Violation]:
    """Empty for the right code in time. CODE_SEND_FAILED when it never left; CODE_TOO_MANY_TRIES once the tries are
    spent, even with the right code; CODE_EXPIRED from `expires_at` on; CODE_WRONG otherwise (an unknown one looks
    like a wrong one).
    """
    if not attempt.found:
        return [Violation(ErrorCode.CODE_WRONG, path, "codes.tries", {"left": 0})]
    if attempt.unsent:
        return [Violation(ErrorCode.CODE_SEND_FAILED, path, "codes.unsent")]
    if not attempt.counted:
        return [Violation(ErrorCode.CODE_TOO_MANY_TRIES, path, "codes.tries")]
    if attempt.expires_at is not None and now >= attempt.expires_at:
        return [Violation(ErrorCode.CODE_EXPIRED, path, "codes.life", deadline=attempt.expires_at)]
    if not attempt.right:
        return [
            Violation(ErrorCode.CODE_WRONG, path, "codes.tries", {"left": attempt.left}, retryable=attempt.left > 0)
        ]
    return []
