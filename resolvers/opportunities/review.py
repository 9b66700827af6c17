"""The vendor's verdicts: the ecosystem manager's audit, the claim, and the verification by the first of the office."""

from uuid import UUID

from core import db
from models.opportunities import Opportunity
from models.schedules import calendar_entries
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.opportunities.facts import Known, known_of
from resolvers.opportunities.scope import access_opportunity, duties
from resolvers.opportunities.telling import psms_of, record, tell_partner
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.opportunities import (
    CONFIRMED,
    OPPORTUNITY,
    UpdateKind,
    Verdict,
    VerdictReason,
    Verification,
    check_audit,
    check_claim,
    check_turn,
    check_verification,
    compute_deadline,
    compute_reminder,
)
from rules.sites import Site


@command(
    permission=Permission.OPPORTUNITIES_AUDIT,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.NOT_PARTNERS_ECO_MANAGER,
        ErrorCode.REASON_REQUIRED,
        ErrorCode.REQUIRED,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.PCE_NOT_JOINED,
        ErrorCode.PO_FIELD_REQUIRED,
        ErrorCode.PO_BANT_INCOMPLETE,
        ErrorCode.PO_REVENUE_TOO_SMALL,
        ErrorCode.PO_SOLUTION_REQUIRED,
        ErrorCode.PO_OFFERING_NOT_OWNED,
        ErrorCode.PO_CONSENT_REQUIRED,
        ErrorCode.PO_NOT_VENDOR_BUSINESS,
        ErrorCode.PO_OFFICE_MISSING,
    ),
    emits=("opportunity.audited", "opportunity.audit_rejected"),
)
async def audit_opportunity(
    ctx: Context,
    *,
    opportunity_id: UUID,
    approve: bool,
    reason: VerdictReason | None = None,
    note: str | None = None,
    vendor_business: bool = False,
    expected_version: int | None = None,
) -> Opportunity:
    """The ecosystem manager's verdict on a submitted opportunity: complete and reasonable, or back to the partner.

    An opportunity that passes goes to the representative office of the final customer's location as the partner entered
    it. Every partner sales manager there is told, and has ten working days. With vendorBusiness the manager states that
    it is the vendor's business though no cloud service or offering is named.
    """
    held = await access_opportunity(ctx, opportunity_id)
    known = await known_of(ctx, held)
    verdict = Verdict(approve, reason, note)
    require(check_audit(known.audit, verdict, vendor_business=vendor_business, policy=known.policy))
    expect_version(held, expected_version)
    if approve:
        return await _hand_over(ctx, known, vendor_business)
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "audit_reject"),
        audited_by=ctx.actor.account_id,
        audited_at=ctx.now,
        verdict_reason=reason,
        verdict_note=str(note).strip(),
    )
    await record(ctx, held, UpdateKind.AUDIT_REJECTED, held.verdict_note)
    await tell_partner(ctx, "opportunity_audit_rejected", held, facts={"reason": str(held.verdict_note)})
    ctx.event("opportunity.audit_rejected", held, partner_id=held.partner_id, reason=str(reason))
    ctx.effect("opportunity.audit_rejected", held)
    return held


async def _hand_over(ctx: Context, known: Known, vendor_business: bool) -> Opportunity:
    held, route = known.opportunity, known.route
    assert route is not None
    entries = await calendar_entries(Site(held.site))
    deadline = compute_deadline(ctx.now, known.policy, entries)
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "audit_pass"),
        audited_by=ctx.actor.account_id,
        audited_at=ctx.now,
        vendor_business=vendor_business,
        rep_office_id=route.office_id,
        deadline=deadline.at,
        deadline_provisional=deadline.provisional,
        remind_at=compute_reminder(ctx.now, known.policy, entries).at,
    )
    await record(ctx, held, UpdateKind.AUDITED)
    office = await psms_of(held.rep_office_id)
    ctx.notify(
        "opportunity_to_verify", office, about=held, names={"opportunity": held}, instants={"deadline": deadline.at}
    )
    ctx.event(
        "opportunity.audited",
        held,
        partner_id=held.partner_id,
        office_id=str(held.rep_office_id),
        deadline=deadline.at.isoformat(),
    )
    ctx.effect("opportunity.audited", held)
    return held


@command(
    permission=Permission.OPPORTUNITIES_VERIFY,
    refuses=(ErrorCode.NOT_OFFICE_PSM, ErrorCode.PO_ALREADY_PROCESSED, ErrorCode.STATE_CONFLICT),
    emits=("opportunity.claimed",),
)
async def claim_opportunity(ctx: Context, *, opportunity_id: UUID) -> Opportunity:
    """Tells your office that you are at it. Everybody there may still decide until somebody has."""
    held = await access_opportunity(ctx, opportunity_id)
    known = await known_of(ctx, held)
    claimed = held.claimed_by not in (None, ctx.actor.account_id)
    require(check_claim(known.verification, claimed_by_other=claimed, now=ctx.now))
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "claim"),
        claimed_by=ctx.actor.account_id,
        claimed_at=ctx.now,
    )
    await record(ctx, held, UpdateKind.CLAIMED)
    ctx.event("opportunity.claimed", held, partner_id=held.partner_id)
    ctx.effect("opportunity.claimed", held)
    return held


