"""Tells a worker that there is something to do: a hint through Redis, which may be lost or late without any harm."""

import asyncio
import time
from typing import Any, Protocol

import orjson
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.log import get_logger

QUEUE = "cosell:hints"
FUNCTION = "drain"
PAUSE = 1.0
"""Seconds without a try after a failure, so that a paused Redis costs few requests anything."""

log = get_logger("cosell.wakeup")


class Wakeup(Protocol):
    """Tells a worker, on a best effort, that there is something to do."""

    async def wake(self) -> None:
        """Returns quickly and never raises."""


def connect(
    url: str, *, timeout: float, retry: Retry | None = None, errors: tuple[type[Exception], ...] = ()
) -> ArqRedis:
    """arq's client for a `redis://`, `rediss://` or `unix://` address; no connection is made yet.

    `timeout` seconds bound connecting and each answer. Payloads are JSON: arq's own choice, pickle, would let whoever
    can write to Redis run code here.
    """
    pool: Any = ConnectionPool.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=retry or Retry(NoBackoff(), 0),
        retry_on_error=list(errors),
    )
    return ArqRedis(pool, job_serializer=orjson.dumps, job_deserializer=orjson.loads, default_queue_name=QUEUE)


class ArqWakeup:
    """Hints as arq jobs without arguments. `sent`, `failed` and `skipped` count what became of the calls."""

    def __init__(self, url: str, *, timeout: float) -> None:
        self._redis = connect(url, timeout=timeout)
        self._timeout = timeout
        self._paused_until = 0.0
        self._broken = False
        self.sent = self.failed = self.skipped = 0

    async def wake(self) -> None:
        """Takes at most `timeout` seconds; after a failure one call a second tries again, the others return at once."""
        now = time.monotonic()
        if self._broken:
            if now < self._paused_until:
                self.skipped += 1
                return
            self._paused_until = now + self._timeout + PAUSE  # this call is the one that tries
        try:
            async with asyncio.timeout(self._timeout):
                await self._redis.enqueue_job(FUNCTION)
        except Exception as error:
            self._fail(error)
        else:
            self.sent += 1
            self._broken = False

    def _fail(self, error: Exception) -> None:
        self.failed += 1
        if not self._broken:
            log.warning("no hint could be left for the workers", error=type(error).__name__)
        self._broken = True
        self._paused_until = time.monotonic() + PAUSE

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.aclose(close_connection_pool=True)


class NoWakeup:
    """Leaves everything to the relay, which looks once a second. `calls` counts, for tests."""

    def __init__(self) -> None:
        self.calls = 0

    async def wake(self) -> None:
        """Counts."""
        self.calls += 1
