"""The form of business information: what is required, the form of each answer, and how the answers fit together."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from rules.business_info.accounts import check_account
from rules.business_info.catalogue import BANKS, ENTITIES
from rules.business_info.kinds import BUSINESS_INFO, BusinessInfoState, TaxpayerType
from rules.errors import ErrorCode, Violation
from rules.policy import BUSINESS_INFO_EDITABLE, BUSINESS_INFO_GENERAL_RATES, BUSINESS_INFO_SMALL_SCALE_RATES, Policy
from rules.registry import rule
from rules.sites import Site
from rules.statements import StatementCode, check_accepted

FORM_PAGE = "https://support.huaweicloud.com/eu/usermanual-bpconsole/en-us_topic_0072435142.html"
_HOLDER_PAGE = "https://huaweicloud.com/s/JWVzc2FtcG15c3Fs5pyq5ZCv5Yqo5aSx6LSlJQ/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"

E = ErrorCode
_FORM = "form"
_CHINA = "CN"

REQUIRED: tuple[str, ...] = (
    "address",
    "tax_number",
    "tax_rate",
    "contact_name",
    "contact_mobile",
    "contact_email",
    "bank_country",
    "bank_name",
    "branch_name",
    "account_holder",
    "account_number",
    "signing_entity",
    "currency",
    "related_supplier",
)
"""Asked on either site."""

REQUIRED_OF: Mapping[Site, tuple[str, ...]] = {
    Site.CN: ("taxpayer_type", "branch_code"),
    Site.INTL: ("bic",),
}
"""Asked on one site besides: the mainland knows branches by number, the others by BIC."""

FORMS: Mapping[str, re.Pattern[str]] = {
    "tax_number": re.compile(r"[0-9A-Z][0-9A-Z./-]{3,31}"),
    "bank_country": re.compile(r"[A-Z]{2}"),
    "branch_code": re.compile(r"[0-9]{12}"),
    "bic": re.compile(r"[A-Z]{4}[A-Z]{2}[0-9A-Z]{2}([0-9A-Z]{3})?"),
    "intermediary_bic": re.compile(r"[A-Z]{4}[A-Z]{2}[0-9A-Z]{2}([0-9A-Z]{3})?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "account_number": re.compile(r"[0-9A-Z]{6,34}"),
}
"""Of each answer with a form of its own, as it is stored: capitals, without blanks or hyphens in account numbers."""


@dataclass(frozen=True, slots=True)
class Content:
    """A form as it is written: `answers` by the names of its columns, the account number among them, unreadable
    anywhere else; `company_name` as the partner is registered.
    """

    site: Site
    company_name: str
    answers: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.answers.get(name)


def normalise_answer(name: str, text: str) -> str | Violation:
    """An answer in its stored form, or INVALID_FORMAT at its place in the input."""
    form = FORMS.get(name)
    if form is None:
        return text.strip()
    stored = unicodedata.normalize("NFKC", text).strip().upper()
    stored = re.sub(r"[\s-]", "", stored) if name == "account_number" else stored
    return stored if form.fullmatch(stored) else Violation(E.INVALID_FORMAT, ("input", _camel(name)))


def normalise_rate(text: str) -> Decimal | Violation:
    """A share of 1 with at most four decimals, as `"0.06"`; INVALID_FORMAT otherwise."""
    wrong = Violation(E.INVALID_FORMAT, ("input", "taxRate"))
    try:
        rate = Decimal(text.strip())
    except InvalidOperation:
        return wrong
    fits = rate.is_finite() and 0 <= rate < 1 and rate == rate.quantize(Decimal("0.0001"))
    return rate if fits else wrong


def check_form(content: Content, *, policy: Policy) -> list[Violation]:
    """All reasons against submitting a form as it is written; paths begin with `form`."""
    return [
        *_check_complete(content),
        *_check_taxpayer(content, policy=policy),
        *check_holder(content["account_holder"], content.company_name),
        *_check_bank(content),
        *check_branch(content["bank_code"], content["branch_code"]),
        *_check_entity(content),
    ]


@rule("business_info.complete", "A 12.1", codes=(E.BUSINESS_INFO_INCOMPLETE,), page=FORM_PAGE)
def _check_complete(content: Content) -> list[Violation]:
    wanted = [*REQUIRED, *REQUIRED_OF[content.site]]
    if content["related_supplier"]:
        wanted.append("related_details")
    if content["intermediary_bank"] or content["intermediary_bic"]:
        wanted += ["intermediary_bank", "intermediary_bic"]
    missing = [name for name in wanted if content[name] in (None, "")]
    return [Violation(E.BUSINESS_INFO_INCOMPLETE, (_FORM, _camel(name)), "business_info.complete") for name in missing]


def _check_taxpayer(content: Content, *, policy: Policy) -> list[Violation]:
    kind = content["taxpayer_type"]
    found = check_taxpayer(content.site, kind, certified=kind is not None, path=(_FORM, "taxpayerType"))
    return found + check_rate(content.site, kind, content["tax_rate"], policy=policy)


@rule("business_info.taxpayer", "B 17", codes=(E.TAXPAYER_TYPE_REQUIRED, E.TAXPAYER_TYPE_NOT_OF_SITE))
def check_taxpayer(
    site: Site,
    taxpayer_type: TaxpayerType | None,
    *,
    certified: bool,
    path: tuple[str, ...] = ("input", "taxpayerType"),
) -> list[Violation]:
    """A certified company of the mainland has a taxpayer type, one of the other site never has."""
    if site is Site.CN and certified and taxpayer_type is None:
        return [Violation(E.TAXPAYER_TYPE_REQUIRED, path, "business_info.taxpayer")]
    if site is not Site.CN and taxpayer_type is not None:
        return [Violation(E.TAXPAYER_TYPE_NOT_OF_SITE, path, "business_info.taxpayer")]
    return []


@rule(
    "business_info.tax_rate",
    "A 12.1",
    policy=(BUSINESS_INFO_GENERAL_RATES, BUSINESS_INFO_SMALL_SCALE_RATES),
    codes=(E.TAX_RATE_NOT_ALLOWED,),
)
def check_rate(
    site: Site, taxpayer_type: TaxpayerType | None, rate: Decimal | None, *, policy: Policy
) -> list[Violation]:
    """TAX_RATE_NOT_ALLOWED unless the rate is one of the taxpayer type's; other sites have rates of their own."""
    if rate is None or taxpayer_type is None or site is not Site.CN:
        return []
    small = taxpayer_type is TaxpayerType.SMALL_SCALE
    allowed = policy[BUSINESS_INFO_SMALL_SCALE_RATES if small else BUSINESS_INFO_GENERAL_RATES]
    if rate in map(Decimal, allowed):
        return []
    details = {"allowed": list(allowed)}
    return [Violation(E.TAX_RATE_NOT_ALLOWED, (_FORM, "taxRate"), "business_info.tax_rate", details)]


