"""Bank account numbers: digits on the mainland, IBAN with its check digits where a country has them."""

import re

from rules.errors import ErrorCode, Violation

# fmt: off
IBAN_LENGTHS = {
    "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IT": 27, "KW": 30, "LT": 20,
    "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PT": 25, "QA": 29, "RO": 24, "SA": 24,
    "SE": 24, "SI": 19, "SK": 24, "TR": 26,
}
# fmt: on
"""Country → characters of its account numbers after ISO 13616."""

_MAINLAND = re.compile(r"[0-9]{8,30}")
_ELSEWHERE = re.compile(r"[0-9A-Z]{6,34}")


def check_account(number: str, country: str, path: tuple[str, ...]) -> list[Violation]:
    """BANK_ACCOUNT_INVALID unless the number is one that accounts of the country have."""
    if country in IBAN_LENGTHS:
        right = is_iban(number, country)
    else:
        right = bool((_MAINLAND if country == "CN" else _ELSEWHERE).fullmatch(number))
    return [] if right else [Violation(ErrorCode.BANK_ACCOUNT_INVALID, path, "business_info.bank")]


def is_iban(number: str, country: str) -> bool:
    """Whether it is an IBAN of the country: its length, and the remainder 1 by 97."""
    if (
        not number.startswith(country)
        or len(number) != IBAN_LENGTHS[country]
        or not (number.isascii() and number.isalnum())
    ):
        return False
    moved = number[4:] + number[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1
