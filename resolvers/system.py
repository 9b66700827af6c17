"""The context of work that no person asked for: the worker's jobs and schedules, with actor SYSTEM."""

from datetime import datetime

from core import db
from core.i18n import Locale
from core.ids import uuid7
from core.scope import EVERYTHING
from core.settings import Settings
from models.policy import PolicyValue
from resolvers.context import Context, Wakeup
from resolvers.policy import open_book
from rules.access import SYSTEM


class Silent:
    """The worker needs no wake-up: it looks again by itself."""

    async def wake(self) -> None:
        """Nothing to do."""


async def system_context(settings: Settings, now: datetime, wakeup: Wakeup | None = None) -> Context:
    """A context with actor SYSTEM at `now` of business time, with the policy in force."""
    async with db.read(EVERYTHING):
        overrides = await PolicyValue.all()
    return Context(
        actor=SYSTEM,
        now=now,
        locale=Locale.EN.value,
        request_id=f"job-{uuid7().hex}",
        policies=open_book(overrides),
        settings=settings,
        wakeup=wakeup or Silent(),
        via="worker",
    )