@rule("business_info.holder", "A 12.1", codes=(E.BANK_HOLDER_MISMATCH,), page=_HOLDER_PAGE)
def check_holder(holder: str | None, company_name: str) -> list[Violation]:
    """BANK_HOLDER_MISMATCH unless the account is the company's own: accounts of persons are refused with it.

    Width of letters, capitals and blanks make no difference.
    """
    if not holder or folded_name(holder) == folded_name(company_name):
        return []
    return [Violation(E.BANK_HOLDER_MISMATCH, (_FORM, "accountHolder"), "business_info.holder")]


@rule("business_info.branch", "A 12.1", codes=(E.BRANCH_NOT_OF_BANK,), page=FORM_PAGE)
def check_branch(bank_code: str | None, branch_code: str | None) -> list[Violation]:
    """BRANCH_NOT_OF_BANK for a branch, listed or typed, whose number is not one of the listed bank's."""
    bank = BANKS.get(bank_code or "")
    if bank is None or bank.number is None or branch_code is None or branch_code.startswith(bank.number):
        return []
    return [Violation(E.BRANCH_NOT_OF_BANK, (_FORM, "branchCode"), "business_info.branch")]


@rule("business_info.bank", "A 12.1", codes=(E.BANK_UNKNOWN, E.BANK_ACCOUNT_INVALID), page=FORM_PAGE)
def _check_bank(content: Content) -> list[Violation]:
    """A bank chosen from the list is one of the account's country, and the number one that the country has."""
    violations, country = [], content["bank_country"]
    bank = BANKS.get(content["bank_code"] or "")
    if content["bank_code"] and (bank is None or country not in (None, bank.country)):
        violations.append(Violation(E.BANK_UNKNOWN, (_FORM, "bankCode"), "business_info.bank"))
    if content.site is Site.CN and country not in (None, _CHINA):
        violations.append(Violation(E.BANK_UNKNOWN, (_FORM, "bankCountry"), "business_info.bank"))
    if country and content["account_number"]:
        violations += check_account(content["account_number"], country, (_FORM, "accountNumber"))
    return violations


