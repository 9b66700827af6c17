"""When partners are reminded to look after what their bound employees have told."""

from datetime import datetime, time

from rules.calendar import add_months
from rules.policy import SPECIALISTS_REMINDER_DAY, Policy
from rules.registry import rule

REMINDED_AT = time(9)
"""The time of the site's day."""


@rule("specialists.reminder", "A 18", policy=(SPECIALISTS_REMINDER_DAY,))
def compute_last_reminder(now: datetime, *, policy: Policy) -> datetime:
    """The last instant up to `now` at which partners are reminded: at nine on one day of each month of the site.

    A partner that was reminded earlier than this is reminded again, as long as it had people bound by then.
    """
    zone = policy.site.zone
    today = now.astimezone(zone).date()
    here = datetime.combine(today.replace(day=policy[SPECIALISTS_REMINDER_DAY]), REMINDED_AT, zone)
    return here if here <= now else add_months(here, -1, zone)
