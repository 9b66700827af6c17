"""Lines of consumption: what makes one sound, and the month it counts in."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from core.ids import encode_id, uuid7
from rules.bills import (
    AMOUNTS,
    COLUMNS,
    FILE_COLUMNS,
    LINES_MOST,
    PAYMENTS,
    BillType,
    GivenLine,
    Line,
    check_amounts,
    check_count,
    check_same,
    compute_month,
    compute_month_after,
    compute_month_start,
    compute_oldest_shown,
    compute_period,
    facts_of,
    read_line,
)
from rules.errors import ErrorCode
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
CUSTOMER = uuid7()
GOOD = GivenLine(
    reference="BILL-1",
    customer_id=encode_id("cus", CUSTOMER),
    bill_type="NEW",
    service_code="ec2",
    product_code="S6",
    charging_mode="PAY_PER_USE",
    paid_at="2026-03-02T12:00:00+08:00",
    official_amount="100.00",
    cash_amount="60",
    voucher_amount="39.9",
    rounding_amount="0.10",
    flags=("PAID_BY_PARTNER", "NO_PERFORMANCE", "PAID_BY_PARTNER"),
)


def sound(given: GivenLine) -> Line:
    """The line that is read; fails when it is refused."""
    line = read_line(given, "lines", "0", now=NOW)
    assert isinstance(line, Line), line
    return line


def refused(given: GivenLine) -> list[tuple[ErrorCode, str]]:
    """Codes and fields of the reasons."""
    violations = read_line(given, "lines", "0", now=NOW)
    assert isinstance(violations, list)
    codes(violations)
    assert all(violation.path[:2] == ("lines", "0") for violation in violations)
    return [(violation.code, violation.path[2]) for violation in violations]


def test_a_line_is_read_as_it_stands() -> None:
    line = sound(GOOD)
    assert (line.customer_id, line.paid_at, line.currency) == (CUSTOMER, NOW, None)
    assert dict(zip(AMOUNTS, line.amounts, strict=True))["voucher"] == 3_990
    assert sum(line.amounts) == 20_000
    assert line.flags == ("NO_PERFORMANCE", "PAID_BY_PARTNER")


def test_a_line_of_nothing_names_everything_that_must_be_given() -> None:
    assert set(refused(GivenLine())) == {
        (ErrorCode.REQUIRED, name)
        for name in (
            *("reference", "serviceCode", "productCode", "customerId"),
            *("billType", "chargingMode", "paidAt", "officialAmount"),
        )
    }


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"reference": "x" * 64}, None, ""),
        ({"reference": "x" * 65}, ErrorCode.OUT_OF_RANGE, "reference"),
        ({"region": "x" * 65}, ErrorCode.OUT_OF_RANGE, "region"),
        ({"order_ref": "CS\x00"}, ErrorCode.INVALID_FORMAT, "orderRef"),
        ({"customer_id": encode_id("par", CUSTOMER)}, ErrorCode.NOT_FOUND, "customerId"),
        ({"bill_type": "GIFT"}, ErrorCode.INVALID_FORMAT, "billType"),
        ({"charging_mode": "GIFT"}, ErrorCode.INVALID_FORMAT, "chargingMode"),
        ({"flags": ("GIFT",)}, ErrorCode.INVALID_FORMAT, "flags"),
        ({"currency": "USD"}, None, ""),
        ({"currency": "usd"}, ErrorCode.INVALID_FORMAT, "currency"),
        ({"paid_at": "2026-03-02T12:00:00"}, ErrorCode.INVALID_FORMAT, "paidAt"),
        ({"paid_at": "yesterday"}, ErrorCode.INVALID_FORMAT, "paidAt"),
        ({"paid_at": NOW}, None, ""),
        ({"paid_at": NOW + timedelta(milliseconds=1)}, ErrorCode.CONSUMPTION_PAID_IN_FUTURE, "paidAt"),
        ({"cash_amount": "59.99"}, ErrorCode.CONSUMPTION_AMOUNTS_UNBALANCED, "officialAmount"),
        ({"cash_amount": "sixty"}, ErrorCode.INVALID_FORMAT, "cashAmount"),
        ({"cash_amount": "60.001"}, ErrorCode.INVALID_FORMAT, "cashAmount"),
    ],
)
def test_each_bound_has_two_sides(change: dict[str, Any], code: ErrorCode | None, field: str) -> None:
    given = replace(GOOD, **change)
    if code is None:
        sound(given)
    else:
        assert refused(given) == [(code, field)]


@pytest.mark.parametrize(("kind", "sign"), [*product(BillType, (-1, 0, 1))])
def test_the_sign_belongs_to_the_kind(kind: BillType, sign: int) -> None:
    amounts = [100 * sign if name in ("official", "cash") else 0 for name in AMOUNTS]
    either = {BillType.CHANGE, BillType.ADJUSTMENT, BillType.ROUNDING}
    fits = sign == 0 or kind in either or (sign < 0) == (kind is BillType.REFUND)
    assert codes(check_amounts(amounts, kind)) == ([] if fits else [ErrorCode.CONSUMPTION_AMOUNT_SIGN] * 2)


def test_every_payment_has_its_column() -> None:
    assert len(COLUMNS) == len(AMOUNTS) == 12
    assert {f"{name}_amount" for name in PAYMENTS} < set(FILE_COLUMNS.values())
    assert FILE_COLUMNS["noPerformanceCouponAmount"] == "no_performance_coupon_amount"


@pytest.mark.parametrize(
    ("lines", "code"),
    [(0, ErrorCode.REQUIRED), (1, None), (LINES_MOST, None), (LINES_MOST + 1, ErrorCode.TOO_MANY)],
)
def test_a_call_has_one_to_five_hundred_lines(lines: int, code: ErrorCode | None) -> None:
    assert codes(check_count(lines)) == ([] if code is None else [code])


def test_equal_facts_are_the_same_line() -> None:
    assert check_same(b"a", b"a") == []
    assert codes(check_same(b"a", b"b")) == [ErrorCode.CONSUMPTION_LINE_CHANGED]
    assert facts_of(sound(GOOD), Site.CN) == facts_of(sound(replace(GOOD, currency="CNY")), Site.CN)
    assert facts_of(sound(GOOD), Site.CN) != facts_of(sound(GOOD), Site.INTL)
    same = replace(GOOD, paid_at=NOW, flags=("NO_PERFORMANCE", "PAID_BY_PARTNER"), cash_amount="60.00")
    assert facts_of(sound(same), Site.CN) == facts_of(sound(GOOD), Site.CN)


@pytest.mark.parametrize(
    ("instant", "site", "month"),
    [
        ("2026-02-28T15:59:59.999", Site.CN, "2026-02"),
        ("2026-02-28T16:00:00", Site.CN, "2026-03"),
        ("2026-02-28T23:59:59.999", Site.INTL, "2026-02"),
        ("2026-12-31T16:00:00", Site.CN, "2027-01"),
    ],
)
def test_months_are_cut_in_the_sites_zone(instant: str, site: Site, month: str) -> None:
    moment = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert compute_month(moment, site) == month
    assert compute_month_start(month, site) <= moment < compute_month_start(compute_month_after(month), site) or (
        compute_month(moment + timedelta(milliseconds=1), site) == compute_month_after(month)
    )


@pytest.mark.parametrize(
    ("month", "following"), [("2026-01", "2026-02"), ("2026-11", "2026-12"), ("2026-12", "2027-01")]
)
def test_a_month_follows_another(month: str, following: str) -> None:
    assert compute_month_after(month) == following


@pytest.mark.parametrize(
    ("last_closed", "period"),
    [(None, "2026-03"), ("2026-02", "2026-03"), ("2026-03", "2026-04"), ("2026-12", "2027-01")],
)
def test_a_late_line_counts_in_the_first_open_month(last_closed: str | None, period: str) -> None:
    assert compute_period(NOW, Site.CN, last_closed) == period


def test_consumption_is_shown_eighteen_months_back() -> None:
    policy = Policy.at(Site.CN, date(2026, 3, 2))
    assert compute_oldest_shown(NOW, policy) == datetime(2024, 9, 2, 4, tzinfo=UTC)
