"""Reads about solutions, and what may be done with one."""

from collections.abc import Sequence

from tortoise.queryset import QuerySet

from models.partners import Partner
from models.solutions import Solution
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.paths.facts import stages_of
from resolvers.query import query
from resolvers.related import to_one
from resolvers.solutions.certifying import fields_of, submit_solution, update_solution
from resolvers.solutions.scope import visible
from rules.access import Permission
from rules.paths import PathCode, PathStage
from rules.solutions import SOLUTION, SolutionKind, SolutionState, check_may_create, check_submission


@query(permission=Permission.SOLUTIONS_READ)
def solutions(
    ctx: Context, *, state: SolutionState | None = None, kind: SolutionKind | None = None
) -> QuerySet[Solution]:
    """Every solution that the actor sees."""
    wanted = {"state": state, "kind": kind}
    return visible(ctx).filter(**{name: value for name, value in wanted.items() if value is not None})


async def actions_of(ctx: Context, parents: Sequence[Solution]) -> list[list[ActionState]]:
    """What the actor may do with each solution, by the guards of the commands."""
    stages = await stages_of({row.partner_id for row in parents})
    return [_actions(ctx, row, stages[row.partner_id].get(PathCode.SOFTWARE)) for row in parents]


def _actions(ctx: Context, row: Solution, stage: PathStage | None) -> list[ActionState]:
    submission = check_submission(row.state, fields_of(row), policy=ctx.policy) + check_may_create(stage)
    return [
        action(ctx, "CHANGE", update_solution, SOLUTION.check(row.state, "change")),
        action(ctx, "SUBMIT", submit_solution, submission),
    ]


partners_of = to_one("partner_id", Partner)
"""The partner of each solution."""
