"""Spending vouchers on orders, and refunds: both sides of every boundary."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from rules.errors import ErrorCode
from rules.vouchers import (
    Spending,
    SpendingPurpose,
    SubscriptionType,
    VoucherFacts,
    VoucherKind,
    VoucherRange,
    VoucherStatus,
    check_refund,
    check_use,
    is_refunded_to_customer,
)
from tests.rules.outcomes import codes

E, V, K, P = ErrorCode, VoucherStatus, VoucherKind, SpendingPurpose
NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
VOUCHER = VoucherFacts(V.USABLE, K.VOUCHER, 10_000, NOW - timedelta(days=1), NOW + timedelta(days=1))
ORDER = Spending(amount=5_000, order_amount=8_000)
RANGE = VoucherRange(("ecs",), ("p1", "p2"), (SubscriptionType.NEW,))
INSIDE = {"service": "ecs", "product": "p2", "subscription": SubscriptionType.NEW}


@pytest.mark.parametrize(
    ("spending", "wanted"),
    [
        ({"amount": 1}, []),
        ({"amount": 0}, [E.OUT_OF_RANGE]),
        ({"amount": 8_000}, []),
        ({"amount": 8_001}, [E.OUT_OF_RANGE]),
        ({"amount": 5_000, "paid": 3_000}, []),
        ({"amount": 5_001, "paid": 3_000}, [E.OUT_OF_RANGE]),
        ({"amount": 10_000, "order_amount": 10_000}, []),
        ({"amount": 10_001, "order_amount": 10_001}, [E.VOUCHER_INSUFFICIENT]),
        ({"purpose": P.ARREARS}, [E.VOUCHER_NOT_FOR_ARREARS]),
        ({"purpose": P.MARKETPLACE}, [E.VOUCHER_NOT_FOR_MARKETPLACE]),
    ],
)
def test_amounts_and_purposes(spending: dict[str, Any], wanted: list[ErrorCode]) -> None:
    assert codes(check_use(VOUCHER, replace(ORDER, **spending), now=NOW)) == wanted


@pytest.mark.parametrize("status", V)
def test_only_a_usable_voucher_pays(status: VoucherStatus) -> None:
    found = check_use(replace(VOUCHER, status=status), ORDER, now=NOW)
    assert codes(found) == ([] if status is V.USABLE else [E.VOUCHER_NOT_USABLE])


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (VOUCHER.valid_from - MILLISECOND, [E.VOUCHER_NOT_USABLE]),
        (VOUCHER.valid_from, []),
        (VOUCHER.expires_at - MILLISECOND, []),
        (VOUCHER.expires_at, [E.VOUCHER_NOT_USABLE]),
    ],
)
def test_a_voucher_pays_while_it_is_in_force(now: datetime, wanted: list[ErrorCode]) -> None:
    assert codes(check_use(VOUCHER, ORDER, now=now)) == wanted


@pytest.mark.parametrize(("least", "wanted"), [(8_000, []), (8_001, [E.VOUCHER_ORDER_TOO_SMALL])])
def test_an_order_must_be_large_enough(least: int, wanted: list[ErrorCode]) -> None:
    assert codes(check_use(replace(VOUCHER, min_order=least), ORDER, now=NOW)) == wanted


@pytest.mark.parametrize(
    ("kind", "before", "wanted"),
    [
        (K.VOUCHER, (), []),
        (K.VOUCHER, (K.VOUCHER,), [E.VOUCHER_ONE_PER_ORDER]),
        (K.VOUCHER, (K.CASH,), [E.VOUCHER_BEFORE_CASH]),
        (K.VOUCHER, (K.VOUCHER, K.CASH), [E.VOUCHER_ONE_PER_ORDER, E.VOUCHER_BEFORE_CASH]),
        (K.CASH, (K.VOUCHER, K.CASH, K.CASH), []),
    ],
)
def test_one_voucher_an_order_before_any_cash_coupon(kind: VoucherKind, before: Any, wanted: list[ErrorCode]) -> None:
    found = check_use(replace(VOUCHER, kind=kind), replace(ORDER, before=before), now=NOW)
    assert codes(found) == wanted


@pytest.mark.parametrize(
    ("spending", "wanted"),
    [
        ({}, []),
        ({"service": "obs"}, ["service"]),
        ({"service": None}, ["service"]),
        ({"product": "p3"}, ["product"]),
        ({"subscription": SubscriptionType.RENEW}, ["subscription"]),
        ({"service": None, "product": None, "subscription": None}, ["service", "product", "subscription"]),
    ],
)
def test_a_range_is_kept(spending: dict[str, Any], wanted: list[str]) -> None:
    found = check_use(replace(VOUCHER, range=RANGE), replace(ORDER, **{**INSIDE, **spending}), now=NOW)
    assert codes(found) == [E.VOUCHER_OUTSIDE_RANGE] * len(wanted)
    assert [violation.path[1] for violation in found] == wanted


def test_a_quota_may_say_that_its_vouchers_pay_marketplace_goods() -> None:
    spending = replace(ORDER, purpose=P.MARKETPLACE)
    assert codes(check_use(replace(VOUCHER, marketplace=True), spending, now=NOW)) == []


def test_a_use_is_refunded_once() -> None:
    assert codes(check_refund(False)) == []
    assert codes(check_refund(True)) == [E.VOUCHER_REFUNDED]


@pytest.mark.parametrize(("status", "associated", "over"), list(product(V, (True, False), (True, False))))
def test_a_refund_goes_back_to_the_customer_that_could_still_spend_it(
    status: VoucherStatus, associated: bool, over: bool
) -> None:
    now = VOUCHER.expires_at if over else VOUCHER.expires_at - MILLISECOND
    found = is_refunded_to_customer(replace(VOUCHER, status=status), associated=associated, now=now)
    assert found == (status in (V.USABLE, V.USED) and associated and not over)
