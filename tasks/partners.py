"""Jobs about partners: the automatic check of an application for admission."""

from uuid import UUID

from core.clock import Clock
from core.settings import Settings
from gateways.delivery import Receipt, TransientFailure
from resolvers.command import run
from resolvers.partners import CHECK_ATTEMPTS, check_admission
from resolvers.system import system_context
from tasks.outbox import Job, Registry

CHECK_LEASE = 30.0


def register(settings: Settings, clock: Clock, registry: Registry) -> None:
    """Makes the registry's workers carry out the topics of this module."""

    @registry.topic("admission.check", lease=CHECK_LEASE, max_attempts=CHECK_ATTEMPTS)
    async def check(job: Job) -> Receipt | None:
        ctx = await system_context(settings, clock())
        outcome = await run(ctx, check_admission, partner_id=UUID(job.payload["partner_id"]))
        if outcome.violations:  # somebody changed the application in the same moment
            raise TransientFailure(", ".join(violation.code.value for violation in outcome.violations))
        return None
