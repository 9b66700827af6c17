"""To-dos: what waits for somebody. One is a view of a guard: it is there exactly while the linked step may be taken."""

from datetime import datetime
from enum import StrEnum

from rules.registry import rule

SHOWN = 100
"""Most to-dos of one kind that are counted and shown; whoever has more works from the list itself."""


class TodoKind(StrEnum):
    """What waits, in the order in which it is shown."""

    SPECIALIST_INVITATION = "SPECIALIST_INVITATION"
    SPECIALIST_EMPLOYMENT = "SPECIALIST_EMPLOYMENT"
    PARTNER_REQUEST = "PARTNER_REQUEST"
    LEAVE_REQUEST = "LEAVE_REQUEST"
    PLAN_INVITATION = "PLAN_INVITATION"
    PLAN_AGREEMENT = "PLAN_AGREEMENT"
    PLAN_RENEWAL = "PLAN_RENEWAL"
    PATH_INVITATION = "PATH_INVITATION"
    PATH_ANNUAL_REVIEW = "PATH_ANNUAL_REVIEW"
    SOLUTION_RECERTIFICATION = "SOLUTION_RECERTIFICATION"
    BUSINESS_INFO_RENEWAL = "BUSINESS_INFO_RENEWAL"
    MICRO_DEPOSIT_AMOUNT = "MICRO_DEPOSIT_AMOUNT"
    BANK_LETTER = "BANK_LETTER"
    RESELLER_APPLICATION = "RESELLER_APPLICATION"
    INCENTIVE_CONFIRMATION = "INCENTIVE_CONFIRMATION"
    OPPORTUNITY_CORRECTION = "OPPORTUNITY_CORRECTION"
    SPECIALIST_CORRECTION = "SPECIALIST_CORRECTION"
    SPECIALIST_UNBINDING = "SPECIALIST_UNBINDING"
    SPECIALIST_CANCELLATION = "SPECIALIST_CANCELLATION"
    MANAGERS_WITHOUT_DIRECTOR = "MANAGERS_WITHOUT_DIRECTOR"
    FEED_CHECK = "FEED_CHECK"
    REVIEW = "REVIEW"
    OPPORTUNITY_AUDIT = "OPPORTUNITY_AUDIT"
    OPPORTUNITY_VERIFICATION = "OPPORTUNITY_VERIFICATION"
    REPORT_REVIEW = "REPORT_REVIEW"
    REAL_NAME_REVIEW = "REAL_NAME_REVIEW"
    PAYOUT_COMPLETION = "PAYOUT_COMPLETION"


@rule("todos.overdue", "A 17.1")
def is_overdue(due_at: datetime | None, *, now: datetime) -> bool:
    """Whether a to-do is late: its due instant is the first that is too late."""
    return due_at is not None and now >= due_at
