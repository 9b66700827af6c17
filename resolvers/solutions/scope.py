"""Whose solutions and shares an actor sees, and one of them for a command."""

from uuid import UUID

from tortoise.queryset import QuerySet

from models.partners import Partner
from models.solutions import Solution, SolutionShare
from resolvers.context import Context
from resolvers.nodes import findable, own_rows
from rules.access import Permission
from rules.errors import ErrorCode, refuse


def visible(ctx: Context) -> QuerySet[Solution]:
    """The vendor sees every solution, a partner's people its own."""
    return own_rows(ctx, Solution)


def visible_shares(ctx: Context) -> QuerySet[SolutionShare]:
    """The vendor sees every share, a partner's people what it has shared; the other side is told and sees no more."""
    return own_rows(ctx, SolutionShare)


findable(Solution, Permission.SOLUTIONS_READ, visible)
findable(SolutionShare, Permission.SOLUTIONS_READ, visible_shares)


async def access_solution(ctx: Context, solution_id: UUID) -> tuple[Partner, Solution]:
    """The solution and its partner, both locked; NOT_FOUND when the actor may not see it."""
    if not await visible(ctx).filter(id=solution_id).exists():
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return await lock_solution(solution_id)


async def lock_solution(solution_id: UUID) -> tuple[Partner, Solution]:
    """The solution and its partner, locked, the partner first."""
    found = await Solution.get(id=solution_id).only("id", "partner_id")
    partner = await Partner.filter(id=found.partner_id).select_for_update().get()
    return partner, await Solution.filter(id=solution_id).select_for_update().get()
