"""The partner's part of an application: from the draft to the submission, and taking it back."""

from collections.abc import Sequence
from uuid import UUID

from core import db
from models.funds import MdfCase
from models.partners import Partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.funds.facts import surroundings_of, suspensions_of
from resolvers.funds.forms import (
    GivenEvent,
    GivenExpense,
    changed_plan,
    columns_of,
    planned_budget,
    planned_events,
)
from resolvers.funds.quotas import release, reserve
from resolvers.funds.scope import access_case, access_quota, lock_quota, plan_of
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, require
from rules.funds.applying import Likeness, check_cancellation, check_plan
from rules.funds.kinds import MDF_CASE, MdfActivityType, MdfFinding, MdfPlan, MdfSignal, MdfState
from rules.funds.quotas import check_suspension
from rules.reviews import ReviewKind
from rules.sites import Site

E = ErrorCode
_PLAN_REFUSALS = (E.INVALID_FORMAT, E.OUT_OF_RANGE, E.TOO_MANY)
_NO_STEP: dict[str, None] = {"due_at": None, "noticed_days": None, "reason": None}


@command(
    permission=Permission.FUNDS_APPLY,
    refuses=(E.MDF_SUSPENDED, *_PLAN_REFUSALS),
    emits=("mdf_case.created",),
)
async def create_mdf_case(
    ctx: Context,
    *,
    quota_id: UUID,
    name: str,
    activity_type: MdfActivityType | None = None,
    audience: str | None = None,
    department: str | None = None,
    late_reason: str | None = None,
    expected_leads: int | None = None,
    expected_opportunities: int | None = None,
    events: Sequence[GivenEvent] | None = None,
    budget: Sequence[GivenExpense] | None = None,
) -> MdfCase:
    """Begins an application for the market development fund as a draft. What is missing may come later; all of it is
    asked with the submission.
    """
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    quota = await access_quota(ctx, quota_id, "input", "quotaId")
    expenses, wrong = planned_budget(budget)
    plan = changed_plan(
        MdfPlan(),
        name=name,
        activity_type=activity_type,
        audience=audience,
        department=department,
        late_reason=late_reason,
        expected_leads=expected_leads,
        expected_opportunities=expected_opportunities,
        events=planned_events(events),
        budget=expenses,
    )
    suspended = (await suspensions_of(ctx, [own.id]))[own.id]
    require(check_suspension(suspended, now=ctx.now) + wrong + check_plan(plan))
    row = await MdfCase.insert(
        now=ctx.now,
        partner_id=own.id,
        quota_id=quota.id,
        currency=quota.currency,
        state=MdfState.DRAFT,
        **columns_of(plan),
    )
    ctx.event("mdf_case.created", row, partner_id=own.id)
    ctx.effect("mdf_case.created", row)
    return row


@command(
    permission=Permission.FUNDS_APPLY,
    refuses=(E.STATE_CONFLICT, *_PLAN_REFUSALS),
    emits=("mdf_case.changed",),
)
async def update_mdf_case(
    ctx: Context,
    *,
    case_id: UUID,
    quota_id: UUID | None = None,
    name: str | None = None,
    activity_type: MdfActivityType | None = None,
    audience: str | None = None,
    department: str | None = None,
    late_reason: str | None = None,
    expected_leads: int | None = None,
    expected_opportunities: int | None = None,
    events: Sequence[GivenEvent] | None = None,
    budget: Sequence[GivenExpense] | None = None,
    expected_version: int | None = None,
) -> MdfCase:
    """Changes what an application says before it is submitted, after it was rejected, or of a cancelled one, which
    becomes a draft again. What is not given stays.
    """
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    quota = await access_quota(ctx, quota_id or row.quota_id, "input", "quotaId")
    expenses, wrong = planned_budget(budget)
    plan = changed_plan(
        plan_of(row),
        name=name,
        activity_type=activity_type,
        audience=audience,
        department=department,
        late_reason=late_reason,
        expected_leads=expected_leads,
        expected_opportunities=expected_opportunities,
        events=planned_events(events),
        budget=expenses,
    )
    require(MDF_CASE.check(row.state, "change") + wrong + check_plan(plan))
    await row.change(now=ctx.now, state=MDF_CASE.after(row.state, "change"), quota_id=quota.id, **columns_of(plan))
    ctx.event("mdf_case.changed", row, partner_id=own.id)
    ctx.effect("mdf_case.changed", row)
    return row


