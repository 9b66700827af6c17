"""When a case of the market development fund must be claimed, corrected and invoiced, and when its partner is told."""

from datetime import date, datetime, timedelta

from rules.calendar import day_of, end_of_day
from rules.policy import (
    MDF_CLAIM_DAYS,
    MDF_CLAIM_NOTICE_DAYS,
    MDF_DELAY_DAYS,
    MDF_FIX_DAYS,
    MDF_INVOICE_DAYS,
    Policy,
)
from rules.registry import rule

_CLAIM_PAGE = "https://support.huaweicloud.com/intl/en-us/usermanual-bpconsole/apb_060002.html"
_DAYS_PAGE = "https://huaweicloud.com/s/JWFzcOS7o-eggeWcqOe6v-i_kOihjCU/t_30_p_11/JeWQiOS9nOS8meS8tOS4reW_gyU"


@rule("funds.claim_deadline", "A 13.4", policy=(MDF_CLAIM_DAYS, MDF_DELAY_DAYS), page=_DAYS_PAGE)
def compute_claim_deadline(ends_on: date, *, delayed: bool = False, policy: Policy) -> datetime:
    """The first instant too late to claim an activity that ends on this day; later with an approval of the delay."""
    days = policy[MDF_CLAIM_DAYS] + (policy[MDF_DELAY_DAYS] if delayed else timedelta())
    return end_of_day(ends_on + days, policy.site)


@rule("funds.correction_deadline", "A 13.4", policy=(MDF_FIX_DAYS,), page=_DAYS_PAGE)
def compute_fix_deadline(now: datetime, *, policy: Policy) -> datetime:
    """The first instant too late to correct a claim that is rejected now."""
    return end_of_day(day_of(now, policy.site) + policy[MDF_FIX_DAYS], policy.site)


@rule("funds.invoice_deadline", "A 13.4", policy=(MDF_INVOICE_DAYS,), page=_CLAIM_PAGE)
def compute_invoice_deadline(now: datetime, *, policy: Policy) -> datetime:
    """From when on the invoice is late of a claim that is approved now, or whose invoice is returned."""
    return end_of_day(day_of(now, policy.site) + policy[MDF_INVOICE_DAYS], policy.site)


@rule("funds.claim_notices", "A 13.4", policy=(MDF_CLAIM_NOTICE_DAYS,))
def compute_claim_notice(due_at: datetime, noticed: int | None, *, now: datetime, policy: Policy) -> int | None:
    """How many days before the end the notice is that is to be given now, None for no notice.

    `noticed` is the last one given. Of several that were missed only the latest is given.
    """
    if now >= due_at:
        return None
    due = [days for days in _notices(policy) if now >= due_at - timedelta(days=days)]
    return min(due) if due and (noticed is None or min(due) < noticed) else None


def compute_notice_horizon(policy: Policy) -> timedelta:
    """How long before an end there may be a notice at all."""
    return timedelta(days=max(_notices(policy), default=0))


def _notices(policy: Policy) -> list[int]:
    return [int(days) for days in policy[MDF_CLAIM_NOTICE_DAYS]]
