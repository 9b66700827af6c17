"""Spending vouchers on orders, and what becomes of a refund."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from rules.errors import ErrorCode, Violation
from rules.registry import rule
from rules.vouchers.kinds import (
    SpendingPurpose,
    SubscriptionType,
    VoucherFacts,
    VoucherKind,
    VoucherStatus,
)

ORDER_LENGTH = 64
"""Longest reference of an order, in characters."""

_USE_PAGE = "https://huaweicloud.com/special/yhqqb-xsms.html"
_REFUND_PAGE = (
    "https://huaweicloud.com/s/JeS6kei_geenu-eahOWbm-Wkp-atpemqpOS4ieWkp-aooeW8jyU/t_30_p_5/JeWQiOS9nOS8meS8tOS4reW_gyU"
)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a voucher is to pay: `amount` of an order over `order_amount`, in minor units.

    `before` are the kinds of vouchers and coupons that have paid for the same order already, `paid` what they paid.
    """

    amount: int
    order_amount: int
    service: str | None = None
    product: str | None = None
    subscription: SubscriptionType | None = None
    purpose: SpendingPurpose = SpendingPurpose.PURCHASE
    before: Collection[VoucherKind] = ()
    paid: int = 0


@rule(
    "vouchers.use",
    "B 12.6",
    codes=(ErrorCode.OUT_OF_RANGE, ErrorCode.VOUCHER_INSUFFICIENT),
    page=_USE_PAGE,
)
def check_use(voucher: VoucherFacts, spending: Spending, *, now: datetime) -> list[Violation]:
    """All reasons against paying with the voucher; what it does not cover is paid in cash. Nothing is paid twice."""
    name = "vouchers.use"
    violations = []
    if not 0 < spending.amount <= spending.order_amount - spending.paid:
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "amount"), name))
    violations += check_spendable(voucher, now=now)
    if spending.amount > voucher.balance:
        violations.append(Violation(ErrorCode.VOUCHER_INSUFFICIENT, ("input", "amount"), name))
    return [*violations, *_check_order(voucher, spending), *_check_range(voucher, spending)]


@rule("vouchers.spendable", "B 12.6", codes=(ErrorCode.VOUCHER_NOT_USABLE,), page=_USE_PAGE)
def check_spendable(voucher: VoucherFacts, *, now: datetime) -> list[Violation]:
    """VOUCHER_NOT_USABLE unless it is USABLE and in force: what `actions` shows."""
    if voucher.status is VoucherStatus.USABLE and voucher.valid_from <= now < voucher.expires_at:
        return []
    state = {"state": voucher.status.value}
    return [Violation(ErrorCode.VOUCHER_NOT_USABLE, ("input", "voucherId"), "vouchers.spendable", state)]


@rule(
    "vouchers.order",
    "B 12.6",
    codes=(
        ErrorCode.VOUCHER_ORDER_TOO_SMALL,
        ErrorCode.VOUCHER_ONE_PER_ORDER,
        ErrorCode.VOUCHER_BEFORE_CASH,
        ErrorCode.VOUCHER_NOT_FOR_ARREARS,
        ErrorCode.VOUCHER_NOT_FOR_MARKETPLACE,
    ),
    page=_USE_PAGE,
)
def _check_order(voucher: VoucherFacts, spending: Spending) -> list[Violation]:
    """One voucher an order, before any cash coupon; several cash coupons may stack. Not for arrears."""
    one_only = voucher.kind is VoucherKind.VOUCHER
    purpose = spending.purpose
    wrong = (
        (ErrorCode.VOUCHER_ORDER_TOO_SMALL, "orderAmount", spending.order_amount < (voucher.min_order or 0)),
        (ErrorCode.VOUCHER_ONE_PER_ORDER, "orderRef", one_only and VoucherKind.VOUCHER in spending.before),
        (ErrorCode.VOUCHER_BEFORE_CASH, "orderRef", one_only and VoucherKind.CASH in spending.before),
        (ErrorCode.VOUCHER_NOT_FOR_ARREARS, "purpose", purpose is SpendingPurpose.ARREARS),
        (
            ErrorCode.VOUCHER_NOT_FOR_MARKETPLACE,
            "purpose",
            purpose is SpendingPurpose.MARKETPLACE and not voucher.marketplace,
        ),
    )
    return [Violation(code, ("input", place), "vouchers.order") for code, place, is_wrong in wrong if is_wrong]


@rule("vouchers.use_range", "B 12.6", codes=(ErrorCode.VOUCHER_OUTSIDE_RANGE,), page=_USE_PAGE)
def _check_range(voucher: VoucherFacts, spending: Spending) -> list[Violation]:
    """VOUCHER_OUTSIDE_RANGE at each of service, product and subscription type that the voucher does not pay for."""
    places = (
        ("service", spending.service, voucher.range.services),
        ("product", spending.product, voucher.range.products),
        ("subscription", spending.subscription, voucher.range.subscriptions),
    )
    return [
        Violation(ErrorCode.VOUCHER_OUTSIDE_RANGE, ("input", place), "vouchers.use_range")
        for place, asked, allowed in places
        if allowed and asked not in allowed
    ]


@rule("vouchers.refund", "B 12.5", codes=(ErrorCode.VOUCHER_REFUNDED,), page=_REFUND_PAGE)
def check_refund(refunded: bool) -> list[Violation]:
    """VOUCHER_REFUNDED: a use is refunded once, and whole."""
    return [Violation(ErrorCode.VOUCHER_REFUNDED, ("input", "id"), "vouchers.refund")] if refunded else []


def is_refunded_to_customer(voucher: VoucherFacts, *, associated: bool, now: datetime) -> bool:
    """Whether a refund goes back onto the voucher: its customer is still the partner's, and the voucher could still be
    spent. Otherwise it goes to the partner. B 12.5.
    """
    spendable = voucher.status in (VoucherStatus.USABLE, VoucherStatus.USED)
    return associated and spendable and now < voucher.expires_at
