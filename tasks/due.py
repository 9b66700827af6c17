"""What time does: everything that is due gets a command of its own, and none keeps the others from their turn."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.failures import log_unexpected
from core.settings import Settings
from resolvers.command import Command, Outcome, run
from resolvers.context import Context
from resolvers.system import system_context


class Refused(Exception):
    """What was due could not be done to a row; the codes say why."""


@dataclass(frozen=True, slots=True)
class Due:
    """`find` names the rows to which something is due, a batch of them; `command` does it to one, named by `argument`.

    One that `drains` is looked for again until nothing is left: its command must take each row out of what is found,
    and its `find` takes the ids of those that have failed, `without` which the rest is wanted.
    """

    find: Callable[..., Awaitable[Sequence[UUID]]]
    command: Command[..., Any]
    argument: str
    drains: bool = False


async def carry_out(settings: Settings, clock: Clock, *work: Due) -> list[Outcome[Any]]:
    """Carries out all that is due now, in the order of `work`; what came of each.

    One that fails or is refused does not stop the others. When all have had their turn the first failure is raised, for
    the schedule to try again; the rest are logged.
    """
    ctx = await system_context(settings, clock())
    done: list[Outcome[Any]] = []
    failures: list[Exception] = []
    for due in work:
        failed: list[UUID] = []
        while found := await _find(ctx, due, failed):
            for row_id in found:
                try:
                    done.append(await _run(ctx, due, row_id))
                except Exception as failure:
                    failures.append(failure)
                    failed.append(row_id)
            if not due.drains:
                break
    for further in failures[1:]:
        log_unexpected(further, ctx.request_id)
    if failures:
        raise failures[0]
    return done


async def _run(ctx: Context, due: Due, row_id: UUID) -> Outcome[Any]:
    outcome: Outcome[Any] = await run(ctx, due.command, **{due.argument: row_id})
    if outcome.violations:
        codes = ", ".join(violation.code for violation in outcome.violations)
        raise Refused(f"{due.command.spec.name}: {codes}")
    return outcome


async def _find(ctx: Context, due: Due, failed: list[UUID]) -> Sequence[UUID]:
    return await (due.find(ctx, without=failed) if due.drains else due.find(ctx))
