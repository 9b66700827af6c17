"""The outermost wrapper: request id, security headers, cross-origin rules, and JSON whatever goes wrong inside."""

import re
import secrets
from collections.abc import Iterable, Mapping, MutableMapping
from types import MappingProxyType

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.failures import log_unexpected
from core.http.problems import ClientGone, Headers, Problem, send_problem, send_response
from core.log import get_logger

_log = get_logger(__name__)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")
_SECURITY: dict[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-site",
}
_ALLOWED_HEADERS = b"accept, accept-language, authorization, content-type, if-none-match, x-request-id"
_EXPOSED_HEADERS = b"etag, ratelimit, ratelimit-policy, retry-after, x-request-id"


class Boundary:
    """Wraps an application. Origins are compared exactly (`https://app.example`); none is allowed by default.

    Requests to the paths of `direct` go to these applications at once, past the router and what else is inside.
    """

    def __init__(
        self, app: ASGIApp, origins: Iterable[str] = (), direct: Mapping[str, ASGIApp] = MappingProxyType({})
    ) -> None:
        self._app = app
        self._direct = direct
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = _request_id(headers.get(b"x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        guarded = _GuardedSend(send, self._headers(headers, request_id, scope))
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if _is_preflight(scope, headers):
                    await self._preflight(headers, guarded)
                else:
                    await self._direct.get(scope.get("path", ""), self._app)(scope, receive, guarded)
            except ClientGone:
                return
            except Problem as problem:
                _log.info("refused", status=problem.status, error_code=problem.code, path=scope.get("path", ""))
                await guarded.problem(problem, request_id)
            except Exception as error:
                log_unexpected(error, request_id)
                await guarded.problem(_internal(), request_id)

    def _headers(self, headers: MutableMapping[bytes, bytes], request_id: str, scope: Scope) -> dict[bytes, bytes]:
        added = {**_SECURITY, b"x-request-id": request_id.encode()}
        if scope.get("scheme") == "https":
            added[b"strict-transport-security"] = b"max-age=31536000; includeSubDomains"
        if self._origins:
            added[b"vary"] = b"Origin"
        origin = headers.get(b"origin")
        if origin in self._origins and origin is not None:
            added[b"access-control-allow-origin"] = origin
            added[b"access-control-expose-headers"] = _EXPOSED_HEADERS
            added[b"cross-origin-resource-policy"] = b"cross-origin"
        return added

    async def _preflight(self, headers: MutableMapping[bytes, bytes], send: Send) -> None:
        if headers.get(b"origin") not in self._origins:
            raise Problem(403, "FORBIDDEN", "This origin may not call the API.")
        allowed: Headers = [
            (b"access-control-allow-methods", b"GET, POST, PUT"),
            (b"access-control-allow-headers", _ALLOWED_HEADERS),
            (b"access-control-max-age", b"600"),
        ]
        await send_response(send, 204, b"", allowed)


class _GuardedSend:
    """Adds the headers to the response's start, and knows whether it has started."""

    def __init__(self, send: Send, headers: dict[bytes, bytes]) -> None:
        self._send = send
        self._headers = headers
        self._started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            own = list(message.get("headers", ()))
            present = {name.lower() for name, _ in own}
            own.extend((name, value) for name, value in self._headers.items() if name not in present)
            if not present & {b"cache-control", b"etag"}:
                own.append((b"cache-control", b"no-store"))
            message = {**message, "headers": own}
        await self._send(message)

    async def problem(self, problem: Problem, request_id: str) -> None:
        """Answers with a problem; half-sent responses are left incomplete, which makes the server close the socket."""
        if not self._started:
            await send_problem(self, problem, request_id)


def _request_id(given: bytes | None) -> str:
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return secrets.token_hex(16)


def _is_preflight(scope: Scope, headers: MutableMapping[bytes, bytes]) -> bool:
    return scope["method"] == "OPTIONS" and b"origin" in headers and b"access-control-request-method" in headers


def _internal() -> Problem:
    message = "Something went wrong on our side. The request id helps us to find out what."
    return Problem(500, "INTERNAL", message)
