"""Amounts: minor units inside, decimals outside, and nothing lost between."""

import pytest

from rules.errors import ErrorCode, Violation
from rules.money import DIGITS, format_amount, parse_amount
from tests.seeded import Random


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (99, "0.99"),
        (100, "1.00"),
        (-100, "-1.00"),
        (-199, "-1.99"),
        (120_050, "1200.50"),
        (10**15 - 1, "9999999999999.99"),
    ],
)
def test_an_amount_is_written_with_two_decimals(minor: int, text: str) -> None:
    assert format_amount(minor) == text
    assert parse_amount(text) == minor


def test_every_amount_comes_back() -> None:
    numbers = Random(2)
    for minor in [*range(-250, 251), *(numbers.randint(-(10**15) + 1, 10**15 - 1) for _ in range(2_000))]:
        assert parse_amount(format_amount(minor)) == minor


@pytest.mark.parametrize(("text", "minor"), [("1", 100), ("1.5", 150), (" 2.00 ", 200), ("-0.1", -10)])
def test_fewer_decimals_are_enough(text: str, minor: int) -> None:
    assert parse_amount(text) == minor


@pytest.mark.parametrize("text", ["", ".", "1.", ".5", "1.005", "1e2", "+1", "１", "1,000", "9" * (DIGITS + 1), "NaN"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert parse_amount(text, "input", "amount") == Violation(ErrorCode.INVALID_FORMAT, ("input", "amount"))
