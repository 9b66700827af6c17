"""Partners: admission to the network, the company behind one, and what a restricted or frozen one may not do."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from rules.accounts import RealNameKind, RealNameState
from rules.credit_codes import is_credit_code
from rules.errors import ErrorCode, Violation
from rules.policy import PARTNERS_AUTOMATIC_ADMISSION, Policy
from rules.registry import rule
from rules.sites import Site
from rules.transitions import machine

COMPANY_NAME_LENGTH = 256
"""Longest name of a company, in characters."""

_ADMISSION_PAGE = "https://huaweicloud.com/s/JWNtZOWRveS7pOafpeecizEzOeerr-WPoyU/t_30_p_28/JeWQiOS9nOS8meS8tOS4reW_gyU"
_JOINING_PAGE = "https://huaweicloud.com/s/JeWcqOe6v-S7o-eggeajgOafpeW3peWFtyU/t_30_p_5/JeWQiOS9nOS8meS8tOS4reW_gyU"
_LEAVING_PAGE = "https://huaweicloud.com/s/JWNkbua4oOmBk-S7o-eQhiU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"
_COMPANY_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zh-cn_topic_0072335190.html"
_STANDING_PAGE = "https://support.huaweicloud.com/intl/zh-cn/bpconsole_faq/faq_dp_080032.html"


class PartnerKind(StrEnum):
    """As what a partner sells; it follows from the plan it has joined."""

    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"


class AdmissionState(StrEnum):
    """Where admission to the partner network stands; an account that never applied has no partner at all."""

    SUBMITTED = "SUBMITTED"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    JOINED = "JOINED"
    REJECTED = "REJECTED"


class Standing(StrEnum):
    """Whether the vendor lets a partner work; CLOSED while its main account is closed, and for ever after that."""

    ACTIVE = "ACTIVE"
    RESTRICTED = "RESTRICTED"
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


A = AdmissionState
# Nothing leads out of JOINED: a joined account cannot leave the network.
ADMISSION = machine(
    "admission",
    AdmissionState,
    (A.SUBMITTED,),
    "A 5.3",
    (A.SUBMITTED, "auto_pass", "system", A.JOINED),
    (A.SUBMITTED, "auto_fail", "system", A.MANUAL_REVIEW),
    (A.MANUAL_REVIEW, "approve", "vendor", A.JOINED),
    (A.MANUAL_REVIEW, "reject", "vendor", A.REJECTED),
    (A.REJECTED, "resubmit", "account", A.SUBMITTED),
)

S = Standing
STANDING = machine(
    "standing",
    Standing,
    (S.ACTIVE,),
    "B 1.7",
    (S.ACTIVE, "restrict", "vendor", S.RESTRICTED),
    (S.FROZEN, "restrict", "vendor", S.RESTRICTED),
    (S.ACTIVE, "freeze", "vendor", S.FROZEN),
    (S.RESTRICTED, "freeze", "vendor", S.FROZEN),
    (S.RESTRICTED, "restore", "vendor", S.ACTIVE),
    (S.FROZEN, "restore", "vendor", S.ACTIVE),
    (S.ACTIVE, "close", "account", S.CLOSED),
    (S.CLOSED, "reopen", "account", S.ACTIVE),
)


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """A company as one document names it: its name and its credit code or registration number."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Application:
    """A company's application for admission and what is known of the account that makes it.

    `company.code` is as typed. `registered_name` is the name under which the site knows that code, `None` when it does
    not. `is_member`: the account is a member of a partner and not its main account. `works` is false for an account
    that has been closed or frozen meanwhile.
    """

    site: Site
    company: LegalEntity
    real_name_kind: RealNameKind | None
    real_name_state: RealNameState
    admission: AdmissionState | None = None
    is_member: bool = False
    registered_name: str | None = None
    works: bool = True


