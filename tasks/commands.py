"""Runs system commands from jobs: as the actor SYSTEM, at the clock's time, under the policy in force."""

from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from core import db
from core.clock import Clock, system_clock
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import TransientFailure
from gateways.wakeup import NoWakeup
from models.policy import PolicyValue
from resolvers.command import Command, Options, Outcome, run
from resolvers.context import Context, Wakeup
from rules.access import SYSTEM
from rules.policy import PolicyBook
from tasks.outbox import Job

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker process hands to every system command. Its own runner needs no waking."""

    settings: Settings
    wakeup: Wakeup
    clock: Clock = system_clock

    @classmethod
    def of(cls, settings: Settings) -> "Desk":
        """The desk of a worker process."""
        return cls(settings, NoWakeup())

    async def run(self, job: Job, use_case: Command[P, T], /, *args: P.args, **inputs: P.kwargs) -> Outcome[T]:
        """Runs a command for a job. A refusal (somebody changed the row first) is tried again as `TransientFailure`."""
        async with db.read(EVERYTHING):
            policies = PolicyBook(await PolicyValue.all())
        ctx = Context(
            actor=SYSTEM,
            now=self.clock(),
            locale="en",
            request_id=job.key[:64],
            policies=policies,
            settings=self.settings,
            wakeup=self.wakeup,
            via="worker",
        )
        outcome = await run(ctx, use_case, Options(), *args, **inputs)
        if outcome.violations:
            raise TransientFailure(", ".join(violation.code.value for violation in outcome.violations))
        return outcome
