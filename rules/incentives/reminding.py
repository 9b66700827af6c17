"""When partners are reminded of an incentive that nobody has confirmed yet, whichever kind it is of."""

from datetime import datetime, timedelta

from rules.calendar import Entries, count_working_days
from rules.policy import INCENTIVES_REMINDER_WORKING_DAYS, Policy
from rules.registry import rule

HORIZON = timedelta(days=60)
"""No reminder is due longer than this before a deadline."""


@rule("incentives.reminder", "A 18", policy=(INCENTIVES_REMINDER_WORKING_DAYS,))
def compute_reminder(
    begun_at: datetime, deadline: datetime, reminded: int | None, *, now: datetime, policy: Policy, entries: Entries
) -> int | None:
    """How many working days before the deadline is the reminder that is due now, None for none.

    `begun_at` is when the partner was told first: what lies so early is left out. `reminded` is the last one given; of
    several that were missed only the latest is given.
    """
    if not begun_at <= now < deadline:
        return None
    left, whole = (count_working_days(start, deadline, policy.site, entries) for start in (now, begun_at))
    days = [int(one) for one in policy[INCENTIVES_REMINDER_WORKING_DAYS]]
    due = min((one for one in days if left <= one < whole), default=None)
    return due if due is not None and (reminded is None or due < reminded) else None
