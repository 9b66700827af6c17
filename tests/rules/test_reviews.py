"""Reviews: reasons, claims at the end of their time, due dates over weekends and holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models.policy import PolicyValue
from rules.errors import ErrorCode
from rules.policy import (
    BUSINESS_INFO_LETTER_DAYS,
    BUSINESS_INFO_REVIEW_DAYS,
    REVIEWS_CLAIM,
    REVIEWS_WORKING_DAYS,
    Policy,
    PolicyKey,
)
from rules.reviews import REVIEW, ReviewKind, ReviewState, check_reason, check_turn, compute_due
from rules.sites import Site
from tests.rules.outcomes import codes

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday
POLICY = Policy.at(Site.CN, date(2026, 3, 2))
SECOND = timedelta(seconds=1)
DAYS = (BUSINESS_INFO_REVIEW_DAYS, BUSINESS_INFO_LETTER_DAYS, REVIEWS_WORKING_DAYS)


@pytest.mark.parametrize(
    ("approved", "reason", "refused"),
    [(True, None, False), (True, "", False), (False, "blurred", False), (False, None, True), (False, " \n", True)],
)
def test_a_rejection_gives_its_reason(approved: bool, reason: str | None, refused: bool) -> None:
    found = check_reason(approved, reason)
    assert codes(found) == [ErrorCode.REASON_REQUIRED] * refused
    assert all(violation.path == ("input", "reason") for violation in found)


@pytest.mark.parametrize(
    ("claimed_at", "by_other", "refused"),
    [
        (None, True, False),
        (NOW, False, False),
        (NOW, True, True),
        (NOW - POLICY[REVIEWS_CLAIM] + SECOND, True, True),
        (NOW - POLICY[REVIEWS_CLAIM], True, False),
    ],
)
def test_a_claim_holds_colleagues_back_for_its_time(claimed_at: datetime | None, by_other: bool, refused: bool) -> None:
    found = check_turn(claimed_at, by_other=by_other, now=NOW, policy=POLICY)
    assert codes(found) == [ErrorCode.REVIEW_CLAIMED] * refused


@pytest.mark.parametrize("kind", ReviewKind)
@pytest.mark.parametrize("site", Site)
def test_due_after_five_working_days(kind: ReviewKind, site: Site) -> None:
    """Submitted on a Monday: Tuesday to Friday and the next Monday count, in the site's zone."""
    due = compute_due(kind, NOW, policy=Policy.at(site, date(2026, 3, 2)), entries={})
    assert due == datetime(2026, 3, 10, tzinfo=site.zone)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (ReviewKind.BUSINESS_INFO, BUSINESS_INFO_REVIEW_DAYS),
        (ReviewKind.BANK_LETTER, BUSINESS_INFO_LETTER_DAYS),
        (ReviewKind.PLAN, REVIEWS_WORKING_DAYS),
    ],
)
def test_each_kind_is_due_by_its_own_number(kind: ReviewKind, number: PolicyKey[int]) -> None:
    assert compute_due(kind, NOW, policy=_policy({number: 1}), entries={}) == datetime(2026, 3, 4, tzinfo=Site.CN.zone)
    others = {one: 1 for one in DAYS if one is not number}
    assert compute_due(kind, NOW, policy=_policy(others), entries={}) == datetime(2026, 3, 10, tzinfo=Site.CN.zone)


def _policy(values: dict[PolicyKey[int], int]) -> Policy:
    set_over = [
        PolicyValue(site="CN", key=key.name, effective_on=NOW.date(), value=value) for key, value in values.items()
    ]
    return Policy.at(Site.CN, NOW.date(), set_over)


def test_a_day_declared_free_does_not_count() -> None:
    due = compute_due(ReviewKind.PLAN, NOW, policy=POLICY, entries={date(2026, 3, 4): False})
    assert due == datetime(2026, 3, 11, tzinfo=Site.CN.zone)


def test_nothing_leads_out_of_a_verdict() -> None:
    assert REVIEW.open_states() == [ReviewState.SUBMITTED]
