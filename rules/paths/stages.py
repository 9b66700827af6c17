"""Rising on a path: what the stages ask for, certificates, and the yearly review."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from rules.calendar import add_months
from rules.errors import ErrorCode, Violation
from rules.paths.catalogue import DevelopmentPath
from rules.paths.kinds import (
    ANNUAL,
    PATH,
    VALIDATED,
    AnnualState,
    PathRecordKind,
    PathStage,
    PathState,
    RequirementKind,
    RequirementPlace,
    stage_of,
)
from rules.policy import (
    PATHS_ADVANCED_DIFFERENTIATES,
    PATHS_ANNUAL_WINDOW,
    PATHS_ASSOCIATE_CERTIFICATES,
    PATHS_CAPABILITY_LABELS,
    PATHS_CERTIFICATE_MONTHS,
    PATHS_COURSES,
    PATHS_PROFESSIONAL_CERTIFICATES,
    PATHS_TRAINERS,
    Policy,
    PolicyKey,
)
from rules.registry import rule
from rules.sites import Site

_ROLE_PAGE = "https://huaweicloud.com/s/JWNkbua4oOmBk-S7o-eQhiU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"
_PEOPLE_PAGE = "https://huaweicloud.com/s/JeS6keahjOmdoueuoeeQhuezu-e7nyU/t_30_p_46/JeWQiOS9nOS8meS8tOS4reW_gyU"
_AUTOMATIC_PAGE = (
    "https://huaweicloud.com/s/JWVzc2FtcG15c3Fs5pyq5ZCv5Yqo5aSx6LSlJQ/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_ANNUAL_PAGE = "https://support.huaweicloud.com/intl/ja-jp/usermanual-bpconsole/record_0001.html"
E, S, A = ErrorCode, PathState, AnnualState
Q, K, P = RequirementKind, PathRecordKind, RequirementPlace


@dataclass(frozen=True, slots=True)
class Achievements:
    """What a partner has that stages ask for; solutions are valid ones, its own or shared by its company, labels
    are valid capability labels.
    """

    certified_solutions: int = 0
    advanced_solutions: int = 0
    labels: int = 0
    core_labels: int = 0
    case_materials: str | None = None
    business_plan: str | None = None
    certificates: Mapping[int, int] = field(default_factory=dict)
    """Level → how many valid certificates of it the partner's project specialists hold."""
    records: Mapping[PathRecordKind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a stage asks for: how many are needed, how many there are, and where one acts to get more."""

    kind: RequirementKind
    needed: int
    have: int
    place: RequirementPlace

    @property
    def met(self) -> bool:
        """Whether there are enough."""
        return self.have >= self.needed


_NEEDED: Mapping[RequirementKind, PolicyKey[int]] = {
    Q.ASSOCIATE_CERTIFICATES: PATHS_ASSOCIATE_CERTIFICATES,
    Q.PROFESSIONAL_CERTIFICATES: PATHS_PROFESSIONAL_CERTIFICATES,
    Q.CAPABILITY_LABELS: PATHS_CAPABILITY_LABELS,
    Q.TRAINERS: PATHS_TRAINERS,
    Q.COURSES: PATHS_COURSES,
}
"""How many are needed; of the others one."""

_PLACES: Mapping[RequirementKind, RequirementPlace] = {
    Q.CERTIFIED_SOLUTION: P.SOLUTIONS,
    Q.ADVANCED_SOLUTION: P.SOLUTIONS,
    Q.CORE_CAPABILITY_LABEL: P.CAPABILITY_LABELS,
    Q.CAPABILITY_LABELS: P.CAPABILITY_LABELS,
    Q.ASSOCIATE_CERTIFICATES: P.PEOPLE,
    Q.PROFESSIONAL_CERTIFICATES: P.PEOPLE,
    Q.TRAINERS: P.PEOPLE,
    Q.COURSES: P.PEOPLE,
    Q.CASE_MATERIALS: P.APPLICATION,
    Q.BUSINESS_PLAN: P.APPLICATION,
}


@rule("paths.people", "A 6.1", policy=tuple(_NEEDED.values()), page=_PEOPLE_PAGE)
def compute_requirements(
    path: DevelopmentPath, stage: PathStage, has: Achievements, *, policy: Policy
) -> list[Requirement]:
    """What `stage` asks of the partner; empty where it asks for nothing. Certificates of the higher level that are left
    over stand in for those of the lower one.
    """
    associate, professional = _count_certificates(has)
    spare = max(0, professional - policy[PATHS_PROFESSIONAL_CERTIFICATES])
    have = {
        Q.CERTIFIED_SOLUTION: has.certified_solutions + has.advanced_solutions,
        Q.ADVANCED_SOLUTION: has.advanced_solutions,
        Q.CORE_CAPABILITY_LABEL: has.core_labels,
        Q.CAPABILITY_LABELS: has.labels,
        Q.CASE_MATERIALS: int(bool(has.case_materials)),
        Q.BUSINESS_PLAN: int(bool(has.business_plan)),
        Q.ASSOCIATE_CERTIFICATES: associate + spare,
        Q.PROFESSIONAL_CERTIFICATES: professional,
        Q.TRAINERS: has.records.get(K.TRAINERS, 0),
        Q.COURSES: has.records.get(K.COURSES, 0),
    }
    return [
        Requirement(kind, policy[_NEEDED[kind]] if kind in _NEEDED else 1, have[kind], _PLACES[kind])
        for kind in path.requirements.get(stage, ())
    ]


def _count_certificates(has: Achievements) -> tuple[int, int]:
    """Certificates of the associate level, and of the professional level and above: the vendor's record, or what the
    project specialists hold where that is more.
    """
    above = sum(held for level, held in has.certificates.items() if level >= _PROFESSIONAL)
    return (
        max(has.records.get(K.ASSOCIATE_CERTIFICATES, 0), has.certificates.get(_ASSOCIATE, 0)),
        max(has.records.get(K.PROFESSIONAL_CERTIFICATES, 0), above),
    )


_ASSOCIATE, _PROFESSIONAL = 1, 2
"""Levels of the vendor's certificates."""


def _missing(requirements: list[Requirement]) -> list[Violation]:
    return [
        Violation(
            E.REQUIREMENTS_NOT_MET,
            rule="paths.requirements",
            parameters={
                "requirement": one.kind.value,
                "needed": one.needed,
                "have": one.have,
                "place": one.place.value,
            },
        )
        for one in requirements
        if not one.met
    ]


_APPLICATIONS = {PathStage.CERTIFIED: "apply_role", PathStage.DIFFERENTIATED: "apply_differentiation"}


@rule("paths.requirements", "A 6.3", codes=(E.REQUIREMENTS_NOT_MET,), page=_ROLE_PAGE)
@rule("paths.differentiation", "A 6.1", codes=(E.PATH_NO_DIFFERENTIATION,))
def check_stage(
    path: DevelopmentPath, state: PathState, annual: AnnualState, stage: PathStage, requirements: list[Requirement]
) -> list[Violation]:
    """All reasons against applying for `stage`: STATE_CONFLICT, also while the yearly review is under way;
    PATH_NO_DIFFERENTIATION where the path ends with the role; REQUIREMENTS_NOT_MET for each requirement.
    """
    violations = PATH.check(state, _APPLICATIONS[stage])
    if not violations and annual is A.IN_REVIEW:
        details = {"event": _APPLICATIONS[stage], "state": annual.value, "allowed": f"{A.NOT_DUE.value}, {A.DUE.value}"}
        violations.append(Violation(E.STATE_CONFLICT, rule=ANNUAL.rule, parameters=details))
    if stage not in path.requirements:
        violations.append(
            Violation(E.PATH_NO_DIFFERENTIATION, rule="paths.differentiation", parameters={"path": path.code.value})
        )
    return violations + _missing(requirements)


@rule("paths.automatic", "A 7", policy=(PATHS_ADVANCED_DIFFERENTIATES,), page=_AUTOMATIC_PAGE)
def compute_automatic(path: DevelopmentPath, state: PathState, has: Achievements, *, policy: Policy) -> list[str]:
    """The events that a partner's valid solutions bring about without a review, in their order.

    A solution certifies the role of a path that asks for nothing else. Only where the policy says so, an advanced one
    differentiates, too.
    """
    events: list[str] = []
    if path.requirements[PathStage.CERTIFIED] != (Q.CERTIFIED_SOLUTION,):
        return events
    if PATH.target(state, "certify") and has.certified_solutions + has.advanced_solutions:
        events.append("certify")
        state = PATH.after(state, "certify")
    if policy[PATHS_ADVANCED_DIFFERENTIATES] and PATH.target(state, "differentiate") and has.advanced_solutions:
        events.append("differentiate")
    return events


def compute_kept_requirements(
    path: DevelopmentPath, state: PathState, has: Achievements, *, policy: Policy
) -> list[Requirement]:
    """What a stage that was reached goes on to ask of the partner: what the role asked for, and what it asked for
    itself; empty where none was reached.
    """
    stage = stage_of(state)
    reached = dict.fromkeys((PathStage.CERTIFIED, stage)) if stage in VALIDATED else {}
    return [one for at in reached if at for one in compute_requirements(path, at, has, policy=policy)]


_ENDING = frozenset({Q.CERTIFIED_SOLUTION, Q.ADVANCED_SOLUTION, Q.CORE_CAPABILITY_LABEL, Q.CAPABILITY_LABELS})
"""What ends by itself, so that a stage can be left without what it rests on."""


@rule("paths.at_risk", "A 7.1")
def is_at_risk(path: DevelopmentPath, state: PathState, has: Achievements, *, policy: Policy) -> bool:
    """Whether a stage that was reached rests on solutions' certifications or capability labels and there are not enough
    valid ones left.
    """
    asked = compute_kept_requirements(path, state, has, policy=policy)
    return any(one.kind in _ENDING and not one.met for one in asked)


@rule("paths.certificate", "A 6.3", policy=(PATHS_CERTIFICATE_MONTHS,), page=_ROLE_PAGE)
def compute_valid_until(since: datetime, *, policy: Policy) -> datetime:
    """The end of a certificate that holds from `since`."""
    return add_months(since, policy[PATHS_CERTIFICATE_MONTHS], policy.site.zone)


def compute_certificate_no(path: DevelopmentPath, site: Site, enrollment_id: UUID, serial: int) -> str:
    """The number of a path's certificate; `serial` counts those of one enrollment."""
    return f"{path.prefix}-{site.value}-{enrollment_id.hex[-12:].upper()}-{serial:02}"


SETTLED = (S.CERTIFIED, S.DIFFERENTIATED)
"""States with a stage that was reached and no application for the next one: those that have a yearly review."""


@rule("paths.annual_window", "A 6.3", policy=(PATHS_ANNUAL_WINDOW,), page=_ANNUAL_PAGE)
def compute_annual_due(
    state: PathState, annual: AnnualState, valid_until: datetime | None, *, now: datetime, policy: Policy
) -> datetime | None:
    """Until when the yearly review must be submitted if its window opens now; None while it does not open.

    It opens some time before the certificate's year ends. Where something else kept it shut until the year was over,
    the partner has the whole window from now.
    """
    settled = state in SETTLED and annual is A.NOT_DUE
    if not settled or valid_until is None or now < valid_until - policy[PATHS_ANNUAL_WINDOW]:
        return None
    return valid_until if now < valid_until else now + policy[PATHS_ANNUAL_WINDOW]


def compute_due_after_rejection(
    annual: AnnualState, due_at: datetime | None, *, now: datetime, policy: Policy
) -> datetime | None:
    """Until when a due yearly review must be submitted once the vendor has rejected an application for the next stage:
    where its time went by meanwhile, the partner has the whole window from now.
    """
    over = annual is A.DUE and due_at is not None and now >= due_at
    return now + policy[PATHS_ANNUAL_WINDOW] if over else due_at


def is_lapsing(state: PathState, annual: AnnualState, due_at: datetime | None, *, now: datetime) -> bool:
    """Whether the yearly review was not passed in time. While the vendor looks at it, or at an application for the next
    stage, nothing lapses.
    """
    return PATH.target(state, "lapse") is not None and annual is A.DUE and due_at is not None and now >= due_at


@rule("paths.carried", "A 7.1", page=_AUTOMATIC_PAGE)
def is_carried(path: DevelopmentPath, state: PathState, has: Achievements, *, policy: Policy) -> bool:
    """Whether valid solutions would bring a stage that lapses now back by themselves: then they pass its year."""
    below = PATH.target(state, "lapse")
    return below is not None and bool(compute_automatic(path, below, has, policy=policy))


@rule("paths.annual", "A 6.3", codes=(E.REQUIREMENTS_NOT_MET, E.PATH_REVIEW_OVER), page=_ANNUAL_PAGE)
def check_annual(
    state: PathState,
    annual: AnnualState,
    due_at: datetime | None,
    requirements: list[Requirement],
    *,
    now: datetime,
) -> list[Violation]:
    """All reasons against submitting the yearly review: STATE_CONFLICT unless it is due, also while an application for
    the next stage is under way; PATH_REVIEW_OVER from `due_at` on; REQUIREMENTS_NOT_MET for each requirement.
    """
    violations = ANNUAL.check(annual, "submit")
    if not violations and state not in SETTLED:
        details = {"event": "submit", "state": state.value, "allowed": [one.value for one in SETTLED]}
        violations.append(Violation(E.STATE_CONFLICT, rule=PATH.rule, parameters=details))
    if not violations and due_at is not None and now >= due_at:
        violations.append(Violation(E.PATH_REVIEW_OVER, rule="paths.annual"))
    return violations + _missing(requirements)


RECORD_MOST = 100_000


def check_record(count: int) -> list[Violation]:
    """OUT_OF_RANGE for a count below nothing or beyond what a partner can have."""
    if 0 <= count <= RECORD_MOST:
        return []
    return [Violation(E.OUT_OF_RANGE, ("input", "count"), parameters={"min": 0, "max": RECORD_MOST})]
