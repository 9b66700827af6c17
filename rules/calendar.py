"""Days as people count them: working days of a site, ends of days and calendar months in its zone.

One convention everywhere: a deadline is the first instant that is too late, so `now < deadline` is in time.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar.constants import holidays as _published_holidays

from rules.sites import Site

Entries = Mapping[date, bool]
"""Days of one site settled by operations, `True` for working; they win over the site's own calendar."""

NO_ENTRIES: Entries = {}
PUBLISHED_CN_YEARS = range(min(_published_holidays).year, max(_published_holidays).year + 1)
"""Years whose mainland holidays and make-up working days the calendar knows."""

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_Moment = TypeVar("_Moment", date, datetime)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at` (UTC) is the first instant too late; `provisional` while a day on the way is not published yet."""

    at: datetime
    provisional: bool


def is_working_day(day: date, site: Site, entries: Entries = NO_ENTRIES) -> bool:
    """Whether people work on `day`.

    An entry decides first; then, on CN, the published holidays with their make-up Saturdays and Sundays; else Monday to
    Friday.
    """
    if day in entries:
        return entries[day]
    if site is Site.CN and day.year in PUBLISHED_CN_YEARS:
        return _is_chinese_working_day(day)
    return day.weekday() < _SATURDAY


def is_settled(day: date, site: Site, entries: Entries = NO_ENTRIES) -> bool:
    """Whether `is_working_day` is final for `day`: false only on CN, for years neither published nor entered."""
    return site is not Site.CN or day in entries or day.year in PUBLISHED_CN_YEARS


def add_working_days(start: datetime, days: int, site: Site, entries: Entries = NO_ENTRIES) -> Deadline:
    """The end of the `days`-th working day after the day of `start`, both in the site's zone.

    The day of `start` does not count, whatever the hour; `at` is 00:00 of the day after the last working day, so
    23:59:59.999 of that day is still in time. `ValueError` when `days` < 1 or `start` has no zone.
    """
    if days < 1:
        raise ValueError("a deadline lies at least one working day ahead")
    day = day_of(start, site)
    provisional = False
    while days:
        day += _ONE_DAY
        provisional = provisional or not is_settled(day, site, entries)
        days -= is_working_day(day, site, entries)
    return Deadline(end_of_day(day, site), provisional)


def count_working_days(start: datetime, deadline: datetime, site: Site, entries: Entries = NO_ENTRIES) -> int:
    """The working days after the day of `start` that are left before `deadline`: the inverse of `add_working_days`."""
    day, last, found = day_of(start, site), day_of(deadline, site) - _ONE_DAY, 0
    while day < last:
        day += _ONE_DAY
        found += is_working_day(day, site, entries)
    return found


def day_of(instant: datetime, site: Site) -> date:
    """The calendar day of `instant` in the site's zone; policy dates and accounting days are such days."""
    return _aware(instant).astimezone(site.zone).date()


def start_of_day(day: date, site: Site) -> datetime:
    """00:00 of `day` in the site's zone, as UTC."""
    return datetime.combine(day, time.min, site.zone).astimezone(UTC)


def end_of_day(day: date, site: Site) -> datetime:
    """The first instant after `day` in the site's zone, as UTC."""
    return start_of_day(day + _ONE_DAY, site)


def add_months(moment: _Moment, months: int, zone: ZoneInfo) -> _Moment:
    """The same day of the month `months` later (earlier when negative), clamped to the month's last day.

    31 January + 1 = 28 or 29 February. A date stays a date. An instant keeps its local time in `zone` and comes back as
    UTC: a local time that a clock change skips moves forward by the change, one that happens twice means the first.
    """
    if not isinstance(moment, datetime):
        return _shift(moment, months)
    local = _aware(moment).astimezone(zone)
    shifted = datetime.combine(_shift(local.date(), months), local.time().replace(fold=0), zone)
    return shifted.astimezone(UTC)


def _shift(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant


@lru_cache(maxsize=4096)
def _is_chinese_working_day(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))
