"""Whose ways along paths an actor sees, and one of them for a command."""

from uuid import UUID

from tortoise.queryset import QuerySet

from models.partners import Partner
from models.paths import PathEnrollment, PathRecord
from resolvers.context import Context
from resolvers.nodes import findable, own_rows
from rules.access import Permission
from rules.errors import ErrorCode, refuse


def visible(ctx: Context) -> QuerySet[PathEnrollment]:
    """The vendor sees every enrollment, a partner's people its own."""
    return own_rows(ctx, PathEnrollment)


findable(PathEnrollment, Permission.PATHS_READ, visible)


def visible_records(ctx: Context) -> QuerySet[PathRecord]:
    """The vendor sees what it keeps count of, a partner's people what is known of theirs."""
    return own_rows(ctx, PathRecord)


findable(PathRecord, Permission.PATHS_READ, visible_records)


async def access_enrollment(ctx: Context, enrollment_id: UUID) -> tuple[Partner, PathEnrollment]:
    """The enrollment and its partner, both locked; NOT_FOUND when the actor may not see it."""
    if not await visible(ctx).filter(id=enrollment_id).exists():
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return await lock_enrollment(enrollment_id)


async def lock_enrollment(enrollment_id: UUID) -> tuple[Partner, PathEnrollment]:
    """The enrollment and its partner, locked, the partner first."""
    found = await PathEnrollment.get(id=enrollment_id).only("id", "partner_id")
    partner = await Partner.filter(id=found.partner_id).select_for_update().get()
    return partner, await PathEnrollment.filter(id=enrollment_id).select_for_update().get()
