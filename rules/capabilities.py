"""Capability labels: the catalogue, what an application needs, who assesses it, how long a label holds, its badge."""

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from rules.accounts import AccountKind, AccountStatus
from rules.calendar import Entries, add_months, add_working_days
from rules.documents import Document
from rules.errors import ErrorCode, Violation
from rules.policy import (
    CAPABILITIES_ASSESSMENT_DAYS,
    CAPABILITIES_EVIDENCE_MAX,
    CAPABILITIES_NOTICE,
    CAPABILITIES_VALID_MONTHS,
    Policy,
)
from rules.registry import rule
from rules.sites import Site
from rules.transitions import machine

_PAGE = (
    "https://huaweicloud.com/s/JemAmui_h2FwcOWuieijheWMheiDveaJvuWIsOWfn-WQjeWQlyU/t_30_p_6/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_RESULT_PAGE = "https://huaweicloud.com/s/JeiTneiJsuWvvOiIquaWsOWfn-WQjSAl/t_30_p_7/JeWQiOS9nOS8meS8tOS4reW_gyU"
SELF_CHECK_LENGTH = 4_000
STATEMENT_LENGTH = 4_000
"""Longest statement of an assessor, in characters."""
CODE_LENGTH = 40
"""Longest code of a label, in characters."""


class CapabilityState(StrEnum):
    """Where an application for a capability label stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    IN_REVIEW = "IN_REVIEW"
    PASSED = "PASSED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class AssessmentState(StrEnum):
    """What became of an assessment that the vendor has asked a third party for."""

    REQUESTED = "REQUESTED"
    GIVEN = "GIVEN"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


S, A, E = CapabilityState, AssessmentState, ErrorCode
CAPABILITY = machine(
    "capability_application",
    CapabilityState,
    (S.DRAFT,),
    "A 7.3",
    (S.DRAFT, "change", "partner", S.DRAFT),
    (S.REJECTED, "change", "partner", S.REJECTED),
    (S.DRAFT, "submit", "partner", S.SUBMITTED),
    (S.REJECTED, "submit", "partner", S.SUBMITTED),
    (S.SUBMITTED, "take_up", "vendor, who claims or decides the review", S.IN_REVIEW),
    (S.IN_REVIEW, "give_back", "vendor", S.SUBMITTED),
    (S.SUBMITTED, "request_assessment", "vendor", S.SUBMITTED),
    (S.IN_REVIEW, "request_assessment", "vendor", S.IN_REVIEW),
    (S.IN_REVIEW, "approve", "vendor", S.PASSED),
    (S.IN_REVIEW, "reject", "vendor", S.REJECTED),
    (S.PASSED, "expire", "system", S.EXPIRED),
)
OPEN = frozenset(CapabilityState) - {S.PASSED, S.EXPIRED}
"""Not decided for good yet; a partner has one such application for a label."""
ASSESSMENT = machine(
    "capability_assessment",
    AssessmentState,
    (A.REQUESTED,),
    "A 7.3",
    (A.REQUESTED, "give", "assessor", A.GIVEN),
    (A.REQUESTED, "revoke", "vendor", A.REVOKED),
    (A.REQUESTED, "expire", "system, on its due day or once the assessor's account is closed", A.EXPIRED),
)


@dataclass(frozen=True, slots=True)
class CapabilityPart:
    """A level-2 label; `titles` maps `en` and `zh-CN`."""

    code: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CapabilityLabel:
    """A level-1 label of the catalogue; `core`: the service path's differentiation asks for one of these."""

    code: str
    titles: Mapping[str, str]
    core: bool
    parts: Mapping[str, CapabilityPart]


def _load(path: Path) -> Mapping[str, CapabilityLabel]:
    rows = tomllib.loads(path.read_text("utf-8"))["labels"]
    return MappingProxyType({row["code"]: _label(row) for row in rows})


def _label(row: dict[str, Any]) -> CapabilityLabel:
    parts = {part["code"]: CapabilityPart(part["code"], _texts(part["name"])) for part in row["parts"]}
    return CapabilityLabel(row["code"], _texts(row["name"]), row.get("core", False), parts)


def _texts(name: dict[str, str]) -> Mapping[str, str]:
    return {"en": name["en"], "zh-CN": name["zh"]}


LABELS = _load(Path(__file__).with_suffix(".toml"))


@dataclass(frozen=True, slots=True)
class HeldLabel:
    """A label that passed: until when it is valid, with which of its parts."""

    level1: str
    level2: frozenset[str]
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class CapabilityForm:
    """What an application says: the label, those of its parts that are shown, the partner's own check, the proof."""

    level1: str
    level2: tuple[str, ...] = ()
    self_check: str = ""
    evidence: tuple[Document, ...] = ()


@rule("capabilities.application", "A 7.3", codes=(E.CAPABILITY_UNKNOWN, E.CAPABILITY_ALREADY_OPEN), page=_PAGE)
def check_begin(level1: str, *, opened: Collection[str]) -> list[Violation]:
    """All reasons against beginning an application: CAPABILITY_UNKNOWN for a label that is not in the catalogue,
    CAPABILITY_ALREADY_OPEN while one for it is not decided.
    """
    reasons = ((level1 in LABELS, E.CAPABILITY_UNKNOWN), (level1 not in opened, E.CAPABILITY_ALREADY_OPEN))
    details, path = {"label": level1}, ("input", "level1")
    return [Violation(code, path, "capabilities.application", details) for met, code in reasons if not met]


@rule(
    "capabilities.form",
    "A 7.3",
    policy=(CAPABILITIES_EVIDENCE_MAX,),
    codes=(E.CAPABILITY_UNKNOWN, E.REPEATED, E.TOO_MANY),
    page=_PAGE,
)
def check_form(form: CapabilityForm, *, policy: Policy) -> list[Violation]:
    """All reasons against what an application says: CAPABILITY_UNKNOWN for each part that the label does not have,
    REPEATED for one named twice, TOO_MANY files.
    """
    known = LABELS[form.level1].parts if form.level1 in LABELS else {}
    violations = []
    for place, code in enumerate(form.level2):
        path = ("input", "level2", str(place))
        if code not in known:
            violations.append(Violation(E.CAPABILITY_UNKNOWN, path, "capabilities.form", parameters={"label": code}))
        elif code in form.level2[:place]:
            violations.append(Violation(E.REPEATED, path, "capabilities.form"))
    if len(form.evidence) > policy[CAPABILITIES_EVIDENCE_MAX]:
        violations.append(Violation(E.TOO_MANY, ("input", "evidenceIds"), "capabilities.form"))
    return violations


@rule(
    "capabilities.submission",
    "A 7.3",
    policy=(CAPABILITIES_NOTICE,),
    codes=(E.REQUIRED, E.CAPABILITY_UNKNOWN, E.CAPABILITY_ALREADY_HELD),
    page=_PAGE,
)
def check_capability(
    state: CapabilityState, form: CapabilityForm, held: Iterable[HeldLabel], *, now: datetime, policy: Policy
) -> list[Violation]:
    """All reasons against submitting: STATE_CONFLICT; CAPABILITY_UNKNOWN for what the catalogue no longer has; REQUIRED
    for parts, own check and proof; CAPABILITY_ALREADY_HELD when every part is valid still and not near its end.
    """
    violations = CAPABILITY.check(state, "submit")
    if form.level1 not in LABELS or not LABELS[form.level1].parts.keys() >= set(form.level2):
        gone = {"label": form.level1}
        violations.append(Violation(E.CAPABILITY_UNKNOWN, rule="capabilities.submission", parameters=gone))
    given = {"level2": form.level2, "selfCheck": form.self_check.strip(), "evidenceIds": form.evidence}
    violations += [
        Violation(E.REQUIRED, ("input", name), "capabilities.submission") for name, said in given.items() if not said
    ]
    free_at = _compute_free(form, held, policy)
    if free_at is not None and now < free_at:
        parameters = {"label": form.level1}
        violations.append(
            Violation(
                E.CAPABILITY_ALREADY_HELD, rule="capabilities.submission", parameters=parameters, available_at=free_at
            )
        )
    return violations


def _compute_free(form: CapabilityForm, held: Iterable[HeldLabel], policy: Policy) -> datetime | None:
    """From when on one of the parts is near its end; None when one is not held, or none is named."""
    ends: dict[str, datetime] = {}
    for one in held:
        if one.level1 == form.level1:
            ends |= {code: max(one.valid_until, ends.get(code, one.valid_until)) for code in one.level2}
    if not form.level2 or not ends.keys() >= set(form.level2):
        return None
    return min(ends[code] for code in form.level2) - policy[CAPABILITIES_NOTICE]


@rule("capabilities.renewal", "A 7.3", policy=(CAPABILITIES_NOTICE,))
def is_near_end(valid_until: datetime, now: datetime, policy: Policy) -> bool:
    """Whether a label is so near its end that its partner is told, and may apply for the same again."""
    return now >= valid_until - policy[CAPABILITIES_NOTICE]


@rule("capabilities.validity", "A 7.3", policy=(CAPABILITIES_VALID_MONTHS,), page=_RESULT_PAGE)
def compute_label_until(now: datetime, *, policy: Policy) -> datetime:
    """The end of a label that passes now."""
    return add_months(now, policy[CAPABILITIES_VALID_MONTHS], policy.site.zone)


def is_superseded(label: HeldLabel, others: Iterable[HeldLabel]) -> bool:
    """Whether later labels say all that this one says: its end means nothing any more."""
    later = [one.level2 for one in others if one.level1 == label.level1 and one.valid_until > label.valid_until]
    return frozenset[str]().union(*later) >= label.level2


def compute_labels(held: Sequence[HeldLabel]) -> tuple[int, int]:
    """How many different labels a partner has of those that are valid now: in all, and of the core list."""
    codes = {one.level1 for one in held}
    return len(codes), sum(code in LABELS and LABELS[code].core for code in codes)


def compute_badge_no(site: Site, application_id: UUID) -> str:
    """The number of a label's badge."""
    return f"CL-{site.value}-{application_id.hex[-12:].upper()}"


@dataclass(frozen=True, slots=True)
class Assessor:
    """What is asked of an account that assesses a partner's application.

    `is_tied`: bound to the partner or to another account of its company, invited to be, or the main account of one.
    """

    kind: AccountKind
    status: AccountStatus
    is_partner: bool = False
    is_tied: bool = False


@rule(
    "capabilities.assessor",
    "A 7.3",
    codes=(
        E.INVITEE_NOT_FOUND,
        E.ACCOUNT_FROZEN,
        E.INVITEE_NOT_PERSONAL,
        E.INVITEE_IS_PARTNER,
        E.ASSESSOR_NOT_INDEPENDENT,
    ),
    page=_PAGE,
)
def check_assessor(assessor: Assessor, *, path: tuple[str, ...] = ("input", "identifier")) -> list[Violation]:
    """All reasons against the account; asked when the assessment is requested and when it is given.

    INVITEE_NOT_FOUND for one that is closed, ACCOUNT_FROZEN; INVITEE_NOT_PERSONAL: a company's account or a member's;
    INVITEE_IS_PARTNER: a partner of whatever company; ASSESSOR_NOT_INDEPENDENT of the applicant and of its company.
    """
    closed = assessor.status not in (AccountStatus.ACTIVE, AccountStatus.FROZEN)
    reasons = (
        (closed, E.INVITEE_NOT_FOUND),
        (assessor.status is AccountStatus.FROZEN, E.ACCOUNT_FROZEN),
        (assessor.kind is not AccountKind.PERSONAL, E.INVITEE_NOT_PERSONAL),
        (assessor.is_partner, E.INVITEE_IS_PARTNER),
        (assessor.is_tied, E.ASSESSOR_NOT_INDEPENDENT),
    )
    return [Violation(code, path, "capabilities.assessor") for hit, code in reasons if hit]


@rule("capabilities.outstanding", "A 7.3", codes=(E.ASSESSMENT_OUTSTANDING,))
def check_outstanding(last: AssessmentState | None) -> list[Violation]:
    """ASSESSMENT_OUTSTANDING while the assessment of an application is waited for: neither is a verdict given nor
    somebody else asked until it is given, revoked or expired. `last`: where the newest one stands now.
    """
    return [Violation(E.ASSESSMENT_OUTSTANDING, rule="capabilities.outstanding")] if last is A.REQUESTED else []


@rule("capabilities.statement", "A 7.3", codes=(E.REQUIRED,))
def check_give(state: AssessmentState, statement: str) -> list[Violation]:
    """All reasons against giving an assessment: STATE_CONFLICT, REQUIRED without a word on what it rests on."""
    missing = [] if statement.strip() else [Violation(E.REQUIRED, ("input", "statement"), "capabilities.statement")]
    return ASSESSMENT.check(state, "give") + missing


@rule("capabilities.assessment_due", "A 7.3", policy=(CAPABILITIES_ASSESSMENT_DAYS,))
def compute_assessment_due(now: datetime, *, policy: Policy, entries: Entries) -> datetime:
    """The first instant that is too late to give an assessment requested `now`, by working days of the site."""
    return add_working_days(now, policy[CAPABILITIES_ASSESSMENT_DAYS], policy.site, entries).at


def compute_assessment_state(state: AssessmentState, due_at: datetime, *, now: datetime) -> AssessmentState:
    """The state that counts now: one past its due day is EXPIRED, whether the clock's job has come by or not."""
    return A.EXPIRED if state is A.REQUESTED and now >= due_at else state
