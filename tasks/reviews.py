"""Reviews' clock: reviewers are told, once, of what is late."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers.reviews.deciding import escalate_review
from resolvers.reviews.reading import overdue_reviews
from tasks.due import Due, carry_out
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=10)
_LATE = Due(overdue_reviews, escalate_review, "review_id")


async def escalate_overdue(settings: Settings, clock: Clock) -> int:
    """Tells the reviewers of every late review, one command each; how many there were."""
    return len(await carry_out(settings, clock, _LATE))


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every ten minutes."""

    @schedules.scheduled("reviews.escalate", every=EVERY, catch_up=CatchUp.LATEST)
    async def _escalate(_slot: object) -> None:
        await escalate_overdue(settings, clock)
