"""The clock of experts' lists: makes them, reminds of them, ends those that nobody has taken care of."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import experts
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=10)
CLOSE_EVERY = timedelta(hours=1)
GENERATED = "02:00"
SETTLED = "00:20"
REMINDED = "09:00"
_GENERATED = Due(experts.due_generations, experts.generate_expert_incentive, "qualification_id", drains=True)
_OVERDUE = Due(experts.overdue_lists, experts.expire_expert_incentive, "incentive_id", drains=True)
_PROVISIONAL = Due(experts.provisional_lists, experts.settle_list_deadline, "incentive_id")
_CLOSABLE = Due(experts.closable_lists, experts.close_expert_incentive, "incentive_id")
_REMINDED = Due(experts.lists_to_remind, experts.remind_of_expert_incentive, "incentive_id")


async def generate(settings: Settings, clock: Clock) -> int:
    """Makes the lists that are due, one command for each partner and scheme; how many were looked at."""
    return len(await carry_out(settings, clock, _GENERATED))


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Ends every list whose time is over, one command for each; how many there were."""
    return len(await carry_out(settings, clock, _OVERDUE))


async def close_quarters(settings: Settings, clock: Clock) -> int:
    """Makes approved lists of final quarters payable, one command for each; how many there were."""
    return len(await carry_out(settings, clock, _CLOSABLE))


async def settle_deadlines(settings: Settings, clock: Clock) -> int:
    """Counts provisional deadlines anew; how many there were."""
    return len(await carry_out(settings, clock, _PROVISIONAL))


async def remind(settings: Settings, clock: Clock) -> int:
    """Reminds partners of the lists that wait for them; how many there were."""
    return len(await carry_out(settings, clock, _REMINDED))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Lists and reminders once a day, the calendar every night, what is over every ten minutes, quarters every hour."""

    @schedules.scheduled("experts.generate", daily=GENERATED, catch_up=CatchUp.LATEST)
    async def _generate(_slot: object) -> None:
        await generate(settings, clock)

    @schedules.scheduled("experts.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)

    @schedules.scheduled("experts.close_quarters", every=CLOSE_EVERY, catch_up=CatchUp.LATEST)
    async def _close(_slot: object) -> None:
        await close_quarters(settings, clock)

    @schedules.scheduled("experts.settle_deadlines", daily=SETTLED, catch_up=CatchUp.LATEST)
    async def _settle(_slot: object) -> None:
        await settle_deadlines(settings, clock)

    @schedules.scheduled("experts.remind", daily=REMINDED, catch_up=CatchUp.LATEST)
    async def _remind(_slot: object) -> None:
        await remind(settings, clock)
