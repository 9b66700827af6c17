"""What the vendor reviews, whatever it is about: submission, claim, decision, the next round, and the clock."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from rules.calendar import Entries, add_working_days
from rules.errors import ErrorCode, Violation
from rules.policy import (
    BUSINESS_INFO_LETTER_DAYS,
    BUSINESS_INFO_REVIEW_DAYS,
    REVIEWS_CLAIM,
    REVIEWS_WORKING_DAYS,
    Policy,
    PolicyKey,
)
from rules.registry import rule
from rules.transitions import machine


class ReviewKind(StrEnum):
    """What a review decides."""

    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    PLAN_TIER = "PLAN_TIER"
    COMPANY_CHANGE = "COMPANY_CHANGE"
    REAL_NAME = "REAL_NAME"
    PATH_ROLE = "PATH_ROLE"
    PATH_DIFFERENTIATION = "PATH_DIFFERENTIATION"
    PATH_ANNUAL = "PATH_ANNUAL"
    BUSINESS_INFO = "BUSINESS_INFO"
    BANK_LETTER = "BANK_LETTER"
    SOLUTION = "SOLUTION"
    CAPABILITY = "CAPABILITY"
    MDF_APPLICATION = "MDF_APPLICATION"
    MDF_CLAIM = "MDF_CLAIM"
    SPECIALIST = "SPECIALIST"
    SPECIALIST_CANCELLATION = "SPECIALIST_CANCELLATION"
    EXPERT_QUALIFICATION = "EXPERT_QUALIFICATION"
    EXPERT_INCENTIVE = "EXPERT_INCENTIVE"


class ReviewState(StrEnum):
    """Where one round of a review stands. A draft is its subject's own affair: nobody reviews it yet."""

    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


R = ReviewState
# Nothing leads back: what is submitted again is the subject's next round, so that every verdict stays on record.
REVIEW = machine(
    "review",
    ReviewState,
    (R.SUBMITTED,),
    "A 2.3",
    (R.SUBMITTED, "claim", "reviewer", R.SUBMITTED),
    (R.SUBMITTED, "release", "reviewer", R.SUBMITTED),
    (R.SUBMITTED, "escalate", "system", R.SUBMITTED),
    (R.SUBMITTED, "approve", "reviewer", R.APPROVED),
    (R.SUBMITTED, "reject", "reviewer", R.REJECTED),
    (R.SUBMITTED, "withdraw", "partner", R.WITHDRAWN),
)

_WORKING_DAYS: Mapping[ReviewKind, PolicyKey[int]] = {
    ReviewKind.BUSINESS_INFO: BUSINESS_INFO_REVIEW_DAYS,
    ReviewKind.BANK_LETTER: BUSINESS_INFO_LETTER_DAYS,
}
"""The kinds whose clock differs from that of the others."""


@rule("reviews.reason", "A 2.3", codes=(ErrorCode.REASON_REQUIRED,))
def check_reason(approved: bool, reason: str | None, *, path: tuple[str, ...] = ("input", "reason")) -> list[Violation]:
    """REASON_REQUIRED for a rejection without words."""
    if approved or (reason and reason.strip()):
        return []
    return [Violation(ErrorCode.REASON_REQUIRED, path, "reviews.reason")]


@rule("reviews.claim", "A 2.3", policy=(REVIEWS_CLAIM,), codes=(ErrorCode.REVIEW_CLAIMED,))
def check_turn(claimed_at: datetime | None, *, by_other: bool, now: datetime, policy: Policy) -> list[Violation]:
    """REVIEW_CLAIMED while a colleague's claim holds; it holds until it is released or its time is over."""
    if claimed_at is None or not by_other or claimed_at <= compute_lapsed(now, policy=policy):
        return []
    return [Violation(ErrorCode.REVIEW_CLAIMED, rule="reviews.claim")]


def compute_lapsed(now: datetime, *, policy: Policy) -> datetime:
    """The last instant of which a claim holds no longer `now`."""
    return now - policy[REVIEWS_CLAIM]


@rule("reviews.due", "A 2.3", policy=(REVIEWS_WORKING_DAYS, *_WORKING_DAYS.values()))
def compute_due(kind: ReviewKind, now: datetime, *, policy: Policy, entries: Entries) -> datetime:
    """The first instant at which a review submitted `now` is late, by working days of the policy's site."""
    days = policy[_WORKING_DAYS.get(kind, REVIEWS_WORKING_DAYS)]
    return add_working_days(now, days, policy.site, entries).at
