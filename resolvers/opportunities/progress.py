"""What happens to a verified opportunity: entries of both sides, signing, delivery, loss, the vendor's cancellation."""

from datetime import date
from uuid import UUID

from models.accounts import Account
from models.opportunities import Opportunity, OpportunityUpdate
from resolvers.command import command, expect_version
from resolvers.context import Context, Somebody
from resolvers.customers.facts import minor_units
from resolvers.opportunities.facts import known_of
from resolvers.opportunities.scope import access_opportunity
from resolvers.opportunities.telling import psms_of, record, tell_partner
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, require
from rules.opportunities import (
    OPPORTUNITY,
    Progress,
    ProgressKind,
    Side,
    SupportNeed,
    UpdateKind,
    check_cancellation,
    check_delivery,
    check_loss,
    check_progress,
    check_signing,
)
from rules.sites import Site

_AFTER_REFUSALS = (ErrorCode.PO_NOT_VERIFIED, ErrorCode.STATE_CONFLICT, ErrorCode.OUT_OF_RANGE)


@command(
    permission=Permission.OPPORTUNITIES_UPDATE,
    refuses=(*_AFTER_REFUSALS, ErrorCode.REQUIRED, ErrorCode.NOT_OFFICE_PSM),
    emits=("opportunity.updated",),
)
async def update_opportunity_progress(
    ctx: Context,
    *,
    opportunity_id: UUID,
    text: str,
    kind: ProgressKind = ProgressKind.PROGRESS,
    support_need: SupportNeed | None = None,
    answers_id: UUID | None = None,
) -> Opportunity:
    """Adds to the timeline that partner and vendor share, once the opportunity is verified.

    Both sides report progress. The partner asks for support and names which; the vendor's office answers and names the
    entry that asked. The other side is told.
    """
    held = await access_opportunity(ctx, opportunity_id)
    known = await known_of(ctx, held)
    asked = OpportunityUpdate.filter(id=answers_id, opportunity_id=held.id, kind=UpdateKind.SUPPORT_REQUEST)
    answers = answers_id is not None and await asked.exists()
    require(check_progress(held.state, known.author, Progress(kind, text, support_need is not None, answers)))
    entry = await record(
        ctx,
        held,
        UpdateKind(kind.value),
        text.strip(),
        support_need=support_need,
        answers_id=answers_id,
    )
    await held.change(now=ctx.now, state=OPPORTUNITY.after(held.state, "update"))
    await _tell_other_side(ctx, held, entry)
    ctx.event("opportunity.updated", held, partner_id=held.partner_id, kind=kind.value, update_id=str(entry.id))
    ctx.effect("opportunity.updated", held)
    return held


async def _tell_other_side(ctx: Context, held: Opportunity, entry: OpportunityUpdate) -> None:
    """The partner hears of the vendor's entries; of the partner's the one who verified, else the whole office."""
    if entry.side is Side.VENDOR:
        await tell_partner(ctx, "opportunity_updated", held, about=entry)
        return
    verifier = [Somebody(Account, held.verified_by)] if held.verified_by else await psms_of(held.rep_office_id)
    ctx.notify("opportunity_updated", verifier, about=entry, names={"opportunity": held})


@command(
    permission=Permission.OPPORTUNITIES_MANAGE,
    refuses=(*_AFTER_REFUSALS, ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT),
    emits=("opportunity.signed",),
)
async def mark_opportunity_signed(
    ctx: Context,
    *,
    opportunity_id: UUID,
    signed_on: date,
    amount: str,
    contract_ref: str,
    expected_version: int | None = None,
) -> Opportunity:
    """Records the contract with the customer: its day, its amount and the document that shows it. From now on the
    opportunity counts.
    """
    held = await access_opportunity(ctx, opportunity_id)
    amount_minor, site = minor_units(amount, "input", "amount"), Site(held.site)
    require(
        check_signing(
            held.state,
            signed_on=signed_on,
            amount_minor=amount_minor,
            evidence=contract_ref,
            submitted_on=day_of(held.submitted_at or held.created_at, site),
            today=day_of(ctx.now, site),
        )
    )
    expect_version(held, expected_version)
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "sign"),
        signed_at=ctx.now,
        signed_on=signed_on,
        contract_minor=amount_minor,
        contract_currency=site.currency,
        contract_ref=contract_ref.strip(),
    )
    await _move_on(ctx, held, UpdateKind.SIGNED)
    ctx.event("opportunity.signed", held, partner_id=held.partner_id, signed_on=signed_on.isoformat())
    ctx.effect("opportunity.signed", held)
    return held


