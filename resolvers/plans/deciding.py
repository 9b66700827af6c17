"""The vendor's steps: deciding an application, recording an exit agreed on outside."""

from uuid import UUID

from models.plans import PlanMembership
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.plans.distributors import follow_membership, leaving_of
from resolvers.plans.joining import enter, entry, leave
from resolvers.plans.reading import access_membership
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.plans import (
    MEMBERSHIP,
    PLANS,
    MembershipState,
    check_exit,
    check_tier,
    compute_approved_state,
)
from rules.reviews import ReviewKind, check_reason
from rules.sites import Site


@command(
    permission=Permission.PLANS_DECIDE,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.REASON_REQUIRED,
        ErrorCode.PLAN_TIER_INVALID,
        ErrorCode.REVIEW_CLAIMED,
    ),
    emits=("plan.joined", "plan.passed_on", "plan.rejected"),
)
async def decide_plan_application(
    ctx: Context,
    *,
    membership_id: UUID,
    approve: bool,
    tier: str | None = None,
    reason: str | None = None,
    expected_version: int | None = None,
) -> PlanMembership:
    """Approves an application, with a tier where the plan has them, or rejects it with a reason. The partner is told.

    An approved application for the reseller plan goes on to the distributor, which decides too.
    """
    applicant, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    plan = PLANS[membership.plan]
    event = _event(approve, compute_approved_state(plan))
    require(
        MEMBERSHIP.check(membership.state, event)
        + check_reason(approve, reason)
        + check_tier(plan, Site(applicant.site), tier)
    )
    await reviews.settle(ctx, ReviewKind.PLAN, membership, approve, reason)
    state = MEMBERSHIP.after(membership.state, event)
    given = None if approve else str(reason).strip()
    await membership.change(
        now=ctx.now,
        state=state,
        reason=given,
        decided_by=ctx.actor.account_id,
        decided_at=ctx.now,
        **entry(applicant, plan, state, ctx, membership.id, tier),
    )
    if state is MembershipState.JOINED:
        return await enter(ctx, applicant, membership)
    await follow_membership(ctx, applicant, membership)
    outcome = _OUTCOMES[state]
    ctx.event(outcome, membership, partner_id=applicant.id, plan=plan.code.value)
    ctx.effect(outcome, membership, plan=plan.code.value)
    if state is MembershipState.REJECTED:
        ctx.notify("plan_rejected", applicant, about=membership, facts={"plan": plan.titles, "reason": str(given)})
    return membership


_OUTCOMES = {MembershipState.REJECTED: "plan.rejected", MembershipState.DISTRIBUTOR_REVIEW: "plan.passed_on"}


def _event(approve: bool, approved: MembershipState) -> str:
    if not approve:
        return "reject"
    return "approve" if approved is MembershipState.JOINED else "pass_on"


@command(
    permission=Permission.PLANS_DECIDE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.PLAN_EXIT_BLOCKED, ErrorCode.PLAN_STILL_LINKED),
    emits=("plan.exited", "tier_upgrade.withdrawn"),
)
async def record_plan_exit(
    ctx: Context, *, membership_id: UUID, reason: str | None = None, expected_version: int | None = None
) -> PlanMembership:
    """Records that a partner has left a plan, as agreed with its ecosystem manager."""
    partner, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    has = (await leaving_of(ctx, [membership]))[partner.id]
    require(check_exit(membership.state, PLANS[membership.plan], by_vendor=True, has=has))
    return await leave(ctx, partner, membership, (reason or "").strip() or None)
