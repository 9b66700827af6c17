"""Plans' clock: ends memberships and invitations whose time is over, and says beforehand that it will be."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers import plans
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=10)
_DUE = (
    Due(plans.overdue_memberships, plans.expire_membership, "membership_id"),
    Due(plans.ending_memberships, plans.announce_expiry, "membership_id"),
)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Ends what is over and announces what will be, one command each; how many there were."""
    return len(await carry_out(settings, clock, *_DUE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every ten minutes."""

    @schedules.scheduled("plans.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
