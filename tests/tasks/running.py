"""Runners under test: their loops for a while, handlers that do as they are told, waiting until something is so."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from gateways.delivery import Receipt
from tasks.outbox import Job, Registry, Runner
from tests.tasks.tables import row, states


async def until(condition: Callable[[], Awaitable[bool]], timeout: float = 8.0) -> None:
    """Waits for something to become true."""
    async with asyncio.timeout(timeout):
        while not await condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def working(*runners: Runner) -> Any:
    """The runners' loops, running."""
    loops = [asyncio.create_task(loop()) for one in runners for loop in (one.drain, one.relay, one.keep_alive)]
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


class Handlers:
    """A registry with one topic whose handler records its jobs and does as it is told."""

    def __init__(self, *results: Any, **options: Any) -> None:
        self.jobs: list[Job] = []
        self.results = list(results)
        self.registry = Registry()
        self.registry.topic("test", **options)(self.handle)
        self.runner = Runner(self.registry, owner="test")

    async def handle(self, job: Job) -> Receipt | None:
        """Raises or returns the next result."""
        self.jobs.append(job)
        result = self.results.pop(0) if self.results else None
        if isinstance(result, BaseException):
            raise result
        return result


async def is_in(job: int, state: str) -> bool:
    """Whether the row is in the state."""
    return bool((await row(job))["state"] == state)


async def done(count: int) -> bool:
    """Whether so many rows are done."""
    return (await states()).get("done", 0) == count
