"""The vendor's part of quotas: granting them, changing their state; and what becomes of the rest of one that ends."""

from datetime import datetime
from uuid import UUID

from core.ids import uuid7
from models.partners import Partner
from models.vouchers import VoucherQuota
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.vouchers.facts import Homes, homes, left
from resolvers.vouchers.records import record_quota
from resolvers.vouchers.scope import visible_quotas
from resolvers.wallets.ledger import Leg, open_account, post
from rules.access import Permission
from rules.customers import AssociationType
from rules.errors import ErrorCode, Violation, refuse, require
from rules.money import parse_amount
from rules.sites import Site
from rules.vouchers import (
    QUOTA,
    Destination,
    Grant,
    QuotaChange,
    QuotaLimits,
    QuotaOperation,
    QuotaStatus,
    SubscriptionType,
    VoucherKind,
    check_grant,
)
from rules.wallets import AccountKind, Posting


def amounts(given: dict[str, str | None]) -> dict[str, int | None]:
    """Input field → minor units; refuses every text that is no amount at once, each at its path."""
    read = {name: None if text is None else parse_amount(text, "input", name) for name, text in given.items()}
    require([value for value in read.values() if isinstance(value, Violation)])
    return {name: value for name, value in read.items() if not isinstance(value, Violation)}


@command(
    permission=Permission.VOUCHERS_GRANT_QUOTA,
    refuses=(ErrorCode.INVALID_FORMAT, ErrorCode.OUT_OF_RANGE, ErrorCode.TOO_MANY),
    emits=("voucher_quota.granted",),
    sensitive=True,
)
async def grant_quota(
    ctx: Context,
    *,
    partner_id: UUID,
    value: str,
    expires_at: datetime,
    effective_at: datetime | None = None,
    kind: VoucherKind = VoucherKind.VOUCHER,
    services: list[str] | None = None,
    products: list[str] | None = None,
    subscriptions: list[SubscriptionType] | None = None,
    face_min: str | None = None,
    face_max: str | None = None,
    count_max: int | None = None,
    total_max: str | None = None,
    first_association_only: bool = False,
    association_type: AssociationType | None = None,
    designated: list[UUID] | None = None,
    own_use: bool = False,
    marketplace: bool = False,
    remark: str | None = None,
) -> VoucherQuota:
    """Grants a partner a quota, in the currency of its site, with the limits that its vouchers must keep.

    Limits that are left out allow anything; nobody can change them later.
    """
    partner = await Partner.filter(id=partner_id).select_for_update().first()
    if partner is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "partnerId")
    money = amounts({"value": value, "faceMin": face_min, "faceMax": face_max, "totalMax": total_max})
    limits = QuotaLimits(
        services=tuple(services or ()),
        products=tuple(products or ()),
        subscriptions=tuple(subscriptions or ()),
        face_min=money["faceMin"],
        face_max=money["faceMax"],
        count_max=count_max,
        total_max=money["totalMax"],
        first_association_only=first_association_only,
        association_type=association_type,
        designated=tuple(designated or ()),
        own_use=own_use,
        marketplace=marketplace,
    )
    grant = Grant(money["value"] or 0, effective_at or ctx.now, expires_at, limits)
    require(check_grant(grant, now=ctx.now))
    currency = Site(partner.site).currency
    pool = await open_account(ctx, AccountKind.VENDOR_POOL, currency=currency, owner=None)
    return await _grant(ctx, partner_id, grant, currency, kind, source=pool, remark=remark)


async def grant_quota_row(
    ctx: Context,
    *,
    partner_id: UUID,
    value: int,
    currency: str,
    expires_at: datetime,
    source: UUID,
    reason: Posting,
) -> VoucherQuota:
    """A quota of `value` minor units without limits, in force from now on, paid from the ledger account `source`.

    For payouts into voucher quota: `reason` is what the ledger's transaction is called. Locks nothing but the accounts.
    """
    grant = Grant(value, ctx.now, expires_at, QuotaLimits())
    return await _grant(ctx, partner_id, grant, currency, VoucherKind.VOUCHER, source=source, posting=Posting(reason))


