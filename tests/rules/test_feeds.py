"""Feeds: topics, places and addresses, limits, the day that is due, when a feed is broken."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

import pytest

from rules.errors import ErrorCode as E
from rules.feeds import (
    COLUMNS,
    DAY,
    BucketProblem,
    FeedTopic,
    check_allowed,
    check_bucket,
    check_checks,
    check_place,
    check_redelivery,
    check_topics,
    compute_due_day,
    compute_history_start,
    is_broken,
    is_last_attempt,
    is_public,
    object_key,
    ordered,
)
from rules.partners import PartnerKind
from rules.policy import Policy
from rules.sites import Site

POLICY = Policy.at(Site.CN, date(2026, 3, 2))
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLACE: dict[str, Any] = {
    "endpoint": "https://objects.example.com",
    "region": "cn-north-4",
    "bucket": "partner-files",
    "prefix": "a/b",
}


def test_every_topic_has_columns_without_a_double() -> None:
    assert set(COLUMNS) == set(FeedTopic)
    assert all(len(set(columns)) == len(columns) for columns in COLUMNS.values())


def test_topics() -> None:
    every = list(FeedTopic)
    assert [one.code for one in check_topics([], policy=POLICY)] == [E.TOPIC_REQUIRED]
    assert check_topics(every * 2, policy=POLICY) == []
    assert ordered(reversed(every * 2)) == every


@pytest.mark.parametrize("kind", [None, *PartnerKind])
@pytest.mark.parametrize("topic", FeedTopic)
def test_resellers_are_for_distributors_alone(topic: FeedTopic, kind: PartnerKind | None) -> None:
    refused = topic is FeedTopic.RESELLER_INFO and kind is not PartnerKind.DISTRIBUTOR
    assert [one.code for one in check_allowed([topic], kind)] == [E.SUBSCRIPTION_NOT_ALLOWED] * refused


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"bucket": "ab"}, "bucket", E.INVALID_FORMAT),
        ({"bucket": "Upper-case"}, "bucket", E.INVALID_FORMAT),
        ({"bucket": "a/b/c"}, "bucket", E.INVALID_FORMAT),
        ({"region": "cn north"}, "region", E.INVALID_FORMAT),
        ({"prefix": "/a"}, "prefix", E.INVALID_FORMAT),
        ({"prefix": "a/"}, "prefix", E.INVALID_FORMAT),
        ({"prefix": "a/../b"}, "prefix", E.INVALID_FORMAT),
        ({"prefix": "a b"}, "prefix", E.INVALID_FORMAT),
        ({"endpoint": "objects.example.com"}, "endpoint", E.INVALID_FORMAT),
        ({"endpoint": "https://user@objects.example.com"}, "endpoint", E.INVALID_FORMAT),
        ({"endpoint": "https://objects.example.com/path"}, "endpoint", E.INVALID_FORMAT),
        ({"endpoint": "https://objects.example.com?x=1"}, "endpoint", E.INVALID_FORMAT),
        ({"endpoint": "https://objects.example.com:99999"}, "endpoint", E.INVALID_FORMAT),
        ({"endpoint": "https://[::1"}, "endpoint", E.INVALID_FORMAT),
        ({"endpoint": "file:///etc/passwd"}, "endpoint", E.INVALID_FORMAT),
        ({"endpoint": "http://objects.example.com"}, "endpoint", E.BUCKET_ADDRESS_NOT_ALLOWED),
        ({"endpoint": "https://localhost"}, "endpoint", E.BUCKET_ADDRESS_NOT_ALLOWED),
        ({"endpoint": "https://metadata"}, "endpoint", E.BUCKET_ADDRESS_NOT_ALLOWED),
        ({"endpoint": "https://169.254.169.254"}, "endpoint", E.BUCKET_ADDRESS_NOT_ALLOWED),
        ({"endpoint": "https://[::1]:9000"}, "endpoint", E.BUCKET_ADDRESS_NOT_ALLOWED),
    ],
)
def test_a_place_and_what_is_wrong_with_it(changes: dict[str, str], path: str, code: E) -> None:
    assert [(one.code, one.path) for one in check_place(**{**PLACE, **changes})] == [(code, ("input", path))]


@pytest.mark.parametrize(
    "changes", [{}, {"region": ""}, {"prefix": ""}, {"endpoint": "https://8.8.8.8:9000/"}, {"prefix": "dt=2026/x.y_z"}]
)
def test_a_place_that_is_right(changes: dict[str, str]) -> None:
    assert check_place(**{**PLACE, **changes}) == []


def test_in_development_any_address_does() -> None:
    assert check_place(**{**PLACE, "endpoint": "http://127.0.0.1:9000"}, guarded=False) == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:0a00:0001::1", False),
    ],
)
def test_addresses_of_the_internet(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


def test_checks_are_counted_for_a_day() -> None:
    most = 20
    assert check_checks(most - 1, NOW, policy=POLICY) == []
    assert check_checks(most, None, policy=POLICY) == []
    [wrong] = check_checks(most, NOW, policy=POLICY)
    assert (wrong.code, wrong.resets_at, wrong.limit) == (E.FEED_CHECK_LIMIT, NOW + DAY, Decimal(most))


@pytest.mark.parametrize(
    ("day", "rounds", "refused"),
    [
        (date(2026, 3, 1), [], []),
        (date(2026, 3, 2), [], [E.OUT_OF_RANGE]),
        (date(2026, 1, 30), [9], []),
        (date(2026, 1, 29), [9], [E.OUT_OF_RANGE]),
        (date(2026, 3, 1), [9, 10], [E.FEED_REDELIVERY_LIMIT]),
        (date(2026, 3, 2), [10], [E.OUT_OF_RANGE, E.FEED_REDELIVERY_LIMIT]),
    ],
)
def test_a_day_once_more(day: date, rounds: list[int], refused: list[E]) -> None:
    assert [one.code for one in check_redelivery(day, date(2026, 3, 1), rounds, policy=POLICY)] == refused


@pytest.mark.parametrize(
    ("now", "cn", "intl"),
    [
        (datetime(2026, 3, 2, 21, 59, 59, tzinfo=UTC), date(2026, 3, 1), date(2026, 2, 28)),
        (datetime(2026, 3, 2, 22, tzinfo=UTC), date(2026, 3, 2), date(2026, 3, 1)),
        (datetime(2026, 3, 3, 0, tzinfo=UTC), date(2026, 3, 2), date(2026, 3, 1)),
    ],
)
def test_the_day_before_is_due_at_six_in_shanghai(now: datetime, cn: date, intl: date) -> None:
    assert (compute_due_day(now, Site.CN), compute_due_day(now, Site.INTL)) == (cn, intl)


@pytest.mark.parametrize(
    ("failed", "broken"),
    [
        ([], False),
        ([True, True], False),
        ([True, True, True], True),
        ([False, True, True, True], False),
        ([True, True, False, True], False),
        ([True, True, True, False], True),
    ],
)
def test_three_days_in_a_row_break_a_feed(failed: list[bool], broken: bool) -> None:
    assert is_broken(failed, policy=POLICY) is broken


def test_the_last_attempt_and_the_end_of_the_history() -> None:
    assert [is_last_attempt(number, policy=POLICY) for number in (5, 6, 7)] == [False, True, True]
    assert compute_history_start(NOW, policy=POLICY) == NOW - timedelta(days=180)


def test_a_bucket_that_takes_nothing_is_told_of() -> None:
    assert check_bucket(None) == []
    [wrong] = check_bucket(BucketProblem.DENIED)
    assert (wrong.code, wrong.parameters) == (E.BUCKET_CHECK_FAILED, {"problem": "DENIED"})


def test_where_a_file_lies() -> None:
    day = date(2026, 3, 1)
    assert object_key("", FeedTopic.RESELLER_INFO, "par_1", day) == "reseller-info/par_1/2026-03-01.csv"
    key = object_key("a/b", FeedTopic.PERFORMANCE, "par_1", day, "manifest.json")
    assert key == "a/b/performance/par_1/2026-03-01.manifest.json"
