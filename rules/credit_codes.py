"""Company numbers: the unified social credit code of the mainland, registration numbers elsewhere."""

import re

from rules.sites import Site

CREDIT_CODE_LENGTH = 40
"""Characters of the longest number of any site."""
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(rf"[{_LETTERS}]{{18}}")
_REGISTRATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{2,38}[A-Za-z0-9]")


def is_credit_code(text: str, site: Site) -> bool:
    """Whether `site` can have issued the number: CN 18 characters with the check of GB 32100, INTL 4 to 40."""
    if site is not Site.CN:
        return _REGISTRATION.fullmatch(text) is not None
    return _USCC.fullmatch(text) is not None and _check_character(text[:17]) == text[17]


def _check_character(body: str) -> str:
    total = sum(_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return _LETTERS[(31 - total % 31) % 31]
