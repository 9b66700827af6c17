"""When partners are reminded of an incentive that nobody has confirmed yet, whichever kind it is of."""

from dataclasses import dataclass
from datetime import datetime

from rules.calendar import Entries, add_working_days, count_working_days
from rules.policy import INCENTIVES_REMINDER_WORKING_DAYS, Policy
from rules.registry import rule


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due: that of so many working days `ahead` of the deadline, when `left` are left after today.

    `left` is the smaller one where the day of the reminder was missed, or was no working day.
    """

    ahead: int
    left: int


@rule("incentives.reminder", "A 18", policy=(INCENTIVES_REMINDER_WORKING_DAYS,))
def compute_reminder(
    begun_at: datetime, deadline: datetime, reminded: int | None, *, now: datetime, policy: Policy, entries: Entries
) -> Reminder | None:
    """The reminder that is due now, None for none.

    `begun_at` is when the partner was told first: what lies so early is left out. `reminded` is how many working days
    ahead the last one given was; of several that were missed only the latest is given.
    """
    if not begun_at <= now < deadline:
        return None
    left, whole = (count_working_days(start, deadline, policy.site, entries) for start in (now, begun_at))
    due = min((ahead for ahead in _days(policy) if left <= ahead < whole), default=None)
    return Reminder(due, left) if due is not None and (reminded is None or due < reminded) else None


def compute_reminder_horizon(now: datetime, *, policy: Policy, entries: Entries) -> datetime:
    """The first deadline, of all that may lie ahead, of which it is too early to remind anybody."""
    return add_working_days(now, max(_days(policy), default=0) + 1, policy.site, entries).at


def _days(policy: Policy) -> list[int]:
    return [int(one) for one in policy[INCENTIVES_REMINDER_WORKING_DAYS]]
