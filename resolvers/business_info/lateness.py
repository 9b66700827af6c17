"""What of a certification waits for the vendor longer than it should: its people are told, once."""

from collections.abc import Sequence
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.business_info import BusinessInfo
from models.partners import Partner
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.reviews.reviewers import staff_of
from rules.access import ACCESS, Permission
from rules.business_info import AWAITED, BusinessInfoState

BATCH = 500

OVERSEERS = ACCESS[Permission.BUSINESS_INFO_UNLOCK].roles
"""The vendor's operations and administrators: they hear of everything that is late."""

_TOLD = {
    BusinessInfoState.SUBMITTED: (
        "business_info_deposit_late",
        OVERSEERS | ACCESS[Permission.BUSINESS_INFO_TRANSFER].roles,
    ),
    BusinessInfoState.AUTO_CHECK: ("business_info_check_late", OVERSEERS),
    BusinessInfoState.LOCKED: ("business_info_unlock_late", OVERSEERS),
}


async def late_records(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Records that wait too long for the vendor and of which nobody has been told, the latest of all first; none of
    those `without`.
    """
    async with db.read(EVERYTHING):
        rows = BusinessInfo.filter(state__in=AWAITED, late_from__lte=ctx.now, warned_at__isnull=True)
        rows = rows.exclude(id__in=list(without)).order_by("late_from", "id")
        return [row.id for row in await rows.limit(BATCH).only("id")]


@command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True)
async def warn_of_late_record(ctx: Context, *, record_id: UUID) -> BusinessInfo | None:
    """Tells the vendor's people, once, that a micro-deposit is still to be made, an automatic check takes too long, or
    a locked form still waits; None when it no longer does.
    """
    waiting = BusinessInfo.filter(id=record_id, late_from__lte=ctx.now, warned_at__isnull=True)
    record = await waiting.select_for_update().first()
    if record is None:
        return None
    partner = await Partner.get(id=record.partner_id)
    template, roles = _TOLD[record.state]
    await record.change(now=ctx.now, warned_at=ctx.now)
    ctx.notify(template, await staff_of(partner.site, roles), about=record, names={"partner": partner})
    return record
