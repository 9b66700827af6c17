"""Quotas: opened by the partner for the year, adjusted by the ecosystem manager, held and used by cases."""

from uuid import UUID

from models.funds import MdfAdjustment, MdfCase, MdfQuota
from models.partners import Partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.funds.facts import standings_of
from resolvers.funds.scope import access_quota, balance_of, lock_quota
from resolvers.partners.benefits import benefits_blockers
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, Violation, require
from rules.funds.kinds import MdfLine
from rules.funds.quotas import MdfStanding, check_adjustment, check_opening, compute_entitlement
from rules.money import format_amount, parse_amount
from rules.sites import Site


@command(
    permission=Permission.FUNDS_APPLY,
    refuses=(
        ErrorCode.MDF_NOT_ENTITLED,
        ErrorCode.BUSINESS_INFO_REQUIRED,
        ErrorCode.MDF_QUOTA_OPENED,
        ErrorCode.BENEFITS_FROZEN,
    ),
    emits=("mdf_quota.opened",),
)
async def open_mdf_quota(ctx: Context, *, line: MdfLine) -> MdfQuota:
    """Opens your quota of this year on a line of the market development fund, with what your tier or stage gives."""
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    year, standing = year_of(ctx, own), (await standings_of([own]))[own.id]
    opened = await MdfQuota.exists(partner_id=own.id, line=line, year=year)
    frozen = (await benefits_blockers(ctx, own))[own.id]
    require(check_opening(line, standing, opened=opened, policy=ctx.policy_of(own)) + frozen)
    return await grant(ctx, own, line, standing)


def year_of(ctx: Context, own: Partner) -> int:
    """The fiscal year at the partner's site now."""
    return day_of(ctx.now, Site(own.site)).year


async def grant(ctx: Context, own: Partner, line: MdfLine, standing: MdfStanding) -> MdfQuota:
    """Opens this year's quota of a locked partner; the guards have been asked."""
    amount, currency = compute_entitlement(line, standing, policy=ctx.policy_of(own)), Site(own.site).currency
    year = year_of(ctx, own)
    quota = await MdfQuota.insert(
        now=ctx.now, partner_id=own.id, line=line, year=year, currency=currency, granted=amount
    )
    ctx.event("mdf_quota.opened", quota, partner_id=own.id, line=line.value, year=year, amount=amount)
    ctx.effect("mdf_quota.opened", quota, money=(amount, currency), year=str(year))
    return quota


@command(
    permission=Permission.FUNDS_ADJUST,
    refuses=(
        ErrorCode.INVALID_FORMAT,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.REASON_REQUIRED,
        ErrorCode.MDF_OVER_QUOTA,
    ),
    emits=("mdf_quota.adjusted",),
)
async def change_mdf_quota(
    ctx: Context, *, quota_id: UUID, amount: str, reason: str, expected_version: int | None = None
) -> MdfQuota:
    """Raises what a quota grants, or lowers it by a negative amount, but not below what is reserved and consumed. The
    change stays on record with its reason, and the partner is told.
    """
    found = await access_quota(ctx, quota_id, "input", "id")
    own = await Partner.filter(id=found.partner_id).select_for_update().get()
    quota = await lock_quota(quota_id)
    expect_version(quota, expected_version)
    minor = parse_amount(amount, "input", "amount")
    require([minor] if isinstance(minor, Violation) else check_adjustment(balance_of(quota), minor, reason))
    assert isinstance(minor, int)
    await quota.change(now=ctx.now, granted=quota.granted + minor)
    await MdfAdjustment.create(
        partner_id=own.id,
        quota_id=quota.id,
        amount=minor,
        currency=quota.currency,
        reason=reason.strip(),
        made_by=ctx.actor.account_id,
        made_at=ctx.now,
    )
    ctx.audit(reason=reason.strip())
    ctx.event("mdf_quota.adjusted", quota, partner_id=own.id, amount=minor)
    ctx.effect("mdf_quota.adjusted", quota, money=(minor, quota.currency))
    granted = f"{format_amount(quota.granted)} {quota.currency}"
    facts = {"granted": granted, "year": str(quota.year), "reason": reason.strip()}
    ctx.notify("mdf_quota_adjusted", own, about=quota, facts=facts)
    return quota


async def reserve(ctx: Context, quota: MdfQuota, amount: int) -> None:
    """Has a case hold `amount` of its locked quota; the guards have been asked."""
    await quota.change(now=ctx.now, reserved=quota.reserved + amount)
    ctx.effect("mdf_quota.reserved", quota, money=(amount, quota.currency))


async def release(ctx: Context, row: MdfCase, *, consumed: int = 0) -> None:
    """Frees what a locked case holds of its quota, but for what of it is `consumed` for good; nothing for a case that
    holds nothing. The case itself is written by whoever calls.
    """
    if not row.reserved:
        return
    quota = await lock_quota(row.quota_id)
    await quota.change(now=ctx.now, reserved=quota.reserved - row.reserved, consumed=quota.consumed + consumed)
    ctx.effect("mdf_quota.released", quota, money=(row.reserved - consumed, quota.currency))
