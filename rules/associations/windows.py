"""How often each side may ask, and how long a partner waits after its customer has asked to leave."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rules.associations.kinds import Purpose, RequestInitiator
from rules.calendar import add_months
from rules.errors import ErrorCode, Violation
from rules.policy import (
    ASSOCIATIONS_CUSTOMER_REQUESTS_MAX,
    ASSOCIATIONS_PARTNER_REQUESTS_MAX,
    ASSOCIATIONS_WINDOW_MONTHS,
    Policy,
)
from rules.registry import rule

_GUARDS_PAGE = "https://huaweicloud.com/s/JXZzY29kZSDlh73mlbDosIPnlKjlhbPns7sl/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"
_LEAVE_PAGE = "https://huaweicloud.com/s/JeS7o-eggeajgOafpeaYr-S7gOS5iCU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"


@dataclass(frozen=True, slots=True)
class RequestHistory:
    """When each side asked before, whatever came of it, since `compute_window_start` at least.

    `by_partner`: this partner about this customer. `by_customer`: this customer. `open`: a request of this association
    waits for its answer.
    """

    by_partner: tuple[datetime, ...] = ()
    by_customer: tuple[datetime, ...] = ()
    open: bool = False


@rule(
    "associations.customer_request",
    "B 4.2 A2",
    policy=(ASSOCIATIONS_WINDOW_MONTHS,),
    codes=(ErrorCode.CUSTOMER_REQUEST_TOO_RECENT,),
    page=_GUARDS_PAGE,
)
@rule(
    "associations.window",
    "B 4.2 A3 A4",
    policy=(ASSOCIATIONS_WINDOW_MONTHS, ASSOCIATIONS_PARTNER_REQUESTS_MAX, ASSOCIATIONS_CUSTOMER_REQUESTS_MAX),
    codes=(ErrorCode.PARTNER_REQUEST_LIMIT, ErrorCode.CUSTOMER_REQUEST_LIMIT),
    page=_LEAVE_PAGE,
)
def check_windows(purpose: Purpose, history: RequestHistory, *, now: datetime, policy: Policy) -> list[Violation]:
    """Each side's own limit; and a partner waits the whole window after its customer has asked to leave."""
    if purpose.initiator is RequestInitiator.CUSTOMER:
        free_at = compute_free_at(history.by_customer, policy[ASSOCIATIONS_CUSTOMER_REQUESTS_MAX], policy)
        return _busy(ErrorCode.CUSTOMER_REQUEST_LIMIT, "associations.window", free_at, now)
    waited_at = compute_free_at(history.by_customer, 1, policy)
    free_at = compute_free_at(history.by_partner, policy[ASSOCIATIONS_PARTNER_REQUESTS_MAX], policy)
    return [
        *_busy(ErrorCode.CUSTOMER_REQUEST_TOO_RECENT, "associations.customer_request", waited_at, now),
        *_busy(ErrorCode.PARTNER_REQUEST_LIMIT, "associations.window", free_at, now),
    ]


def _busy(code: ErrorCode, rule: str, free_at: datetime | None, now: datetime) -> list[Violation]:
    if free_at is None or now >= free_at:
        return []
    return [Violation(code, rule=rule, retryable=True, available_at=free_at)]


def compute_free_at(requests: Iterable[datetime], limit: int, policy: Policy) -> datetime | None:
    """When the next request is possible under `limit` a window; `None` when fewer were ever made.

    A request leaves the window the policy's calendar months after it was made, in the site's zone: one of 30 November
    on 28 or 29 February. When more than `limit` lie in the window, all but `limit - 1` must leave it.
    """
    latest_first = sorted(requests, reverse=True)
    if len(latest_first) < limit:
        return None
    return add_months(latest_first[limit - 1], policy[ASSOCIATIONS_WINDOW_MONTHS], policy.site.zone)


def compute_window_start(now: datetime, policy: Policy) -> datetime:
    """Requests made before this instant have left the window; later ones may have left it, too."""
    return add_months(now, -policy[ASSOCIATIONS_WINDOW_MONTHS], policy.site.zone)


@rule("associations.open", "B 4.2 A16", codes=(ErrorCode.REQUEST_ALREADY_OPEN,))
def check_open(history: RequestHistory) -> list[Violation]:
    return [Violation(ErrorCode.REQUEST_ALREADY_OPEN, rule="associations.open")] if history.open else []
