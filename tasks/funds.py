"""The clock of market development funds: claims whose time nears its end or is over, late invoices, the new year."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import funds
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(hours=1)
_CLAIMS = Due(funds.due_mdf_cases, funds.pass_mdf_time, "case_id")
_SUSPENSIONS = Due(funds.ended_mdf_suspensions, funds.lift_mdf_suspension, "violation_id")
_QUOTAS = Due(funds.unfollowed_mdf_quotas, funds.follow_mdf_quota, "quota_id", drains=True)
_INVOICES = Due(funds.late_mdf_invoices, funds.notice_mdf_invoice, "case_id")


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Carries out what is due, one command for each case; how many there were."""
    return len(await carry_out(settings, clock, _CLAIMS, _INVOICES, _SUSPENSIONS, _QUOTAS))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every hour."""

    @schedules.scheduled("funds.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
