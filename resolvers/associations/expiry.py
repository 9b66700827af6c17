"""Requests that nobody answered in time: found by the schedule, ended one by one."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.associations import AssociationRequest
from resolvers.associations.answers import expire
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission
from rules.associations import OPEN_STATUSES


async def overdue_requests(ctx: Context, *, limit: int = 500) -> list[UUID]:
    """Open requests whose deadline has passed, oldest deadline first."""
    async with db.read(EVERYTHING):
        rows = AssociationRequest.filter(status__in=OPEN_STATUSES, deadline__lte=ctx.now).order_by("deadline")
        return [row.id for row in await rows.limit(limit).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("association.request_expired",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_association_request(ctx: Context, *, request_id: UUID) -> AssociationRequest | None:
    """Ends an overdue request and tells both sides; the association goes on."""
    return await expire(ctx, request_id)