@command(
    permission=Permission.OPPORTUNITIES_VERIFY,
    refuses=(
        ErrorCode.NOT_OFFICE_PSM,
        ErrorCode.PO_ALREADY_PROCESSED,
        ErrorCode.STATE_CONFLICT,
        ErrorCode.REASON_REQUIRED,
        ErrorCode.REQUIRED,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.PO_DUPLICATE_VERIFIED,
    ),
    emits=("opportunity.verified", "opportunity.verification_rejected"),
)
async def verify_opportunity(
    ctx: Context,
    *,
    opportunity_id: UUID,
    approve: bool,
    reason: VerdictReason | None = None,
    note: str | None = None,
    duplicate_of_id: UUID | None = None,
    expected_version: int | None = None,
) -> Opportunity:
    """The verdict of the representative office after talking to the customer. The first of the office to act decides.

    The partner is told, and so are the others of the office. Of several opportunities about the same customer and need
    one can be verified; a rejected duplicate names the verified one.
    """
    # Before the lock, too: whoever comes too late need not wait for those who came too late before.
    seen = await access_opportunity(ctx, opportunity_id, lock=False)
    duty = (await duties(ctx)).get(seen.rep_office_id) if seen.rep_office_id else None
    require(check_turn(Verification(seen.state, duty, seen.deadline), now=ctx.now))
    if approve:
        await _lock_customer(seen)
    held = await access_opportunity(ctx, opportunity_id)
    known = await known_of(ctx, held)
    verdict = Verdict(approve, reason, note, duplicate_of_id is not None)
    require(check_verification(known.verification, verdict, now=ctx.now))
    expect_version(held, expected_version)
    if duplicate_of_id is not None:
        await _require_confirmed(held, duplicate_of_id)
    if approve:
        return await _pass(ctx, held)
    return await reject(ctx, held, "verify_reject", reason, str(note).strip(), duplicate_of_id)


async def _lock_customer(row: Opportunity) -> None:
    """Lets one transaction at a time verify an opportunity about a customer, by whatever it is known."""
    known_by = (row.customer_id, row.customer_account, row.customer_credit_code, row.customer_name_key)
    for text in sorted(str(one) for one in known_by if one is not None):
        await db.lock_name(f"opportunity:{row.site}:{text}")


async def _require_confirmed(held: Opportunity, duplicate_of_id: UUID) -> None:
    rivals = Opportunity.filter(id=duplicate_of_id, state__in=CONFIRMED).exclude(id=held.id)
    if not await rivals.exists():
        raise refuse(ErrorCode.NOT_FOUND, "input", "duplicateOfId")


async def _pass(ctx: Context, held: Opportunity) -> Opportunity:
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "verify_pass"),
        verified_by=ctx.actor.account_id,
        verified_at=ctx.now,
        remind_at=None,
    )
    await record(ctx, held, UpdateKind.VERIFIED)
    await tell_partner(ctx, "opportunity_verified", held)
    ctx.notify(
        "opportunity_decided",
        await psms_of(held.rep_office_id, but=ctx.actor.account_id),
        about=held,
        names={"opportunity": held},
    )
    ctx.event("opportunity.verified", held, partner_id=held.partner_id)
    ctx.effect("opportunity.verified", held)
    return held


async def reject(
    ctx: Context,
    held: Opportunity,
    event: str,
    reason: VerdictReason | None,
    note: str | None,
    duplicate_of_id: UUID | None = None,
) -> Opportunity:
    """Ends the verification without success, by somebody's verdict or by the deadline."""
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, event),
        verified_by=ctx.actor.account_id,
        verdict_reason=reason,
        verdict_note=note,
        duplicate_of_id=duplicate_of_id,
        remind_at=None,
    )
    await record(ctx, held, UpdateKind.VERIFY_REJECTED, note)
    if reason is VerdictReason.DEADLINE_PASSED:
        await tell_partner(ctx, "opportunity_expired", held)
        ctx.notify("opportunity_expired", await psms_of(held.rep_office_id), about=held, names={"opportunity": held})
    else:
        await tell_partner(ctx, "opportunity_rejected", held, facts={"reason": str(note)})
        ctx.notify(
            "opportunity_decided",
            await psms_of(held.rep_office_id, but=ctx.actor.account_id),
            about=held,
            names={"opportunity": held},
        )
    ctx.event("opportunity.verification_rejected", held, partner_id=held.partner_id, reason=str(reason))
    ctx.effect("opportunity.verification_rejected", held)
    return held
