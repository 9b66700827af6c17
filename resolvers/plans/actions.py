"""What may be done with a membership of a plan now."""

from collections.abc import Sequence
from uuid import UUID

from models.partners import Partner
from models.plans import PlanMembership
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.plans.candidates import candidates
from resolvers.plans.deciding import decide_plan_application, record_plan_exit
from resolvers.plans.distributors import links_of
from resolvers.plans.joining import exit_plan, join_plan, withdraw_plan_application
from rules.access import Permission, may
from rules.plans import MEMBERSHIP, PLANS, Candidate, check_eligibility, check_exit


async def actions_of(ctx: Context, parents: Sequence[PlanMembership]) -> list[list[ActionState]]:
    """What the actor may do with each membership, by the guards of the commands."""
    facts: dict[UUID, Candidate] = {}
    if may(ctx.actor, Permission.PLANS_JOIN):
        facts = await candidates(await Partner.filter(id__in={parent.partner_id for parent in parents}))
    bound = await links_of({parent.partner_id for parent in parents})
    return [_actions(ctx, parent, facts.get(parent.partner_id), bound[parent.partner_id]) for parent in parents]


def _actions(ctx: Context, row: PlanMembership, facts: Candidate | None, links: int) -> list[ActionState]:
    plan, state = PLANS[row.plan], row.state
    return [
        action(ctx, "JOIN", join_plan, [] if facts is None else check_eligibility(facts, plan)),
        action(ctx, "WITHDRAW", withdraw_plan_application, MEMBERSHIP.check(state, "withdraw")),
        action(ctx, "EXIT", exit_plan, check_exit(state, plan, by_vendor=False, links=links)),
        action(ctx, "DECIDE", decide_plan_application, MEMBERSHIP.check(state, "approve")),
        action(ctx, "RECORD_EXIT", record_plan_exit, check_exit(state, plan, by_vendor=True, links=links)),
    ]
