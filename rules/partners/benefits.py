"""Benefits are frozen while bills of the partner are overdue, and no longer; what is paid releases them by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules.errors import ErrorCode, Violation
from rules.partners import PartnerKind
from rules.registry import rule

_FREEZE_PAGE = "https://support.huaweicloud.com/intl/tr-tr/usermanual-bpconsole/fh_3000.html"

FROZEN_KINDS = frozenset({PartnerKind.SOLUTION_PROVIDER, PartnerKind.DISTRIBUTOR})
"""Whose benefits are frozen: those who pay bills to the vendor; a reseller's bills are its distributor's affair."""

E = ErrorCode


@dataclass(frozen=True, slots=True)
class DueBill:
    """A bill that is not paid yet: its number, and the first instant at which it is overdue."""

    number: str
    overdue_since: datetime


@rule("partners.benefits_frozen", "A 2.4", codes=(E.BENEFITS_FROZEN,), page=_FREEZE_PAGE)
def compute_frozen_since(kind: PartnerKind | None, unpaid: Iterable[DueBill], now: datetime) -> datetime | None:
    """Since when all benefits of a partner are frozen: since its oldest overdue bill; None when they are not."""
    if kind not in FROZEN_KINDS:
        return None
    return min((bill.overdue_since for bill in unpaid if bill.overdue_since <= now), default=None)


def check_benefits(kind: PartnerKind | None, unpaid: Sequence[DueBill], now: datetime) -> list[Violation]:
    """BENEFITS_FROZEN while a bill is overdue; it names the bills. Asked whenever a benefit is applied for or paid."""
    if compute_frozen_since(kind, unpaid, now) is None:
        return []
    numbers = sorted(bill.number for bill in unpaid if bill.overdue_since <= now)
    return [Violation(E.BENEFITS_FROZEN, rule="partners.benefits_frozen", parameters={"bills": list(numbers)})]


@dataclass(frozen=True, slots=True)
class RecordedBill:
    """What is on record under a bill's number."""

    is_own: bool
    cleared: bool


@rule(
    "partners.overdue_bill",
    "A 2.4",
    codes=(E.OUT_OF_RANGE, E.OVERDUE_BILL_OF_OTHER, E.OVERDUE_BILL_CLEARED, E.REPEATED),
    page=_FREEZE_PAGE,
)
def check_bill(amount: int, known: RecordedBill | None, *path: str, repeated: bool = False) -> list[Violation]:
    """All reasons against recording a bill: OUT_OF_RANGE for an amount of nothing or less, REPEATED within the input,
    OVERDUE_BILL_OF_OTHER for a number of another partner's, OVERDUE_BILL_CLEARED for one that was paid since.
    """
    reasons: tuple[tuple[bool, ErrorCode, tuple[str, ...], dict[str, Any]], ...] = (
        (amount <= 0, E.OUT_OF_RANGE, (*path, "amount"), {"min": "0.01"}),
        (repeated, E.REPEATED, path, {}),
        (known is not None and not known.is_own, E.OVERDUE_BILL_OF_OTHER, path, {}),
        (known is not None and known.is_own and known.cleared, E.OVERDUE_BILL_CLEARED, path, {}),
    )
    return [Violation(code, where, "partners.overdue_bill", more) for hit, code, where, more in reasons if hit]


@rule("partners.named_bills", "A 2.4", codes=(E.REQUIRED,), page=_FREEZE_PAGE)
def check_named(bills: int, *path: str) -> list[Violation]:
    """REQUIRED where no bill is named: whoever enters bills or their payment says which."""
    return [] if bills else [Violation(E.REQUIRED, path, "partners.named_bills")]
