"""Where certification stands: moving it on, the vendor's entry of partners certified elsewhere, and what gates ask."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from models.business_info import BusinessInfo, BusinessInfoForm, MicroDeposit
from models.partners import Partner
from models.schedules import calendar_entries
from resolvers.business_info.scope import access_record, lock_of_partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.partners.scope import access_partner
from resolvers.reviews import engine
from rules.access import Permission
from rules.business_info import (
    AWAITED,
    BUSINESS_INFO,
    MICRO_DEPOSIT,
    UNDER_WAY,
    BusinessInfoState,
    MicroDepositState,
    TaxpayerType,
    check_reason,
    check_taxpayer,
    compute_late_from,
)
from rules.errors import ErrorCode, require
from rules.reviews import ReviewKind
from rules.sites import Site

REVIEWED = {
    BusinessInfoState.MANUAL_REVIEW: ReviewKind.BUSINESS_INFO,
    BusinessInfoState.LETTER_REVIEW: ReviewKind.BANK_LETTER,
}
"""States in which somebody of the vendor's has to decide, and the kind of that review."""

_OPEN_DEPOSITS = (MicroDepositState.REQUESTED, MicroDepositState.SENT)


async def is_certified(partner_id: UUID) -> bool:
    """Whether the partner's business information is certified now."""
    return await BusinessInfo.filter(partner_id=partner_id, state=BusinessInfoState.CERTIFIED).exists()


async def is_under_way(partner_id: UUID) -> bool:
    """Whether a submitted form waits for its decision."""
    return await BusinessInfo.filter(partner_id=partner_id, state__in=UNDER_WAY).exists()


async def certified_among(partners: Collection[UUID]) -> set[UUID]:
    """Which of the partners are certified now."""
    rows = BusinessInfo.filter(partner_id__in=list(partners), state=BusinessInfoState.CERTIFIED)
    return {row.partner_id for row in await rows.only("id", "partner_id")}


async def move(ctx: Context, record: BusinessInfo, event: str, **values: Any) -> None:
    """Writes where `event` leads from here, with what goes with it; STATE_CONFLICT where it may not happen."""
    state = BUSINESS_INFO.after(record.state, event)
    late_from = await _late_from(ctx, record, state)
    reset = {"check_at": None, "opened_at": None, "late_from": late_from, "warned_at": None, "since": ctx.now}
    await record.change(now=ctx.now, **{**reset, **values, "state": state})


async def _late_from(ctx: Context, record: BusinessInfo, state: BusinessInfoState) -> datetime | None:
    if state not in AWAITED:
        return None
    partner = await Partner.get(id=record.partner_id)
    entries = await calendar_entries(Site(partner.site))
    return compute_late_from(state, ctx.now, policy=ctx.policy_of(partner), entries=entries)


async def certify(ctx: Context, record: BusinessInfo, event: str) -> None:
    """Certifies what was submitted, and tells the partner's administrators by mail and SMS."""
    form = await BusinessInfoForm.get(id=record.form_id)
    await move(
        ctx, record, event, certified_at=ctx.now, reason=None, taxpayer_type=form.taxpayer_type, recorded_by=None
    )
    ctx.event("business_info.certified", record, partner_id=record.partner_id, state=record.state.value)
    ctx.effect("business_info.certified", record)
    await tell(ctx, record, "business_info_certified")


async def reject(ctx: Context, record: BusinessInfo, event: str, reason: str) -> None:
    """Turns down what was submitted, with the reason, and tells the partner's administrators by mail and SMS."""
    await move(ctx, record, event, reason=reason)
    ctx.event("business_info.rejected", record, partner_id=record.partner_id, state=record.state.value)
    ctx.effect("business_info.rejected", record)
    await tell(ctx, record, "business_info_rejected", {"reason": reason})


async def tell(
    ctx: Context, record: BusinessInfo, template: str, facts: Mapping[str, str | Mapping[str, str]] | None = None
) -> None:
    """Tells the partner's administrators by mail, and by SMS."""
    partner = await Partner.get(id=record.partner_id)
    for channel in ("EMAIL", "SMS"):
        ctx.notify(template, partner, about=record, channel=channel, facts=facts)


