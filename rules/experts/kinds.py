"""The words of the experts' incentive: schemes, levels, what is handed in, and its machines."""

from enum import StrEnum

from rules.transitions import machine


class ExpertSchemeCode(StrEnum):
    """A way in which the vendor pays for a partner's experts."""

    CERTIFIED_EXPERT = "CERTIFIED_EXPERT"
    SERVICE_EXPERT = "SERVICE_EXPERT"
    CCOE = "CCOE"
    SI_PRESALES = "SI_PRESALES"


class Generation(StrEnum):
    """When a scheme's list of a month is made."""

    DAY_OF_MONTH = "DAY_OF_MONTH"
    MONTH_START = "MONTH_START"
    ON_REQUEST = "ON_REQUEST"


class ExpertLevel(StrEnum):
    """How much an expert can do; the amount of a month depends on it."""

    SENIOR = "SENIOR"
    PRINCIPAL = "PRINCIPAL"


class MaterialKind(StrEnum):
    """What a partner shows about the experts of a month."""

    EMPLOYMENT = "EMPLOYMENT"
    SOCIAL_INSURANCE = "SOCIAL_INSURANCE"
    ACCEPTANCE = "ACCEPTANCE"


class ExpertQualificationState(StrEnum):
    """Where a partner's application to a scheme stands."""

    IN_REVIEW = "IN_REVIEW"
    QUALIFIED = "QUALIFIED"
    REJECTED = "REJECTED"


class ExpertIncentiveStatus(StrEnum):
    """Where the list of a month stands."""

    PENDING_CONFIRM = "PENDING_CONFIRM"
    DISPUTED = "DISPUTED"
    WAIT_MATERIALS = "WAIT_MATERIALS"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    PAYABLE = "PAYABLE"
    PAYING_OUT = "PAYING_OUT"
    PAID = "PAID"
    EXPIRED = "EXPIRED"


Q = ExpertQualificationState
QUALIFICATION = machine(
    "expert_qualification",
    ExpertQualificationState,
    (Q.IN_REVIEW,),
    "A 14.2",
    (Q.REJECTED, "apply", "partner", Q.IN_REVIEW),
    (Q.IN_REVIEW, "approve", "vendor", Q.QUALIFIED),
    (Q.IN_REVIEW, "reject", "vendor", Q.REJECTED),
)

S = ExpertIncentiveStatus
EXPERT_INCENTIVE = machine(
    "expert_incentive",
    ExpertIncentiveStatus,
    (S.PENDING_CONFIRM, S.WAIT_MATERIALS),
    "A 14.2",
    (S.PENDING_CONFIRM, "confirm", "partner", S.WAIT_MATERIALS),
    (S.PENDING_CONFIRM, "dispute", "partner", S.DISPUTED),
    (S.DISPUTED, "answer", "vendor operations", S.PENDING_CONFIRM),
    (S.PENDING_CONFIRM, "expire", "system, at the deadline", S.EXPIRED),
    (S.WAIT_MATERIALS, "submit", "partner", S.IN_REVIEW),
    (S.WAIT_MATERIALS, "expire", "system, at the end of the time for materials", S.EXPIRED),
    (S.IN_REVIEW, "approve", "vendor", S.APPROVED),
    (S.IN_REVIEW, "reject", "vendor", S.WAIT_MATERIALS),
    (S.APPROVED, "close", "system, when the quarter is final", S.PAYABLE),
    (S.PAYABLE, "request_payout", "partner", S.PAYING_OUT),
    (S.PAYING_OUT, "pay", "vendor finance, against an invoice", S.PAID),
    (S.PAYING_OUT, "release", "vendor finance, rejecting the payout", S.PAYABLE),
)
WAITING = frozenset(status for status in S if EXPERT_INCENTIVE.target(status, "expire") is not None)
"""Where a list waits for its partner, and expires at its deadline."""
