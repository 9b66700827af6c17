"""The worker process: carries out the outbox, numbers the logs, watches the clock; Redis only makes it quicker."""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import uvloop
from arq.worker import create_worker, func
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, RedisError, TimeoutError

from core import db
from core.clock import Clock, system_clock
from core.log import configure_logging, get_logger
from core.settings import Settings, get_settings
from gateways.wakeup import FUNCTION, QUEUE, connect
from models.config import tortoise_config
from tasks import sequencer
from tasks.messages import open_post
from tasks.outbox import DEFAULT, Registry, Runner
from tasks.schedules import SCHEDULES, Schedules
from tasks.wiring import register_all

MAX_JOBS = 50
REDIS_TIMEOUT = 5.0
_AGAIN = 1.0
_PATIENCE = 10
_LOST_REDIS = (OSError, ConnectionError, TimeoutError, BusyLoadingError)
log = get_logger("cosell.worker")


class WorkerSettings:
    """How arq runs here. A plain class: arq reads only what stands in it itself, never what it inherits."""

    queue_name = QUEUE
    max_jobs = MAX_JOBS
    queue_read_limit = 1000  # with the default, jobs in flight at the head of the queue starve those behind them
    poll_delay = 0.02
    job_timeout = 10
    job_completion_wait = 1
    keep_result = 0
    max_tries = 1
    health_check_interval = 10
    handle_signals = False
    log_results = False
    job_serializer = staticmethod(lambda value: orjson.dumps(value, default=repr))
    job_deserializer = staticmethod(orjson.loads)


async def listen(url: str, wake: Callable[[], None]) -> None:
    """Turns each hint into `wake()` for as long as Redis is there; raises when it is lost for long."""

    async def drain(_ctx: dict[Any, Any]) -> None:
        wake()

    retry = Retry(ExponentialBackoff(cap=2, base=0.1), 30)
    redis = connect(url, timeout=REDIS_TIMEOUT, retry=retry, errors=_LOST_REDIS)
    worker = create_worker(WorkerSettings, functions=[func(drain, name=FUNCTION)], redis_pool=redis)  # type: ignore[arg-type]
    try:
        await worker.async_run()
    finally:
        if worker.main_task is not None:
            worker.main_task.cancel()
        with suppress(RedisError, OSError):
            async with asyncio.timeout(1):
                await worker.close()


async def supervise(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Starts `work` again a second after it failed; ends when it ends by itself."""
    while True:
        try:
            return await work()
        except (db.DatabaseFailure, RedisError, OSError) as error:
            log.warning("a part of the worker lost its server", part=name, error=type(error).__name__)
        except Exception:
            log.exception("a part of the worker failed", part=name)
        await asyncio.sleep(_AGAIN)


async def serve(
    settings: Settings,
    *,
    config: dict[str, Any] | None = None,
    registry: Registry = DEFAULT,
    schedules: Schedules = SCHEDULES,
) -> None:
    """Works until SIGTERM or SIGINT, then for at most `shutdown_timeout` seconds on what is in flight.

    `config` is Tortoise's, from the settings when absent. Raises what opening the database raises.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await db.open_database(
        config or tortoise_config(settings.database_url), acquire_timeout=settings.database_acquire_timeout
    )
    runner = Runner(registry, owner=owner_name(), max_jobs=MAX_JOBS)
    log.info("worker started", owner=runner.owner, topics=sorted(registry.topics))
    keeping = asyncio.create_task(supervise("leases", runner.keep_alive))
    parts = [
        asyncio.create_task(supervise("outbox", runner.drain)),
        asyncio.create_task(supervise("relay", runner.relay)),
        asyncio.create_task(supervise("sequencer", sequencer.run)),
        asyncio.create_task(supervise("schedules", lambda: schedules.run(runner.wake))),
        asyncio.create_task(supervise("hints", lambda: listen(settings.redis_url, runner.wake))),
    ]
    await stop.wait()
    log.info("worker stops", running=runner.running)
    await _end(parts)
    await runner.stop(settings.shutdown_timeout)
    await _end([keeping])
    with suppress(TimeoutError):
        async with asyncio.timeout(2):  # a connection that does not come back must not keep the process alive
            await db.close_database()
    log.info("worker stopped", **runner.counts)


async def _end(parts: list[asyncio.Task[None]]) -> None:
    """Cancels until it is heard: a library may turn one cancellation into an error, which `supervise` would forgive."""
    pending = set(parts)
    for _ in range(_PATIENCE):
        for part in pending:
            part.cancel()
        if pending:
            _, pending = await asyncio.wait(pending, timeout=0.5)


def owner_name() -> str:
    """A name for this process that no other has: host, process id and a few random letters."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(3)}"


def main(settings: Settings | None = None, *, clock: Clock = system_clock, **parts: Any) -> None:
    """`cosell worker`: sets up logging and the event loop, then `serve`s."""
    settings = settings or get_settings()
    configure_logging(settings)
    register_all(DEFAULT, SCHEDULES, open_post(settings), settings, clock)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(serve(settings, **parts))
