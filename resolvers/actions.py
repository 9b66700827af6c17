"""What may be done with an object now, and if not, why: the same guards as the commands themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from resolvers.command import Command
from resolvers.context import Context
from rules.access import ACCESS, may
from rules.errors import Violation


@dataclass(frozen=True, slots=True)
class ActionState:
    """One action: allowed, or the reasons that stand in its way."""

    action: str
    blockers: Sequence[Violation]

    @property
    def allowed(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.blockers


def action(ctx: Context, name: str, command: Command[..., object], blockers: Sequence[Violation]) -> ActionState:
    """The state of an action that `command` carries out: who may do it at all, then what its guards say."""
    permission = command.spec.permission
    if not may(ctx.actor, permission):
        return ActionState(name, [Violation(ACCESS[permission].refusal)])
    return ActionState(name, list(blockers))
