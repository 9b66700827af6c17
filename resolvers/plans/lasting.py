"""What keeps a membership in force: accepting a new agreement, renewing; and what time does to it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core import db
from core.scope import EVERYTHING
from models.partners import Partner
from models.plans import PlanMembership
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.locking import lock_with_partner
from resolvers.plans.candidates import candidate
from resolvers.plans.inviting import end
from resolvers.plans.joining import CONDITIONS, follow_end, record_signature, signature
from resolvers.plans.reading import access_membership
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.plans import (
    PLANS,
    MembershipState,
    check_acceptance,
    check_agreement,
    check_conditions,
    check_renewal,
    compute_notice,
    compute_notices,
    compute_renewal_window,
    compute_valid_to,
    is_over,
)
from rules.sites import Site

_BATCH = 500


@command(
    permission=Permission.PLANS_JOIN,
    refuses=(
        *CONDITIONS,
        ErrorCode.STATE_CONFLICT,
        ErrorCode.PLAN_WITHOUT_END,
        ErrorCode.PLAN_RENEWAL_NOT_DUE,
        ErrorCode.AGREEMENT_REQUIRED,
    ),
    emits=("plan.renewed",),
)
async def renew_plan(
    ctx: Context, *, membership_id: UUID, agreement_version: str | None = None, expected_version: int | None = None
) -> PlanMembership:
    """Renews a membership that ends soon: it goes on from its end for as long again, with the same certificate number.

    Possible from the first notice on. What the plan asks of its members must still hold, and the present version of its
    agreement must be accepted.
    """
    own, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    plan, policy = PLANS[membership.plan], ctx.policy_of(own)
    facts = await candidate(own, now=ctx.now)
    require(
        check_renewal(facts, plan, membership.state, membership.valid_to, now=ctx.now, policy=policy)
        + check_agreement(plan, agreement_version)
    )
    assert membership.valid_to is not None
    valid_to = compute_valid_to(plan, membership.valid_to, policy=policy)
    await membership.change(now=ctx.now, valid_to=valid_to, noticed_days=None, **signature(ctx, plan))
    await record_signature(membership)
    ctx.event("plan.renewed", membership, partner_id=own.id, plan=plan.code.value)
    ctx.effect("plan.renewed", membership, plan=plan.code.value)
    return membership


@command(
    permission=Permission.PLANS_JOIN,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.PLAN_AGREEMENT_ACCEPTED, ErrorCode.AGREEMENT_REQUIRED),
    emits=("plan.agreement_accepted",),
)
async def accept_plan_agreement(
    ctx: Context, *, membership_id: UUID, agreement_version: str | None = None, expected_version: int | None = None
) -> PlanMembership:
    """Accepts the new version of the agreement of a plan that your partner is in."""
    own, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    plan = PLANS[membership.plan]
    require(
        check_acceptance(membership.state, plan, membership.agreement_version)
        + check_agreement(plan, agreement_version)
    )
    await membership.change(now=ctx.now, **signature(ctx, plan))
    await record_signature(membership)
    ctx.event("plan.agreement_accepted", membership, partner_id=own.id, plan=plan.code.value, agreement=plan.agreement)
    ctx.effect("plan.agreement_accepted", membership, plan=plan.code.value)
    return membership


def unaccepted(ctx: Context) -> QuerySet[PlanMembership]:
    """The plans that the acting partner is in and whose agreement has a version that it has not accepted."""
    outdated = (Q(plan=code) & ~Q(agreement_version=plan.agreement) for code, plan in PLANS.items())
    rows = PlanMembership.filter(partner_id=ctx.actor.partner_id, state=MembershipState.JOINED)
    return rows.filter(Q(*outdated, join_type=Q.OR))


async def renewable(ctx: Context) -> QuerySet[PlanMembership]:
    """The acting partner's memberships that it may renew now, by the guard of `renew_plan`."""
    window = ctx.now + compute_renewal_window(ctx.policy)
    rows = PlanMembership.filter(partner_id=ctx.actor.partner_id, state=MembershipState.JOINED)
    ending = rows.filter(valid_to__gt=ctx.now, valid_to__lte=window)
    plans = [row.plan for row in await ending.only("plan")]
    if not plans:
        return ending
    facts = await candidate(await Partner.get(id=ctx.actor.partner_id), now=ctx.now)
    return ending.filter(plan__in=[code for code in plans if not check_conditions(facts, PLANS[code])])


