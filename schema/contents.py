"""Contents of files over plain HTTP: PUT into an open slot, GET of what may be read. The address is the permission."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core import db
from core.clock import Clock
from core.http.admission import Admission
from core.http.body import read_body
from core.http.problems import Problem
from core.i18n import negotiate
from core.ids import find_id
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import DeliveryFailure
from gateways.storage import Storage
from models.accounts import Account
from models.uploads import Upload
from resolvers import uploads
from resolvers.command import run
from resolvers.context import Context, Wakeup
from resolvers.system import system_context
from rules.documents import Document
from rules.errors import ErrorCode, Violation, message_of
from rules.sites import Site
from rules.uploads import UploadState, check_content

_QUEUE, _WAIT = 50, 5.0
_READ_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
}
_STATUS = {
    ErrorCode.UPLOAD_CONTENT_DIFFERS: 422,
    ErrorCode.UPLOAD_TYPE_DIFFERS: 415,
    ErrorCode.UPLOAD_PIXELS: 413,
    ErrorCode.UPLOAD_NOT_RECEIVED: 409,
    ErrorCode.UPLOAD_QUARANTINED: 403,
}


@dataclass(frozen=True, slots=True)
class Contents:
    """Receives and hands out contents; as many at once as `settings.upload_limit` says, since each lies in memory."""

    settings: Settings
    storage: Storage
    clock: Clock
    wakeup: Wakeup
    admission: Admission = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "admission", Admission(self.settings.upload_limit, _QUEUE, _WAIT))

    def routes(self) -> list[BaseRoute]:
        """`/uploads/{id}`, below which the sealed addresses lie."""
        return [
            Route("/uploads/{id}", self._guarded(self.receive), methods=["PUT"]),
            Route("/uploads/{id}", self._guarded(self.hand_out), methods=["GET"]),
        ]

    def _guarded(self, serve: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            async with self.admission.place():
                try:
                    return await serve(request)
                except (DeliveryFailure, db.DatabaseFailure):
                    message = "The storage does not answer. Send the same again in a moment."
                    raise Problem(503, "UNAVAILABLE", message, retryable=True, retry_after_ms=1_000) from None

        return endpoint

    async def receive(self, request: Request) -> Response:
        """204 once the declared content lies in the storage; the same again answers the same."""
        ctx, upload = await self._opened(request, "send")
        declared = Document(upload.file_name, upload.media_type, upload.size, upload.sha256)
        if request.headers.get("content-type", "").partition(";")[0].strip() != declared.media_type:
            raise _refused(request, Violation(ErrorCode.UPLOAD_TYPE_DIFFERS, parameters={"type": declared.media_type}))
        length, timeout = request.headers.get("content-length"), self.settings.upload_timeout
        content = await read_body(request.receive, length, limit=declared.size, timeout=timeout)
        policy = ctx.policies.at(await _site_of(upload), ctx.now)
        for wrong in await anyio.to_thread.run_sync(lambda: check_content(declared, content, policy=policy)):
            raise _refused(request, wrong)
        if upload.state is UploadState.OPEN:
            await self.storage.put(str(upload.id), content)
            outcome = await run(ctx, uploads.receive_upload, upload_id=upload.id)
            if outcome.violations:  # somebody else has sent the same at the same time, or the slot has just ended
                upload = await _found(upload.id)
        if upload.state in (UploadState.EXPIRED, UploadState.ERASED):
            await self.storage.delete(str(upload.id))  # it may have come after the content was erased
        if upload.state not in (UploadState.OPEN, UploadState.RECEIVED, UploadState.CLEAN):
            raise _gone()
        return Response(status_code=204)

    async def hand_out(self, request: Request) -> Response:
        """The content, to be kept as a file and never to be shown in a page of this origin."""
        _, upload = await self._opened(request, "read")
        if upload.state in (UploadState.OPEN, UploadState.RECEIVED):
            raise _refused(request, Violation(ErrorCode.UPLOAD_NOT_RECEIVED))
        if upload.state is UploadState.QUARANTINED:
            raise _refused(request, Violation(ErrorCode.UPLOAD_QUARANTINED))
        content = await self.storage.get(str(upload.id)) if upload.state is UploadState.CLEAN else None
        if content is None:
            raise _gone()
        disposition = f"attachment; filename*=UTF-8''{quote(upload.file_name, safe='')}"
        headers = {**_READ_HEADERS, "content-disposition": disposition}
        return Response(content, media_type=upload.media_type, headers=headers)

    async def _opened(self, request: Request, purpose: str) -> tuple[Context, Upload]:
        """The file that the address opens for this purpose; 404 for any other address, and when it is over."""
        now = self.clock()
        until, seal = (request.query_params.get(name, "") for name in ("until", "seal"))
        upload_id = find_id(Upload.prefix, request.path_params["id"])
        secret = self.settings.secret_key.get_secret_value().encode()
        if upload_id is None or not uploads.opens(secret, purpose, upload_id, until, seal, now=now):
            raise _gone()
        return await system_context(self.settings, now, self.wakeup), await _found(upload_id)


async def _found(upload_id: UUID) -> Upload:
    async with db.read(EVERYTHING):
        upload = await Upload.get_or_none(id=upload_id)
    if upload is None:
        raise _gone()
    return upload


async def _site_of(upload: Upload) -> Site:
    async with db.read(EVERYTHING):
        return Site((await Account.get(id=upload.account_id)).site)


def _refused(request: Request, wrong: Violation) -> Problem:
    locale = negotiate(request.headers.get("accept-language"))
    message = message_of(wrong, locale)
    extra: dict[str, Any] = {"rule": wrong.rule} if wrong.rule else {}
    retryable = wrong.code is ErrorCode.UPLOAD_NOT_RECEIVED
    return Problem(_STATUS[wrong.code], wrong.code.value, message, retryable=retryable, extra=extra)


def _gone() -> Problem:
    return Problem(404, "NOT_FOUND", "There is nothing at this address, or no longer.")