@command(
    permission=Permission.FUNDS_APPLY,
    refuses=(
        E.STATE_CONFLICT,
        E.REQUIRED,
        E.AGREEMENT_REQUIRED,
        E.MDF_QUOTA_CLOSED,
        E.MDF_TYPE_NOT_ALLOWED,
        E.MDF_RETROACTIVE,
        E.MDF_LATE_REASON_REQUIRED,
        E.MDF_BATCH_SPAN,
        E.MDF_GIFT_NOT_NAMED,
        E.MDF_GIFT_UNRELATED,
        E.MDF_GIFT_CAP,
        E.MDF_OVER_QUOTA,
        E.MDF_SIMILAR_ACTIVITY,
        E.MDF_DOUBLE_DIP,
        E.MDF_SUSPENDED,
        E.BENEFITS_FROZEN,
    ),
    emits=("mdf_case.submitted",),
)
async def submit_mdf_case(
    ctx: Context,
    *,
    case_id: UUID,
    agreement_version: str | None = None,
    confirm_similar: bool = False,
    expected_version: int | None = None,
) -> MdfCase:
    """Submits an application for the vendor's approval, which must come before the activity; what the fund shall bear
    is held of the quota. Without a share of the fund nothing can be claimed later.

    Of an activity like others of your company say that it is another one; the reviewers are told of it.
    """
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    # The company's other accounts must not submit the same activity in this very moment.
    await db.lock_name(f"mdf:{own.company_id}")
    quota = await lock_quota(row.quota_id)
    around = await surroundings_of(ctx, [row], quotas={quota.id: quota})
    require(around.check_submission(ctx, row, agreement=agreement_version, similar_confirmed=confirm_similar))
    findings = list(row.findings)
    if Likeness.SIMILAR in around.likeness[row.id]:
        findings.append(MdfFinding(MdfSignal.SIMILAR_ACTIVITY, "", ctx.now.isoformat()).data())
    await reserve(ctx, quota, row.fund_planned)
    await row.change(
        now=ctx.now,
        state=MDF_CASE.after(row.state, "submit"),
        submitted_at=ctx.now,
        reserved=row.fund_planned,
        agreement_version=agreement_version,
        signed_by=ctx.actor.account_id,
        host_name=own.name,
        findings=findings,
        **_NO_STEP,
    )
    await reviews.submit(ctx, ReviewKind.MDF_APPLICATION, row, own)
    ctx.event("mdf_case.submitted", row, partner_id=own.id, reserved=row.reserved)
    ctx.effect("mdf_case.submitted", row)
    if row.fund_planned == 0:
        ctx.effect("mdf_case.without_funds", row)
    return row


@command(
    permission=Permission.FUNDS_APPLY,
    refuses=(E.STATE_CONFLICT, E.MDF_ACTIVITY_STARTED),
    emits=("mdf_case.cancelled",),
)
async def cancel_mdf_case(ctx: Context, *, case_id: UUID, expected_version: int | None = None) -> MdfCase:
    """Takes an application back before its activity starts, also one that was approved; the quota has its money again.
    It can be changed and submitted anew.
    """
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    require(check_cancellation(row.state, row.starts_on, day_of(ctx.now, Site(own.site))))
    if row.state is MdfState.USE_REVIEW:
        await reviews.withdraw(ctx, ReviewKind.MDF_APPLICATION, row)
    await release(ctx, row)
    await row.change(now=ctx.now, state=MDF_CASE.after(row.state, "cancel"), reserved=0, **_NO_STEP)
    ctx.event("mdf_case.cancelled", row, partner_id=own.id)
    ctx.effect("mdf_case.cancelled", row)
    return row
