"""Whose ways along paths an actor sees, and one of them for a command."""

from functools import partial

from tortoise.queryset import QuerySet

from models.paths import PathEnrollment, PathRecord
from resolvers.context import Context
from resolvers.locking import access_with_partner, lock_with_partner
from resolvers.nodes import findable, own_rows
from rules.access import Permission


def visible(ctx: Context) -> QuerySet[PathEnrollment]:
    """The vendor sees every enrollment, a partner's people its own."""
    return own_rows(ctx, PathEnrollment)


findable(PathEnrollment, Permission.PATHS_READ, visible)


def visible_records(ctx: Context) -> QuerySet[PathRecord]:
    """The vendor sees what it keeps count of, a partner's people what is known of theirs."""
    return own_rows(ctx, PathRecord)


findable(PathRecord, Permission.PATHS_READ, visible_records)


access_enrollment = partial(access_with_partner, PathEnrollment)
"""The partner and the enrollment, both locked; NOT_FOUND when the actor may not see it."""


lock_enrollment = partial(lock_with_partner, PathEnrollment)
"""The partner and the enrollment, both locked."""
