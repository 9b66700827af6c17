"""Texts that people type into a form: present and not too long."""

from rules.errors import ErrorCode, Violation
from rules.registry import rule

REVEAL_REASON_LENGTH = 500
"""Longest reason for showing personal data in clear, in characters."""

_CLEAR_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zd_000004.html"


def check_text(
    text: str | None,
    *path: str,
    rule: str,
    longest: int,
    missing: ErrorCode = ErrorCode.REQUIRED,
) -> list[Violation]:
    """`missing` for nothing but blanks, OUT_OF_RANGE for more than `longest` characters (blanks around not counted)."""
    length = len((text or "").strip())
    if not length:
        return [Violation(missing, path, rule)]
    if length > longest:
        return [Violation(ErrorCode.OUT_OF_RANGE, path, rule, {"min": 1, "max": longest, "unit": "characters"})]
    return []


@rule("customers.reveal", "B 1.4", codes=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE), page=_CLEAR_PAGE)
def check_reveal(reason: str | None) -> list[Violation]:
    """REASON_REQUIRED or OUT_OF_RANGE: personal data in clear is shown for a stated reason only."""
    return check_text(
        reason,
        "input",
        "reason",
        rule="customers.reveal",
        longest=REVEAL_REASON_LENGTH,
        missing=ErrorCode.REASON_REQUIRED,
    )
