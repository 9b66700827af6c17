"""Lists are paid by quarters: when one is final, and what stands against paying its months."""

from collections.abc import Mapping
from datetime import date, datetime

from rules.calendar import start_of_day
from rules.errors import ErrorCode, Violation
from rules.experts.kinds import EXPERT_INCENTIVE, ExpertIncentiveStatus
from rules.incentives.kinds import PayoutMethod
from rules.incentives.payout import INVOICED
from rules.registry import rule
from rules.sites import Site

E, S = ErrorCode, ExpertIncentiveStatus
_QUARTER_PAGE = "https://huaweicloud.com/s/JWFwcOS6keacjeWKoeWZqCU/t_30_p_9/JeWQiOS9nOS8meS8tOS4reW_gyU"
_MONTHS = 3
_UNDECIDED = (S.PENDING_CONFIRM, S.DISPUTED, S.WAIT_MATERIALS, S.IN_REVIEW)


def months_of(period: str) -> list[str]:
    """The months of the quarter that a month ("2026-05") belongs to."""
    year, month = map(int, period.split("-"))
    first = month - (month - 1) % _MONTHS
    return [f"{year}-{first + number:02}" for number in range(_MONTHS)]


def compute_quarter_end(period: str) -> datetime:
    """The first instant after the quarter of a month, in UTC+8."""
    year, last = map(int, months_of(period)[-1].split("-"))
    following = date(year + last // 12, last % 12 + 1, 1)
    return start_of_day(following, Site.CN)


@rule("experts.quarter", "A 14.3", codes=(E.QUARTER_NOT_FINAL,), page=_QUARTER_PAGE)
def check_quarter(period: str, statuses: Mapping[str, ExpertIncentiveStatus], *, now: datetime) -> list[Violation]:
    """QUARTER_NOT_FINAL for each month of an approved list's quarter that can still be asked for or decided. `statuses`
    are those of the partner's lists of the scheme by their months, as they stand `now`.

    A month without a list can come until the quarter is over; from then on the partner has passed it over. A quarter
    of which every month has expired has no approved list, and so nothing to pay.
    """
    months = months_of(period)
    open_months = {one: statuses[one].value for one in months if one in statuses and statuses[one] in _UNDECIDED}
    if now < compute_quarter_end(period):
        open_months |= {one: "MISSING" for one in months if one not in statuses}
    return [
        Violation(E.QUARTER_NOT_FINAL, rule="experts.quarter", parameters={"month": month, "state": state})
        for month, state in sorted(open_months.items())
    ]


def check_list_payable(
    status: ExpertIncentiveStatus, period: str, statuses: Mapping[str, ExpertIncentiveStatus], *, now: datetime
) -> list[Violation]:
    """Whether a list may be paid out: QUARTER_NOT_FINAL of an approved one, STATE_CONFLICT of any other that is not
    payable.
    """
    if status is S.APPROVED:
        return check_quarter(period, statuses, now=now)
    return EXPERT_INCENTIVE.check(status, "request_payout")


@rule("experts.payout_method", "A 14.2", codes=(E.PAYOUT_METHOD_NOT_ALLOWED,))
def check_invoiced(method: PayoutMethod) -> list[Violation]:
    """PAYOUT_METHOD_NOT_ALLOWED for methods without an invoice: lists are paid against one."""
    if method in INVOICED:
        return []
    details = {"method": method.value, "allowed": sorted(INVOICED)}
    return [Violation(E.PAYOUT_METHOD_NOT_ALLOWED, ("input", "method"), "experts.payout_method", details)]
