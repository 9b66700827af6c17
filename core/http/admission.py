"""Lets a bounded number of operations run and a bounded number wait; more are told at once to come back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.http.problems import Problem

_COME_BACK_MS = 1_000


class Admission:
    """`limit` places, a queue of `queue`, and `wait` seconds in it: a 503 with `Retry-After` beyond either."""

    def __init__(self, limit: int, queue: int, wait: float) -> None:
        self._places = asyncio.Semaphore(limit)
        self._queue = queue
        self._wait = wait
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for as long as the block runs."""
        if self._places.locked():
            await self._queue_up()
        else:
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _queue_up(self) -> None:
        if self._waiting >= self._queue:
            raise _busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait):
                await self._places.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1


def _busy() -> Problem:
    message = "The service is busy. Try again in a moment."
    return Problem(503, "UNAVAILABLE", message, retryable=True, retry_after_ms=_COME_BACK_MS)