@rule("business_info.entity", "A 12.1", codes=(E.SIGNING_ENTITY_NOT_OF_SITE, E.CURRENCY_NOT_OF_ENTITY), page=FORM_PAGE)
def _check_entity(content: Content) -> list[Violation]:
    """The signing entity is one of the site, and settles in the currency."""
    if not content["signing_entity"]:
        return []
    entity = ENTITIES.get(content["signing_entity"])
    if entity is None or entity.site is not content.site:
        return [Violation(E.SIGNING_ENTITY_NOT_OF_SITE, (_FORM, "signingEntity"), "business_info.entity")]
    if content["currency"] in (None, *entity.currencies):
        return []
    details = {"allowed": list(entity.currencies)}
    return [Violation(E.CURRENCY_NOT_OF_ENTITY, (_FORM, "currency"), "business_info.entity", details)]


def check_supplier(signing_entity: str, site: Site) -> list[Violation]:
    """SIGNING_ENTITY_NOT_OF_SITE unless the supplier's signing entity is one of the site."""
    entity = ENTITIES.get(signing_entity)
    if entity is not None and entity.site is site:
        return []
    return [Violation(E.SIGNING_ENTITY_NOT_OF_SITE, ("input", "signingEntity"), "business_info.entity")]


@rule("business_info.entity_changed", "A 12.2", codes=(E.SIGNING_ENTITY_UNCHANGED,), page=FORM_PAGE)
def check_new_entity(
    present: tuple[str | None, str | None], signing_entity: str, currency: str, site: Site
) -> list[Violation]:
    """All reasons against another signing entity or currency: SIGNING_ENTITY_UNCHANGED when they are the `present`
    ones, SIGNING_ENTITY_NOT_OF_SITE, CURRENCY_NOT_OF_ENTITY.
    """
    if present == (signing_entity, currency):
        return [Violation(E.SIGNING_ENTITY_UNCHANGED, ("input", "signingEntity"), "business_info.entity_changed")]
    content = Content(site, "", {"signing_entity": signing_entity, "currency": currency})
    return [replace(one, path=("input", one.path[-1])) for one in _check_entity(content)]


@rule("business_info.privacy", "A 12.1", codes=(E.AGREEMENT_REQUIRED,), page=FORM_PAGE)
def check_privacy(accepted: str | None) -> list[Violation]:
    """AGREEMENT_REQUIRED unless the present privacy statement is accepted."""
    return check_accepted(StatementCode.PRIVACY, accepted, "input", "privacyStatement", rule="business_info.privacy")


@rule("business_info.submit", "A 12.2", codes=(E.BUSINESS_INFO_LOCKED, E.BANK_LETTER_REQUIRED), page=FORM_PAGE)
def check_submittable(state: BusinessInfoState) -> list[Violation]:
    """Whether a form may be submitted: not while it is locked, a letter is asked for, or one is under way."""
    special = {
        BusinessInfoState.LOCKED: E.BUSINESS_INFO_LOCKED,
        BusinessInfoState.LETTER_REQUIRED: E.BANK_LETTER_REQUIRED,
    }
    if state in special:
        return [Violation(special[state], rule="business_info.submit")]
    return BUSINESS_INFO.check(state, "submit")


@rule(
    "business_info.editable",
    "A 19",
    policy=(BUSINESS_INFO_EDITABLE,),
    codes=(E.BUSINESS_INFO_NOT_EDITABLE,),
    page=FORM_PAGE,
)
def check_editable(state: BusinessInfoState, *, opened: bool, policy: Policy) -> list[Violation]:
    """BUSINESS_INFO_NOT_EDITABLE for what is certified where the site lets nobody change it, until the vendor has
    `opened` it. What has to be certified anew is certified no longer, so it is not asked.
    """
    if state is not BusinessInfoState.CERTIFIED or opened or policy[BUSINESS_INFO_EDITABLE]:
        return []
    return [Violation(E.BUSINESS_INFO_NOT_EDITABLE, rule="business_info.editable")]


def folded_name(name: str) -> str:
    """A company's name for comparison: width of letters, capitals and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
