"""What a password must be like, at each boundary."""

from dataclasses import dataclass
from datetime import date

import pytest

from rules.errors import ErrorCode
from rules.passwords import check_password
from rules.policy import Policy
from rules.sites import Site

MOBILE = "+8613812345678"
EMAIL = "li.wei@example.com"
POLICY = Policy.at(Site.CN, date(2026, 11, 21))


def codes(password: str, mobile: str | None = MOBILE, email: str | None = EMAIL) -> list[ErrorCode]:
    return [found.code for found in check_password(password, mobile=mobile, email=email, policy=POLICY)]


@pytest.mark.parametrize(
    "password", ["abcdefg1", "ABCDEFG1", "abcdefgH", "abcdefg!", "1234567!", "密码abcdef", "a1" * 16, "pass word"]
)
def test_good_passwords(password: str) -> None:
    assert codes(password) == []


@pytest.mark.parametrize("password", ["abcdef1", "a1" * 16 + "a", "a1"])
def test_eight_to_thirty_two_characters(password: str) -> None:
    assert codes(password) == [ErrorCode.PASSWORD_LENGTH]


@pytest.mark.parametrize("password", ["abcdefgh", "ABCDEFGH", "12345678", "!!!!!!!!", "密码密码密码密码"])
def test_two_kinds_of_characters(password: str) -> None:
    assert codes(password) == [ErrorCode.PASSWORD_CLASSES]


@pytest.mark.parametrize(
    "password",
    [
        "x13812345678",
        "+8613812345678",
        "x\uff11\uff13\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "1li.wei@example.com",
        "1LI.WEI@Example.com",
    ],
)
def test_no_contact_inside(password: str) -> None:
    assert codes(password) == [ErrorCode.PASSWORD_CONTAINS_CONTACT]


def test_part_of_a_contact_and_other_peoples_contacts_are_allowed() -> None:
    assert codes("x1381234567") == []
    assert codes("x13812345678", mobile=None) == []
    assert codes("x13812345678", mobile="+8613912345678") == []
    assert codes("1li.wei@example.com", email=None) == []


def test_all_reasons_at_once() -> None:
    assert codes("13812345678" * 3) == [
        ErrorCode.PASSWORD_LENGTH,
        ErrorCode.PASSWORD_CLASSES,
        ErrorCode.PASSWORD_CONTAINS_CONTACT,
    ]
    assert codes("") == [ErrorCode.PASSWORD_LENGTH, ErrorCode.PASSWORD_CLASSES]


def test_full_width_characters_count_as_ordinary_ones() -> None:
    assert codes("\uff41bcdefgh") == [ErrorCode.PASSWORD_CLASSES]


def test_reasons_carry_their_numbers_and_their_place() -> None:
    found = check_password("aaa", mobile=None, email=None, policy=POLICY, path=("input", "password"))
    assert [violation.parameters for violation in found] == [{"min": 8, "max": 32}, {"classes": 2}]
    assert {(violation.path, violation.rule) for violation in found} == {(("input", "password"), "accounts.password")}


@dataclass(frozen=True)
class Row:
    key: str
    value: object
    site: str = "CN"
    effective_on: date = date(2026, 1, 1)


def test_the_numbers_are_the_policys() -> None:
    strict = Policy.at(Site.CN, date(2026, 11, 21), [Row("password.min_length", 12), Row("password.min_classes", 3)])
    found = check_password("abcdefg1", mobile=None, email=None, policy=strict)
    assert [violation.code for violation in found] == [ErrorCode.PASSWORD_LENGTH, ErrorCode.PASSWORD_CLASSES]
    assert check_password("abcdefghijK1", mobile=None, email=None, policy=strict) == []
