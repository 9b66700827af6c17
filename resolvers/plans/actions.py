"""What may be done with a membership of a plan now."""

from collections.abc import Sequence
from uuid import UUID

from models.partners import Partner
from models.plans import PlanMembership, TierUpgrade
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.plans.candidates import candidates
from resolvers.plans.deciding import decide_plan_application, record_plan_exit
from resolvers.plans.distributors import leaving_of
from resolvers.plans.inviting import decline_plan_invitation, invited_state, revoke_plan_invitation
from resolvers.plans.joining import exit_plan, join_plan, withdraw_plan_application
from resolvers.plans.lasting import accept_plan_agreement, renew_plan
from resolvers.plans.rising import propose_tier, upgrade_tier, withdraw_tier_upgrade
from resolvers.plans.upgrades import Rising, against_rising, next_tier, rising_of
from rules.access import Permission, may
from rules.errors import Violation
from rules.plans import (
    MEMBERSHIP,
    PLANS,
    TIER_UPGRADE,
    Candidate,
    Leaving,
    check_acceptance,
    check_eligibility,
    check_exit,
    check_renewal,
)
from rules.sites import Site


async def actions_of(ctx: Context, parents: Sequence[PlanMembership]) -> list[list[ActionState]]:
    """What the actor may do with each membership, by the guards of the commands."""
    partners = {row.id: row for row in await Partner.filter(id__in={parent.partner_id for parent in parents})}
    facts: dict[UUID, Candidate] = {}
    if may(ctx.actor, Permission.PLANS_JOIN):
        facts = await candidates(partners.values(), now=ctx.now)
    bound = await leaving_of(ctx, parents)
    rising = await rising_of(ctx, parents, partners)
    return [
        _actions(ctx, parent, partners[parent.partner_id], facts.get(parent.partner_id), bound[parent.partner_id])
        + _tier_actions(ctx, parent, partners[parent.partner_id], rising.get(parent.id))
        for parent in parents
    ]


def _actions(
    ctx: Context, row: PlanMembership, own: Partner, facts: Candidate | None, has: Leaving
) -> list[ActionState]:
    plan, state = PLANS[row.plan], invited_state(ctx, row)
    return [
        action(ctx, "JOIN", join_plan, [] if facts is None else check_eligibility(facts, plan)),
        action(ctx, "DECLINE", decline_plan_invitation, MEMBERSHIP.check(state, "decline")),
        action(ctx, "REVOKE", revoke_plan_invitation, MEMBERSHIP.check(state, "revoke")),
        action(ctx, "WITHDRAW", withdraw_plan_application, MEMBERSHIP.check(state, "withdraw")),
        action(ctx, "RENEW", renew_plan, [] if facts is None else _against_renewal(ctx, row, own, facts)),
        action(ctx, "ACCEPT_AGREEMENT", accept_plan_agreement, check_acceptance(state, plan, row.agreement_version)),
        action(ctx, "EXIT", exit_plan, check_exit(state, plan, by_vendor=False, has=has)),
        action(ctx, "DECIDE", decide_plan_application, MEMBERSHIP.check(state, "approve")),
        action(ctx, "RECORD_EXIT", record_plan_exit, check_exit(state, plan, by_vendor=True, has=has)),
    ]


def _against_renewal(ctx: Context, row: PlanMembership, own: Partner, facts: Candidate) -> list[Violation]:
    return check_renewal(facts, PLANS[row.plan], row.state, row.valid_to, now=ctx.now, policy=ctx.policy_of(own))


def _tier_actions(ctx: Context, row: PlanMembership, own: Partner, known: Rising | None) -> list[ActionState]:
    """About the next tier above the present one."""
    wanted, policy = next_tier(row, Site(own.site)), ctx.policy_of(own)
    return [
        action(ctx, name, step, against_rising(row, known, wanted, by_vendor=by_vendor, policy=policy))
        for name, step, by_vendor in (("UPGRADE_TIER", upgrade_tier, False), ("PROPOSE_TIER", propose_tier, True))
    ]


async def upgrade_actions_of(ctx: Context, parents: Sequence[TierUpgrade]) -> list[list[ActionState]]:
    """What the actor may do with each application for a tier."""
    return [
        [action(ctx, "WITHDRAW", withdraw_tier_upgrade, TIER_UPGRADE.check(row.state, "withdraw"))] for row in parents
    ]