@command(
    permission=Permission.OPPORTUNITIES_MANAGE,
    refuses=(*_AFTER_REFUSALS, ErrorCode.REQUIRED),
    emits=("opportunity.delivered",),
)
async def mark_opportunity_delivered(
    ctx: Context,
    *,
    opportunity_id: UUID,
    delivered_on: date,
    acceptance_ref: str,
    expected_version: int | None = None,
) -> Opportunity:
    """Records the delivery of a signed opportunity: its day and the customer's acceptance. Nothing follows it."""
    held = await access_opportunity(ctx, opportunity_id)
    today = day_of(ctx.now, Site(held.site))
    require(
        check_delivery(
            held.state, delivered_on=delivered_on, evidence=acceptance_ref, signed_on=held.signed_on, today=today
        )
    )
    expect_version(held, expected_version)
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "deliver"),
        delivered_at=ctx.now,
        delivered_on=delivered_on,
        acceptance_ref=acceptance_ref.strip(),
    )
    await _move_on(ctx, held, UpdateKind.DELIVERED)
    ctx.event("opportunity.delivered", held, partner_id=held.partner_id, delivered_on=delivered_on.isoformat())
    ctx.effect("opportunity.delivered", held)
    return held


async def _move_on(ctx: Context, held: Opportunity, kind: UpdateKind, text: str | None = None) -> None:
    """The entry of the timeline about a step of the partner's, told to the vendor's side."""
    await _tell_other_side(ctx, held, await record(ctx, held, kind, text))


@command(
    permission=Permission.OPPORTUNITIES_MANAGE,
    refuses=(*_AFTER_REFUSALS, ErrorCode.REASON_REQUIRED),
    emits=("opportunity.lost",),
)
async def mark_opportunity_lost(
    ctx: Context, *, opportunity_id: UUID, reason: str, expected_version: int | None = None
) -> Opportunity:
    """Gives up a verified opportunity, with a word why."""
    held = await access_opportunity(ctx, opportunity_id)
    require(check_loss(held.state, reason))
    expect_version(held, expected_version)
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "lose"),
        closed_at=ctx.now,
        closing_reason=reason.strip(),
    )
    await _move_on(ctx, held, UpdateKind.LOST, held.closing_reason)
    ctx.event("opportunity.lost", held, partner_id=held.partner_id)
    ctx.effect("opportunity.lost", held)
    return held


@command(
    permission=Permission.OPPORTUNITIES_CANCEL,
    refuses=(*_AFTER_REFUSALS, ErrorCode.PO_CANNOT_CANCEL, ErrorCode.NOT_OFFICE_PSM, ErrorCode.REASON_REQUIRED),
    emits=("opportunity.cancelled",),
)
async def cancel_opportunity(
    ctx: Context, *, opportunity_id: UUID, reason: str, expected_version: int | None = None
) -> Opportunity:
    """Cancels a verified opportunity, for the vendor's office or the partner's ecosystem manager. A partner never can.

    The partner is told why.
    """
    held = await access_opportunity(ctx, opportunity_id)
    known = await known_of(ctx, held)
    require(check_cancellation(held.state, known.author, reason))
    expect_version(held, expected_version)
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "cancel"),
        closed_at=ctx.now,
        closing_reason=reason.strip(),
    )
    await record(ctx, held, UpdateKind.CANCELLED, held.closing_reason)
    await tell_partner(ctx, "opportunity_cancelled", held, facts={"reason": str(held.closing_reason)})
    ctx.event("opportunity.cancelled", held, partner_id=held.partner_id)
    ctx.effect("opportunity.cancelled", held)
    return held
