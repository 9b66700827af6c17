"""The vendor's part: whether an activity may use the fund."""

from uuid import UUID

from models.funds import MdfCase
from resolvers.context import Context
from resolvers.funds.quotas import release
from resolvers.funds.scope import access_case
from resolvers.reviews import engine as reviews
from resolvers.reviews.flows import Flow
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, require
from rules.funds.applying import check_before
from rules.funds.kinds import MDF_CASE
from rules.funds.timing import compute_claim_deadline
from rules.reviews import ReviewKind, check_reason
from rules.sites import Site


async def decide_mdf_application(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> MdfCase:
    """The verdict on an application. Approved, it must be claimed in time after the activity; rejected, its quota is
    free again. What has begun already cannot be approved any more.
    """
    own, row = await access_case(ctx, subject_id)
    event = "approve" if approve else "reject"
    against = MDF_CASE.check(row.state, event) + check_reason(approve, reason)
    assert row.starts_on is not None and row.ends_on is not None
    if approve:
        against += check_before(row.starts_on, day_of(ctx.now, Site(own.site)))
    require(against)
    await reviews.settle(ctx, ReviewKind.MDF_APPLICATION, row, approve, reason)
    state = MDF_CASE.after(row.state, event)
    if approve:
        until = compute_claim_deadline(row.ends_on, policy=ctx.policy_of(own))
        await row.change(now=ctx.now, state=state, due_at=until)
        ctx.event("mdf_case.approved", row, partner_id=own.id)
        ctx.effect("mdf_case.approved", row)
        ctx.notify("mdf_case_approved", own, about=row, names={"activity": row}, instants={"until": until})
        return row
    given = str(reason).strip()
    await release(ctx, row)
    await row.change(now=ctx.now, state=state, reserved=0, reason=given)
    ctx.event("mdf_case.rejected", row, partner_id=own.id)
    ctx.effect("mdf_case.rejected", row)
    ctx.notify("mdf_case_rejected", own, about=row, names={"activity": row}, facts={"reason": given})
    return row


_REFUSALS = frozenset(
    {ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.REVIEW_CLAIMED, ErrorCode.MDF_RETROACTIVE}
)
FUND_FLOWS = (
    Flow(
        ReviewKind.MDF_APPLICATION,
        Permission.FUNDS_DECIDE,
        decide_mdf_application,
        _REFUSALS,
        ("mdf_case.approved", "mdf_case.rejected"),
        decide_mdf_application,
    ),
)
