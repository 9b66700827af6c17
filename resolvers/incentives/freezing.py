"""The vendor keeps an incentive from being paid out, and lets it go again."""

from uuid import UUID

from models.incentives import Incentive
from models.partners import Partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.incentives.scope import access_incentive, facts_of
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.incentives.reconcile import check_freeze, check_reason, check_unfreeze

_REASONS = (ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE)


@command(
    permission=Permission.INCENTIVES_FREEZE,
    refuses=(*_REASONS, ErrorCode.INCENTIVE_FROZEN),
    emits=("incentive.frozen",),
)
async def freeze_incentive(
    ctx: Context, *, incentive_id: UUID, reason: str, expected_version: int | None = None
) -> Incentive:
    """Keeps an incentive from being paid out, as while its customers have not paid; the partner reads the reason."""
    row = await access_incentive(ctx, incentive_id)
    expect_version(row, expected_version)
    require(check_freeze(facts_of(row), now=ctx.now) + check_reason(reason))
    await row.change(now=ctx.now, frozen=True, freeze_reason=reason.strip())
    ctx.event("incentive.frozen", row, partner_id=row.partner_id, period=row.period)
    ctx.effect("incentive.frozen", row)
    partner = await Partner.get(id=row.partner_id)
    ctx.notify("incentive_frozen", partner, about=row, facts={"period": row.period, "reason": reason.strip()})
    return row


@command(
    permission=Permission.INCENTIVES_FREEZE,
    refuses=(*_REASONS, ErrorCode.INCENTIVE_NOT_FROZEN),
    emits=("incentive.unfrozen",),
)
async def unfreeze_incentive(
    ctx: Context, *, incentive_id: UUID, reason: str, expected_version: int | None = None
) -> Incentive:
    """Lets a frozen incentive be paid out again; the reason is kept on record."""
    row = await access_incentive(ctx, incentive_id)
    expect_version(row, expected_version)
    require(check_unfreeze(facts_of(row), now=ctx.now) + check_reason(reason))
    await row.change(now=ctx.now, frozen=False, freeze_reason=None)
    ctx.audit(reason=reason.strip())
    ctx.event("incentive.unfrozen", row, partner_id=row.partner_id, period=row.period)
    ctx.effect("incentive.unfrozen", row)
    return row
