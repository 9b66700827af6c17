"""Performance: what of a partner's consumption counts, what does not and why, and the way of a month's sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import orjson

from rules.bills import PAYMENTS, LineFlag, compute_month, compute_month_after, compute_month_start
from rules.calendar import add_months, start_of_day
from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.policy import PERFORMANCE_REBIND_FROM, PERFORMANCE_REBIND_MONTHS, Policy
from rules.registry import rule
from rules.sites import Site
from rules.transitions import machine

FEEDBACK_LENGTH = 500
"""Longest feedback and longest answer, in characters."""

_COUNTING_PAGE = (
    "https://huaweicloud.com/s/JeWNjuS4uuS6keS7o-mHkeWIuOWmguS9leS9v-eUqD8l/t_30_p_5/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/dp_060701.html"


class SheetStatus(StrEnum):
    """How settled a month's performance is."""

    ESTIMATE = "ESTIMATE"
    DRAFT = "DRAFT"
    FINAL = "FINAL"


class FeedbackStatus(StrEnum):
    """Whether the vendor has answered."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"


SHEET = machine(
    "performance_sheet",
    SheetStatus,
    (SheetStatus.ESTIMATE,),
    "B 15",
    (SheetStatus.ESTIMATE, "close", "system, when the month is over", SheetStatus.DRAFT),
    (SheetStatus.DRAFT, "give_feedback", "partner", SheetStatus.DRAFT),
    (SheetStatus.DRAFT, "audit", "vendor operations", SheetStatus.FINAL),
)
FEEDBACK = machine(
    "performance_feedback",
    FeedbackStatus,
    (FeedbackStatus.OPEN,),
    "B 15",
    (FeedbackStatus.OPEN, "answer", "vendor operations", FeedbackStatus.ANSWERED),
)


class Exclusion(StrEnum):
    """Why a part of a line, or all of it, is no performance."""

    VOUCHER = "VOUCHER"
    COUPON_WITHOUT_PERFORMANCE = "COUPON_WITHOUT_PERFORMANCE"
    GIFT_MONEY = "GIFT_MONEY"
    NOT_PAID = "NOT_PAID"
    WRITTEN_OFF = "WRITTEN_OFF"
    CARD_PURCHASE = "CARD_PURCHASE"
    PRODUCT_WITHOUT_PERFORMANCE = "PRODUCT_WITHOUT_PERFORMANCE"
    REBOUND_CUSTOMER = "REBOUND_CUSTOMER"


EXCLUDED_PAYMENTS: Mapping[str, Exclusion] = {
    "voucher": Exclusion.VOUCHER,
    "no_performance_coupon": Exclusion.COUPON_WITHOUT_PERFORMANCE,
    "bonus": Exclusion.GIFT_MONEY,
    "debt": Exclusion.NOT_PAID,
    "write_off": Exclusion.WRITTEN_OFF,
}
"""Ways of paying that are no performance. All others are: cash, credit (what is earned on it stays frozen until the
customer repays), cash coupons, and the use of stored-value cards; who paid for the customer makes no difference."""
EXCLUDING_FLAGS: Mapping[LineFlag, Exclusion] = {
    LineFlag.CARD_PURCHASE: Exclusion.CARD_PURCHASE,
    LineFlag.NO_PERFORMANCE: Exclusion.PRODUCT_WITHOUT_PERFORMANCE,
}
"""Lines of which nothing is performance."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions a month is counted under. They are kept with the closed month, whatever holds later."""

    excluded_payments: Mapping[str, str]
    excluding_flags: Mapping[str, str]
    rebind_months: int
    rebind_from: date

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """The present conditions, with the numbers of the policy."""
        return cls(
            excluded_payments={payment: reason.value for payment, reason in EXCLUDED_PAYMENTS.items()},
            excluding_flags={flag.value: reason.value for flag, reason in EXCLUDING_FLAGS.items()},
            rebind_months=policy[PERFORMANCE_REBIND_MONTHS],
            rebind_from=date.fromisoformat(policy[PERFORMANCE_REBIND_FROM]),
        )

    def data(self) -> dict[str, Any]:
        """The JSON form kept with the month."""
        return {
            "excluded_payments": dict(self.excluded_payments),
            "excluding_flags": dict(self.excluding_flags),
            "rebind_months": self.rebind_months,
            "rebind_from": self.rebind_from.isoformat(),
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `data`."""
        return cls(**{**data, "rebind_from": date.fromisoformat(data["rebind_from"])})


@dataclass(frozen=True, slots=True)
class Consumed:
    """A line as far as performance asks. `payments` are minor units in the order of `rules.bills.PAYMENTS`;
    `rebound_at` is when the association began, for a customer that had another partner before, else None.
    """

    payments: Sequence[int]
    flags: Sequence[str]
    paid_at: datetime
    rebound_at: datetime | None


@dataclass(frozen=True, slots=True)
class Performance:
    """What of a line counts, and what is left out of it by reason; both in minor units."""

    amount: int
    left_out: Mapping[str, int]


@rule("performance.counts", "B 15", page=_COUNTING_PAGE)
@rule("performance.rebound", "B 16.1", policy=(PERFORMANCE_REBIND_MONTHS, PERFORMANCE_REBIND_FROM), page=_PAGE)
def compute_performance(line: Consumed, terms: Terms, site: Site) -> Performance:
    """The cash consumption of a line that counts for the partner at payment, and the rest with its reasons."""
    amount = 0
    left_out: dict[str, int] = {}
    for payment, value in zip(PAYMENTS, line.payments, strict=True):
        if not value:
            continue
        reason = terms.excluded_payments.get(payment)
        if reason is None:
            amount += value
        else:
            left_out[reason] = left_out.get(reason, 0) + value
    whole = _whole_reason(line, terms, site)
    if whole is not None:
        left_out[whole] = left_out.get(whole, 0) + amount
        amount = 0
    return Performance(amount, {reason: value for reason, value in left_out.items() if value})


def _whole_reason(line: Consumed, terms: Terms, site: Site) -> str | None:
    """Why nothing of the line counts; None when it may."""
    for flag in line.flags:
        if flag in terms.excluding_flags:
            return terms.excluding_flags[flag]
    if not terms.rebind_months or line.rebound_at is None:
        return None
    if line.rebound_at < start_of_day(terms.rebind_from, site):
        return None
    counts_from = add_months(line.rebound_at, terms.rebind_months, site.zone)
    return Exclusion.REBOUND_CUSTOMER.value if line.paid_at < counts_from else None


def canonical(facts: Mapping[str, Any]) -> bytes:
    """One line of the record that a digest is taken of: JSON with sorted keys and a line end."""
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def compute_terms_instant(period: str, site: Site) -> datetime:
    """The last millisecond of the month: the conditions of that day are the month's."""
    return compute_month_start(compute_month_after(period), site) - timedelta(milliseconds=1)


@rule("performance.months", "B 15", page=_PAGE)
def compute_months_to_close(last_closed: str | None, earliest: str | None, now: datetime, site: Site) -> list[str]:
    """The months that are over and not closed, in order: behind the last closed one, or from the first consumption."""
    month = earliest if last_closed is None else compute_month_after(last_closed)
    months = []
    while month is not None and month < compute_month(now, site):
        months.append(month)
        month = compute_month_after(month)
    return months


@rule(
    "performance.feedback",
    "B 15",
    codes=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE),
    page=_PAGE,
)
def check_feedback(text: str, *path: str) -> list[Violation]:
    """Feedback and its answer say something, within the longest length."""
    return check_text(text, *path, rule="performance.feedback", longest=FEEDBACK_LENGTH)
