"""The automatic check: what it finds in a form and in the supplier register, and where that leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from rules.business_info.form import FORM_PAGE
from rules.business_info.kinds import CheckReason
from rules.documents import MEGABYTE, Document
from rules.errors import ErrorCode, Violation
from rules.policy import BUSINESS_INFO_AUTOMATIC, BUSINESS_INFO_LETTER_SIZE_MAX, DOCUMENTS_MEDIA_TYPES, Policy
from rules.registry import rule

_CHECK_PAGE = "https://huaweicloud.com/s/JeS6keahjOmdoueuoeeQhuezu-e7nyU/t_30_p_28/JeWQiOS9nOS8meS8tOS4reW_gyU"
R = CheckReason


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where money goes: account number, signing entity and currency. `repr` shows nothing of the account."""

    account: str
    entity: str
    currency: str

    def __repr__(self) -> str:
        return f"Settlement(entity={self.entity!r}, currency={self.currency!r})"


@dataclass(frozen=True, slots=True)
class Answers:
    """What else of a form the check looks at."""

    bank_listed: bool
    intermediary: bool
    related_supplier: bool


@rule("business_info.supplier", "A 12.3", page=_CHECK_PAGE)
def compute_differences(given: Settlement, registered: Sequence[Settlement]) -> list[CheckReason]:
    """What of a form differs from the records of the supplier of that name; nothing where one agrees, or none is there.

    With several records the one that agrees most is compared.
    """
    found = [
        [
            reason
            for reason, differs in (
                (R.SUPPLIER_ACCOUNT_DIFFERS, given.account != one.account),
                (R.SUPPLIER_ENTITY_DIFFERS, given.entity != one.entity),
                (R.SUPPLIER_CURRENCY_DIFFERS, given.currency != one.currency),
            )
            if differs
        ]
        for one in registered
    ]
    return min(found, key=len, default=[])


@rule("business_info.automatic", "A 12.2", policy=(BUSINESS_INFO_AUTOMATIC,), page=_CHECK_PAGE)
def compute_doubts(answers: Answers, *, policy: Policy) -> list[CheckReason]:
    """Why a person has to look at the form; nothing when it may be certified by itself."""
    doubts = {
        R.RELATED_SUPPLIER: answers.related_supplier,
        R.BANK_NOT_LISTED: not answers.bank_listed,
        R.INTERMEDIARY_BANK: answers.intermediary,
        R.AUTOMATIC_OFF: not policy[BUSINESS_INFO_AUTOMATIC],
    }
    return [reason for reason, holds in doubts.items() if holds]


@rule(
    "business_info.letter",
    "A 12.3",
    policy=(BUSINESS_INFO_LETTER_SIZE_MAX, DOCUMENTS_MEDIA_TYPES),
    codes=(ErrorCode.BANK_LETTER_NOT_ACCEPTED,),
    page=FORM_PAGE,
)
def check_letter(letter: Document, *, policy: Policy, path: tuple[str, ...]) -> list[Violation]:
    """BANK_LETTER_NOT_ACCEPTED for another kind of file or one that is larger than a letter may be."""
    types, most = policy[DOCUMENTS_MEDIA_TYPES], policy[BUSINESS_INFO_LETTER_SIZE_MAX]
    if letter.media_type in types and letter.size <= most * MEGABYTE:
        return []
    details = {"types": list(types), "most": most}
    return [Violation(ErrorCode.BANK_LETTER_NOT_ACCEPTED, path, "business_info.letter", details)]
