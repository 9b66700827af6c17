"""Partners' solutions: what is submitted, how a certification goes on, and sharing it inside a company."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rules.calendar import add_months
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import ErrorCode, Violation
from rules.paths import VALIDATED, PathStage
from rules.policy import SOLUTIONS_RECERTIFICATION_WINDOW, SOLUTIONS_VALID_MONTHS, Policy
from rules.registry import rule
from rules.transitions import machine

_CREATE_PAGE = (
    "https://huaweicloud.com/s/Jea1t-aKpeWSjOeUu-aKpWNkbui1hOa6kOiuv-mXruWHuueOsOmXrumimOaAjuS5iOino-WGsyU"
    "/t_30_p_28/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_VALID_PAGE = (
    "https://huaweicloud.com/s/JeS6keacjeWKoeWZqOWPr-S7peWuieijheaVsOaNruW6kyU/t_30_p_29/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_SHARE_PAGE = "https://huaweicloud.com/s/JWVzc2FtcG15c3Fs5pyq5ZCv5Yqo5aSx6LSlJQ/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"
DESCRIPTION_LENGTH = 4_000


class SolutionKind(StrEnum):
    """How demanding a solution's certification is."""

    CLOUD_SOFTWARE = "CLOUD_SOFTWARE"
    ADVANCED = "ADVANCED"


class SolutionForm(StrEnum):
    """What a solution is made of; either counts for the software role."""

    APPLICATION_SOFTWARE = "APPLICATION_SOFTWARE"
    SOFTWARE_SOLUTION = "SOFTWARE_SOLUTION"


class SolutionState(StrEnum):
    """Where a solution's certification stands. Whether it is valid its end says: a new submission keeps the old one."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    CERTIFIED = "CERTIFIED"
    REJECTED = "REJECTED"
    EXPIRING = "EXPIRING"
    EXPIRED = "EXPIRED"


S, E = SolutionState, ErrorCode
SOLUTION = machine(
    "solution",
    SolutionState,
    (S.DRAFT,),
    "A 7.1",
    (S.DRAFT, "change", "partner", S.DRAFT),
    (S.REJECTED, "change", "partner", S.REJECTED),
    (S.EXPIRING, "change", "partner", S.EXPIRING),
    (S.EXPIRED, "change", "partner", S.EXPIRED),
    (S.DRAFT, "submit", "partner", S.SUBMITTED),
    (S.REJECTED, "submit", "partner", S.SUBMITTED),
    (S.EXPIRING, "submit", "partner", S.SUBMITTED),
    (S.EXPIRED, "submit", "partner", S.SUBMITTED),
    (S.SUBMITTED, "approve", "vendor", S.CERTIFIED),
    (S.SUBMITTED, "reject", "vendor", S.REJECTED),
    (S.SUBMITTED, "keep", "vendor, who rejects while the old certification is valid", S.EXPIRING),
    (S.CERTIFIED, "near_end", "system", S.EXPIRING),
    (S.EXPIRING, "expire", "system", S.EXPIRED),
)


@dataclass(frozen=True, slots=True)
class SolutionFields:
    """What the form asks for."""

    name: str
    description: str
    industry: str
    services: tuple[str, ...]
    contact_name: str
    contact_mobile: str
    contact_email: str


@rule("solutions.path", "A 7.1", codes=(E.SOFTWARE_PATH_REQUIRED,), page=_CREATE_PAGE)
def check_may_create(stage: PathStage | None) -> list[Violation]:
    """SOFTWARE_PATH_REQUIRED unless the partner is on the software path; `stage` is its stage there."""
    return [] if stage is not None else [Violation(E.SOFTWARE_PATH_REQUIRED, rule="solutions.path")]


@rule(
    "solutions.submission",
    "A 7.1",
    codes=(E.REQUIRED, E.MOBILE_INVALID, E.MOBILE_NOT_OF_SITE, E.EMAIL_INVALID),
    page=_CREATE_PAGE,
)
def check_submission(state: SolutionState, fields: SolutionFields, *, policy: Policy) -> list[Violation]:
    """All reasons against submitting: STATE_CONFLICT, REQUIRED for each field of the form that is empty, and what is
    wrong with the contact's mobile number and e-mail address (MOBILE_INVALID, MOBILE_NOT_OF_SITE, EMAIL_INVALID).
    """
    violations = SOLUTION.check(state, "submit")
    given = {
        "name": fields.name,
        "description": fields.description,
        "industry": fields.industry,
        "services": "".join(fields.services),
        "contactName": fields.contact_name,
        "contactMobile": fields.contact_mobile,
        "contactEmail": fields.contact_email,
    }
    return (
        violations
        + [
            Violation(E.REQUIRED, ("input", name), "solutions.submission")
            for name, text in given.items()
            if not text.strip()
        ]
        + _check_contact(fields, policy)
    )


def _check_contact(fields: SolutionFields, policy: Policy) -> list[Violation]:
    """What is wrong with those of the contacts that are given."""
    mobile = normalise_mobile(fields.contact_mobile, policy=policy, path=("input", "contactMobile"))
    email = normalise_email(fields.contact_email, path=("input", "contactEmail"))
    checked = ((fields.contact_mobile, mobile), (fields.contact_email, email))
    wrong = [found for text, found in checked if text.strip() and isinstance(found, Violation)]
    return [replace(found, rule="solutions.submission") for found in wrong]


@rule("solutions.validity", "A 7.1", policy=(SOLUTIONS_VALID_MONTHS,), page=_VALID_PAGE)
def compute_certified_until(now: datetime, *, policy: Policy) -> datetime:
    """The end of a certification that passes now; one certified anew runs from the new pass."""
    return add_months(now, policy[SOLUTIONS_VALID_MONTHS], policy.site.zone)


@rule("solutions.recertification", "A 7.1", policy=(SOLUTIONS_RECERTIFICATION_WINDOW,), page=_VALID_PAGE)
def compute_due_event(
    state: SolutionState, valid_until: datetime | None, *, now: datetime, policy: Policy
) -> str | None:
    """What time does to a certification: `near_end` some time before its end, `expire` at it; None for nothing yet."""
    if valid_until is None:
        return None
    if state is S.CERTIFIED and now >= valid_until - policy[SOLUTIONS_RECERTIFICATION_WINDOW]:
        return "near_end"
    return "expire" if state is S.EXPIRING and now >= valid_until else None


def is_valid(valid_until: datetime | None, *, now: datetime) -> bool:
    """Whether a certification counts, its owner's new submission notwithstanding."""
    return valid_until is not None and now < valid_until


