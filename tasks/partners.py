"""Jobs about partners: the automatic check of an application for admission."""

from uuid import UUID

from gateways.delivery import Receipt
from resolvers.partners import CHECK_ATTEMPTS, check_admission
from tasks.commands import Desk
from tasks.outbox import DEFAULT, Job, Registry

CHECK_LEASE = 30.0


def register(desk: Desk, registry: Registry = DEFAULT) -> None:
    """Makes `desk` carry out the topics of this module."""

    @registry.topic("admission.check", lease=CHECK_LEASE, max_attempts=CHECK_ATTEMPTS)
    async def check(job: Job) -> Receipt | None:
        await desk.run(job, check_admission, partner_id=UUID(job.payload["partner_id"]))
        return None
