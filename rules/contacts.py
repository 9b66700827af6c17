"""Mobile numbers and e-mail addresses: their one stored form, and the masks for viewers without rights."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from rules.errors import ErrorCode, Violation
from rules.policy import ACCOUNTS_MOBILE_REGIONS, Policy
from rules.registry import rule

MOBILE_LENGTH = 32
"""Longest text taken for a mobile number, in characters. The stored form has 16 at most."""

EMAIL_LENGTH = 64
"""Longest e-mail address, in characters."""

_MOBILE_TYPES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
_MOBILE_FORM = re.compile(r"[\d\s()+.\-＋－（）．·]+")
_HIDDEN = "****"


@rule(
    "accounts.mobile",
    "A 3.1",
    policy=(ACCOUNTS_MOBILE_REGIONS,),
    codes=(ErrorCode.MOBILE_NOT_OF_SITE,),
    page="https://support.huaweicloud.com/api-bpconsole/mc_00024.md",
)
def normalise_mobile(text: str, *, policy: Policy, path: tuple[str, ...] = ()) -> str | Violation:
    """The number in E.164 (`+8613812345678`), or why it is refused.

    MOBILE_INVALID: no valid number. MOBILE_NOT_OF_SITE: valid, but no mobile of the site's regions (CN: mainland
    mobiles only). Where the site has one region its country code may be left out. Full-width digits, spaces, hyphens
    and brackets are accepted.
    """
    regions = policy[ACCOUNTS_MOBILE_REGIONS]
    number = _parse(text, regions[0] if len(regions) == 1 else None)
    if number is None:
        return Violation(ErrorCode.MOBILE_INVALID, path)
    region = phonenumbers.region_code_for_number(number)
    if phonenumbers.number_type(number) not in _MOBILE_TYPES or (regions and region not in regions):
        return Violation(ErrorCode.MOBILE_NOT_OF_SITE, path, rule="accounts.mobile")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def normalise_email(text: str, *, path: tuple[str, ...] = ()) -> str | Violation:
    """The address in lower case with its domain in ASCII, or EMAIL_INVALID.

    Refused: over 64 characters, quoted or non-ASCII local parts, address literals, names that cannot be reached from
    the internet. No look-up is made.
    """
    try:
        parts = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return Violation(ErrorCode.EMAIL_INVALID, path)
    address = f"{parts.local_part}@{parts.ascii_domain}".lower()
    return address if len(address) <= EMAIL_LENGTH else Violation(ErrorCode.EMAIL_INVALID, path)


def national_number(mobile: str) -> str:
    """The digits of an E.164 number without its country code: what people type and remember."""
    number = _parse(mobile, None)
    return mobile.lstrip("+") if number is None else phonenumbers.national_significant_number(number)


def mask_mobile(mobile: str) -> str:
    """`+8613812345678` → `+86138****5678`: country code, first three and last four; short numbers the last two only."""
    number = _parse(mobile, None)
    if number is None:
        return _HIDDEN
    national = phonenumbers.national_significant_number(number)
    shown = f"{national[:3]}{_HIDDEN}{national[-4:]}" if len(national) >= 10 else f"{_HIDDEN}{national[-2:]}"
    return f"+{number.country_code}{shown}"


def mask_email(email: str) -> str:
    """`li.wei@example.com` → `l***@example.com`: the first letter and the domain; the length does not show."""
    local, at, domain = email.rpartition("@")
    if not at or not local:
        return _HIDDEN
    return f"{local[0] if len(local) > 1 else ''}***@{domain}"


def mask_name(name: str) -> str:
    """`王小明` → `王**`, `John Smith` → `J*** S***`: the first character of each word; one alone is hidden."""
    return " ".join([_mask_word(word) for word in name.split()]) or _HIDDEN


def mask_identifier(identifier: str) -> str:
    """Credit codes, certificate and bank numbers: `****` and the last four, nothing of those under eight characters."""
    return f"{_HIDDEN}{identifier[-4:]}" if len(identifier) >= 8 else _HIDDEN


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    """A valid number, or `None`. Letters and extensions are not accepted: what is stored must be what was typed."""
    text = text.strip()
    if len(text) > MOBILE_LENGTH or not _MOBILE_FORM.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _mask_word(word: str) -> str:
    if len(word) == 1:
        return "*"
    stars = "***" if word[0].isascii() else "*" if len(word) == 2 else "**"
    return word[0] + stars
