"""What the vendor keeps count of for a partner where no domain does."""

from uuid import UUID

from models.paths import PathRecord
from resolvers.command import command
from resolvers.context import Context
from resolvers.partners.scope import access_partner
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.paths import PathRecordKind, check_record


@command(permission=Permission.PATHS_RECORD, refuses=(ErrorCode.OUT_OF_RANGE,), emits=("path_record.set",))
async def set_path_record(ctx: Context, *, partner_id: UUID, kind: PathRecordKind, count: int) -> PathRecord:
    """Records how many certificates, trainers or benefit cases a partner has; the number replaces the last."""
    require(check_record(count))
    partner = await access_partner(ctx, partner_id, "input", "partnerId")
    row = await PathRecord.filter(partner_id=partner.id, kind=kind).select_for_update().first()
    if row is None:
        row = await PathRecord.insert(now=ctx.now, partner_id=partner.id, kind=kind, count=count)
    else:
        await row.change(now=ctx.now, count=count)
    ctx.event("path_record.set", row, partner_id=partner.id, kind=kind.value, count=count)
    ctx.effect("path_record.set", row, counted=kind.value, count=str(count))
    return row