async def overdue_memberships(ctx: Context) -> list[UUID]:
    """Memberships and invitations that are over and not marked yet, those that came first at the head."""
    async with db.read(EVERYTHING):
        joined = PlanMembership.filter(state=MembershipState.JOINED, valid_to__lte=ctx.now).order_by("valid_to", "id")
        invited = PlanMembership.filter(state=MembershipState.INVITED, invited_until__lte=ctx.now)
        found = [*await joined.limit(_BATCH).only("id"), *await invited.order_by("id").limit(_BATCH).only("id")]
        return [row.id for row in found]


async def ending_memberships(ctx: Context) -> list[UUID]:
    """Memberships and invitations of which a notice is due, a batch of those that end first."""
    async with db.read(EVERYTHING):
        joined = PlanMembership.filter(_noticeable(ctx, MembershipState.JOINED, "valid_to"))
        invited = PlanMembership.filter(_noticeable(ctx, MembershipState.INVITED, "invited_until"))
        found = [
            *await joined.order_by("valid_to", "id").limit(_BATCH).only("id"),
            *await invited.order_by("invited_until", "id").limit(_BATCH).only("id"),
        ]
        return [row.id for row in found]


def _noticeable(ctx: Context, state: MembershipState, end: str) -> Q:
    """In `state`, not over yet, and near enough to the `end` for a notice that was not given; see `compute_notice`."""
    near: list[tuple[int, dict[str, Any]]] = [
        (days, {"partner__site": site, f"{end}__lte": ctx.now + timedelta(days=days)})
        for site in Site
        for days in compute_notices(state, ctx.policies.at(site, ctx.now))
    ]
    due = (Q(Q(noticed_days__isnull=True) | Q(noticed_days__gt=days), **one) for days, one in near)
    never = Q(id__isnull=True)  # what is found where the policy has no notices
    standing: dict[str, Any] = {"state": state, f"{end}__gt": ctx.now}
    return Q(Q(never, *due, join_type=Q.OR), **standing)


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("plan.expired", "tier_upgrade.withdrawn"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_membership(ctx: Context, *, membership_id: UUID) -> PlanMembership | None:
    """Ends a membership or an invitation whose time is over; the partner is told and may join anew. None when nothing
    is due.
    """
    own, membership = await _locked(membership_id)
    if membership.state not in _ENDINGS or not is_over(_ends_at(membership), now=ctx.now):
        return None
    template, joined = _ENDINGS[membership.state], membership.state is MembershipState.JOINED
    await end(ctx, membership)
    if joined:
        await follow_end(ctx, own, membership)
    ctx.notify(template, own, about=membership, facts={"plan": PLANS[membership.plan].titles})
    return membership


@command(permission=Permission.RUN_SCHEDULES, emits=("plan.expiry_announced",), key=Key.OPTIONAL, as_system=True)
async def announce_expiry(ctx: Context, *, membership_id: UUID) -> PlanMembership | None:
    """Tells a partner that a membership or an invitation ends soon, each notice once; None when none is due."""
    own, membership = await _locked(membership_id)
    days = _notice(ctx, membership, own)
    if days is None:
        return None
    await membership.change(now=ctx.now, noticed_days=days)
    ctx.event("plan.expiry_announced", membership, partner_id=own.id, plan=membership.plan.value, days=days)
    ends_at = _ends_at(membership)
    assert ends_at is not None
    ctx.notify(
        _NOTICES[membership.state],
        own,
        about=membership,
        instants={"end": ends_at},
        facts={"plan": PLANS[membership.plan].titles},
    )
    return membership


_ENDINGS = {MembershipState.JOINED: "plan_expired", MembershipState.INVITED: "plan_invitation_expired"}
_NOTICES = {MembershipState.JOINED: "plan_expiring", MembershipState.INVITED: "plan_invitation_expiring"}


_locked = partial(lock_with_partner, PlanMembership)
"""The partner and the membership, both locked."""


def _notice(ctx: Context, membership: PlanMembership, own: Partner) -> int | None:
    if membership.state not in _NOTICES:
        return None
    policy = ctx.policy_of(own)
    ends_at = _ends_at(membership)
    return compute_notice(membership.state, ends_at, membership.noticed_days, now=ctx.now, policy=policy)


def _ends_at(membership: PlanMembership) -> datetime | None:
    return membership.invited_until if membership.state is MembershipState.INVITED else membership.valid_to
