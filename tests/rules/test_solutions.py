"""Solutions: what is submitted, how long a certification counts, what is shared."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rules.errors import ErrorCode
from rules.paths import PathStage
from rules.policy import Policy
from rules.sites import Site
from rules.solutions import (
    Sharable,
    SolutionFields,
    SolutionKind,
    SolutionState,
    check_may_create,
    check_share,
    check_submission,
    compute_certified_until,
    compute_due_event,
    compute_rejection,
    is_valid,
)
from tests.rules.outcomes import codes

S, E, K = SolutionState, ErrorCode, SolutionKind
POLICY = Policy.at(Site.CN, date(2026, 3, 2))
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
WHOLE = SolutionFields("Port", "Queues", "Logistics", ("ECS",), "Li", "+8613900001111", "li@example.com")


@pytest.mark.parametrize("stage", PathStage)
def test_created_on_the_software_path(stage: PathStage) -> None:
    assert check_may_create(stage) == []
    assert codes(check_may_create(None)) == [E.SOFTWARE_PATH_REQUIRED]


def test_every_empty_field_is_named() -> None:
    assert check_submission(S.DRAFT, WHOLE, policy=POLICY) == []
    empty = SolutionFields(" ", "", "", (), "", "", "")
    assert codes(check_submission(S.DRAFT, empty, policy=POLICY)) == [E.REQUIRED] * 7
    assert codes(check_submission(S.CERTIFIED, WHOLE, policy=POLICY)) == [E.STATE_CONFLICT]


@pytest.mark.parametrize(
    ("site", "mobile", "email", "expected"),
    [
        (Site.CN, "x", "li@example.com", [E.MOBILE_INVALID]),
        (Site.CN, "+6591234567", "li@example.com", [E.MOBILE_NOT_OF_SITE]),
        (Site.INTL, "+6591234567", "li@example.com", []),
        (Site.CN, "139 0000 1111", "x", [E.EMAIL_INVALID]),
        (Site.CN, "x", "x", [E.MOBILE_INVALID, E.EMAIL_INVALID]),
        (Site.CN, "", "x", [E.REQUIRED, E.EMAIL_INVALID]),
    ],
)
def test_who_answers_for_a_solution_can_be_reached(
    site: Site, mobile: str, email: str, expected: list[ErrorCode]
) -> None:
    fields, policy = replace(WHOLE, contact_mobile=mobile, contact_email=email), Policy.at(site, date(2026, 3, 2))
    assert codes(check_submission(S.DRAFT, fields, policy=policy)) == expected


def test_valid_for_twelve_months_to_the_instant() -> None:
    end = compute_certified_until(NOW, policy=POLICY)
    assert end == datetime(2027, 3, 2, 4, tzinfo=UTC)
    assert is_valid(end, now=end - SECOND)
    assert not is_valid(end, now=end)
    assert not is_valid(None, now=NOW)
    assert (compute_rejection(end, now=NOW), compute_rejection(end, now=end)) == ("keep", "reject")


@pytest.mark.parametrize(
    ("state", "left", "event"),
    [
        (S.CERTIFIED, 60 * DAY + SECOND, None),
        (S.CERTIFIED, 60 * DAY, "near_end"),
        (S.EXPIRING, SECOND, None),
        (S.EXPIRING, timedelta(), "expire"),
        (S.SUBMITTED, timedelta(), None),
        (S.EXPIRED, -DAY, None),
    ],
)
def test_what_time_does(state: SolutionState, left: timedelta, event: str | None) -> None:
    assert compute_due_event(state, NOW + left, now=NOW, policy=POLICY) == event
    assert compute_due_event(state, None, now=NOW, policy=POLICY) is None


@pytest.mark.parametrize(
    ("found", "stage", "shared", "expected"),
    [
        (Sharable(True, True, K.CLOUD_SOFTWARE), PathStage.SELECTED, False, []),
        (Sharable(True, True, K.ADVANCED), PathStage.CERTIFIED, False, []),
        (Sharable(True, True, K.CLOUD_SOFTWARE), PathStage.CERTIFIED, False, [E.ALREADY_CERTIFIED]),
        (Sharable(True, True, K.ADVANCED), PathStage.DIFFERENTIATED, False, [E.ALREADY_CERTIFIED]),
        (Sharable(True, True, K.CLOUD_SOFTWARE), PathStage.SELECTED, True, [E.ALREADY_CERTIFIED]),
        (Sharable(True, False, K.CLOUD_SOFTWARE), PathStage.SELECTED, False, [E.NO_SHARABLE_CERTIFICATION]),
        (Sharable(False, True, K.CLOUD_SOFTWARE), PathStage.SELECTED, False, [E.NOT_SAME_COMPANY]),
        (None, None, False, [E.NO_SHARABLE_CERTIFICATION, E.SOFTWARE_PATH_REQUIRED]),
        (None, None, True, [E.NO_SHARABLE_CERTIFICATION, E.SOFTWARE_PATH_REQUIRED, E.ALREADY_CERTIFIED]),
    ],
)
def test_what_is_shared(
    found: Sharable | None, stage: PathStage | None, shared: bool, expected: list[ErrorCode]
) -> None:
    assert codes(check_share(found, stage, shared=shared)) == expected
