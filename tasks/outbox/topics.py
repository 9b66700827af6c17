"""The kinds of jobs: who carries them out, how long they may take, how often and how patiently they are tried."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateways.delivery import Receipt

LONGEST_WAIT = 86_400.0
"""Seconds; no provider's Retry-After postpones a job further."""

_random = secrets.SystemRandom()


class OnDead(StrEnum):
    """What becomes of an aggregate whose earliest job is dead: `skip` goes on to the next, `block` waits for people."""

    SKIP = "skip"
    BLOCK = "block"


class Postponed(Exception):
    """Raised by a handler whose job is not to be done yet: it comes again in `delay` seconds, and this was no try."""

    def __init__(self, delay: float) -> None:
        super().__init__(f"in {delay:.0f} s")
        self.delay = delay


@dataclass(frozen=True, slots=True)
class Job:
    """One try at an effect, as its handler sees it.

    `key` (`<topic>:<dedup_key>`) is the same over all tries: it is what an outside system must know the effect by.
    `attempt` counts from 1; `fence` grows with every claim of the row. `last` says that the job is given up should this
    try fail.
    """

    id: int
    topic: str
    dedup_key: str
    payload: dict[str, Any]
    attempt: int
    fence: int
    last: bool = False

    @property
    def key(self) -> str:
        """The idempotency key for the outside system."""
        return f"{self.topic}:{self.dedup_key}"


Handler = Callable[[Job], Awaitable[Receipt | None]]


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of job. Durations are seconds.

    `lease`: how long a claim lives without a heartbeat, so how late a killed worker's job is taken over. `timeout`: how
    long one try may take (heartbeats keep its lease alive meanwhile). `max_attempts`: a ceiling over what the row says.
    `base` and `cap`: the first and the longest wait between tries. `concurrency`: jobs at once in one process.
    """

    name: str
    handler: Handler
    lease: float
    timeout: float
    max_attempts: int
    base: float
    cap: float
    on_dead: OnDead
    concurrency: int

    def delay(self, failures: int) -> float:
        """Seconds to wait after the n-th failure (from 1): min(cap, base·2ⁿ⁻¹), of which a random half to the whole."""
        doublings = min(max(failures, 1) - 1, 60)
        return min(self.cap, self.base * 2.0**doublings) * _random.uniform(0.5, 1.0)


class Registry:
    """The topics one worker knows; it leaves rows of any other topic alone."""

    def __init__(self) -> None:
        self.topics: dict[str, Topic] = {}

    def topic(
        self,
        name: str,
        *,
        lease: float = 30.0,
        timeout: float | None = None,
        max_attempts: int = 12,
        base: float = 5.0,
        cap: float = 3600.0,
        on_dead: OnDead | str = OnDead.SKIP,
        concurrency: int = 4,
    ) -> Callable[[Handler], Handler]:
        """Declares `async def handler(job: Job) -> Receipt | None` as the way to carry out the topic's jobs.

        It runs outside of any transaction. `TransientFailure`, time-outs, connection errors and database failures are
        tried again, `TerminalFailure` is not, any other exception is taken for a defect of ours and tried three times.
        `Postponed` is no failure: the job waits.
        `ValueError` for a second handler of the same name.
        """

        def declare(handler: Handler) -> Handler:
            if name in self.topics:
                raise ValueError(f"topic {name} has a handler already")
            self.topics[name] = Topic(
                name=name,
                handler=handler,
                lease=lease,
                timeout=lease if timeout is None else timeout,
                max_attempts=max_attempts,
                base=base,
                cap=cap,
                on_dead=OnDead(on_dead),
                concurrency=concurrency,
            )
            return handler

        return declare


DEFAULT = Registry()
"""The product's own topics."""

topic = DEFAULT.topic
