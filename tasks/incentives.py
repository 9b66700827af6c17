"""Incentives' clock: what becomes of those that nobody confirmed, and deadlines over days not published before."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers.incentives.claims import lapsing_incentives
from resolvers.incentives.deadlines import close_incentive, due_incentives, provisional_incentives, settle_deadline
from resolvers.incentives.lapsing import lapse_incentive
from resolvers.incentives.reminding import incentives_to_remind, remind_of_incentive
from resolvers.incentives.resubmitting import due_resubmissions, resubmit_payout
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)
DAILY = "00:20"
LAPSED = "00:30"
RESUBMITTED = "09:00"
REMINDED = "09:00"
_DUE = Due(due_incentives, close_incentive, "incentive_id")
_PROVISIONAL = Due(provisional_incentives, settle_deadline, "incentive_id")
_UNCLAIMED = Due(lapsing_incentives, lapse_incentive, "incentive_id")
_REMINDED = Due(incentives_to_remind, remind_of_incentive, "incentive_id")
_DEFERRED = Due(due_resubmissions, resubmit_payout, "deferred_id")


async def pass_deadlines(settings: Settings, clock: Clock) -> int:
    """Confirms or expires everything overdue, one command each; how many there were."""
    return len(await carry_out(settings, clock, _DUE))


async def settle_deadlines(settings: Settings, clock: Clock) -> int:
    """Counts provisional deadlines anew; how many there were."""
    return len(await carry_out(settings, clock, _PROVISIONAL))


async def lapse_unclaimed(settings: Settings, clock: Clock) -> int:
    """Ends what partners have not claimed in time after leaving their plan; how many there were."""
    return len(await carry_out(settings, clock, _UNCLAIMED))


async def resubmit_payouts(settings: Settings, clock: Clock) -> int:
    """Asks again for the payouts of partners certified before today, one command each; how many there were."""
    return len(await carry_out(settings, clock, _DEFERRED))


async def remind(settings: Settings, clock: Clock) -> int:
    """Reminds partners of incentives that they have not confirmed, one command each; how many there were."""
    return len(await carry_out(settings, clock, _REMINDED))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """The deadlines every minute, the calendar and claims every night, deferred payouts and reminders every morning."""

    @schedules.scheduled("incentives.pass_deadlines", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass(_slot: object) -> None:
        await pass_deadlines(settings, clock)

    @schedules.scheduled("incentives.settle_deadlines", daily=DAILY, catch_up=CatchUp.LATEST)
    async def _settle(_slot: object) -> None:
        await settle_deadlines(settings, clock)

    @schedules.scheduled("incentives.lapse_unclaimed", daily=LAPSED, catch_up=CatchUp.LATEST)
    async def _lapse(_slot: object) -> None:
        await lapse_unclaimed(settings, clock)

    @schedules.scheduled("incentives.resubmit_payouts", daily=RESUBMITTED, catch_up=CatchUp.LATEST)
    async def _resubmit(_slot: object) -> None:
        await resubmit_payouts(settings, clock)

    @schedules.scheduled("incentives.remind", daily=REMINDED, catch_up=CatchUp.LATEST)
    async def _remind(_slot: object) -> None:
        await remind(settings, clock)
