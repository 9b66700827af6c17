"""Performance: what of a line counts, under which terms, and when a month is closed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.bills import PAYMENTS, LineFlag
from rules.errors import ErrorCode
from rules.incentives.performance import (
    EXCLUDED_PAYMENTS,
    Consumed,
    Exclusion,
    Terms,
    canonical,
    check_feedback,
    compute_months_to_close,
    compute_performance,
    compute_terms_instant,
)
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

PAID = datetime(2026, 3, 15, tzinfo=UTC)
TERMS = Terms.of(Policy.at(Site.CN, date(2026, 3, 31)))
COUNTING = tuple(name for name in PAYMENTS if name not in EXCLUDED_PAYMENTS)


def consumed(flags: tuple[str, ...] = (), rebound_at: datetime | None = None, **payments: int) -> Consumed:
    """A line with these payments."""
    return Consumed([payments.get(name, 0) for name in PAYMENTS], flags, PAID, rebound_at)


def test_cash_credit_cash_coupons_and_the_use_of_cards_count() -> None:
    assert set(COUNTING) == {"cash", "credit", "cash_coupon", "card"}


@pytest.mark.parametrize("payment", PAYMENTS)
def test_each_way_of_paying_counts_or_has_its_reason(payment: str) -> None:
    paid: dict[str, Any] = {"cash": 1_000, **({} if payment == "cash" else {payment: 500})}
    found = compute_performance(consumed(**paid), TERMS, Site.CN)
    if payment in COUNTING:
        assert (found.amount, found.left_out) == (1_000 if payment == "cash" else 1_500, {})
    else:
        assert (found.amount, found.left_out) == (1_000, {EXCLUDED_PAYMENTS[payment].value: 500})


@pytest.mark.parametrize("flag", LineFlag)
def test_flags_that_exclude_a_line_exclude_all_of_it(flag: LineFlag) -> None:
    found = compute_performance(consumed((flag.value,), cash=1_000), TERMS, Site.CN)
    assert found.amount == (1_000 if flag is LineFlag.PAID_BY_PARTNER else 0)
    assert sum(found.left_out.values()) == 1_000 - found.amount


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=len(PAYMENTS), max_size=len(PAYMENTS)),
    st.sets(st.sampled_from([flag.value for flag in LineFlag])),
)
def test_nothing_gets_lost_between_what_counts_and_what_does_not(payments: list[int], flags: set[str]) -> None:
    found = compute_performance(Consumed(payments, sorted(flags), PAID, None), TERMS, Site.CN)
    assert found.amount + sum(found.left_out.values()) == sum(payments)


BOUND = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("months", "since", "bound", "counts"),
    [
        (0, date(2026, 1, 1), BOUND, True),
        (2, date(2026, 1, 1), BOUND, True),
        (2, date(2026, 1, 1), BOUND + timedelta(milliseconds=1), False),
        (3, date(2026, 1, 1), BOUND, False),
        (3, date(2026, 1, 15), BOUND, False),
        (3, date(2026, 1, 16), BOUND, True),
        (3, date(2026, 1, 1), None, True),
    ],
)
def test_a_rebound_customer_counts_after_the_months(
    months: int, since: date, bound: datetime | None, counts: bool
) -> None:
    terms = replace(TERMS, rebind_months=months, rebind_from=since)
    found = compute_performance(consumed(rebound_at=bound, cash=1_000, voucher=10), terms, Site.CN)
    assert found.amount == (1_000 if counts else 0)
    assert found.left_out.get(Exclusion.REBOUND_CUSTOMER.value) == (None if counts else 1_000)
    assert found.left_out[Exclusion.VOUCHER.value] == 10


def test_terms_are_kept_and_read_again() -> None:
    assert Terms.read(TERMS.data()) == TERMS
    assert (TERMS.rebind_months, TERMS.rebind_from) == (0, date(2026, 1, 1))


def test_old_terms_do_not_know_later_reasons() -> None:
    old = replace(TERMS, excluded_payments={}, excluding_flags={})
    found = compute_performance(consumed((LineFlag.CARD_PURCHASE.value,), cash=1, voucher=2), old, Site.CN)
    assert (found.amount, found.left_out) == (3, {})


def test_a_record_has_one_form() -> None:
    assert canonical({"b": {"z": 1, "a": 2}, "a": "ü"}) == '{"a":"ü","b":{"a":2,"z":1}}\n'.encode()


@pytest.mark.parametrize(
    ("site", "instant"), [(Site.CN, "2026-03-31T15:59:59.999"), (Site.INTL, "2026-03-31T23:59:59.999")]
)
def test_a_months_terms_are_those_of_its_last_day(site: Site, instant: str) -> None:
    assert compute_terms_instant("2026-03", site) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("last_closed", "earliest", "now", "months"),
    [
        (None, None, "2026-04-01T00:00:00", []),
        (None, "2026-03", "2026-03-31T15:59:59.999", []),
        (None, "2026-03", "2026-03-31T16:00:00", ["2026-03"]),
        ("2026-02", "2025-01", "2026-03-31T16:00:00", ["2026-03"]),
        ("2026-03", "2025-01", "2026-03-31T16:00:00", []),
        ("2025-11", "2025-01", "2026-03-01T00:00:00", ["2025-12", "2026-01", "2026-02"]),
        ("2026-05", "2025-01", "2026-03-31T16:00:00", []),
    ],
)
def test_every_month_that_is_over_is_closed_in_order(
    last_closed: str | None, earliest: str | None, now: str, months: list[str]
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert compute_months_to_close(last_closed, earliest, moment, Site.CN) == months


@pytest.mark.parametrize(
    ("text", "code"),
    [("", ErrorCode.REQUIRED), (" ", ErrorCode.REQUIRED), ("x" * 500, None), ("x" * 501, ErrorCode.OUT_OF_RANGE)],
)
def test_feedback_says_something_in_five_hundred_characters(text: str, code: ErrorCode | None) -> None:
    assert codes(check_feedback(text, "input", "text")) == ([] if code is None else [code])
