"""Amounts of money: whole minor units inside, decimal strings outside. Both sites' currencies have two decimals."""

import re
from decimal import Decimal

from rules.errors import ErrorCode, Violation

DIGITS = 13
"""Most digits before the point: what fits into the columns with room for sums."""

_CENTS = [f"{number:02}" for number in range(100)]
_FORM = re.compile(rf"-?\d{{1,{DIGITS}}}(\.\d{{1,2}})?", re.ASCII)


def parse_amount(text: str, *path: str) -> int | Violation:
    """`"1200.50"` → 120050 minor units, or INVALID_FORMAT: a sign, up to 13 digits, a point and up to two more."""
    if not _FORM.fullmatch(text.strip()):
        return Violation(ErrorCode.INVALID_FORMAT, path)
    return int(Decimal(text.strip()) * 100)


def format_amount(minor: int) -> str:
    """120050 → `"1200.50"`."""
    if minor < 0:
        return f"-{format_amount(-minor)}"
    return f"{minor // 100}.{_CENTS[minor % 100]}"
