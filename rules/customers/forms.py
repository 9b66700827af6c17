"""Texts that people type into a form: present and not too long."""

from rules.errors import ErrorCode, Violation


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