@rule("partners.real_name", "A 5.1", codes=(ErrorCode.REAL_NAME_REQUIRED,), page=_JOINING_PAGE)
@rule("partners.once", "A 5.3", codes=(ErrorCode.ALREADY_PARTNER,), page=_JOINING_PAGE)
@rule("partners.company", "A 5.2", codes=(ErrorCode.REQUIRED, ErrorCode.COMPANY_MISMATCH), page=_COMPANY_PAGE)
def check_application(application: Application) -> list[Violation]:
    """All reasons against an application, or against sending a rejected one again.

    REAL_NAME_REQUIRED unless the enterprise real name has passed; ALREADY_PARTNER while an application is under way,
    once joined, and for members; CREDIT_CODE_INVALID; COMPANY_MISMATCH when the code is known under another name;
    STATE_CONFLICT for an account that works no more.
    """
    violations = check_applicant(application.works)
    passed = application.real_name_state is RealNameState.PASSED
    if not passed or application.real_name_kind is not RealNameKind.ENTERPRISE:
        violations.append(Violation(ErrorCode.REAL_NAME_REQUIRED, rule="partners.real_name"))
    if application.is_member or application.admission not in (None, AdmissionState.REJECTED):
        violations.append(Violation(ErrorCode.ALREADY_PARTNER, rule="partners.once"))
    return violations + _check_company(application)


@rule("partners.applicant", "A 5.1", codes=(ErrorCode.STATE_CONFLICT,))
def check_applicant(works: bool) -> list[Violation]:
    """STATE_CONFLICT when the account that applies or submits works no more: nothing of a closed one is reviewed."""
    return [] if works else [Violation(ErrorCode.STATE_CONFLICT, ("input",), "partners.applicant")]


def _check_company(application: Application) -> list[Violation]:
    path = ("input", "companyName")
    violations = check_registered_name(application.company.name, application.registered_name, path=path)
    if not _folded(application.company.name):
        violations = [Violation(ErrorCode.REQUIRED, path, "partners.company")]
    code = normalise_credit_code(application.company.code, application.site, path=("input", "creditCode"))
    return violations if isinstance(code, str) else [*violations, code]


def check_registered_name(name: str, registered: str | None, *, path: tuple[str, ...] = ()) -> list[Violation]:
    """COMPANY_MISMATCH when the site knows the credit code under another name; `registered` is `None` for no name."""
    if registered is None or _folded(name) == _folded(registered):
        return []
    return [Violation(ErrorCode.COMPANY_MISMATCH, path, "partners.company")]


@rule("partners.automatic", "A 5.1", policy=(PARTNERS_AUTOMATIC_ADMISSION,), page=_ADMISSION_PAGE)
def is_automatic(licence: LegalEntity, real_name: LegalEntity, *, policy: Policy) -> bool:
    """Whether admission needs no manual review: the licence says what the real name says, and policy permits it.

    Names are compared without spaces, case and width of characters; codes in their stored form.
    """
    same = _folded(licence.name) == _folded(real_name.name) and _folded(licence.code) == _folded(real_name.code)
    return policy[PARTNERS_AUTOMATIC_ADMISSION] and same


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@rule("partners.credit_code", "A 5.2", codes=(ErrorCode.CREDIT_CODE_INVALID,), page=_COMPANY_PAGE)
def normalise_credit_code(text: str, site: Site, *, path: tuple[str, ...] = ()) -> str | Violation:
    """The code in its stored form (upper case, ordinary width), or CREDIT_CODE_INVALID.

    CN: a unified social credit code of 18 characters whose last one is right (GB 32100). INTL: a registration number of
    whatever form, 4 to 40 letters, digits, spaces, dots, slashes and hyphens.
    """
    code = " ".join(unicodedata.normalize("NFKC", text).split())
    if code.isascii():  # else upper() would make ASCII letters of what are none
        code = code.upper()
    if site is Site.CN:
        code = code.replace(" ", "")
    if is_credit_code(code, site):
        return code
    return Violation(ErrorCode.CREDIT_CODE_INVALID, path, "partners.credit_code")


@rule(
    "partners.not_leavable", "A 5.3", codes=(ErrorCode.HCPN_REQUIRED, ErrorCode.HCPN_NOT_LEAVABLE), page=_LEAVING_PAGE
)
def check_leave(state: AdmissionState) -> list[Violation]:
    """Why a partner does not leave the network: HCPN_REQUIRED before it joined, HCPN_NOT_LEAVABLE ever after.

    What ends is its account, by being cancelled.
    """
    joined = state is AdmissionState.JOINED
    code = ErrorCode.HCPN_NOT_LEAVABLE if joined else ErrorCode.HCPN_REQUIRED
    return [Violation(code, rule="partners.not_leavable")]


