"""Reads a request's body within a size and a time."""

import asyncio

from starlette.types import Receive

from core.http.problems import ClientGone, Problem, bad_request

_CLOSE = [(b"connection", b"close")]


async def read_body(receive: Receive, content_length: str | None, *, limit: int, timeout: float) -> bytes:
    """The whole body, at most `limit` bytes, arrived within `timeout` seconds.

    Bytes are counted as they come, whatever the client announced: 413 beyond the limit, 408 when late, 400 for an
    announcement that is no number; `ClientGone` when the client leaves.
    """
    if content_length is not None:
        if not (content_length.isascii() and content_length.isdigit()):
            raise bad_request("Content-Length is not a number.")
        if len(content_length) > 18 or int(content_length) > limit:
            raise _too_large(limit)
    try:
        async with asyncio.timeout(timeout):
            return await _collect(receive, limit)
    except TimeoutError:
        message = f"The body did not arrive within {timeout:g} seconds."
        raise Problem(408, "TIMEOUT", message, retryable=True, headers=_CLOSE) from None


async def _collect(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(limit: int) -> Problem:
    return Problem(413, "BAD_QUERY", f"The body is larger than {limit} bytes.", headers=_CLOSE)
