"""The windows of requests: calendar months in the site's zone, month ends, limits per site, to the millisecond."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.associations import (
    Purpose,
    RequestHistory,
    RequestInitiator,
    RequestKind,
    check_windows,
    compute_free_at,
    compute_window_start,
)
from rules.calendar import add_months
from rules.customers import AssociationType
from rules.errors import ErrorCode
from rules.policy import ASSOCIATIONS_CUSTOMER_REQUESTS_MAX, ASSOCIATIONS_PARTNER_REQUESTS_MAX, Policy
from rules.sites import Site
from tests.rules.outcomes import codes

E = ErrorCode
MILLISECOND = timedelta(milliseconds=1)
DAY = date(2026, 3, 10)
CN, INTL = Policy.at(Site.CN, DAY), Policy.at(Site.INTL, DAY)
PARTNER, CUSTOMER = RequestInitiator.PARTNER, RequestInitiator.CUSTOMER
UNBIND = Purpose(RequestKind.UNBIND, PARTNER)
SWITCH = Purpose(RequestKind.SWITCH, PARTNER, AssociationType.RESALE)
LEAVE = Purpose(RequestKind.UNBIND, CUSTOMER)
ZONES = {Site.CN: Site.CN.zone, Site.INTL: UTC}


def local(site: Site, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONES[site])  # type: ignore[arg-type, misc]


MONTH_ENDS = [
    ((2025, 11, 30, 9, 15), (2026, 2, 28, 9, 15)),
    ((2023, 11, 30, 9, 15), (2024, 2, 29, 9, 15)),
    ((2026, 1, 31, 0, 0), (2026, 4, 30, 0, 0)),
    ((2026, 2, 28, 23, 59, 59, 999000), (2026, 5, 28, 23, 59, 59, 999000)),
    ((2025, 12, 15, 12, 0), (2026, 3, 15, 12, 0)),
    ((2025, 10, 1, 7, 30), (2026, 1, 1, 7, 30)),
]


@pytest.mark.parametrize("policy", [CN, INTL], ids=lambda policy: policy.site)
@pytest.mark.parametrize(("asked", "free"), MONTH_ENDS)
def test_a_request_leaves_the_window_at_its_own_hour_three_months_on(
    policy: Policy, asked: tuple[int, ...], free: tuple[int, ...]
) -> None:
    asked_at, free_at = local(policy.site, *asked), local(policy.site, *free)
    assert compute_free_at([asked_at], 1, policy) == free_at
    history = RequestHistory(by_customer=(asked_at,))
    [early] = check_windows(UNBIND, history, now=free_at - MILLISECOND, policy=policy)
    assert (early.code, early.available_at, early.retryable) == (E.CUSTOMER_REQUEST_TOO_RECENT, free_at, True)
    assert check_windows(UNBIND, history, now=free_at, policy=policy) == []


def test_months_are_those_of_the_site() -> None:
    """20:00 UTC of 29 November is the 30th in Shanghai, which February lacks."""
    asked_at = datetime(2025, 11, 29, 20, 0, tzinfo=UTC)
    assert compute_free_at([asked_at], 1, CN) == datetime(2026, 2, 27, 20, 0, tzinfo=UTC)
    assert compute_free_at([asked_at], 1, INTL) == datetime(2026, 2, 28, 20, 0, tzinfo=UTC)


NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


WINDOWS = [
    (CN, UNBIND, [], [], []),
    (CN, UNBIND, [1], [], [(E.PARTNER_REQUEST_LIMIT, 1)]),
    (CN, SWITCH, [1], [], [(E.PARTNER_REQUEST_LIMIT, 1)]),
    (CN, UNBIND, [200], [], []),
    (CN, UNBIND, [], [1], [(E.CUSTOMER_REQUEST_TOO_RECENT, 1)]),
    (CN, SWITCH, [], [1], [(E.CUSTOMER_REQUEST_TOO_RECENT, 1)]),
    (CN, UNBIND, [5], [9], [(E.CUSTOMER_REQUEST_TOO_RECENT, 9), (E.PARTNER_REQUEST_LIMIT, 5)]),
    (CN, LEAVE, [], [], []),
    (CN, LEAVE, [], [1], [(E.CUSTOMER_REQUEST_LIMIT, 1)]),
    (CN, LEAVE, [1, 2, 3], [], []),
    (CN, LEAVE, [], [30, 60, 5], [(E.CUSTOMER_REQUEST_LIMIT, 5)]),
    (INTL, UNBIND, [1, 2], [], []),
    (INTL, UNBIND, [1, 30, 60], [], [(E.PARTNER_REQUEST_LIMIT, 60)]),
    (INTL, UNBIND, [60, 1, 200], [], []),
    (INTL, UNBIND, [1, 30, 60, 70], [], [(E.PARTNER_REQUEST_LIMIT, 60)]),
    (INTL, SWITCH, [1, 30, 60], [], [(E.PARTNER_REQUEST_LIMIT, 60)]),
    (INTL, UNBIND, [], [40, 80], [(E.CUSTOMER_REQUEST_TOO_RECENT, 40)]),
    (INTL, LEAVE, [], [1, 2], []),
    (INTL, LEAVE, [], [1, 2, 80], [(E.CUSTOMER_REQUEST_LIMIT, 80)]),
    (INTL, LEAVE, [], [1, 2, 200], []),
]


@pytest.mark.parametrize(("policy", "purpose", "by_partner", "by_customer", "wanted"), WINDOWS)
def test_limits(
    policy: Policy,
    purpose: Purpose,
    by_partner: list[int],
    by_customer: list[int],
    wanted: list[tuple[ErrorCode, int]],
) -> None:
    history = RequestHistory(tuple(map(ago, by_partner)), tuple(map(ago, by_customer)))
    found = check_windows(purpose, history, now=NOW, policy=policy)
    codes(found)
    zone = policy.site.zone
    assert [(violation.code, violation.available_at) for violation in found] == [
        (code, add_months(ago(days), 3, zone)) for code, days in wanted
    ]


@pytest.mark.parametrize(("policy", "limit"), [(CN, 1), (INTL, 3)])
def test_the_limits_of_the_sites(policy: Policy, limit: int) -> None:
    assert policy[ASSOCIATIONS_PARTNER_REQUESTS_MAX] == policy[ASSOCIATIONS_CUSTOMER_REQUESTS_MAX] == limit
    before_2025 = Policy.at(policy.site, date(2024, 12, 31))
    assert before_2025[ASSOCIATIONS_PARTNER_REQUESTS_MAX] == before_2025[ASSOCIATIONS_CUSTOMER_REQUESTS_MAX] == 1


@pytest.mark.parametrize(("policy", "purpose"), [(CN, UNBIND), (CN, LEAVE), (INTL, UNBIND), (INTL, LEAVE)])
def test_the_last_request_allowed_becomes_possible_to_the_millisecond(policy: Policy, purpose: Purpose) -> None:
    limit = policy[ASSOCIATIONS_PARTNER_REQUESTS_MAX]
    asked = tuple(ago(days) for days in range(10, 10 + limit))
    history = RequestHistory(by_customer=asked) if purpose == LEAVE else RequestHistory(by_partner=asked)
    free_at = add_months(min(asked), 3, policy.site.zone)
    assert [violation.available_at for violation in check_windows(purpose, history, now=NOW, policy=policy)] == [
        free_at
    ]
    assert check_windows(purpose, history, now=free_at - MILLISECOND, policy=policy) != []
    assert check_windows(purpose, history, now=free_at, policy=policy) == []


instants = st.integers(0, 5 * 365 * 86_400_000).map(lambda n: datetime(2023, 1, 1, tzinfo=UTC) + n * MILLISECOND)


@given(now=instants, asked=st.lists(instants, max_size=6), policy=st.sampled_from([CN, INTL]))
def test_requests_before_the_window_start_change_nothing(now: datetime, asked: list[datetime], policy: Policy) -> None:
    """So a query need not reach further back than `compute_window_start`."""
    asked = [instant for instant in asked if instant <= now]
    start = compute_window_start(now, policy)
    recent = tuple(instant for instant in asked if instant >= start)
    for purpose in (UNBIND, LEAVE):
        whole = RequestHistory(tuple(asked), tuple(asked))
        cut = RequestHistory(recent, recent)
        found = check_windows(purpose, whole, now=now, policy=policy)
        assert found == check_windows(purpose, cut, now=now, policy=policy)
