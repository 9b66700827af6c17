"""Paying incentives out: which methods an incentive allows, and everything that stands against a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rules.calendar import add_months, day_of, start_of_day
from rules.customers import AssociationType
from rules.errors import ErrorCode, Violation
from rules.incentives.kinds import INCENTIVE, IncentiveStatus, PayoutMethod, PayoutStatus
from rules.incentives.reconcile import IncentiveFacts
from rules.money import format_amount
from rules.policy import PAYOUTS_MINIMUM, PAYOUTS_QUOTA_LIFE_MONTHS, PAYOUTS_RESALE_NO_INVOICE_FROM, Policy
from rules.registry import rule
from rules.sites import Site

_TABLE_PAGE = "https://huaweicloud.com/s/JW9kcHPkv67mlLnlrZfmrrUl/t_30_p_14/JeWQiOS9nOS8meS8tOS4reW_gyU"
_WITHDRAWAL_PAGE = (
    "https://huaweicloud.com/s/JemfqeWbveaOpeefreS_oemqjOivgeeggeW5s-WPsCU/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_REQUEST_PAGE = "https://support.huaweicloud.com/eu/usermanual-bpconsole/Dis_000534.html"

E, M = ErrorCode, PayoutMethod


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """One row of the table: incentives of this association type, generated on (`True`) or before the day from which
    resale needs no invoice (`None`: whenever), may be paid out by `methods`.
    """

    association_type: AssociationType
    after: bool | None
    methods: tuple[PayoutMethod, ...]


PAYOUT_TABLE = (
    PayoutRow(AssociationType.RESALE, True, (M.ACCOUNT_OWED_INVOICE, M.VOUCHER_QUOTA)),
    PayoutRow(AssociationType.RESALE, False, (M.BANK_TRANSFER, M.ACCOUNT, M.VOUCHER_QUOTA)),
    PayoutRow(AssociationType.REFERRAL, None, (M.BANK_TRANSFER, M.ACCOUNT, M.VOUCHER_QUOTA)),
)
"""B 16.6. Every (type, day) has exactly one row."""

INVOICED = frozenset({M.BANK_TRANSFER, M.ACCOUNT})
"""Methods that wait for the partner's invoice; the others are carried out at once."""


@rule("payouts.table", "B 16.6", policy=(PAYOUTS_RESALE_NO_INVOICE_FROM,), page=_TABLE_PAGE)
def compute_methods(
    association_type: AssociationType, generated_at: datetime, policy: Policy
) -> tuple[PayoutMethod, ...]:
    """The methods that the table allows; the day begins at 00:00 in the site's zone."""
    from_day = date.fromisoformat(policy[PAYOUTS_RESALE_NO_INVOICE_FROM])
    after = generated_at >= start_of_day(from_day, policy.site)
    [row] = [row for row in PAYOUT_TABLE if row.association_type is association_type and row.after in (None, after)]
    return row.methods


def compute_first_status(method: PayoutMethod) -> PayoutStatus:
    """Where a request begins: waiting for the invoice, or done."""
    return PayoutStatus.WAIT_INVOICE if method in INVOICED else PayoutStatus.COMPLETED


def check_payout(
    method: PayoutMethod,
    items: Mapping[int, IncentiveFacts],
    *,
    certified: bool,
    now: datetime,
    policy: Policy,
) -> list[Violation]:
    """All reasons against paying these incentives out by `method`; `items` by their places in the input.

    BUSINESS_INFO_REQUIRED; per incentive those of `check_payable` and PAYOUT_METHOD_NOT_ALLOWED; of the whole
    PAYOUT_TOTAL_NOT_POSITIVE and PAYOUT_BELOW_MINIMUM.
    """
    violations = check_business_info(certified)
    for place, facts in items.items():
        path = ("input", "incentiveIds", str(place))
        violations += check_payable(facts, *path, now=now)
        violations += _check_method(method, facts, *path, policy=policy)
    return violations + check_payout_total(method, sum(facts.amount for facts in items.values()), policy)


@rule("payouts.withdrawal", "A 4.1", page=_WITHDRAWAL_PAGE)
def is_withdrawal(method: PayoutMethod) -> bool:
    """Whether money leaves for the partner's bank, which is never done without a code."""
    return method is PayoutMethod.BANK_TRANSFER


@rule("payouts.business_info", "B 16.6 P1", codes=(E.BUSINESS_INFO_REQUIRED,), page=_REQUEST_PAGE)
def check_business_info(certified: bool) -> list[Violation]:
    """BUSINESS_INFO_REQUIRED until the partner's business information is certified."""
    return [] if certified else [Violation(E.BUSINESS_INFO_REQUIRED, rule="payouts.business_info")]


