"""The vendor's part of a capability label: its review is taken up, given back, and decided."""

from uuid import UUID

from models.capabilities import CapabilityApplication
from resolvers.capabilities.assessing import expire, open_assessment, outstanding_of, state_of
from resolvers.capabilities.scope import access_capability, titles_of
from resolvers.context import Context
from resolvers.paths.certifying import follow_achievements
from resolvers.reviews import engine as reviews
from resolvers.reviews.flows import Flow
from rules.access import Permission
from rules.capabilities import CAPABILITY, check_outstanding, compute_badge_no, compute_label_until
from rules.errors import ErrorCode, require
from rules.reviews import ReviewKind, check_reason
from rules.sites import Site


async def take_up_capability(ctx: Context, subject_id: UUID, *, taken: bool) -> None:
    """The assessment begins when a reviewer takes it up, and waits again when it is given back."""
    _, row = await access_capability(ctx, subject_id)
    state = CAPABILITY.target(row.state, "take_up" if taken else "give_back")
    if state is not None:
        await row.change(now=ctx.now, state=state)


async def decide_capability(
    ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None
) -> CapabilityApplication:
    """The verdict on an application; the label holds from now on. Who decides without having taken it up does both.
    An assessment that is waited for comes first.
    """
    own, row = await access_capability(ctx, subject_id)
    begun, asked = CAPABILITY.target(row.state, "take_up") or row.state, await open_assessment(row.id)
    event = "approve" if approve else "reject"
    waiting = check_outstanding(state_of(ctx, asked) if asked else None)
    require(CAPABILITY.check(begun, event) + waiting + check_reason(approve, reason))
    await reviews.settle(ctx, ReviewKind.CAPABILITY, row, approve, reason)
    if asked is not None:
        await expire(ctx, asked)
    state, label = CAPABILITY.after(begun, event), titles_of(row)
    if not approve:
        given = str(reason).strip()
        await row.change(now=ctx.now, state=state, reason=given)
        ctx.event("capability.rejected", row, partner_id=own.id, label=row.level1)
        ctx.effect("capability.rejected", row)
        ctx.notify("capability_rejected", own, about=row, facts={"label": label, "reason": given})
        return row
    until = compute_label_until(ctx.now, policy=ctx.policy_of(own))
    badge_no = compute_badge_no(Site(own.site), row.id)
    await row.change(now=ctx.now, state=state, badge_no=badge_no, valid_from=ctx.now, valid_until=until)
    ctx.event("capability.passed", row, partner_id=own.id, label=row.level1)
    ctx.effect("capability.passed", row)
    ctx.notify("capability_passed", own, about=row, facts={"label": label}, instants={"until": until})
    await follow_achievements(ctx, own)
    return row


CAPABILITY_FLOW = Flow(
    ReviewKind.CAPABILITY,
    Permission.CAPABILITIES_DECIDE,
    decide_capability,
    frozenset(
        {
            ErrorCode.STATE_CONFLICT,
            ErrorCode.REASON_REQUIRED,
            ErrorCode.REVIEW_CLAIMED,
            ErrorCode.ASSESSMENT_OUTSTANDING,
        }
    ),
    ("capability.passed", "capability.rejected", "capability_assessment.expired"),
    decide_capability,
    take_up_capability,
    against=outstanding_of,
)
