"""Working days, ends of days and calendar months, both sides of each boundary."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from rules.calendar import (
    PUBLISHED_CN_YEARS,
    Deadline,
    add_months,
    add_working_days,
    day_of,
    end_of_day,
    is_settled,
    is_working_day,
    start_of_day,
)
from rules.sites import Site

SHANGHAI = Site.CN.zone
NEW_YORK = ZoneInfo("America/New_York")


def in_shanghai(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, microsecond, SHANGHAI)


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_mainland_days_of_three_years_are_those_published() -> None:
    days = every_day(date(2024, 1, 1), date(2026, 12, 31))
    assert [is_working_day(day, Site.CN) for day in days] == [chinese_calendar.is_workday(day) for day in days]
    assert [sum(is_working_day(day, Site.CN) for day in days if day.year == year) for year in (2024, 2025, 2026)] == [
        251,
        248,
        248,
    ]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # make-up Saturday before Spring Festival
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # make-up Saturday after it
        (date(2026, 3, 1), False),
        (date(2024, 2, 4), True),  # make-up Sunday
        (date(2026, 9, 20), True),
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
    ],
)
def test_festivals_and_make_up_days(day: date, works: bool) -> None:
    assert is_working_day(day, Site.CN) is works


def test_international_days_are_monday_to_friday_whatever_china_does() -> None:
    assert [is_working_day(day, Site.INTL) for day in every_day(date(2026, 9, 28), date(2026, 10, 4))] == [
        *[True] * 5,
        False,
        False,
    ]
    assert not is_working_day(date(2026, 2, 14), Site.INTL)


@pytest.mark.parametrize("site", Site)
def test_entries_win_over_the_calendar(site: Site) -> None:
    entries = {date(2026, 11, 23): False, date(2026, 11, 28): True}
    assert not is_working_day(date(2026, 11, 23), site, entries)
    assert is_working_day(date(2026, 11, 28), site, entries)
    start = datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert add_working_days(start, 5, site, entries).at == end_of_day(date(2026, 11, 28), site)


def test_years_not_published_are_monday_to_friday_and_unsettled() -> None:
    beyond = PUBLISHED_CN_YEARS.stop
    week = every_day(date(beyond, 10, 4), date(beyond, 10, 10))
    assert [is_working_day(day, Site.CN) for day in week] == [day.weekday() < 5 for day in week]
    assert not is_settled(date(beyond, 1, 1), Site.CN)
    assert is_settled(date(beyond - 1, 12, 31), Site.CN)
    assert is_settled(date(beyond, 1, 1), Site.CN, {date(beyond, 1, 1): False})
    assert is_settled(date(beyond, 1, 1), Site.INTL)


def test_a_deadline_is_provisional_as_soon_as_it_reaches_an_unpublished_day() -> None:
    start = in_shanghai(2026, 12, 28, 9)
    assert add_working_days(start, 3, Site.CN) == Deadline(end_of_day(date(2026, 12, 31), Site.CN), False)
    assert add_working_days(start, 4, Site.CN) == Deadline(end_of_day(date(2027, 1, 1), Site.CN), True)
    assert not add_working_days(start, 4, Site.INTL).provisional
    entered = {day: day.weekday() < 5 for day in every_day(date(2027, 1, 1), date(2027, 1, 31))}
    settled = add_working_days(start, 4, Site.CN, {**entered, date(2027, 1, 1): False})
    assert settled == Deadline(end_of_day(date(2027, 1, 4), Site.CN), False)


def test_counting_starts_the_day_after_whatever_the_hour() -> None:
    expected = datetime(2026, 11, 24, 16, tzinfo=UTC)  # 00:00 of the 25th in Shanghai
    for start in (in_shanghai(2026, 11, 23), in_shanghai(2026, 11, 23, 23, 59, 59, 999_000)):
        assert add_working_days(start, 1, Site.CN).at == expected
    assert add_working_days(in_shanghai(2026, 11, 24), 1, Site.CN).at == expected + timedelta(days=1)


def test_the_last_millisecond_is_in_time_and_midnight_is_not() -> None:
    deadline = add_working_days(in_shanghai(2026, 11, 23, 10), 1, Site.CN).at
    assert in_shanghai(2026, 11, 24, 23, 59, 59, 999_000) < deadline
    assert in_shanghai(2026, 11, 25) >= deadline


def test_the_day_is_the_sites_and_not_the_callers() -> None:
    late = datetime(2026, 11, 23, 16, tzinfo=UTC)  # already the 24th in Shanghai
    assert day_of(late, Site.CN) == date(2026, 11, 24)
    assert day_of(late - timedelta(milliseconds=1), Site.CN) == date(2026, 11, 23)
    assert day_of(late, Site.INTL) == date(2026, 11, 23)
    assert day_of(late.astimezone(NEW_YORK), Site.CN) == date(2026, 11, 24)
    assert start_of_day(date(2026, 11, 24), Site.CN) == late
    assert add_working_days(late, 1, Site.CN).at != add_working_days(late, 1, Site.INTL).at


def test_ten_working_days_across_spring_festival() -> None:
    # 10 to 13 February, the make-up Saturday 14, then 24 to 27 and the make-up Saturday 28
    assert add_working_days(in_shanghai(2026, 2, 9, 12), 10, Site.CN).at == end_of_day(date(2026, 2, 28), Site.CN)


def test_thirty_working_days_across_national_day() -> None:
    deadline = add_working_days(in_shanghai(2026, 9, 15, 8), 30, Site.CN)
    last = day_of(deadline.at - timedelta(milliseconds=1), Site.CN)
    counted = [day for day in every_day(date(2026, 9, 16), last) if chinese_calendar.is_workday(day)]
    assert (len(counted), counted[-1]) == (30, last)


@pytest.mark.parametrize("days", [0, -1])
def test_a_deadline_needs_a_day(days: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_working_days(in_shanghai(2026, 1, 1), days, Site.CN)


def test_naive_instants_are_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="zone"):
        day_of(naive, Site.CN)
    with pytest.raises(ValueError, match="zone"):
        add_months(naive, 1, SHANGHAI)


@pytest.mark.parametrize(
    ("start", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 8, 31), -2, date(2026, 6, 30)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
        (date(2026, 1, 31), -12, date(2025, 1, 31)),
    ],
)
def test_months_clamp_to_the_end_of_the_month(start: date, months: int, result: date) -> None:
    assert add_months(start, months, SHANGHAI) == result
    instant = datetime(start.year, start.month, start.day, 9, 30, tzinfo=SHANGHAI)
    assert day_of(add_months(instant, months, SHANGHAI), Site.CN) == result


def test_months_are_those_of_the_zone() -> None:
    # 31 January 00:30 in Shanghai is still 30 January in UTC
    instant = datetime(2026, 1, 30, 16, 30, tzinfo=UTC)
    assert add_months(instant, 1, SHANGHAI) == in_shanghai(2026, 2, 28, 0, 30)
    assert add_months(instant, 1, Site.INTL.zone) == datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    assert add_months(instant, 1, SHANGHAI).tzinfo is UTC


def test_an_instant_keeps_its_milliseconds() -> None:
    instant = in_shanghai(2026, 8, 21, 23, 59, 59, 999_000)
    assert add_months(instant, 3, SHANGHAI) == in_shanghai(2026, 11, 21, 23, 59, 59, 999_000)


def test_clock_changes_elsewhere_are_defined() -> None:
    skipped = add_months(datetime(2026, 2, 8, 2, 30, tzinfo=NEW_YORK), 1, NEW_YORK)
    assert skipped.astimezone(NEW_YORK) == datetime(2026, 3, 8, 3, 30, tzinfo=NEW_YORK)
    twice = add_months(datetime(2026, 10, 1, 1, 30, tzinfo=NEW_YORK), 1, NEW_YORK)
    assert twice == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # the first of the two, at UTC-4


@pytest.mark.parametrize("site", Site)
def test_the_sites_zones_have_no_clock_changes(site: Site) -> None:
    offsets = {start_of_day(day, site).astimezone(site.zone).utcoffset() for day in every_day(*_years())}
    assert len(offsets) == 1


def _years() -> tuple[date, date]:
    return date(2024, 1, 1), date(2028, 12, 31)
