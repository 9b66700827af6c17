"""What the worker does for files: has each looked at by the scanner, licences read, ended ones taken away."""

from datetime import timedelta
from uuid import UUID

from core import db
from core.clock import Clock
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import DeliveryFailure, Receipt, TerminalFailure, TransientFailure
from gateways.recognition import Picture, RecognitionGateway, open_recognition
from gateways.scanning import Scanner, open_scanner
from gateways.storage import Storage, open_storage
from models.accounts import Account
from models.uploads import Upload
from resolvers import uploads
from resolvers.command import run
from resolvers.system import system_context
from rules.partners.licences import Licence
from rules.sites import Site
from rules.uploads import UploadState, is_to_be_read
from tasks.due import Due, carry_out
from tasks.outbox import Job, Registry
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=10)
LEASE = 120.0
READ_CAP = 60.0
"""Seconds between two tries to have a licence read: somebody sits in front of the form."""
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


async def read(
    storage: Storage, recognition: RecognitionGateway | None, settings: Settings, clock: Clock, job: Job
) -> Receipt | None:
    """Has a licence read and keeps what it says with the file; once, whatever came of it."""
    upload_id = UUID(job.payload["upload_id"])
    async with db.read(EVERYTHING):
        upload = await Upload.get(id=upload_id)
    if not is_to_be_read(upload.state, upload.reading):
        return Receipt("no longer wanted")
    ctx = await system_context(settings, clock())
    if recognition is None:
        await run(ctx, uploads.settle_reading, upload_id=upload_id, event="switch_off")
        return None
    try:
        licence = await _asked(storage, recognition, upload, job)
    except DeliveryFailure as failure:
        if job.last or isinstance(failure, TerminalFailure):
            await run(ctx, uploads.settle_reading, upload_id=upload_id, event="give_up")
        raise
    await run(ctx, uploads.settle_reading, upload_id=upload_id, event="read", licence=licence)
    return None


async def _asked(storage: Storage, recognition: RecognitionGateway, upload: Upload, job: Job) -> Licence | None:
    content = await storage.get(str(upload.id))
    if content is None:
        raise TransientFailure("storage: no such content")
    async with db.read(EVERYTHING):
        account = await Account.get(id=upload.account_id)
    return await recognition.read(Picture(content, upload.media_type, Site(account.site)), key=job.key)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Ends what is due, one command for each file; how many there were."""
    return len(await carry_out(settings, clock, _DUE))


def register(settings: Settings, clock: Clock, registry: Registry, schedules: Schedules) -> None:
    """The topics, and every ten minutes what time does."""
    storage, scanner, recognition = open_storage(settings), open_scanner(settings), open_recognition(settings)

    @registry.topic(uploads.SCAN_TOPIC, lease=LEASE)
    async def _scan(job: Job) -> Receipt | None:
        return await scan(storage, scanner, settings, clock, job)

    @registry.topic(uploads.READ_TOPIC, lease=LEASE, max_attempts=uploads.READ_ATTEMPTS, cap=READ_CAP)
    async def _read(job: Job) -> Receipt | None:
        return await read(storage, recognition, settings, clock, job)

    @registry.topic(uploads.ERASE_TOPIC, lease=LEASE)
    async def _erase(job: Job) -> Receipt | None:
        await storage.delete(job.payload["upload_id"])
        return None

    @schedules.scheduled("uploads.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
