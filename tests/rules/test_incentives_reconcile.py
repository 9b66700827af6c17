"""Confirming, deadlines, freezing and offsets: every status, both sides of every deadline."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rules.customers import AssociationType
from rules.errors import ErrorCode
from rules.incentives.kinds import IncentiveStatus, OnDeadline
from rules.incentives.policies import policy_of
from rules.incentives.reconcile import (
    IncentiveFacts,
    check_confirm,
    check_freeze,
    check_reason,
    check_together,
    check_unfreeze,
    compute_claim_end,
    compute_confirm_deadline,
    compute_deadline_event,
    compute_offsets,
)
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

E, S = ErrorCode, IncentiveStatus
GENERATED = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
LAST = DEADLINE - timedelta(milliseconds=1)
PENDING = IncentiveFacts(
    S.PENDING_CONFIRM, 20_000, AssociationType.RESALE, GENERATED, DEADLINE, OnDeadline.AUTO_CONFIRM
)
EXPIRING = replace(PENDING, on_deadline=OnDeadline.EXPIRE)
DAY = date(2026, 3, 2)


def test_the_deadline_is_the_end_of_the_fifth_working_day_of_the_site() -> None:
    """Monday noon in Shanghai: Tuesday to Friday and the next Monday, in time until midnight there."""
    deadline = compute_confirm_deadline(GENERATED, policy_of("RESALE_CONSUMPTION", 2, Site.CN))
    assert (deadline.at, deadline.provisional) == (DEADLINE, False)


def test_the_deadline_goes_round_the_spring_festival() -> None:
    """13 February 2026 is a Friday; 14 is worked, 15 to 23 are holidays."""
    generated = datetime(2026, 2, 13, 4, 0, tzinfo=UTC)
    deadline = compute_confirm_deadline(generated, policy_of("RESALE_CONSUMPTION", 2, Site.CN))
    assert deadline.at == datetime(2026, 2, 27, 16, 0, tzinfo=UTC)


def test_the_other_site_counts_its_own_days() -> None:
    generated = datetime(2026, 2, 13, 4, 0, tzinfo=UTC)
    deadline = compute_confirm_deadline(generated, policy_of("RESALE_CONSUMPTION", 1, Site.INTL))
    assert deadline.at == datetime(2026, 2, 21, tzinfo=UTC)


def test_an_entry_of_operations_moves_the_deadline_and_an_unpublished_year_makes_it_provisional() -> None:
    policy = policy_of("RESALE_CONSUMPTION", 2, Site.CN)
    assert compute_confirm_deadline(GENERATED, policy, {date(2026, 3, 3): False}).at == DEADLINE + timedelta(days=1)
    assert compute_confirm_deadline(datetime(2099, 3, 2, tzinfo=UTC), policy).provisional


@pytest.mark.parametrize(
    ("facts", "now", "event"),
    [
        (PENDING, LAST, None),
        (PENDING, DEADLINE, "auto_confirm"),
        (EXPIRING, LAST, None),
        (EXPIRING, DEADLINE, "expire"),
        (replace(EXPIRING, amount=0), DEADLINE, "auto_confirm"),
        (replace(EXPIRING, amount=-1), DEADLINE, "auto_confirm"),
        (replace(EXPIRING, amount=1), DEADLINE, "expire"),
        (replace(EXPIRING, frozen=True), DEADLINE, "expire"),
        *((replace(EXPIRING, status=status), DEADLINE, None) for status in S if status is not S.PENDING_CONFIRM),
    ],
)
def test_what_time_does(facts: IncentiveFacts, now: datetime, event: str | None) -> None:
    assert compute_deadline_event(facts, now) == event


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        (PENDING, LAST, []),
        (EXPIRING, LAST, []),
        (replace(PENDING, frozen=True), LAST, []),
        (PENDING, DEADLINE, [E.STATE_CONFLICT]),
        (EXPIRING, DEADLINE, [E.INCENTIVE_EXPIRED]),
        (replace(PENDING, status=S.CONFIRMED), LAST, [E.STATE_CONFLICT]),
        (replace(PENDING, status=S.PAYING_OUT), LAST, [E.STATE_CONFLICT]),
        (replace(PENDING, status=S.PAID), LAST, [E.STATE_CONFLICT]),
        (replace(PENDING, status=S.EXPIRED), LAST, [E.INCENTIVE_EXPIRED]),
    ],
)
def test_confirming(facts: IncentiveFacts, now: datetime, expected: list[ErrorCode]) -> None:
    violations = check_confirm(facts, "input", "ids", "0", now=now)
    assert codes(violations) == expected
    assert all(violation.path == ("input", "ids", "0") for violation in violations)
    assert all(violation.deadline == DEADLINE for violation in violations)


@pytest.mark.parametrize(
    ("site", "left_out", "expected"),
    [
        (Site.CN, 0, []),
        (Site.CN, 1, []),
        (Site.INTL, 0, []),
        (Site.INTL, 1, [E.INCENTIVE_CONFIRM_TOGETHER]),
    ],
)
def test_a_month_is_confirmed_together_on_the_international_site(
    site: Site, left_out: int, expected: list[ErrorCode]
) -> None:
    assert codes(check_together(left_out, "input", "ids", policy=Policy.at(site, DAY))) == expected


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("status", S)
def test_freezing_and_unfreezing(status: IncentiveStatus, frozen: bool) -> None:
    facts = replace(PENDING, status=status, frozen=frozen)
    wrong_state = [] if status in (S.PENDING_CONFIRM, S.CONFIRMED) else [E.STATE_CONFLICT]
    assert codes(check_freeze(facts, now=LAST)) == wrong_state + [E.INCENTIVE_FROZEN] * frozen
    assert codes(check_unfreeze(facts, now=LAST)) == wrong_state + [E.INCENTIVE_NOT_FROZEN] * (not frozen)


def test_what_has_expired_unmarked_is_not_frozen_any_more() -> None:
    assert codes(check_freeze(EXPIRING, now=DEADLINE)) == [E.STATE_CONFLICT]
    assert codes(check_freeze(EXPIRING, now=LAST)) == []


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (None, [E.REASON_REQUIRED]),
        (" ", [E.REASON_REQUIRED]),
        ("x", []),
        ("x" * 500, []),
        ("x" * 501, [E.OUT_OF_RANGE]),
    ],
)
def test_reasons(reason: str | None, expected: list[ErrorCode]) -> None:
    assert codes(check_reason(reason)) == expected


@pytest.mark.parametrize(
    ("expiring", "negatives", "offsets"),
    [
        (20_000, [-60_000], [20_000]),
        (20_000, [], []),
        (20_000, [-20_000], [20_000]),
        (20_001, [-20_000], [20_000]),
        (50_000, [-20_000, -60_000], [20_000, 30_000]),
        (50_000, [-60_000, -20_000], [50_000, 0]),
        (50_000, [0, -1], [0, 1]),
    ],
)
def test_offsets(expiring: int, negatives: list[int], offsets: list[int]) -> None:
    assert compute_offsets(expiring, negatives) == offsets


@given(some.integers(1, 10**9), some.lists(some.integers(-(10**9), 0), max_size=10))
def test_offsets_use_up_either_side_and_turn_nothing_positive(expiring: int, negatives: list[int]) -> None:
    offsets = compute_offsets(expiring, negatives)
    assert sum(offsets) == min(expiring, -sum(negatives))
    assert all(0 <= offset <= -owed for offset, owed in zip(offsets, negatives, strict=True))


LAST_CLAIM = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("site", Site)
def test_what_a_plan_has_earned_is_claimed_for_a_year(site: Site) -> None:
    assert compute_claim_end(GENERATED, policy=Policy.at(site, DAY)) == LAST_CLAIM


@pytest.mark.parametrize(
    ("status", "amount", "before", "after"),
    [
        (S.CONFIRMED, 1, S.CONFIRMED, S.LAPSED),
        (S.CONFIRMED, -1, S.CONFIRMED, S.CONFIRMED),
        (S.PENDING_CONFIRM, 1, S.PENDING_CONFIRM, S.LAPSED),
        (S.PAYING_OUT, 1, S.PAYING_OUT, S.PAYING_OUT),
        (S.PAID, 1, S.PAID, S.PAID),
        (S.EXPIRED, 1, S.EXPIRED, S.EXPIRED),
    ],
)
def test_both_sides_of_the_end_of_claiming(
    status: IncentiveStatus, amount: int, before: IncentiveStatus, after: IncentiveStatus
) -> None:
    facts = replace(
        PENDING, status=status, amount=amount, deadline=LAST_CLAIM + timedelta(days=1), claim_until=LAST_CLAIM
    )
    assert facts.standing(LAST_CLAIM - timedelta(microseconds=1)) is before
    assert facts.standing(LAST_CLAIM) is after
    assert replace(facts, claim_until=None).standing(LAST_CLAIM) is before


def test_what_has_lapsed_is_neither_confirmed_nor_frozen() -> None:
    facts = replace(PENDING, status=S.CONFIRMED, claim_until=LAST_CLAIM)
    [refused] = check_confirm(facts, now=LAST_CLAIM)
    assert (refused.code, refused.deadline) == (E.INCENTIVE_CLAIM_OVER, LAST_CLAIM)
    assert codes(check_freeze(facts, now=LAST_CLAIM)) == [E.STATE_CONFLICT]
