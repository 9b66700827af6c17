"""What time does to opportunities: reminds offices, rejects what nobody verified, settles provisional deadlines."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import opportunities
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)
SETTLE_AT = "05:30"
_BY_THE_MINUTE = (
    Due(opportunities.overdue_verifications, opportunities.expire_verification, "opportunity_id"),
    Due(opportunities.verifications_to_remind, opportunities.remind_office, "opportunity_id"),
)
_BY_THE_DAY = Due(opportunities.provisional_verifications, opportunities.settle_verification_deadline, "opportunity_id")


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Rejects what is overdue and reminds of what soon will be, one command for each; how many there were."""
    return len(await carry_out(settings, clock, *_BY_THE_MINUTE))


async def settle_deadlines(settings: Settings, clock: Clock) -> int:
    """Computes provisional deadlines anew; how many were looked at."""
    return len(await carry_out(settings, clock, _BY_THE_DAY))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every minute what time does, every morning the deadlines that hung on unpublished days."""

    @schedules.scheduled("opportunities.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)

    @schedules.scheduled("opportunities.settle_deadlines", daily=SETTLE_AT, catch_up=CatchUp.LATEST)
    async def _settle(_slot: object) -> None:
        await settle_deadlines(settings, clock)
