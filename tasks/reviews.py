"""Reviews' clock: reviewers are told, once, of what is late."""

from datetime import timedelta

from core.clock import Clock
from core.settings import Settings
from resolvers.command import run
from resolvers.reviews.deciding import escalate_review
from resolvers.reviews.reading import overdue_reviews
from resolvers.system import system_context
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=10)


async def escalate_overdue(settings: Settings, clock: Clock) -> int:
    """Tells the reviewers of every late review, one command each; how many there were."""
    ctx = await system_context(settings, clock())
    found = await overdue_reviews(ctx)
    for review_id in found:
        await run(ctx, escalate_review, review_id=review_id)
    return len(found)


def register(settings: Settings, clock: Clock, schedules: Schedules) -> None:
    """Every ten minutes."""

    @schedules.scheduled("reviews.escalate", every=EVERY, catch_up=CatchUp.LATEST)
    async def _escalate(_slot: object) -> None:
        await escalate_overdue(settings, clock)
