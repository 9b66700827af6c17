"""Jobs about partners: the automatic check of an application for admission, benefits that follow bills day by day."""

from uuid import UUID

from core.clock import Clock
from core.settings import Settings
from gateways.delivery import Receipt, TransientFailure
from resolvers.command import run
from resolvers.partners import CHECK_ATTEMPTS, check_admission
from resolvers.partners.benefits import changed_freezes, refresh_benefits
from resolvers.system import system_context
from tasks.due import Due, carry_out
from tasks.outbox import Job, Registry
from tasks.schedules import CatchUp, Schedules

CHECK_LEASE = 30.0
DAILY = "00:40"
_CHANGED = Due(changed_freezes, refresh_benefits, "partner_id", drains=True)


async def refresh_all_benefits(settings: Settings, clock: Clock) -> int:
    """Freezes and releases benefits as bills say today, one command for each partner; how many it changed."""
    return sum(outcome.result is not None for outcome in await carry_out(settings, clock, _CHANGED))


def register(settings: Settings, clock: Clock, registry: Registry, schedules: Schedules) -> None:
    """Makes the registry's workers carry out the topics of this module, and the daily job."""

    @schedules.scheduled("partners.refresh_benefits", daily=DAILY, catch_up=CatchUp.LATEST)
    async def _refresh(_slot: object) -> None:
        await refresh_all_benefits(settings, clock)

    @registry.topic("admission.check", lease=CHECK_LEASE, max_attempts=CHECK_ATTEMPTS)
    async def check(job: Job) -> Receipt | None:
        ctx = await system_context(settings, clock())
        outcome = await run(ctx, check_admission, partner_id=UUID(job.payload["partner_id"]))
        if outcome.violations:  # somebody changed the application in the same moment
            raise TransientFailure(", ".join(violation.code.value for violation in outcome.violations))
        return None
