"""Names of development paths: their stages, states, what they ask for and what they open."""

from enum import StrEnum

from rules.transitions import machine


class PathCode(StrEnum):
    """A direction in which a partner develops."""

    SOFTWARE = "SOFTWARE"
    SERVICE = "SERVICE"
    SI = "SI"
    LEARNING = "LEARNING"
    DISTRIBUTOR = "DISTRIBUTOR"


class PathStage(StrEnum):
    """How far a partner has come on a path."""

    SELECTED = "SELECTED"
    CERTIFIED = "CERTIFIED"
    DIFFERENTIATED = "DIFFERENTIATED"


class PathState(StrEnum):
    """Where a partner's way along a path stands."""

    INVITED = "INVITED"
    SELECTED = "SELECTED"
    ROLE_REVIEW = "ROLE_REVIEW"
    CERTIFIED = "CERTIFIED"
    DIFFERENTIATION_REVIEW = "DIFFERENTIATION_REVIEW"
    DIFFERENTIATED = "DIFFERENTIATED"
    EXPIRED = "EXPIRED"
    EXITED = "EXITED"


class AnnualState(StrEnum):
    """Whether the yearly review of a reached stage is due."""

    NOT_DUE = "NOT_DUE"
    DUE = "DUE"
    IN_REVIEW = "IN_REVIEW"


S, A = PathState, AnnualState
PATH = machine(
    "path_enrollment",
    PathState,
    (S.INVITED, S.SELECTED),
    "A 6.3",
    (S.INVITED, "accept", "partner", S.SELECTED),
    (S.INVITED, "expire", "system", S.EXPIRED),
    (S.SELECTED, "apply_role", "partner", S.ROLE_REVIEW),
    (S.ROLE_REVIEW, "approve", "vendor", S.CERTIFIED),
    (S.ROLE_REVIEW, "reject", "vendor", S.SELECTED),
    (S.ROLE_REVIEW, "withdraw", "partner", S.SELECTED),
    (S.SELECTED, "certify", "system, by a certified solution", S.CERTIFIED),
    (S.ROLE_REVIEW, "certify", "system, by a certified solution", S.CERTIFIED),
    (S.CERTIFIED, "apply_differentiation", "partner", S.DIFFERENTIATION_REVIEW),
    (S.DIFFERENTIATION_REVIEW, "approve", "vendor", S.DIFFERENTIATED),
    (S.DIFFERENTIATION_REVIEW, "reject", "vendor", S.CERTIFIED),
    (S.DIFFERENTIATION_REVIEW, "withdraw", "partner", S.CERTIFIED),
    (S.CERTIFIED, "differentiate", "system, by an advanced solution", S.DIFFERENTIATED),
    (S.DIFFERENTIATION_REVIEW, "differentiate", "system, by an advanced solution", S.DIFFERENTIATED),
    (S.CERTIFIED, "lapse", "system", S.SELECTED),
    (S.DIFFERENTIATED, "lapse", "system", S.CERTIFIED),
    (S.SELECTED, "exit", "partner or vendor", S.EXITED),
    (S.CERTIFIED, "exit", "vendor", S.EXITED),
    (S.DIFFERENTIATED, "exit", "vendor", S.EXITED),
)
_REACHED = "system, when the next stage is reached"
ANNUAL = machine(
    "path_annual_review",
    AnnualState,
    (A.NOT_DUE,),
    "A 6.3",
    (A.NOT_DUE, "open", "system", A.DUE),
    (A.DUE, "submit", "partner", A.IN_REVIEW),
    (A.IN_REVIEW, "approve", "vendor", A.NOT_DUE),
    (A.IN_REVIEW, "reject", "vendor", A.DUE),
    (A.IN_REVIEW, "withdraw", "partner", A.DUE),
    (A.DUE, "carry", "system, when valid solutions carry the stage", A.NOT_DUE),
    (A.DUE, "lapse", "system", A.NOT_DUE),
    (A.NOT_DUE, "settle", _REACHED, A.NOT_DUE),
    (A.DUE, "settle", _REACHED, A.NOT_DUE),
    (A.IN_REVIEW, "settle", _REACHED, A.NOT_DUE),
    (A.NOT_DUE, "exit", "partner or vendor", A.NOT_DUE),
    (A.DUE, "exit", "partner or vendor", A.NOT_DUE),
    (A.IN_REVIEW, "exit", "vendor", A.NOT_DUE),
)

ENROLLED = frozenset(PathState) - {S.INVITED, S.EXPIRED, S.EXITED}
"""On the path; such a one of a company keeps the path's only place where a company has but one."""

VALIDATED = frozenset({PathStage.CERTIFIED, PathStage.DIFFERENTIATED})
"""Stages at which the role is validated."""

_STAGES = {
    S.SELECTED: PathStage.SELECTED,
    S.ROLE_REVIEW: PathStage.SELECTED,
    S.CERTIFIED: PathStage.CERTIFIED,
    S.DIFFERENTIATION_REVIEW: PathStage.CERTIFIED,
    S.DIFFERENTIATED: PathStage.DIFFERENTIATED,
}


def stage_of(state: PathState) -> PathStage | None:
    """The stage that counts in `state`; None when the partner is not on the path."""
    return _STAGES.get(state)


class RequirementKind(StrEnum):
    """What a stage may ask for."""

    CERTIFIED_SOLUTION = "CERTIFIED_SOLUTION"
    ADVANCED_SOLUTION = "ADVANCED_SOLUTION"
    ASSOCIATE_CERTIFICATES = "ASSOCIATE_CERTIFICATES"
    PROFESSIONAL_CERTIFICATES = "PROFESSIONAL_CERTIFICATES"
    CASE_MATERIALS = "CASE_MATERIALS"
    CORE_CAPABILITY_LABEL = "CORE_CAPABILITY_LABEL"
    CAPABILITY_LABELS = "CAPABILITY_LABELS"
    BUSINESS_PLAN = "BUSINESS_PLAN"
    TRAINERS = "TRAINERS"
    COURSES = "COURSES"


class RequirementPlace(StrEnum):
    """Where a partner acts to meet a requirement."""

    SOLUTIONS = "SOLUTIONS"
    CAPABILITY_LABELS = "CAPABILITY_LABELS"
    PEOPLE = "PEOPLE"
    APPLICATION = "APPLICATION"


class PathRecordKind(StrEnum):
    """What the vendor keeps count of for a partner: what no domain of this product knows of."""

    ASSOCIATE_CERTIFICATES = "ASSOCIATE_CERTIFICATES"
    PROFESSIONAL_CERTIFICATES = "PROFESSIONAL_CERTIFICATES"
    TRAINERS = "TRAINERS"
    COURSES = "COURSES"
    TEST_COUPONS = "TEST_COUPONS"
    EXAM_VOUCHERS = "EXAM_VOUCHERS"
    MDF_CASES = "MDF_CASES"
    EXPERT_INCENTIVES = "EXPERT_INCENTIVES"
    DELIVERY_SUPPORTS = "DELIVERY_SUPPORTS"


class BenefitKind(StrEnum):
    """In which way a stage helps a partner."""

    ENABLEMENT = "ENABLEMENT"
    TECHNICAL_SUPPORT = "TECHNICAL_SUPPORT"
    INCENTIVE = "INCENTIVE"
