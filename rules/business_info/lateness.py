"""How long a certification may stand where the vendor has to act, before its people are told that it is late."""

from datetime import datetime

from rules.business_info.kinds import BusinessInfoState
from rules.calendar import Entries, add_working_days
from rules.policy import (
    BUSINESS_INFO_AUTO_WARN,
    BUSINESS_INFO_TRANSFER_DAYS,
    BUSINESS_INFO_UNLOCK_DAYS,
    Policy,
)
from rules.registry import rule

AWAITED = frozenset({BusinessInfoState.SUBMITTED, BusinessInfoState.AUTO_CHECK, BusinessInfoState.LOCKED})
"""States in which the vendor has to act without a review: a review has a clock of its own."""

_DAYS = {
    BusinessInfoState.SUBMITTED: BUSINESS_INFO_TRANSFER_DAYS,
    BusinessInfoState.LOCKED: BUSINESS_INFO_UNLOCK_DAYS,
}


@rule(
    "business_info.late",
    "A 12.4",
    policy=(BUSINESS_INFO_TRANSFER_DAYS, BUSINESS_INFO_AUTO_WARN, BUSINESS_INFO_UNLOCK_DAYS),
)
def compute_late_from(
    state: BusinessInfoState, since: datetime, *, policy: Policy, entries: Entries
) -> datetime | None:
    """The first instant at which a record that came to stand so is late; None where nobody of the vendor's has to act.

    A micro-deposit to be made and a form to be unlocked have working days, the automatic check has hours.
    """
    if state is BusinessInfoState.AUTO_CHECK:
        return since + policy[BUSINESS_INFO_AUTO_WARN]
    days = _DAYS.get(state)
    return None if days is None else add_working_days(since, policy[days], policy.site, entries).at
