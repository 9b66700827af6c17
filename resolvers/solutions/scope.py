"""Whose solutions and shares an actor sees, and one of them for a command."""

from functools import partial

from tortoise.queryset import QuerySet

from models.solutions import Solution, SolutionShare
from resolvers.context import Context
from resolvers.locking import access_with_partner, lock_with_partner
from resolvers.nodes import findable, own_rows
from rules.access import Permission


def visible(ctx: Context) -> QuerySet[Solution]:
    """The vendor sees every solution, a partner's people its own."""
    return own_rows(ctx, Solution)


def visible_shares(ctx: Context) -> QuerySet[SolutionShare]:
    """The vendor sees every share, a partner's people what it has shared; the other side is told and sees no more."""
    return own_rows(ctx, SolutionShare)


findable(Solution, Permission.SOLUTIONS_READ, visible)
findable(SolutionShare, Permission.SOLUTIONS_READ, visible_shares)


access_solution = partial(access_with_partner, Solution)
"""The partner and the solution, both locked; NOT_FOUND when the actor may not see it."""


lock_solution = partial(lock_with_partner, Solution)
"""The partner and the solution, both locked."""
