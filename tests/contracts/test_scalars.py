"""Instants as the API writes them: in UTC, to the millisecond, whatever zone and century they come from."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from graphql import GraphQLError

from schema.scalars import read_day, read_instant, write_instant
from tests.seeded import Random

SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), "1970-01-01T00:00:00.000Z"),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "1969-12-31T23:59:59.999Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "9999-12-31T23:59:59.999Z"),
        (datetime(2024, 2, 29, 12, 34, 56, 7_999, tzinfo=UTC), "2024-02-29T12:34:56.007Z"),
        (datetime(2026, 1, 1, 7, 59, 59, tzinfo=SHANGHAI), "2025-12-31T23:59:59.000Z"),
        (datetime(2026, 1, 1, 8, tzinfo=SHANGHAI), "2026-01-01T00:00:00.000Z"),
    ],
)
def test_an_instant_is_written_in_utc_to_the_millisecond(value: datetime, text: str) -> None:
    assert write_instant(value) == text


def test_every_instant_comes_back_whatever_was_written_before() -> None:
    numbers, beginning = Random(7), datetime(1900, 1, 1, tzinfo=UTC)
    for _ in range(10_000):  # over more days than are kept
        value = beginning + timedelta(milliseconds=numbers.randrange(200 * 365 * 86_400_000))
        assert write_instant(value) == value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert read_instant(write_instant(value)) == value


@pytest.mark.parametrize(("year", "fits"), [(1899, False), (1900, True), (2199, True), (2200, False), (9999, False)])
def test_years_at_the_ends_of_the_calendar_are_refused(year: int, fits: bool) -> None:
    for read, text in ((read_day, f"{year}-12-31"), (read_instant, f"{year}-12-31T23:59:59Z")):
        if fits:
            assert read(text).year == year
        else:
            with pytest.raises(GraphQLError, match="Years go from 1900 to 2199"):
                read(text)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        write_instant(datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))
