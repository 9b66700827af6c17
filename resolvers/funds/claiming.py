"""The partner's part of a claim: the event is held, the claim prepared and submitted."""

from collections.abc import Sequence
from uuid import UUID

from models.funds import MdfCase
from models.partners import Partner
from resolvers import uploads
from resolvers.business_info import is_certified
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.funds.evidence import GivenClaimLine, GivenHeldEvent, claim_of, read_claim
from resolvers.funds.scope import access_case
from resolvers.partners.benefits import benefits_blockers
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, Violation, require
from rules.funds.claiming import Claim, check_claim, check_claim_form, check_over, compute_splits
from rules.funds.evidence import MdfClaimForm
from rules.funds.kinds import MDF_CASE, MdfFinding, MdfSignal, MdfState
from rules.funds.timing import compute_claim_deadline
from rules.reviews import ReviewKind
from rules.sites import Site

E = ErrorCode


@command(permission=Permission.FUNDS_APPLY, refuses=(E.STATE_CONFLICT,), emits=("mdf_case.event_started",))
async def start_mdf_event(ctx: Context, *, case_id: UUID, expected_version: int | None = None) -> MdfCase:
    """Opens the event of an approved activity: from now on the vendor may record what it finds there. Its name is the
    activity's and cannot be changed any more; afterwards nothing is cancelled, only claimed.
    """
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    await row.change(now=ctx.now, state=MDF_CASE.after(row.state, "start"))
    ctx.event("mdf_case.event_started", row, partner_id=own.id)
    ctx.effect("mdf_case.event_started", row)
    return row


@command(
    permission=Permission.FUNDS_APPLY,
    refuses=(
        E.STATE_CONFLICT,
        E.MDF_ACTIVITY_NOT_OVER,
        E.INVALID_FORMAT,
        E.OUT_OF_RANGE,
        E.TOO_MANY,
        *uploads.REFUSALS,
    ),
    emits=("mdf_case.claim_saved",),
)
async def save_mdf_claim(
    ctx: Context,
    *,
    case_id: UUID,
    summary: str | None = None,
    leads: int | None = None,
    opportunities: int | None = None,
    events: Sequence[GivenHeldEvent] | None = None,
    lines: Sequence[GivenClaimLine] | None = None,
    invoice_id: UUID | None = None,
    invoice_title: str | None = None,
    invoice_amount: str | None = None,
    media_summary_id: UUID | None = None,
    delay_approval_id: UUID | None = None,
    expected_version: int | None = None,
) -> MdfCase:
    """Prepares the claim of an activity that is over, or corrects one that was rejected. What is not given stays; all
    of it is asked with the submission.

    An approval of the delay gives more time, when it is handed in before the case has ended.
    """
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    form, wrong = await read_claim(
        ctx,
        claim_of(row),
        events=events,
        lines=lines,
        files={
            "invoice": ("invoiceId", invoice_id),
            "media_summary": ("mediaSummaryId", media_summary_id),
            "delay_approval": ("delayApprovalId", delay_approval_id),
        },
        invoice_amount=invoice_amount,
        invoice_title=invoice_title,
        summary=summary,
        leads=leads,
        opportunities=opportunities,
    )
    against = MDF_CASE.check(row.state, "prepare_claim") + wrong + check_claim_form(form, len(row.events))
    if row.ends_on is not None:
        against += check_over(row.ends_on, day_of(ctx.now, Site(own.site)))
    require(against)
    assert row.ends_on is not None
    until = row.due_at
    if delay_approval_id is not None and row.state is not MdfState.CLAIM_REJECTED:
        until = compute_claim_deadline(row.ends_on, delayed=True, policy=ctx.policy_of(own))
    noticed = row.noticed_days if until == row.due_at else None
    state = MDF_CASE.after(row.state, "prepare_claim")
    await row.change(now=ctx.now, state=state, claim=form.data(), due_at=until, noticed_days=noticed)
    ctx.event("mdf_case.claim_saved", row, partner_id=own.id)
    ctx.effect("mdf_case.claim_saved", row)
    return row


@command(
    permission=Permission.FUNDS_APPLY,
    refuses=(
        E.STATE_CONFLICT,
        E.REQUIRED,
        E.BUSINESS_INFO_REQUIRED,
        E.BENEFITS_FROZEN,
        E.MDF_ACTIVITY_NOT_OVER,
        E.MDF_CLAIM_LATE,
        E.MDF_RETROACTIVE,
        E.OUT_OF_RANGE,
        E.MDF_EXPENSE_CATEGORY_MISMATCH,
        E.MDF_INVOICE_CATEGORY_MISMATCH,
        E.MDF_INVOICE_TITLE_MISMATCH,
        E.MDF_INVOICE_TOO_LOW,
        E.MDF_OVER_BUDGET,
        E.MDF_GIFT_NOT_NAMED,
        E.MDF_GIFT_UNRELATED,
        E.MDF_GIFT_CAP,
    ),
    emits=("mdf_case.claimed",),
)
async def submit_mdf_claim(ctx: Context, *, case_id: UUID, expected_version: int | None = None) -> MdfCase:
    """Submits a claim for the vendor's review, with its proofs, within ninety days of the activity. A rejected one is
    corrected within 45 days.

    Expenses that look like one cut into several are shown to the reviewers.
    """
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    frozen = (await benefits_blockers(ctx, own))[own.id]
    require(claim_blockers(ctx, own, row, certified=await is_certified(own.id)) + frozen)
    form = claim_of(row)
    findings = [*row.findings, *(one.data() for one in _splits(ctx, form))]
    await row.change(
        now=ctx.now,
        state=MDF_CASE.after(row.state, "claim"),
        claimed=form.fund_total,
        claimed_at=ctx.now,
        findings=findings,
        due_at=None,
        noticed_days=None,
        reason=None,
    )
    await reviews.submit(ctx, ReviewKind.MDF_CLAIM, row, own)
    ctx.event("mdf_case.claimed", row, partner_id=own.id, claimed=row.claimed)
    ctx.effect("mdf_case.claimed", row, money=(form.fund_total, row.currency))
    return row


def claim_blockers(ctx: Context, own: Partner, row: MdfCase, *, certified: bool) -> list[Violation]:
    """Everything against submitting the claim of a case; frozen benefits are asked beside it."""
    if row.ends_on is None or row.host_name is None or row.submitted_at is None:
        return MDF_CASE.check(row.state, "claim")
    around = Claim(
        row.state,
        row.activity_type,
        len(row.events),
        row.ends_on,
        row.due_at,
        row.reserved,
        row.host_name,
        certified,
        day_of(row.submitted_at, Site(own.site)),
    )
    policy, today = ctx.policy_of(own), day_of(ctx.now, Site(own.site))
    return check_claim(claim_of(row), around, today=today, now=ctx.now, policy=policy)


def _splits(ctx: Context, form: MdfClaimForm) -> list[MdfFinding]:
    """What may be one expense, by the numbers of the lines."""
    pairs = compute_splits(form.lines)
    note = ", ".join(f"{first + 1} + {second + 1}" for first, second in pairs)
    return [MdfFinding(MdfSignal.SPLIT_EXPENSE, note, ctx.now.isoformat())] if pairs else []
