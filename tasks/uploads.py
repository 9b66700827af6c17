"""What the worker does for files: has the scanner look at each, takes the ended ones out of the storage."""

from datetime import timedelta
from uuid import UUID

from core import db
from core.clock import Clock
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import Receipt, TransientFailure
from gateways.scanning import Scanner, open_scanner
from gateways.storage import Storage, open_storage
from models.uploads import Upload
from resolvers import uploads
from resolvers.command import run
from resolvers.system import system_context
from rules.uploads import UploadState
from tasks.due import Due, carry_out
from tasks.outbox import Job, Registry
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=10)
LEASE = 120.0
_DUE = Due(uploads.due_uploads, uploads.pass_upload_time, "upload_id")


async def scan(storage: Storage, scanner: Scanner, settings: Settings, clock: Clock, job: Job) -> Receipt | None:
    """Has a received content looked at and says what came of it; what has ended meanwhile is left alone."""
    upload_id = UUID(job.payload["upload_id"])
    async with db.read(EVERYTHING):
        upload = await Upload.get(id=upload_id)
    if upload.state is not UploadState.RECEIVED:
        return Receipt("no longer wanted")
    content = await storage.get(str(upload_id))
    if content is None:
        raise TransientFailure("storage: no such content")
    finding = await scanner.scan(content)
    ctx = await system_context(settings, clock())
    await run(ctx, uploads.settle_upload, upload_id=upload_id, finding=finding)
    return None


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Ends what is due, one command for each file; how many there were."""
    return len(await carry_out(settings, clock, _DUE))


def register(settings: Settings, clock: Clock, registry: Registry, schedules: Schedules) -> None:
    """Both topics, and every ten minutes what time does."""
    storage, scanner = open_storage(settings), open_scanner(settings)

    @registry.topic(uploads.SCAN_TOPIC, lease=LEASE)
    async def _scan(job: Job) -> Receipt | None:
        return await scan(storage, scanner, settings, clock, job)

    @registry.topic(uploads.ERASE_TOPIC, lease=LEASE)
    async def _erase(job: Job) -> Receipt | None:
        await storage.delete(job.payload["upload_id"])
        return None

    @schedules.scheduled("uploads.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
