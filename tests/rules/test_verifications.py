"""Sending and trying verification codes, at each boundary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rules.errors import ErrorCode
from rules.policy import Policy
from rules.sites import Site
from rules.verifications import Sends, Try, check_send, check_try, compute_life
from tests.rules.outcomes import codes

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
POLICY = Policy.at(Site.CN, date(2026, 11, 21))
INTL = Policy.at(Site.INTL, date(2026, 11, 21))
LIMITS: dict[str, Any] = {
    "target_hour": 15,
    "target_day": 60,
    "address_hour": 20,
    "prefix_hour": 60,
    "account_hour": 20,
    "partner_hour": 300,
}


def facts(counter: str, count: int) -> dict[str, Any]:
    return {counter: count}


def test_a_first_code_may_be_sent() -> None:
    assert check_send(Sends(), now=NOW, policy=POLICY) == []


@pytest.mark.parametrize(
    ("ago", "refused"),
    [(0 * SECOND, True), (60 * SECOND - MILLISECOND, True), (60 * SECOND, False), (61 * SECOND, False)],
)
def test_a_minute_lies_between_two_codes(ago: timedelta, refused: bool) -> None:
    found = check_send(Sends(last_to_target=NOW - ago), now=NOW, policy=POLICY)
    assert codes(found) == [ErrorCode.CODE_TOO_SOON] * refused
    assert [violation.available_at for violation in found] == [NOW - ago + 60 * SECOND] * refused
    assert all(violation.retryable for violation in found)


@pytest.mark.parametrize(("counter", "limit"), LIMITS.items())
def test_each_cap(counter: str, limit: int) -> None:
    assert check_send(Sends(**facts(counter, limit - 1)), now=NOW, policy=POLICY) == []
    for count in (limit, limit + 1):
        found = check_send(Sends(**facts(counter, count)), now=NOW, policy=POLICY)
        assert codes(found) == [ErrorCode.CODE_SEND_LIMIT]
        assert [(violation.rule, violation.available_at) for violation in found] == [(f"codes.per_{counter}", None)]


def test_the_caps_of_a_target_say_when_they_end() -> None:
    since = NOW - 30 * MINUTE
    sends = Sends(target_hour=15, target_hour_since=since, target_day=60, target_day_since=since)
    found = check_send(sends, now=NOW, policy=POLICY)
    assert [(violation.rule, violation.available_at) for violation in found] == [
        ("codes.per_target_hour", since + HOUR),
        ("codes.per_target_day", since + 24 * HOUR),
    ]


@pytest.mark.parametrize(
    ("policy", "sent", "refused"),
    [
        (POLICY, 9_998, False),
        (POLICY, 9_999, False),
        (POLICY, 10_000, True),
        (INTL, 9_999, False),
        (INTL, 10_000, True),
    ],
)
def test_the_hours_money(policy: Policy, sent: int, refused: bool) -> None:
    """500 at 0.05 on CN and 10 at 0.001 on INTL are ten thousand messages each; the last one may be spent."""
    found = check_send(Sends(site_hour=sent), now=NOW, policy=policy)
    assert codes(found) == [ErrorCode.CODE_SEND_LIMIT] * refused
    assert [violation.rule for violation in found] == ["codes.money_per_hour"] * refused


def test_all_reasons_at_once() -> None:
    sends = Sends(last_to_target=NOW, **LIMITS, site_hour=10_000)
    assert codes(check_send(sends, now=NOW, policy=POLICY)) == [
        ErrorCode.CODE_TOO_SOON,
        *[ErrorCode.CODE_SEND_LIMIT] * 7,
    ]


@pytest.mark.parametrize(
    ("asked", "life"),
    [
        (None, 10 * MINUTE),
        (MINUTE, MINUTE),
        (60 * MINUTE, 60 * MINUTE),
        (60 * MINUTE + MILLISECOND, 5 * MINUTE),
        (3000 * MINUTE, 5 * MINUTE),
    ],
)
def test_life(asked: timedelta | None, life: timedelta) -> None:
    assert compute_life(asked, POLICY) == life


GOOD = Try(found=True, counted=True, right=True, expires_at=NOW + MINUTE, left=4)


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (GOOD, []),
        (replace(GOOD, expires_at=None), []),
        (replace(GOOD, left=0), []),
        (replace(GOOD, expires_at=NOW + MILLISECOND), []),
        (replace(GOOD, expires_at=NOW), [ErrorCode.CODE_EXPIRED]),
        (replace(GOOD, expires_at=NOW - MILLISECOND), [ErrorCode.CODE_EXPIRED]),
        (replace(GOOD, right=False), [ErrorCode.CODE_WRONG]),
        (replace(GOOD, right=False, expires_at=NOW), [ErrorCode.CODE_EXPIRED]),
        (replace(GOOD, counted=False), [ErrorCode.CODE_TOO_MANY_TRIES]),
        (replace(GOOD, counted=False, expires_at=NOW), [ErrorCode.CODE_TOO_MANY_TRIES]),
        (replace(GOOD, found=False), [ErrorCode.CODE_WRONG]),
        (replace(GOOD, counted=False, unsent=True), [ErrorCode.CODE_SEND_FAILED]),
        (replace(GOOD, counted=False, unsent=True, expires_at=NOW), [ErrorCode.CODE_SEND_FAILED]),
        (Try(found=False, unsent=True), [ErrorCode.CODE_WRONG]),
    ],
)
def test_a_try(attempt: Try, expected: list[ErrorCode]) -> None:
    found = check_try(attempt, now=NOW)
    assert codes(found) == expected
    assert all(violation.path == ("input", "code") for violation in found)


@pytest.mark.parametrize(("left", "retryable"), [(4, True), (1, True), (0, False)])
def test_a_wrong_code_says_what_is_left(left: int, retryable: bool) -> None:
    (found,) = check_try(replace(GOOD, right=False, left=left), now=NOW)
    assert (found.parameters, found.retryable) == ({"left": left}, retryable)


def test_an_expired_code_says_since_when() -> None:
    (found,) = check_try(replace(GOOD, expires_at=NOW - MINUTE), now=NOW)
    assert found.deadline == NOW - MINUTE


def test_an_unknown_code_looks_like_the_last_wrong_one() -> None:
    unknown = check_try(Try(found=False), now=NOW)
    assert [(found.code, found.parameters, found.retryable) for found in unknown] == [
        (found.code, found.parameters, found.retryable)
        for found in check_try(replace(GOOD, right=False, left=0), now=NOW)
    ]