async def _grant(
    ctx: Context,
    partner_id: UUID,
    grant: Grant,
    currency: str,
    kind: VoucherKind,
    *,
    source: UUID,
    posting: Posting = Posting.QUOTA_GRANT,
    remark: str | None = None,
) -> VoucherQuota:
    quota_id = uuid7()
    account = await open_account(
        ctx, AccountKind.PARTNER_QUOTA, currency=currency, owner=VoucherQuota(id=quota_id), partner_id=partner_id
    )
    quota = await VoucherQuota.insert(
        now=ctx.now,
        id=quota_id,
        owner_partner_id=partner_id,
        account_id=account,
        kind=kind,
        value_minor=grant.value,
        currency=currency,
        effective_at=grant.effective_at,
        expires_at=grant.expires_at,
        limits=grant.limits.data(),
        status=QuotaStatus.NORMAL,
    )
    legs = [Leg(source, -grant.value), Leg(account, grant.value)]
    transaction = await post(ctx, posting, legs, subject=quota)
    await record_quota(ctx, quota, QuotaOperation.GRANT, amount=grant.value, transaction_id=transaction, remark=remark)
    ctx.event("voucher_quota.granted", quota, partner_id=partner_id, expires_at=grant.expires_at.isoformat())
    ctx.effect("voucher_quota.granted", quota, money=(grant.value, currency))
    return quota


@command(
    permission=Permission.VOUCHERS_SET_QUOTA_STATE,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("voucher_quota.state_changed",),
    sensitive=True,
)
async def set_quota_state(
    ctx: Context,
    *,
    quota_id: UUID,
    change: QuotaChange,
    remark: str | None = None,
    expected_version: int | None = None,
) -> VoucherQuota:
    """Freezes or unfreezes a quota, marks it as being adjusted and back, or makes it invalid for good.

    What is left of an invalid one goes back to the quota it was issued from, if that lives, else to the vendor.
    Vouchers issued from it stay good.
    """
    quota, known = await access_quota(ctx, quota_id, "input", "quotaId")
    expect_version(quota, expected_version)
    require(QUOTA.check(quota.status, change.event))
    operation = QuotaOperation(change.value)
    if change is QuotaChange.INVALIDATE:
        await end_quota(ctx, quota, change.event, operation, known, remark=remark)
        return quota
    await quota.change(now=ctx.now, status=QUOTA.after(quota.status, change.event))
    await record_quota(ctx, quota, operation, remark=remark)
    _tell_state(ctx, quota)
    return quota


async def access_quota(ctx: Context, quota_id: UUID, *path: str) -> tuple[VoucherQuota, Homes]:
    """A quota the actor sees and the home of what is left in it, both locked; NOT_FOUND at `path` otherwise."""
    seen = await visible_quotas(ctx).filter(id=quota_id).first()
    if seen is None:
        raise refuse(ErrorCode.NOT_FOUND, *path)
    known = await homes(ctx, [] if seen.parent_id is None else [seen.parent_id])
    return await VoucherQuota.filter(id=quota_id).select_for_update().get(), known


async def end_quota(
    ctx: Context,
    quota: VoucherQuota,
    event: str,
    operation: QuotaOperation,
    known: Homes,
    *,
    remark: str | None = None,
) -> int:
    """Ends a locked quota; how much of it was left and moved on. `known` has its parent's home."""
    amount = (await left(ctx, [quota]))[quota.id]
    home = known.of(quota.parent_id)
    transaction = None
    if amount:
        target = home or await open_account(ctx, AccountKind.EXPIRED, currency=quota.currency, owner=None)
        posting = Posting.QUOTA_RECALL if operation is QuotaOperation.RECALL else Posting.QUOTA_EXPIRY
        transaction = await post(ctx, posting, [Leg(quota.account_id, -amount), Leg(target, amount)], subject=quota)
    await quota.change(now=ctx.now, status=QUOTA.after(quota.status, event), ended_at=ctx.now)
    await record_quota(
        ctx,
        quota,
        operation,
        amount=amount,
        destination=None if not amount else Destination.EXPIRED if home is None else Destination.QUOTA,
        transaction_id=transaction,
        remark=remark,
    )
    _tell_state(ctx, quota, amount)
    return amount


def _tell_state(ctx: Context, quota: VoucherQuota, amount: int | None = None) -> None:
    ctx.event("voucher_quota.state_changed", quota, partner_id=quota.owner_partner_id, status=quota.status.value)
    money = None if amount is None else (amount, quota.currency)
    ctx.effect(f"voucher_quota.{quota.status.lower()}", quota, money=money)
