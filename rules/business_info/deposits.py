"""The micro-deposit: how much, how many tries at its amount, and when one may be said to be missing."""

from dataclasses import dataclass
from datetime import datetime

from rules.business_info.kinds import BUSINESS_INFO, BusinessInfoState
from rules.errors import ErrorCode, Violation
from rules.policy import BUSINESS_INFO_DEPOSIT_DAYS, BUSINESS_INFO_DEPOSIT_MOST, BUSINESS_INFO_TRIES, Policy
from rules.registry import rule

_TRANSFER_PAGE = (
    "https://huaweicloud.com/s/JemfqeWbveaOpeefreS_oemqjOivgeeggeW5s-WPsCU/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_LOCK_PAGE = "https://huaweicloud.com/s/JWVzc2FtcG15c3Fs5pyq5ZCv5Yqo5aSx6LSlJQ/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"
E = ErrorCode


@rule("business_info.deposit", "A 12.1", policy=(BUSINESS_INFO_DEPOSIT_MOST,), page=_TRANSFER_PAGE)
def compute_deposit_most(policy: Policy) -> int:
    """The largest micro-deposit in minor units; the sum is drawn from 1 to this."""
    return int(policy[BUSINESS_INFO_DEPOSIT_MOST] * 100)


@dataclass(frozen=True, slots=True)
class Try:
    """One try at the amount, already counted. `counted` is false when no try was left, or no deposit waits.

    `locks` says that the form is still to be locked, for this was the last one.
    """

    state: BusinessInfoState
    counted: bool
    right: bool = False
    left: int = 0
    locks: bool = False


@rule(
    "business_info.amount",
    "A 12.2",
    policy=(BUSINESS_INFO_TRIES,),
    codes=(E.AMOUNT_WRONG, E.BUSINESS_INFO_LOCKED),
    page=_LOCK_PAGE,
)
def check_amount(attempt: Try) -> list[Violation]:
    """Empty for the right amount. AMOUNT_WRONG with how many tries are left; BUSINESS_INFO_LOCKED once none is, even
    with the right amount; STATE_CONFLICT while no deposit waits for its amount.
    """
    if attempt.state is BusinessInfoState.LOCKED:
        return [Violation(E.BUSINESS_INFO_LOCKED, rule="business_info.amount")]
    if not attempt.counted:
        return BUSINESS_INFO.check(attempt.state, "confirm")
    if attempt.right:
        return []
    details = {"left": attempt.left}
    return [Violation(E.AMOUNT_WRONG, ("input", "amount"), "business_info.amount", details, retryable=True)]


@rule(
    "business_info.missing_deposit",
    "A 12.2",
    policy=(BUSINESS_INFO_DEPOSIT_DAYS,),
    codes=(E.DEPOSIT_NOT_OVERDUE,),
    page=_TRANSFER_PAGE,
)
def check_missing(overdue_from: datetime | None, *, now: datetime) -> list[Violation]:
    """DEPOSIT_NOT_OVERDUE, with when it will be, until the working days have passed in which banks deliver."""
    if overdue_from is None or now >= overdue_from:
        return []
    return [Violation(E.DEPOSIT_NOT_OVERDUE, rule="business_info.missing_deposit", available_at=overdue_from)]


@rule("business_info.reason", "A 12.2", codes=(E.REASON_REQUIRED,))
def check_reason(reason: str | None) -> list[Violation]:
    """REASON_REQUIRED where the vendor decides without words: the partner reads them."""
    if reason and reason.strip():
        return []
    return [Violation(E.REASON_REQUIRED, ("input", "reason"), "business_info.reason")]
