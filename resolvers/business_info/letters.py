"""The letter that a partner has its bank fill in and stamp, written from its form; what is secret stays a blank."""

from core.i18n import Locale, translate
from models.business_info import BusinessInfoForm
from rules.business_info import ENTITIES, CheckReason

_LINES = (
    "title",
    "entity",
    "statement",
    "holder",
    "credit_code",
    "bank",
    "branch",
    "account",
    "currency",
    "signature",
)
_BLANK = "____________"


def letter_template(form: BusinessInfoForm) -> str:
    """The letter in each of the languages. The bank writes the account number: of it only the end is told."""
    return "\n\n".join(_text(form, locale) for locale in Locale)


def _text(form: BusinessInfoForm, locale: Locale) -> str:
    entity = ENTITIES.get(form.signing_entity or "")
    known = {
        "entity": None if entity is None else entity.titles[locale],
        "holder": form.account_holder,
        "credit_code": form.credit_code,
        "bank": form.bank_name,
        "branch": form.branch_name,
        "end": form.account_end,
        "currency": form.currency,
    }
    given = {name: text or _BLANK for name, text in known.items()}
    return "\n".join(translate(f"bank_letters.{line}", locale, given) for line in _LINES)


def differences_told(reasons: list[CheckReason]) -> dict[str, str]:
    """What of a form differs from a supplier's record, a sentence each in each of the languages; no value of either."""
    return {
        locale.value: " ".join(translate(f"enums.BusinessInfoCheckReason.{reason}", locale) for reason in reasons)
        for locale in Locale
    }
