"""The error catalogue: every code a refusal can carry, and the shape of a refusal.

A text for each code stands in locales/*.toml under the code's name. Codes that a published rule stands behind name the
rule's id in `Violation.rule`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.i18n import Locale, parameters_of, pattern, translate, translate_further
from rules.error_codes import ErrorCode

ACCESS_CODES = frozenset({ErrorCode.ADMIN_ONLY, ErrorCode.MAIN_ACCOUNT_ONLY, ErrorCode.PERMISSION_DENIED})
"""Reasons of a top-level FORBIDDEN; they appear among `blockers` too, never among a payload's user errors."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason to refuse.

    `path` leads to the offending input (`("input", "lines", "3")`), empty for the whole operation; `parameters` fill
    the text; `rule` is the id of the published rule that said no. The rest is set where it helps the caller: when it
    becomes possible, the deadline missed, or the limit met. `upstream_code` is the vendor's number of this refusal
    where it depends on the operation; else `UPSTREAM` knows it.
    """

    code: ErrorCode
    path: tuple[str, ...] = ()
    rule: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    retryable: bool = False
    available_at: datetime | None = None
    deadline: datetime | None = None
    limit: Decimal | None = None
    used: Decimal | None = None
    requested: Decimal | None = None
    resets_at: datetime | None = None
    upstream_code: str | None = None


def message_of(violation: Violation, locale: str) -> str:
    """What a person reads of a refusal: the code's text, and what there is to add where its facts are given."""
    code, parameters = violation.code.value, violation.parameters
    texts = [translate(f"errors.{code}", locale, parameters), translate_further(f"further.{code}", locale, parameters)]
    return ("" if locale == Locale.ZH_CN else " ").join(filter(None, texts))


def told_of(violation: Violation) -> dict[str, Any]:
    """The parameters that its text names, in the text's order of names: what a person reads and a program may use."""
    code, parameters = violation.code.value, violation.parameters
    texts = (pattern(f"errors.{code}"), pattern(f"further.{code}"))
    named = [name for text in texts if text for name in sorted(parameters_of(text))]
    return {name: parameters[name] for name in named if parameters.get(name) is not None}


UPSTREAM: dict[ErrorCode, str] = {
    ErrorCode.CODE_SEND_LIMIT: "CBC.99004015",
    ErrorCode.CODE_SEND_FAILED: "CBC.99004003",
    ErrorCode.CODE_EXPIRED: "CBC.99004008",
    ErrorCode.CODE_TOO_MANY_TRIES: "CBC.99004009",
    ErrorCode.CODE_WRONG: "CBC.99004010",
    ErrorCode.QUOTA_NOT_IN_FORCE: "CBC.99000017",
    ErrorCode.QUOTA_INSUFFICIENT: "CBC.99000013",
    ErrorCode.QUOTA_WRONG_ASSOCIATION_TYPE: "CBC.99000014",
    ErrorCode.FACE_BELOW_MINIMUM: "CBC.99000018",
    ErrorCode.FACE_ABOVE_MAXIMUM: "CBC.99000019",
    ErrorCode.VOUCHER_COUNT_LIMIT: "CBC.99000020",
    ErrorCode.VOUCHER_TOTAL_LIMIT: "CBC.99000021",
    ErrorCode.FIRST_ASSOCIATION_ONLY: "CBC.99000022",
    ErrorCode.RANGE_OUTSIDE_QUOTA: "CBC.99000023",
    ErrorCode.SUBSCRIPTION_OUTSIDE_QUOTA: "CBC.99000024",
    ErrorCode.SELF_ISSUE: "CBC.99000025",
    ErrorCode.DESIGNATED_CUSTOMERS_ONLY: "CBC.50000020",
    ErrorCode.DESIGNATED_OF_OTHERS: "CBC.50000021",
    ErrorCode.VOUCHER_UNIFIED_MEMBER: "CBC.50000034",
    ErrorCode.PARTNER_USES_VOUCHERS: "CBC.50000010",
    ErrorCode.RESELLER_LEAVING: "CBC.50010105",
    ErrorCode.NOT_RECALLABLE_REFERRAL: "CBC.99000045",
    ErrorCode.ALREADY_EXPIRED_OR_RECALLED: "CBC.99000048",
}
"""The vendor's own number of a refusal, for integrators who know it from there; most of ours have none. B 22."""


class Rejected(Exception):
    """A command refuses, with every reason at once. Nothing it wrote stays."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(", ".join(violation.code for violation in violations))
        self.violations = violations


def require(violations: list[Violation]) -> None:
    """Raises `Rejected` when there is any violation."""
    if violations:
        raise Rejected(violations)


def refuse(code: ErrorCode, *path: str, **details: Any) -> Rejected:
    """A refusal for one reason, to be raised; `path` as the caller's input, `details` as in `Violation`."""
    return Rejected([Violation(code, path, **details)])


@dataclass(frozen=True, slots=True)
class Conflict(Violation):
    """Somebody else changed the object first; `current` is the row as it stands now."""

    current: object = None
    expected_version: int = 0


@dataclass(frozen=True, slots=True)
class StepUpRequired(Violation):
    """The operation needs a code; `challenge` is the verification that was sent."""

    challenge: object = None


__all__ = [
    "ACCESS_CODES",
    "UPSTREAM",
    "Conflict",
    "ErrorCode",
    "Rejected",
    "StepUpRequired",
    "Violation",
    "refuse",
    "require",
]