def compute_rejection(valid_until: datetime | None, *, now: datetime) -> str:
    """The event of a rejection: a certification that is still valid is kept until its end."""
    return "keep" if is_valid(valid_until, now=now) else "reject"


@dataclass(frozen=True, slots=True)
class Sharable:
    """A certification that an account would like to share; `valid` while it counts."""

    same_company: bool
    valid: bool
    kind: SolutionKind


@rule(
    "solutions.sharing",
    "A 7.2",
    codes=(E.SOFTWARE_PATH_REQUIRED, E.NO_SHARABLE_CERTIFICATION, E.NOT_SAME_COMPANY, E.ALREADY_CERTIFIED),
    page=_SHARE_PAGE,
)
def check_share(found: Sharable | None, stage: PathStage | None, *, shared: bool) -> list[Violation]:
    """All reasons against sharing: NO_SHARABLE_CERTIFICATION for none or one that is over, NOT_SAME_COMPANY,
    SOFTWARE_PATH_REQUIRED, ALREADY_CERTIFIED when it is shared already or the stage that it helps to is reached.
    """
    reasons = []
    if found is None or (found.same_company and not found.valid):
        reasons.append(E.NO_SHARABLE_CERTIFICATION)
    elif not found.same_company:
        reasons.append(E.NOT_SAME_COMPANY)
    if stage is None:
        reasons.append(E.SOFTWARE_PATH_REQUIRED)
    if shared or (stage is not None and _is_reached(found, stage)):
        reasons.append(E.ALREADY_CERTIFIED)
    return [Violation(code, rule="solutions.sharing") for code in reasons]


def _is_reached(found: Sharable | None, stage: PathStage) -> bool:
    if found is not None and found.kind is SolutionKind.ADVANCED:
        return stage is PathStage.DIFFERENTIATED
    return stage in VALIDATED
