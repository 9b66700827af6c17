"""The least that a hand-written endpoint needs: a body in, JSON bytes out, a pool between."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from benchmarks.side_by_side.operations import OPERATIONS
from core.urls import parse_url
from rules.reviews import ReviewKind

BY_DOCUMENT = {operation.document: operation.name for operation in OPERATIONS}
POOL = int(os.environ.get("BENCH_POOL", "16"))
SINCE = os.environ.get("BENCH_SINCE", "")
KINDS = ",".join(ReviewKind)
"""Kinds of reviews: read one by one, the queue comes out of an index."""
_HEADERS = [(b"content-type", b"application/json")]

Init = Callable[[asyncpg.Connection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    account_id: UUID
    partner_id: UUID | None


Answer = Callable[[asyncpg.Pool, str, Caller, dict[str, Any]], Awaitable[bytes]]
"""(pool, operation, caller, variables) → the whole answer."""
Identify = Callable[[asyncpg.Pool, list[tuple[bytes, bytes]]], Awaitable[Caller]]
"""(pool, headers) → who asks."""


async def _no_reset(connection: asyncpg.Connection) -> None:
    """Statements here leave no state behind that had to be reset before the next one."""


async def open_pool(init: Init | None = None, **options: Any) -> asyncpg.Pool:
    """As many connections as the load has."""
    address = parse_url(os.environ["BENCH_DATABASE"])
    settings = {"timezone": "UTC", "jit": "off"}
    return await asyncpg.create_pool(
        **address, min_size=POOL, max_size=POOL, init=init, reset=_no_reset, server_settings=settings, **options
    )


async def believe(pool: asyncpg.Pool, headers: list[tuple[bytes, bytes]]) -> Caller:
    """Who says so in a header of its own."""
    account, _, partner = header(headers, b"x-caller").partition(":")
    return Caller(UUID(account), UUID(partner) if partner else None)


def header(headers: list[tuple[bytes, bytes]], name: bytes) -> str:
    """The header's value."""
    return next(value for found, value in headers if found == name).decode()


def application(
    answer: Answer, init: Init | None = None, identify: Identify = believe
) -> Callable[..., Awaitable[None]]:
    """The ASGI application around one function."""
    pools: list[asyncpg.Pool] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(pools, init, receive, send)
            return
        question = orjson.loads(await _body(receive))
        operation = BY_DOCUMENT[question["query"]]
        caller = await identify(pools[0], scope["headers"])
        octets = await answer(pools[0], operation, caller, question.get("variables") or {})
        length = (b"content-length", str(len(octets)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, length]})
        await send({"type": "http.response.body", "body": octets})

    return app


async def _live(pools: list[asyncpg.Pool], init: Init | None, receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            pools.append(await open_pool(init))
            await send({"type": "lifespan.startup.complete"})
        else:
            await pools[0].close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _body(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body
