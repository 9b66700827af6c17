"""Business information: the vendor's entry of what is certified, and what the gates of payouts ask."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from models.business_info import BusinessInfo
from models.partners import Partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.nodes import findable
from resolvers.partners import access_partner
from rules.access import VENDOR_ROLES, Permission
from rules.business_info import TaxpayerType, check_taxpayer
from rules.errors import ErrorCode, require
from rules.sites import Site


def visible(ctx: Context) -> QuerySet[BusinessInfo]:
    """The vendor sees every record, a partner its own."""
    rows = BusinessInfo.all()
    return rows if ctx.actor.roles & VENDOR_ROLES else rows.filter(partner_id=ctx.actor.partner_id)


findable(BusinessInfo, Permission.PARTNERS_READ, visible)


async def is_certified(partner_id: UUID) -> bool:
    """Whether the partner's business information is certified now."""
    return await BusinessInfo.filter(partner_id=partner_id, certified=True).exists()


async def of_partners(ctx: Context, parents: Sequence[Partner]) -> list[BusinessInfo | None]:
    """The record of each partner; None without one, and for those who may not see it."""
    rows = await visible(ctx).filter(partner_id__in=[parent.id for parent in parents])
    found = {row.partner_id: row for row in rows}
    return [found.get(parent.id) for parent in parents]


@command(
    permission=Permission.BUSINESS_INFO_RECORD,
    refuses=(ErrorCode.TAXPAYER_TYPE_REQUIRED, ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE),
    emits=("business_info.recorded",),
)
async def record_business_info(
    ctx: Context,
    *,
    partner_id: UUID,
    certified: bool,
    taxpayer_type: TaxpayerType | None = None,
    expected_version: int | None = None,
) -> BusinessInfo:
    """Records whether a partner's business information is certified, and as what it pays taxes.

    Incentives are paid out to certified partners only.
    """
    partner = await access_partner(ctx, partner_id, "input", "partnerId")
    require(check_taxpayer(Site(partner.site), taxpayer_type, certified=certified))
    values: dict[str, Any] = {
        "certified": certified,
        "taxpayer_type": taxpayer_type,
        "since": ctx.now,
        "recorded_by": ctx.actor.account_id,
    }
    record = await BusinessInfo.get_or_none(partner_id=partner.id)
    if record is None:
        record = await BusinessInfo.insert(now=ctx.now, partner_id=partner.id, **values)
    else:
        expect_version(record, expected_version)
        await record.change(now=ctx.now, **values)
    ctx.event("business_info.recorded", record, partner_id=partner.id, certified=certified)
    ctx.effect("business_info.recorded", record)
    return record


async def expire_by_change(ctx: Context, partner_id: UUID) -> BusinessInfo | None:
    """Ends a partner's certification because its company has changed: it has to be certified anew. None where there is
    nothing to end.

    To be called in the transaction of the change; it says `business_info.expired`, which the command declares.
    """
    record = await BusinessInfo.filter(partner_id=partner_id, certified=True).select_for_update().first()
    if record is None:
        return None
    await record.change(now=ctx.now, certified=False, since=ctx.now)
    ctx.event("business_info.expired", record, partner_id=partner_id)
    ctx.effect("business_info.expired", record)
    return record
