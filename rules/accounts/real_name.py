"""Real-name authentication: what is told and shown of whom, and when a person may become a company."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from rules.accounts import REAL_NAME, RealNameKind, RealNameState
from rules.credit_codes import is_credit_code
from rules.documents import KILOBYTE, Document
from rules.errors import ErrorCode, Violation
from rules.policy import (
    ACCOUNTS_REAL_NAME_ENTERPRISE_FILES,
    ACCOUNTS_REAL_NAME_FILE_SIZE_MAX,
    ACCOUNTS_REAL_NAME_FILES_MAX,
    ACCOUNTS_REAL_NAME_MEDIA_TYPES,
    ACCOUNTS_REAL_NAME_PERSONAL_FILES,
    Policy,
)
from rules.registry import rule
from rules.sites import Site

_FILES_PAGE = (
    "https://huaweicloud.com/s/JeaVsOaNruS7k-W6k-S4u-mimOS4juS4u-mimOWfn-WMuuWIqyU/t_30_p_3/Jei0puWPt-S4reW_gyU"
)

E = ErrorCode


class RealNameFileKind(StrEnum):
    """What a file shows that is handed in with a real name."""

    CERTIFICATE = "CERTIFICATE"
    LICENCE = "LICENCE"
    POWER_OF_ATTORNEY = "POWER_OF_ATTORNEY"


K = RealNameFileKind
Files = Mapping[RealNameFileKind, Sequence[Document]]
"""What is handed in: the files of each kind."""

FIELDS = {K.CERTIFICATE: "certificateIds", K.LICENCE: "licenceIds", K.POWER_OF_ATTORNEY: "powerOfAttorneyIds"}
"""Where an input names the files of each kind."""

_TAKEN = {RealNameKind.PERSONAL: frozenset({K.CERTIFICATE}), RealNameKind.ENTERPRISE: frozenset(K)}
_COMPULSORY = {
    RealNameKind.PERSONAL: ACCOUNTS_REAL_NAME_PERSONAL_FILES,
    RealNameKind.ENTERPRISE: ACCOUNTS_REAL_NAME_ENTERPRISE_FILES,
}


@rule("accounts.real_name", "A 3.2", codes=(E.REQUIRED,))
def check_real_name(kind: RealNameKind, legal_name: str, document_number: str, *, site: Site) -> list[Violation]:
    """REQUIRED for an empty name or number; CREDIT_CODE_INVALID for a company's number its site cannot have issued."""
    violations = [
        Violation(ErrorCode.REQUIRED, ("input", field), "accounts.real_name")
        for field, value in (("legalName", legal_name), ("documentNumber", document_number))
        if not value.strip()
    ]
    if (
        kind is RealNameKind.ENTERPRISE
        and document_number.strip()
        and not is_credit_code(document_number.strip(), site)
    ):
        violations.append(Violation(ErrorCode.CREDIT_CODE_INVALID, ("input", "documentNumber"), "partners.credit_code"))
    return violations


@rule(
    "accounts.real_name_files",
    "A 3.1",
    policy=(
        ACCOUNTS_REAL_NAME_PERSONAL_FILES,
        ACCOUNTS_REAL_NAME_ENTERPRISE_FILES,
        ACCOUNTS_REAL_NAME_FILES_MAX,
        ACCOUNTS_REAL_NAME_FILE_SIZE_MAX,
        ACCOUNTS_REAL_NAME_MEDIA_TYPES,
    ),
    codes=(E.REQUIRED, E.REAL_NAME_FILE_UNWANTED, E.TOO_MANY, E.INVALID_FORMAT, E.OUT_OF_RANGE),
    page=_FILES_PAGE,
)
def check_files(kind: RealNameKind, counts: Mapping[RealNameFileKind, int], *, policy: Policy) -> list[Violation]:
    """What is wrong with how many files of each kind are handed in: REQUIRED for none of a compulsory kind,
    REAL_NAME_FILE_UNWANTED for a kind that such a real name is not shown by, TOO_MANY above the policy's number.
    """
    most, compulsory = policy[ACCOUNTS_REAL_NAME_FILES_MAX], policy[_COMPULSORY[kind]]
    violations = []
    for shown in RealNameFileKind:
        count = counts.get(shown, 0)
        found = (
            (count and shown not in _TAKEN[kind], E.REAL_NAME_FILE_UNWANTED),
            (not count and shown.value in compulsory, E.REQUIRED),
            (count > most, E.TOO_MANY),
        )
        path = ("input", FIELDS[shown])
        violations += [Violation(code, path, "accounts.real_name_files") for hit, code in found if hit]
    return violations


def check_contents(files: Files, *, policy: Policy) -> list[Violation]:
    """What is wrong with each file by itself, at its number: INVALID_FORMAT for a media type that is no picture's,
    OUT_OF_RANGE for one that is too large.
    """
    most = policy[ACCOUNTS_REAL_NAME_FILE_SIZE_MAX] * KILOBYTE
    size = {"min": Decimal(1), "max": Decimal(most)}
    violations = []
    for kind, documents in files.items():
        for number, document in enumerate(documents):
            path = ("input", FIELDS[kind], str(number))
            if document.media_type not in policy[ACCOUNTS_REAL_NAME_MEDIA_TYPES]:
                violations.append(Violation(E.INVALID_FORMAT, path, "accounts.real_name_files"))
            if document.size > most:
                violations.append(Violation(E.OUT_OF_RANGE, path, "accounts.real_name_files", size))
    return violations


def is_change(held: RealNameState, held_kind: RealNameKind | None, wanted: RealNameKind) -> bool:
    """Whether a person that has passed would become a company; until then the person's real name holds."""
    passed = held is RealNameState.PASSED and held_kind is RealNameKind.PERSONAL
    return passed and wanted is RealNameKind.ENTERPRISE


@rule("accounts.real_name_submission", "A 3.1", codes=(E.STATE_CONFLICT,))
def check_submission(
    held: RealNameState, held_kind: RealNameKind | None, wanted: RealNameKind, *, in_review: bool
) -> list[Violation]:
    """STATE_CONFLICT for an account that has a case in review or has passed, unless a person becomes a company."""
    state = RealNameState.NONE if is_change(held, held_kind, wanted) else held
    return REAL_NAME.check(RealNameState.IN_REVIEW if in_review else state, "submit")


@rule("accounts.real_name_change", "A 11.3", codes=(E.REAL_NAME_PERSON_BOUND,))
def check_unbound(bound: bool) -> list[Violation]:
    """REAL_NAME_PERSON_BOUND for a person who is bound to a partner: employees are persons as long as they are."""
    return [Violation(E.REAL_NAME_PERSON_BOUND, rule="accounts.real_name_change")] if bound else []
