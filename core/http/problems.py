"""A refusal before anything is executed, and the JSON it is answered with."""

from typing import Any

import orjson
from starlette.types import Send

Headers = list[tuple[bytes, bytes]]

JSON = b"application/json; charset=utf-8"


class Problem(Exception):
    """A request that is answered with an HTTP status and one error; `extra` joins the error's `extensions`."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after_ms: int | None = None,
        extra: dict[str, Any] | None = None,
        headers: Headers | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_after_ms = retry_after_ms
        self.extra = extra or {}
        self.headers = headers or []

    def body(self, request_id: str) -> bytes:
        """The answer in the shape of a GraphQL response, so that a client has one way of reading errors."""
        extensions = {
            "code": self.code,
            "requestId": request_id,
            "retryable": self.retryable,
            "retryAfterMs": self.retry_after_ms,
            **self.extra,
        }
        return orjson.dumps({"errors": [{"message": self.message, "extensions": extensions}]})


def bad_request(message: str, *, status: int = 400, path: list[str | int] | None = None) -> Problem:
    """A malformed request; `path` says where in the body."""
    return Problem(status, "BAD_QUERY", message, extra={"path": path} if path else None)


class ClientGone(Exception):
    """The client left before its request was complete: there is nobody to answer."""


async def send_response(send: Send, status: int, body: bytes, headers: Headers, content_type: bytes = JSON) -> None:
    """Sends one complete response."""
    start: Headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def send_problem(send: Send, problem: Problem, request_id: str) -> None:
    """Sends a refusal, with `Retry-After` in whole seconds when it says when to come back."""
    headers = list(problem.headers)
    if problem.retry_after_ms is not None:
        headers.append((b"retry-after", b"%d" % -(-problem.retry_after_ms // 1000)))
    await send_response(send, problem.status, problem.body(request_id), headers)