@rule(
    "payouts.incentive",
    "B 16.6 P2",
    codes=(E.INCENTIVE_NOT_CONFIRMED, E.INCENTIVE_EXPIRED, E.INCENTIVE_CLAIM_OVER, E.INCENTIVE_FROZEN),
    page=_REQUEST_PAGE,
)
@rule("payouts.locked", "B 16.6", codes=(E.PAYOUT_METHOD_LOCKED,), page=_TABLE_PAGE)
def check_payable(facts: IncentiveFacts, *path: str, now: datetime) -> list[Violation]:
    """Whether the incentive itself may be paid out: confirmed, not frozen, neither expired nor lapsed, no method chosen
    before.
    """
    status, violations = facts.standing(now), []
    if INCENTIVE.target(status, "request_payout") is None:
        code, name = _REFUSED[status]
        violations.append(Violation(code, path, name, {"state": status.value}))
    if facts.frozen:
        violations.append(Violation(E.INCENTIVE_FROZEN, path, "payouts.incentive"))
    return violations


_REFUSED: Mapping[IncentiveStatus, tuple[ErrorCode, str]] = {
    IncentiveStatus.PENDING_CONFIRM: (E.INCENTIVE_NOT_CONFIRMED, "payouts.incentive"),
    IncentiveStatus.EXPIRED: (E.INCENTIVE_EXPIRED, "payouts.incentive"),
    IncentiveStatus.LAPSED: (E.INCENTIVE_CLAIM_OVER, "payouts.incentive"),
    IncentiveStatus.PAYING_OUT: (E.PAYOUT_METHOD_LOCKED, "payouts.locked"),
    IncentiveStatus.PAID: (E.PAYOUT_METHOD_LOCKED, "payouts.locked"),
}


@rule("payouts.method", "B 16.6 P3", codes=(E.PAYOUT_METHOD_NOT_ALLOWED,), page=_TABLE_PAGE)
def _check_method(method: PayoutMethod, facts: IncentiveFacts, *path: str, policy: Policy) -> list[Violation]:
    allowed = compute_methods(facts.association_type, facts.generated_at, policy)
    if method in allowed:
        return []
    details = {"method": method.value, "allowed": list(allowed)}
    return [Violation(E.PAYOUT_METHOD_NOT_ALLOWED, path, "payouts.method", details)]


@rule("payouts.total", "B 16.6 P4", codes=(E.PAYOUT_TOTAL_NOT_POSITIVE,))
def check_total(total: int) -> list[Violation]:
    """PAYOUT_TOTAL_NOT_POSITIVE when the chosen incentives, negative ones included, come to nothing or less."""
    if total > 0:
        return []
    details = {"total": format_amount(total)}
    return [Violation(E.PAYOUT_TOTAL_NOT_POSITIVE, ("input", "incentiveIds"), "payouts.total", details)]


@rule("payouts.minimum", "B 16.6", policy=(PAYOUTS_MINIMUM,), codes=(E.PAYOUT_BELOW_MINIMUM,), page=_REQUEST_PAGE)
def check_payout_total(method: PayoutMethod, total: int, policy: Policy) -> list[Violation]:
    """Those of `check_total`, and PAYOUT_BELOW_MINIMUM: a quota has no minimum, money has the site's."""
    minimum = policy[PAYOUTS_MINIMUM]
    if total <= 0 or method is M.VOUCHER_QUOTA or total >= minimum * 100:
        return check_total(total)
    details = {"total": format_amount(total), "minimum": f"{minimum:.2f}"}
    return [Violation(E.PAYOUT_BELOW_MINIMUM, ("input", "incentiveIds"), "payouts.minimum", details)]


@rule("payouts.quota_life", "B 16.6", policy=(PAYOUTS_QUOTA_LIFE_MONTHS,), page=_REQUEST_PAGE)
def compute_quota_expiry(now: datetime, policy: Policy) -> datetime:
    """Until when a quota that was paid out can be issued: calendar months in the site's zone."""
    return add_months(now, policy[PAYOUTS_QUOTA_LIFE_MONTHS], policy.site.zone)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a payout moves, minor units: `total` to the partner, `netted` of what was confirmed back to the vendor."""

    total: int
    netted: int


def compute_settlement(amounts: Sequence[int]) -> Settlement:
    """Positive amounts were credited when confirmed, negative ones are taken off in the moment of the payout."""
    return Settlement(sum(amounts), -sum(amount for amount in amounts if amount < 0))


RESUBMITTED_AT = time(9)


@rule(
    "payouts.resubmission",
    "D 1",
    page="https://huaweicloud.com/s/JeS6keahjOmdoueuoeeQhuezu-e7nyU/t_30_p_28/JeWQiOS9nOS8meS8tOS4reW_gyU",
)
def compute_resubmission(certified_at: datetime) -> datetime:
    """When a payout that was refused before is asked for again: 09:00 in UTC+8 of the calendar day after."""
    day = day_of(certified_at, Site.CN) + timedelta(days=1)
    return datetime.combine(day, RESUBMITTED_AT, Site.CN.zone).astimezone(UTC)


def is_deferred(violations: Sequence[Violation], *, under_way: bool) -> bool:
    """Whether a refused payout is kept: business information under way is all that stands against it."""
    return under_way and [violation.code for violation in violations] == [E.BUSINESS_INFO_REQUIRED]
