"""Invitations into plans: made and revoked by the vendor, declined by the partner, over after some days."""

from uuid import UUID

from core.ids import encode_id
from core.tokens import link
from models.accounts import Account
from models.partners import Partner
from models.plans import PlanMembership
from resolvers.command import command, expect_version
from resolvers.context import Context, Somebody
from resolvers.partners.scope import access_partner
from resolvers.plans.candidates import candidate
from resolvers.plans.reading import access_membership
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.plans import (
    MEMBERSHIP,
    PLANS,
    MembershipState,
    PlanCode,
    check_invite,
    compute_invitation_end,
    compute_invited_state,
)


@command(
    permission=Permission.PLANS_INVITE,
    refuses=(
        ErrorCode.PLAN_NOT_INVITABLE,
        ErrorCode.PLAN_NOT_ELIGIBLE,
        ErrorCode.PLAN_ALREADY_JOINED,
        ErrorCode.HCPN_REQUIRED,
    ),
    emits=("plan.invited", "plan.expired"),
    sensitive=True,
)
async def invite_to_plan(ctx: Context, *, partner_id: UUID, plan: PlanCode) -> PlanMembership:
    """Invites a partner to a plan that is joined by invitation only. The partner is told.

    The invitation can be followed for some days; a new one can be made when it has ended.
    """
    invited = await access_partner(ctx, partner_id, "input", "partnerId")
    require(check_invite(await candidate(invited, now=ctx.now), PLANS[plan]))
    await _end_overdue(ctx, invited, plan)
    membership = await PlanMembership.insert(
        now=ctx.now,
        partner_id=invited.id,
        plan=plan,
        state=MembershipState.INVITED,
        invited_at=ctx.now,
        invited_by=ctx.actor.account_id,
        invited_until=compute_invitation_end(ctx.now, policy=ctx.policy_of(invited)),
    )
    ctx.event("plan.invited", membership, partner_id=invited.id, plan=plan.value)
    ctx.effect("plan.invited", membership, plan=plan.value)
    page = link(ctx.settings.public_url, "plan-invitation", encode_id(PlanMembership.prefix, membership.id))
    ctx.notify("plan_invited", invited, about=membership, facts={"plan": PLANS[plan].titles, "link": page})
    return membership


async def _end_overdue(ctx: Context, invited: Partner, plan: PlanCode) -> None:
    """An invitation that is over, though no job has marked it yet, makes place for the next."""
    rows = PlanMembership.filter(partner_id=invited.id, plan=plan, state=MembershipState.INVITED)
    for membership in await rows.select_for_update(no_key=True):
        await end(ctx, membership)


async def end(ctx: Context, membership: PlanMembership) -> None:
    """Marks an invitation or a membership whose time is over."""
    await membership.change(now=ctx.now, state=MEMBERSHIP.after(membership.state, "expire"), ended_at=ctx.now)
    ctx.event("plan.expired", membership, partner_id=membership.partner_id, plan=membership.plan.value)
    ctx.effect("plan.expired", membership, plan=membership.plan.value)


def invited_state(ctx: Context, membership: PlanMembership) -> MembershipState:
    """The state that counts now."""
    return compute_invited_state(membership.state, membership.invited_until, now=ctx.now)


@command(permission=Permission.PLANS_JOIN, refuses=(ErrorCode.STATE_CONFLICT,), emits=("plan.declined",))
async def decline_plan_invitation(
    ctx: Context, *, membership_id: UUID, expected_version: int | None = None
) -> PlanMembership:
    """Says no to an invitation into a plan; whoever has invited you is told, and may invite you again."""
    own, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    require(MEMBERSHIP.check(invited_state(ctx, membership), "decline"))
    await membership.change(now=ctx.now, state=MEMBERSHIP.after(membership.state, "decline"), ended_at=ctx.now)
    ctx.event("plan.declined", membership, partner_id=own.id, plan=membership.plan.value)
    ctx.effect("plan.declined", membership, plan=membership.plan.value)
    if membership.invited_by is not None:
        inviter = Somebody(Account, membership.invited_by)
        facts = {"plan": PLANS[membership.plan].titles}
        ctx.notify("plan_invitation_declined", inviter, about=membership, names={"partner": own}, facts=facts)
    return membership


@command(permission=Permission.PLANS_INVITE, refuses=(ErrorCode.STATE_CONFLICT,), emits=("plan.invitation_revoked",))
async def revoke_plan_invitation(
    ctx: Context, *, membership_id: UUID, expected_version: int | None = None
) -> PlanMembership:
    """Takes an invitation back that the partner has not followed yet; the partner is told."""
    invited, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    require(MEMBERSHIP.check(invited_state(ctx, membership), "revoke"))
    await membership.change(now=ctx.now, state=MEMBERSHIP.after(membership.state, "revoke"), ended_at=ctx.now)
    ctx.event("plan.invitation_revoked", membership, partner_id=invited.id, plan=membership.plan.value)
    ctx.effect("plan.invitation_revoked", membership, plan=membership.plan.value)
    facts = {"plan": PLANS[membership.plan].titles}
    ctx.notify("plan_invitation_revoked", invited, about=membership, facts=facts)
    return membership
