"""Breaches of the fund's rules: what is recorded, what they end, and until when."""

from datetime import datetime

from rules.errors import ErrorCode, Violation
from rules.funds.kinds import MDF_CASE, MdfState
from rules.registry import rule

E = ErrorCode
ENDED_AT_ONCE = frozenset({MdfState.DRAFT, MdfState.USE_REVIEW})
"""What a violation ends of a partner's other cases; what was approved is decided one by one."""


@rule("funds.monitoring", "A 13.4", codes=(E.REQUIRED,))
def check_finding(state: MdfState, note: str) -> list[Violation]:
    """All reasons against recording a finding: STATE_CONFLICT unless the event runs, REQUIRED without words."""
    violations = MDF_CASE.check(state, "monitor")
    if not note.strip():
        violations.append(Violation(E.REQUIRED, ("input", "note"), "funds.monitoring"))
    return violations


@rule("funds.violation", "A 13.6", codes=(E.REQUIRED,))
def check_penalty(penalty: str) -> list[Violation]:
    """REQUIRED for a violation whose penalty is not in words."""
    return [] if penalty.strip() else [Violation(E.REQUIRED, ("input", "penalty"), "funds.violation")]


@rule("funds.void", "A 13.6", codes=(E.REASON_REQUIRED,))
def check_void(state: MdfState, reason: str) -> list[Violation]:
    """All reasons against voiding a case: STATE_CONFLICT, REASON_REQUIRED."""
    violations = MDF_CASE.check(state, "void")
    if not reason.strip():
        violations.append(Violation(E.REASON_REQUIRED, ("input", "reason"), "funds.void"))
    return violations


@rule("funds.suspension_end", "A 13.6")
def is_over(suspended_until: datetime, lifted_at: datetime | None, *, now: datetime) -> bool:
    """Whether a suspension is to be marked as lifted."""
    return lifted_at is None and now >= suspended_until
