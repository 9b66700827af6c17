"""The partner's own steps: joining or applying for a plan, withdrawing, leaving; and what follows from being in one."""

from typing import Any
from uuid import UUID

from core import db
from core.ids import uuid7
from models.partners import Partner
from models.plans import PlanAgreement, PlanMembership
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.incentives.claims import limit_claims
from resolvers.plans.candidates import candidate
from resolvers.plans.distributors import follow_membership, leaving_of, open_application, require_distributor
from resolvers.plans.reading import access_membership
from resolvers.plans.upgrades import end_upgrades
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.plans import (
    MEMBERSHIP,
    PLANS,
    RESUMED,
    MembershipState,
    Plan,
    PlanCode,
    check_exit,
    check_join,
    compute_applied_state,
    compute_certificate_no,
    compute_first_tier,
    compute_kind,
    compute_valid_to,
)
from rules.reviews import ReviewKind
from rules.sites import Site

CONDITIONS = (
    ErrorCode.REAL_NAME_REQUIRED,
    ErrorCode.PARTNER_FROZEN,
    ErrorCode.PLAN_EMAIL_REQUIRED,
    ErrorCode.PLAN_PATH_REQUIRED,
    ErrorCode.PLAN_PATH_CHOSEN,
    ErrorCode.PLAN_SERVICE_ROLE_REQUIRED,
    ErrorCode.PLAN_SALES_IDENTITY_REQUIRED,
    ErrorCode.PLAN_SIBLING_JOINED,
    ErrorCode.PLAN_HAS_DISTRIBUTOR,
    ErrorCode.PLAN_RESOURCES_OPEN,
    ErrorCode.PLAN_ARREARS,
    ErrorCode.PLAN_CONSUMPTION,
    ErrorCode.PLAN_OTHER_PARTNER,
    ErrorCode.PLAN_UNIFIED_ACCOUNT,
    ErrorCode.PLAN_CREDIT_ACCOUNT,
    ErrorCode.PLAN_REPORTED_BY_VENDOR,
    ErrorCode.PLAN_DECLARATION_REQUIRED,
)

ELIGIBILITY = (
    *CONDITIONS,
    ErrorCode.PLAN_NOT_ELIGIBLE,
    ErrorCode.PLAN_ALREADY_JOINED,
    ErrorCode.PLAN_INVITE_ONLY,
    ErrorCode.PLAN_EXCLUDED,
)


@command(
    permission=Permission.PLANS_JOIN,
    refuses=(*ELIGIBILITY, ErrorCode.AGREEMENT_REQUIRED, ErrorCode.DISTRIBUTOR_REQUIRED),
    emits=("plan.joined", "plan.applied"),
)
async def join_plan(
    ctx: Context, *, plan: PlanCode, agreement_version: str | None = None, distributor_id: UUID | None = None
) -> PlanMembership:
    """Joins a plan, or applies for it where the vendor reviews; the agreement's present version must be accepted.

    Every reason of `planCatalogue.eligibility` refuses here too. The agreement is signed in the name of the caller. An
    application for the reseller plan names the intended distributor, which decides after the vendor.
    """
    chosen = PLANS[plan]
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    await lock_company(own)
    require(check_join(await candidate(own, now=ctx.now), chosen, agreement=agreement_version))
    await require_distributor(own, chosen, distributor_id)
    state = compute_applied_state(chosen, policy=ctx.policy_of(own))
    membership = await sign(ctx, own, chosen, state)
    if state is MembershipState.JOINED:
        return await enter(ctx, own, membership)
    await reviews.submit(ctx, ReviewKind.PLAN, membership, own)
    if distributor_id is not None:
        await open_application(ctx, own, membership, distributor_id)
    ctx.event("plan.applied", membership, partner_id=own.id, plan=plan.value)
    ctx.effect("plan.applied", membership, plan=plan.value)
    return membership


async def lock_company(own: Partner) -> None:
    """Accounts of one company join one after the other: they exclude each other from some plans."""
    await db.lock_name(f"plans:{own.company_id}")


async def sign(ctx: Context, own: Partner, plan: Plan, state: MembershipState) -> PlanMembership:
    """The membership in `state`, its agreement signed by the caller: the one that may be resumed, or a new one."""
    latest = await PlanMembership.filter(partner_id=own.id, plan=plan.code).order_by("-id").first()
    if latest is None or latest.state not in RESUMED:
        fresh: dict[str, Any] = {"id": uuid7(), "partner_id": own.id, "plan": plan.code}
        joined = entry(own, plan, state, ctx, fresh["id"])
        membership = await PlanMembership.insert(
            now=ctx.now, state=state, applied_at=ctx.now, **fresh, **signature(ctx, plan), **joined
        )
    else:
        membership = latest
        MEMBERSHIP.after(membership.state, "join" if state is MembershipState.JOINED else "apply")
        fresh = {"applied_at": ctx.now, "reason": None, "decided_by": None, "decided_at": None}
        joined = entry(own, plan, state, ctx, membership.id)
        await membership.change(now=ctx.now, state=state, **fresh, **signature(ctx, plan), **joined)
    await record_signature(membership)
    return membership


