"""What the tests of the rules ask of every refusal, besides its code."""

from collections.abc import Iterable

from rules.errors import ErrorCode, Violation
from rules.registry import RULES


def codes(violations: Iterable[Violation]) -> list[ErrorCode]:
    """The codes in order; fails when one does not name a published rule that declares it."""
    found = list(violations)
    for violation in found:
        assert violation.rule is not None and violation.code in RULES[violation.rule].codes, violation
    return [violation.code for violation in found]
