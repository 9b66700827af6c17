"""Work that no person asked for: the context of the worker's jobs and schedules, with actor SYSTEM, and how far ahead
they look.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tortoise.expressions import Q

from core import db
from core.i18n import Locale
from core.ids import uuid7
from core.scope import EVERYTHING
from core.settings import Settings
from models.policy import PolicyValue
from resolvers.context import Context, Wakeup
from resolvers.policy import open_book
from rules.access import SYSTEM
from rules.policy import Policy
from rules.sites import Site


class Silent:
    """The worker needs no wake-up: it looks again by itself."""

    async def wake(self) -> None:
        """Nothing to do."""


def near_end(ctx: Context, column: str, window: Callable[[Policy], timedelta]) -> Q:
    """Rows of partners whose `column` is no further ahead than the `window` of the partner's own site."""
    sites: list[dict[str, Any]] = [
        {"partner__site": site, f"{column}__lte": ctx.now + window(ctx.policies.at(site, ctx.now))} for site in Site
    ]
    return Q(*(Q(**one) for one in sites), join_type=Q.OR)


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