def signature(ctx: Context, plan: Plan) -> dict[str, Any]:
    """What a membership gets when the caller accepts the present agreement of its plan."""
    return {
        "agreement_version": plan.agreement,
        "signed_by": ctx.actor.account_id,
        "signed_at": ctx.now,
        "signed_address": ctx.address,
    }


async def record_signature(membership: PlanMembership) -> None:
    """Keeps the acceptance that the membership has just got: the next one takes its place there."""
    await PlanAgreement.create(
        partner_id=membership.partner_id,
        membership_id=membership.id,
        plan=membership.plan,
        agreement_version=membership.agreement_version,
        signed_by=membership.signed_by,
        signed_at=membership.signed_at,
        signed_address=membership.signed_address,
    )


def entry(
    own: Partner, plan: Plan, state: MembershipState, ctx: Context, membership_id: UUID, tier: str | None = None
) -> dict[str, Any]:
    """What a membership gets when `state` is JOINED: the instant, the tier, its validity and the certificate's number.

    While a distributor decides, the tier that the vendor has given waits in it; otherwise nothing.
    """
    if state is not MembershipState.JOINED:
        return {"tier": tier} if state is MembershipState.DISTRIBUTOR_REVIEW else {}
    site = Site(own.site)
    return {
        "joined_at": ctx.now,
        "tier": tier or compute_first_tier(plan, site),
        "valid_from": ctx.now,
        "valid_to": compute_valid_to(plan, ctx.now, policy=ctx.policies.at(site, ctx.now)),
        "noticed_days": None,
        "certificate_no": compute_certificate_no(plan, site, ctx.now, membership_id),
    }


async def enter(ctx: Context, own: Partner, membership: PlanMembership) -> PlanMembership:
    """What follows from being in a plan: the partner's kind and tier, the event, the message."""
    await follow_plans(ctx, own)
    ctx.event("plan.joined", membership, partner_id=own.id, plan=membership.plan.value)
    ctx.effect("plan.joined", membership, plan=membership.plan.value)
    ctx.notify("plan_joined", own, about=membership, facts={"plan": PLANS[membership.plan].titles})
    return membership


async def leave(ctx: Context, own: Partner, membership: PlanMembership, reason: str | None = None) -> PlanMembership:
    """Ends a membership in good order, and with it what hangs on it."""
    state = MEMBERSHIP.after(membership.state, "exit")
    await membership.change(now=ctx.now, state=state, ended_at=ctx.now, reason=reason)
    await follow_end(ctx, own, membership)
    ctx.event("plan.exited", membership, partner_id=own.id, plan=membership.plan.value)
    ctx.effect("plan.exited", membership, plan=membership.plan.value)
    return membership


async def follow_end(ctx: Context, own: Partner, membership: PlanMembership) -> None:
    """What follows from the end of a membership: applications for tiers end, what was earned in a selling plan can be
    claimed for some time, the partner sells as what its other plans make it.
    """
    await end_upgrades(ctx, membership)
    await follow_plans(ctx, own)
    if PLANS[membership.plan].kind is not None:
        await limit_claims(ctx, own, membership)


async def follow_plans(ctx: Context, own: Partner) -> None:
    """As what a partner sells and its tier follow from the plans it is in; those with tiers exclude each other."""
    joined = await PlanMembership.filter(partner_id=own.id, state=MembershipState.JOINED)
    kind = compute_kind({row.plan: row.state for row in joined})
    tier = next((row.tier for row in joined if row.tier is not None), None)
    if (kind, tier) != (own.kind, own.tier):
        await own.change(now=ctx.now, kind=kind, tier=tier)


@command(permission=Permission.PLANS_JOIN, refuses=(ErrorCode.STATE_CONFLICT,), emits=("plan.withdrawn",))
async def withdraw_plan_application(
    ctx: Context, *, membership_id: UUID, expected_version: int | None = None
) -> PlanMembership:
    """Takes back an application that is not decided yet."""
    own, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    state = MEMBERSHIP.after(membership.state, "withdraw")
    if membership.state is MembershipState.IN_REVIEW:
        await reviews.withdraw(ctx, ReviewKind.PLAN, membership)
    await membership.change(now=ctx.now, state=state, ended_at=ctx.now)
    await follow_membership(ctx, own, membership)
    ctx.event("plan.withdrawn", membership, partner_id=own.id, plan=membership.plan.value)
    ctx.effect("plan.withdrawn", membership, plan=membership.plan.value)
    return membership


@command(
    permission=Permission.PLANS_EXIT,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.PLAN_EXIT_OFFLINE_ONLY,
        ErrorCode.PLAN_EXIT_BLOCKED,
        ErrorCode.PLAN_STILL_LINKED,
    ),
    emits=("plan.exited", "tier_upgrade.withdrawn"),
)
async def exit_plan(ctx: Context, *, membership_id: UUID, expected_version: int | None = None) -> PlanMembership:
    """Leaves a plan that may be left by oneself; plans that make a partner a seller are left through the vendor."""
    own, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    has = (await leaving_of(ctx, [membership]))[own.id]
    require(check_exit(membership.state, PLANS[membership.plan], by_vendor=False, has=has))
    return await leave(ctx, own, membership)
