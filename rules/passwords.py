"""What a password must be like; hashing it is core.passwords' business."""

import unicodedata

from rules.contacts import national_number
from rules.errors import ErrorCode, Violation
from rules.policy import PASSWORD_MAX_LENGTH, PASSWORD_MIN_CLASSES, PASSWORD_MIN_LENGTH, Policy
from rules.registry import rule

_PAGE = (
    "https://huaweicloud.com/s/JeWmguS9leafpeeci3NzbOivgeS5puWvhueggSU/t_30_p_1/"
    "Jee7n-S4gOi6q-S7veiupOivgeacjeWKoSBJQU0l"
)


@rule(
    "accounts.password",
    "A 3.1",
    policy=(PASSWORD_MIN_LENGTH, PASSWORD_MAX_LENGTH, PASSWORD_MIN_CLASSES),
    codes=(ErrorCode.PASSWORD_LENGTH, ErrorCode.PASSWORD_CLASSES, ErrorCode.PASSWORD_CONTAINS_CONTACT),
    page=_PAGE,
)
def check_password(
    password: str, *, mobile: str | None, email: str | None, policy: Policy, path: tuple[str, ...] = ()
) -> list[Violation]:
    """All reasons against `password` for a person with these contacts (in stored form, `None` when there is none).

    PASSWORD_LENGTH, counted in characters; PASSWORD_CLASSES: too few kinds of upper case, lower case, digit and other;
    PASSWORD_CONTAINS_CONTACT: has the mobile number (with or without country code) or the e-mail address in it,
    whatever the case. Full-width letters and digits count as their ordinary forms.
    """
    password = unicodedata.normalize("NFKC", password)
    shortest, longest, kinds = (policy[key] for key in (PASSWORD_MIN_LENGTH, PASSWORD_MAX_LENGTH, PASSWORD_MIN_CLASSES))
    reasons: list[tuple[ErrorCode, dict[str, int]]] = []
    if not shortest <= len(password) <= longest:
        reasons.append((ErrorCode.PASSWORD_LENGTH, {"min": shortest, "max": longest}))
    if len({_kind(character) for character in password}) < kinds:
        reasons.append((ErrorCode.PASSWORD_CLASSES, {"classes": kinds}))
    if _contains_contact(password, mobile, email):
        reasons.append((ErrorCode.PASSWORD_CONTAINS_CONTACT, {}))
    return [Violation(code, path, "accounts.password", parameters) for code, parameters in reasons]


def _kind(character: str) -> str:
    if character.isdecimal():
        return "digit"
    if character.isupper():
        return "upper"
    return "lower" if character.islower() else "other"


def _contains_contact(password: str, mobile: str | None, email: str | None) -> bool:
    # The national number is part of the number with its country code, so one comparison finds both.
    contacts = [contact for contact in (mobile and national_number(mobile), email) if contact]
    folded = password.casefold()
    return any(contact.casefold() in folded for contact in contacts)
