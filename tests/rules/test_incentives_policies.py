"""Policies by day, and the amount each gives to the minor unit."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rules.customers import AssociationType
from rules.incentives import policies
from rules.incentives.kinds import Indicator
from rules.incentives.policies import (
    POLICIES,
    IncentivePolicy,
    InvalidPolicies,
    Line,
    Step,
    Totals,
    compute_incentive,
    compute_share,
    divide_half_even,
    last_day,
    policies_in_force,
    policy_of,
)
from rules.sites import Site

A = AssociationType
ANNA, BEN = UUID(int=1), UUID(int=2)
RESALE_2026 = policy_of("RESALE_CONSUMPTION", 2, Site.CN)
REFERRAL = policy_of("REFERRAL_CONSUMPTION", 1, Site.CN)
REACH = policy_of("REFERRAL_REACH", 1, Site.CN)


def with_steps(policy: IncentivePolicy, *steps: tuple[int, str]) -> IncentivePolicy:
    return replace(policy, steps=tuple(Step(start, Decimal(rate)) for start, rate in steps))


@pytest.mark.parametrize(
    ("site", "period", "expected"),
    [
        (Site.CN, "2021-12", []),
        (Site.CN, "2022-01", [("RESALE_CONSUMPTION", 1), ("REFERRAL_CONSUMPTION", 1)]),
        (Site.CN, "2023-12", [("RESALE_CONSUMPTION", 1), ("REFERRAL_CONSUMPTION", 1)]),
        (Site.CN, "2024-01", [("RESALE_CONSUMPTION", 1), ("REFERRAL_CONSUMPTION", 1), ("REFERRAL_REACH", 1)]),
        (Site.CN, "2025-12", [("RESALE_CONSUMPTION", 1), ("REFERRAL_CONSUMPTION", 1), ("REFERRAL_REACH", 1)]),
        (Site.CN, "2026-01", [("RESALE_CONSUMPTION", 2), ("REFERRAL_CONSUMPTION", 1), ("REFERRAL_REACH", 1)]),
        (Site.INTL, "2021-12", []),
        (Site.INTL, "2026-01", [("RESALE_CONSUMPTION", 1), ("REFERRAL_CONSUMPTION", 1)]),
    ],
)
def test_a_month_is_settled_by_the_versions_of_its_last_day(
    site: Site, period: str, expected: list[tuple[str, int]]
) -> None:
    assert [(policy.id, policy.version) for policy in policies_in_force(site, period)] == expected


@pytest.mark.parametrize(
    ("period", "day"), [("2024-02", date(2024, 2, 29)), ("2026-02", date(2026, 2, 28)), ("2026-12", date(2026, 12, 31))]
)
def test_last_day(period: str, day: date) -> None:
    assert last_day(period) == day


@pytest.mark.parametrize("period", ["2026", "2026-13", "2026-1", "2026-01-01", ""])
def test_no_month(period: str) -> None:
    with pytest.raises(ValueError):
        last_day(period)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: f"{policy.id}-{policy.site}-{policy.version}")
def test_every_policy_is_named_in_both_languages_and_can_be_found_again(policy: IncentivePolicy) -> None:
    assert set(policy.titles) == {"en", "zh-CN"} and all(policy.titles.values())
    assert policy_of(policy.id, policy.version, policy.site) is policy
    assert policy.source.startswith("B 16.") and policy.page.startswith("https://")


def test_totals_of_a_sheet() -> None:
    lines = [
        Line(ANNA, A.RESALE, 1_000),
        Line(BEN, A.REFERRAL, 500),
        Line(ANNA, A.RESALE, -300),
        Line(ANNA, A.REFERRAL, 40),
        Line(UUID(int=3), A.REFERRAL, 0),
    ]
    assert Totals.of(lines, A.RESALE) == Totals(700, 1_240, 1)
    assert Totals.of(lines, A.REFERRAL) == Totals(540, 1_240, 2)
    assert Totals.of([], A.RESALE) == Totals(0, 0, 0)


@pytest.mark.parametrize(
    ("total", "rate", "amount"),
    [
        (0, "0.05", 0),
        (1, "0.05", 0),
        (4_999_999, "0.05", 250_000),
        (5_000_000, "0.075", 375_000),
        (19_999_999, "0.075", 1_500_000),
        (20_000_000, "0.1", 2_000_000),
    ],
)
def test_the_rate_of_the_step_reached_holds_for_the_whole_base(total: int, rate: str, amount: int) -> None:
    computed = compute_incentive(Totals(total, total, 1), RESALE_2026)
    assert (computed.rate, computed.amount) == (Decimal(rate), amount)


def test_the_threshold_may_be_another_indicator_than_the_base() -> None:
    computed = compute_incentive(Totals(1_000_000, 20_000_000, 1), RESALE_2026)
    assert (computed.base, computed.threshold, computed.amount) == (1_000_000, 20_000_000, 100_000)


@pytest.mark.parametrize(("heads", "amount"), [(1, 0), (2, 1_000), (9, 1_000), (10, 2_000)])
def test_heads_as_a_threshold(heads: int, amount: int) -> None:
    assert compute_incentive(Totals(100_000, 100_000, heads), REACH).amount == amount


@pytest.mark.parametrize(("total", "amount"), [(99_999, 0), (100_000, 6_000)])
def test_below_the_first_step_nothing_is_earned(total: int, amount: int) -> None:
    computed = compute_incentive(Totals(total, total, 1), REFERRAL)
    assert (computed.amount, computed.step is None) == (amount, amount == 0)


def test_a_negative_base_below_the_steps_is_charged_at_the_lowest_rate() -> None:
    computed = compute_incentive(Totals(-50_000, -50_000, 1), REFERRAL)
    assert (computed.rate, computed.amount) == (Decimal("0.06"), -3_000)


@pytest.mark.parametrize(("heads", "amount"), [(1, 0), (2, -500)])
def test_too_few_heads_neither_earn_nor_owe(heads: int, amount: int) -> None:
    assert compute_incentive(Totals(-50_000, -50_000, heads), REACH).amount == amount


def test_a_negative_base_under_a_threshold_that_is_reached_is_charged_at_its_rate() -> None:
    assert compute_incentive(Totals(-50_000, 20_000_000, 1), RESALE_2026).amount == -5_000


@pytest.mark.parametrize(
    ("base", "amount"), [(10, 0), (30, 2), (50, 2), (70, 4), (11, 1), (-10, 0), (-30, -2), (-50, -2), (-11, -1)]
)
def test_halves_go_to_the_even_neighbour(base: int, amount: int) -> None:
    """0.5 → 0, 1.5 → 2, 2.5 → 2, 3.5 → 4."""
    policy = with_steps(RESALE_2026, (0, "0.05"))
    assert compute_incentive(Totals(base, base, 1), policy).amount == amount


@given(some.integers(-(10**15), 10**15), some.integers(-(10**12), 10**12).filter(bool))
def test_division_is_as_exact_as_decimals(numerator: int, denominator: int) -> None:
    exact = Decimal(numerator) / Decimal(denominator)
    quotient = divide_half_even(numerator, denominator)
    assert abs(Decimal(quotient) - exact) <= Decimal("0.5")
    if 2 * abs(numerator) % (2 * abs(denominator)) == abs(denominator):
        assert quotient % 2 == 0


@given(some.lists(some.integers(-(10**9), 10**9), min_size=1, max_size=40), some.integers(-(10**12), 10**12))
def test_shares_sum_to_the_amount(amounts: list[int], amount: int) -> None:
    base = sum(amounts)
    running, shares = 0, []
    for line in amounts:
        shares.append(compute_share(amount, base, running, running + line))
        running += line
    assert sum(shares) == (amount if base else 0)
    if base:
        assert all(
            abs(share * abs(base) - amount * line * (1 if base > 0 else -1)) <= abs(base)
            for share, line in zip(shares, amounts, strict=True)
        )


def test_the_same_line_has_the_same_share() -> None:
    assert [compute_share(100, 3, place, place + 1) for place in range(3)] == [33, 34, 33]


BROKEN: dict[str, dict[str, Any]] = {
    "steps out of order": {"steps": (Step(10, Decimal(0)), Step(0, Decimal(0)))},
    "no step": {"steps": ()},
    "a step below nothing": {"steps": (Step(-1, Decimal(0)),)},
    "a rate above the whole": {"steps": (Step(0, Decimal("1.01")),)},
    "no time to confirm": {"confirm_working_days": 0},
    "heads as a base": {"base": Indicator.CUSTOMERS},
    "ends before it begins": {"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 31)},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=list(BROKEN))
def test_data_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicies):
        policies._check(replace(RESALE_2026, **change))
    policies._check(RESALE_2026)


@pytest.mark.parametrize(
    ("ends", "begins", "apart"),
    [
        (date(2025, 12, 31), date(2026, 1, 1), True),
        (date(2026, 1, 1), date(2026, 1, 1), False),
        (None, date(2026, 1, 1), False),
    ],
)
def test_versions_never_hold_on_the_same_day(ends: date | None, begins: date, apart: bool) -> None:
    first = replace(RESALE_2026, version=1, valid_from=date(2022, 1, 1), valid_to=ends)
    second = replace(RESALE_2026, version=2, valid_from=begins)
    if apart:
        policies._check_apart([first, second])
        return
    with pytest.raises(InvalidPolicies):
        policies._check_apart([first, second])


def test_versions_are_numbered_upwards() -> None:
    first = replace(RESALE_2026, version=2, valid_from=date(2022, 1, 1), valid_to=date(2025, 12, 31))
    with pytest.raises(InvalidPolicies):
        policies._check_apart([first, RESALE_2026])


def test_the_shipped_data_is_read_from_its_file() -> None:
    assert Path(policies.DATA).name == "incentives.toml"
    assert policies._load(policies.DATA) == POLICIES