async def cancel_deposits(ctx: Context, partner_id: UUID) -> None:
    """Micro-deposits under way are no longer asked about."""
    for deposit in await MicroDeposit.filter(partner_id=partner_id, state__in=_OPEN_DEPOSITS).select_for_update():
        await deposit.change(now=ctx.now, state=MICRO_DEPOSIT.after(deposit.state, "cancel"))


@command(
    permission=Permission.BUSINESS_INFO_RECORD,
    refuses=(ErrorCode.TAXPAYER_TYPE_REQUIRED, ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE, ErrorCode.STATE_CONFLICT),
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
    """Records that a partner was certified elsewhere, or that it no longer is, and as what it pays taxes.

    Not while a form of the partner's own is under way. Incentives are paid out to certified partners only.
    """
    partner = await access_partner(ctx, partner_id, "input", "partnerId")
    violations = check_taxpayer(Site(partner.site), taxpayer_type, certified=certified)
    record = await lock_of_partner(partner.id)
    event = "record" if certified else "revoke"
    values: dict[str, Any] = {
        "taxpayer_type": taxpayer_type,
        "certified_at": ctx.now if certified else None,
        "recorded_by": ctx.actor.account_id,
        "reason": None,
    }
    if record is None:
        require(violations)
        state = BusinessInfoState.CERTIFIED if certified else BusinessInfoState.NONE
        values |= {"state": state, "since": ctx.now}
        record = await BusinessInfo.insert(now=ctx.now, partner_id=partner.id, **values)
    else:
        expect_version(record, expected_version)
        require(violations + BUSINESS_INFO.check(record.state, event))
        if certified and not record.certified:
            values["form_id"] = None  # what was certified elsewhere is not what this form says
        await move(ctx, record, event, **values)
    ctx.event("business_info.recorded", record, partner_id=partner.id, certified=certified)
    ctx.effect("business_info.recorded", record)
    return record


@command(
    permission=Permission.BUSINESS_INFO_RECORD,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED),
    emits=("business_info.opened",),
)
async def open_business_info(
    ctx: Context, *, record_id: UUID, reason: str, expected_version: int | None = None
) -> BusinessInfo:
    """Opens certified business information for one change, where the site has partners ask for it by a ticket.

    What is certified holds until the partner submits its form. The partner is told.
    """
    record = await access_record(ctx, record_id)
    expect_version(record, expected_version)
    require(BUSINESS_INFO.check(record.state, "open") + check_reason(reason))
    await record.change(now=ctx.now, opened_at=ctx.now)
    ctx.audit(reason=reason.strip())
    ctx.event("business_info.opened", record, partner_id=record.partner_id, state=record.state.value)
    ctx.effect("business_info.opened", record)
    await tell(ctx, record, "business_info_opened")
    return record


async def expire_by_change(ctx: Context, partner_id: UUID) -> BusinessInfo | None:
    """Ends a partner's certification, or the one under way, because its company or signing entity has changed: it has
    to be certified anew. None where there is nothing to end.

    To be called in the transaction of the change; it says `business_info.expired`, which the command declares.
    """
    record = await expire(ctx, partner_id)
    if record is not None:
        await tell(ctx, record, "business_info_expired")
    return record


async def expire(ctx: Context, partner_id: UUID) -> BusinessInfo | None:
    """As `expire_by_change`, telling nobody."""
    record = await lock_of_partner(partner_id)
    if record is None or BUSINESS_INFO.target(record.state, "expire") is None:
        return None
    await cancel_deposits(ctx, partner_id)
    if record.state in REVIEWED:
        await engine.withdraw(ctx, REVIEWED[record.state], record)
    await move(ctx, record, "expire", certified_at=None)
    ctx.event("business_info.expired", record, partner_id=partner_id, state=record.state.value)
    ctx.effect("business_info.expired", record)
    return record