@rule("partners.assignment", "A 2.6", codes=(ErrorCode.STATE_CONFLICT, ErrorCode.ALREADY_ASSIGNED))
def check_assignment(state: AdmissionState, *, same: bool = False) -> list[Violation]:
    """STATE_CONFLICT before a partner has joined: until then nobody of the vendor is in charge of it. ALREADY_ASSIGNED
    where the `same` ones, or nobody, are in charge already.
    """
    violations, name = [], "partners.assignment"
    if state is not AdmissionState.JOINED:
        parameters = {"event": "assign", "state": state.value, "allowed": AdmissionState.JOINED.value}
        violations.append(Violation(ErrorCode.STATE_CONFLICT, rule=name, parameters=parameters))
    if same:
        violations.append(Violation(ErrorCode.ALREADY_ASSIGNED, ("input",), name))
    return violations


_STANDING_EVENTS = {Standing.RESTRICTED: "restrict", Standing.FROZEN: "freeze", Standing.ACTIVE: "restore"}


@rule(
    "partners.standing_change", "B 1.7", codes=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE), page=_STANDING_PAGE
)
def check_standing_change(present: Standing, wanted: Standing, reason: str | None) -> list[Violation]:
    """All reasons against giving a partner another standing: OUT_OF_RANGE for one that no vendor gives, STATE_CONFLICT,
    and REASON_REQUIRED without words.
    """
    if wanted in _STANDING_EVENTS:
        violations = STANDING.check(present, _STANDING_EVENTS[wanted])
    else:
        violations = [Violation(ErrorCode.OUT_OF_RANGE, ("input", "standing"), "partners.standing_change")]
    if not (reason and reason.strip()):
        violations.append(Violation(ErrorCode.REASON_REQUIRED, ("input", "reason"), "partners.standing_change"))
    return violations


class Undertaking(StrEnum):
    """What a partner sets out to do that its standing may forbid."""

    DEVELOP_RESALE_CUSTOMER = "DEVELOP_RESALE_CUSTOMER"
    ASSOCIATE_CUSTOMER = "ASSOCIATE_CUSTOMER"
    UNBIND_RESALE_CUSTOMER = "UNBIND_RESALE_CUSTOMER"
    INVITE_RESELLER = "INVITE_RESELLER"
    BIND_PERSONAL_ACCOUNT = "BIND_PERSONAL_ACCOUNT"


U = Undertaking
_FORBIDDEN = {
    Standing.ACTIVE: frozenset[Undertaking](),
    Standing.RESTRICTED: frozenset({U.ASSOCIATE_CUSTOMER}),
    Standing.FROZEN: frozenset(Undertaking) - {U.BIND_PERSONAL_ACCOUNT},
    Standing.CLOSED: frozenset(Undertaking),
}
_STANDING_CODES = {
    Standing.RESTRICTED: ErrorCode.PARTNER_RESTRICTED,
    Standing.FROZEN: ErrorCode.PARTNER_FROZEN,
    Standing.CLOSED: ErrorCode.PARTNER_FROZEN,
}


@rule(
    "partners.standing",
    "B 1.7",
    codes=(ErrorCode.PARTNER_RESTRICTED, ErrorCode.PARTNER_FROZEN),
    page=_STANDING_PAGE,
)
def check_standing(standing: Standing, undertaking: Undertaking) -> list[Violation]:
    """PARTNER_RESTRICTED or PARTNER_FROZEN when a partner of this standing may not do this; a closed one is as frozen.

    `standing` is the effective one, see `compute_standing`.
    """
    if undertaking not in _FORBIDDEN[standing]:
        return []
    return [Violation(_STANDING_CODES[standing], rule="partners.standing")]


_GRAVITY = (Standing.ACTIVE, Standing.RESTRICTED, Standing.FROZEN, Standing.CLOSED)


@rule("partners.standing_of_reseller", "B 1.7", page=_STANDING_PAGE)
def compute_standing(own: Standing, distributor: Standing | None) -> Standing:
    """The standing that counts: a reseller shares its distributor's when that is the graver one."""
    return max(own, distributor or Standing.ACTIVE, key=_GRAVITY.index)
