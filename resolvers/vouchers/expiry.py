"""Vouchers and quotas that are over: found by the schedule, ended one by one."""

from collections.abc import Sequence
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.vouchers import Voucher, VoucherQuota
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.vouchers.quotas import access_quota, end_quota
from resolvers.vouchers.recalling import hold_vouchers, take_back
from rules.access import Permission
from rules.vouchers import QUOTA, QuotaOperation, QuotaStatus, VoucherOperation, VoucherStatus

_LIVING = (QuotaStatus.NORMAL, QuotaStatus.FROZEN, QuotaStatus.ADJUSTING)


async def overdue_vouchers(ctx: Context, *, without: Sequence[UUID] = (), limit: int = 500) -> list[UUID]:
    """Vouchers past their end that are not marked yet, oldest end first; none of those `without`."""
    async with db.read(EVERYTHING):
        rows = Voucher.filter(status=VoucherStatus.USABLE, expires_at__lte=ctx.now).order_by("expires_at", "id")
        return [row.id for row in await rows.exclude(id__in=list(without)).limit(limit).only("id")]


async def overdue_quotas(ctx: Context, *, without: Sequence[UUID] = (), limit: int = 500) -> list[UUID]:
    """Quotas past their end that are not marked yet, oldest end first; none of those `without`."""
    async with db.read(EVERYTHING):
        rows = VoucherQuota.filter(status__in=_LIVING, expires_at__lte=ctx.now).order_by("expires_at", "id")
        return [row.id for row in await rows.exclude(id__in=list(without)).limit(limit).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("voucher.expired",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_voucher(ctx: Context, *, voucher_id: UUID) -> Voucher | None:
    """Marks a voucher past its end; what is left returns to the partner's quota, or to the vendor where that ended."""
    held = await hold_vouchers(ctx, await Voucher.filter(id=voucher_id))
    voucher = held.vouchers.get(voucher_id)
    if voucher is None or voucher.status is not VoucherStatus.USABLE or ctx.now < voucher.expires_at:
        return None
    amount = await take_back(ctx, held, voucher, VoucherOperation.EXPIRY)
    ctx.event("voucher.expired", voucher, partner_id=voucher.partner_id, customer_id=voucher.customer_id)
    ctx.effect("voucher.expired", voucher, money=(amount, voucher.currency))
    return voucher


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("voucher_quota.state_changed",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_quota(ctx: Context, *, quota_id: UUID) -> VoucherQuota | None:
    """Marks a quota past its end as invalid; what is left goes back to the vendor. Its vouchers end by themselves."""
    quota, known = await access_quota(ctx, quota_id)
    if QUOTA.target(quota.status, "expire") is None or ctx.now < quota.expires_at:
        return None
    await end_quota(ctx, quota, "expire", QuotaOperation.EXPIRE, known)
    return quota
