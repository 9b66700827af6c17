"""Stored forms of mobile numbers and addresses, and the masks."""

from datetime import date

import pytest

from rules.contacts import (
    mask_email,
    mask_identifier,
    mask_mobile,
    mask_name,
    national_number,
    normalise_email,
    normalise_mobile,
)
from rules.errors import ErrorCode, Violation
from rules.policy import Policy
from rules.sites import Site

CN = Policy.at(Site.CN, date(2026, 11, 21))
INTL = Policy.at(Site.INTL, date(2026, 11, 21))


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678",
        "+8613812345678",
        "008613812345678",
        "86 138 1234 5678",
        " 138-1234-5678 ",
        "(+86) 138 1234 5678",
        "\uff11\uff13\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "\uff0b8613812345678",
    ],
)
def test_a_chinese_mobile_has_one_stored_form(typed: str) -> None:
    assert normalise_mobile(typed, policy=CN) == "+8613812345678"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", ErrorCode.MOBILE_INVALID),
        ("hello", ErrorCode.MOBILE_INVALID),
        ("1381234567", ErrorCode.MOBILE_INVALID),
        ("138123456789", ErrorCode.MOBILE_INVALID),
        ("12012345678", ErrorCode.MOBILE_INVALID),
        ("+86138123456781381234567813812345", ErrorCode.MOBILE_INVALID),
        ("13812345678 ext 5", ErrorCode.MOBILE_INVALID),
        ("tel:+8613812345678;phone-context=x", ErrorCode.MOBILE_INVALID),
        ("138\x0012345678", ErrorCode.MOBILE_INVALID),
        ("138\ud80012345678", ErrorCode.MOBILE_INVALID),
        ("+85261234567", ErrorCode.MOBILE_NOT_OF_SITE),
        ("+6581234567", ErrorCode.MOBILE_NOT_OF_SITE),
        ("+861012345678", ErrorCode.MOBILE_NOT_OF_SITE),  # a landline in Beijing
    ],
)
def test_the_mainland_site_takes_mainland_mobiles_only(typed: str, code: ErrorCode) -> None:
    refused = normalise_mobile(typed, policy=CN, path=("input", "mobile"))
    assert isinstance(refused, Violation)
    assert (refused.code, refused.path) == (code, ("input", "mobile"))


def test_the_international_site_takes_any_mobile_with_its_country() -> None:
    assert normalise_mobile("+65 8123 4567", policy=INTL) == "+6581234567"
    assert normalise_mobile("+86 138 1234 5678", policy=INTL) == "+8613812345678"
    assert normalise_mobile("+1 (415) 555-2671", policy=INTL) == "+14155552671"
    assert normalise_mobile("81234567", policy=INTL) == Violation(ErrorCode.MOBILE_INVALID)
    assert normalise_mobile("+6561234567", policy=INTL) == Violation(
        ErrorCode.MOBILE_NOT_OF_SITE, rule="accounts.mobile"
    )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("li.wei@example.com", "li.wei@example.com"),
        ("  Li.Wei@Example.COM ", "li.wei@example.com"),
        ("LI+tag@example.com", "li+tag@example.com"),
        ("li@例子.公司", "li@xn--fsqu00a.xn--55qx5d"),
        ("a" * 52 + "@example.com", "a" * 52 + "@example.com"),
    ],
)
def test_an_address_has_one_stored_form(typed: str, stored: str) -> None:
    assert normalise_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "li",
        "li@",
        "@example.com",
        "li@localhost",
        "li@nowhere.invalid",
        "li@[127.0.0.1]",
        '"li wei"@example.com',
        "李伟@example.com",
        "li@example.com\r\nBcc: x@example.com",
        "li\x00@example.com",
        "li\ud800@example.com",
        "li@a@example.com",
        "a" * 53 + "@example.com",
        "a" * 100_000 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    assert normalise_email(typed, path=("input", "email")) == Violation(ErrorCode.EMAIL_INVALID, ("input", "email"))


@pytest.mark.parametrize(
    ("mobile", "shown"),
    [
        ("+8613812345678", "+86138****5678"),
        ("+14155552671", "+1415****2671"),
        ("+6581234567", "+65****67"),
        ("not a number", "****"),
        ("", "****"),
    ],
)
def test_masked_mobiles(mobile: str, shown: str) -> None:
    assert mask_mobile(mobile) == shown


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("li.wei@example.com", "l***@example.com"),
        ("li@example.com", "l***@example.com"),
        ("l@example.com", "***@example.com"),
        ("nonsense", "****"),
        ("@example.com", "****"),
        ("", "****"),
    ],
)
def test_masked_addresses(email: str, shown: str) -> None:
    assert mask_email(email) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王明", "王*"),
        ("王小明", "王**"),
        ("深圳市某某科技有限公司", "深**"),
        ("John Smith", "J*** S***"),
        ("Ed", "E***"),
        ("Åsa Öberg", "Å** Ö**"),
        ("李", "*"),
        ("X", "*"),
        ("", "****"),
    ],
)
def test_masked_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [("91440300708461136T", "****136T"), ("6222020200012345678", "****5678"), ("12345678", "****5678")],
)
def test_masked_identifiers(identifier: str, shown: str) -> None:
    assert mask_identifier(identifier) == shown


@pytest.mark.parametrize("identifier", ["1234567", "1234", ""])
def test_short_identifiers_are_hidden_wholly(identifier: str) -> None:
    assert mask_identifier(identifier) == "****"


def test_the_national_number_is_what_people_type() -> None:
    assert national_number("+8613812345678") == "13812345678"
    assert national_number("+14155552671") == "4155552671"
    assert national_number("+123") == "123"
