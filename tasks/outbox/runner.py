"""Runs jobs: claims what is due whenever somebody wakes it, carries it out side by side, and survives everything."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from core import db
from core.log import get_logger
from gateways.delivery import TerminalFailure, TransientFailure
from tasks.outbox import leases
from tasks.outbox.leases import Ending, Lease
from tasks.outbox.topics import LONGEST_WAIT, Postponed, Registry

RELAY_EVERY = 1.0
_FINISH_PAUSE = 0.5
_CANCEL_GRACE = 1.0
log = get_logger("cosell.outbox")


@dataclass(slots=True, eq=False)
class _Running:
    lease: Lease
    task: "asyncio.Task[None] | None" = None
    renewed: float = 0.0
    abandoned: bool = False
    ended: bool = False


class Runner:
    """One process's share of the outbox. Instants are monotonic and used for pacing only."""

    def __init__(self, registry: Registry, *, owner: str, max_jobs: int = 50) -> None:
        self.owner = owner
        self.counts: Counter[str] = Counter()
        self._topics = registry.topics
        self._max_jobs = max_jobs
        self._running: set[_Running] = set()
        self._awake = asyncio.Event()
        self._stopping = False
        self._suspects_due = True

    def wake(self) -> None:
        """Says that there may be something to do; cheap, and as often as one likes."""
        self._awake.set()

    @property
    def running(self) -> int:
        """Jobs in flight in this process."""
        return len(self._running)

    async def drain(self) -> None:
        """For ever: when awake, claims and starts jobs until nothing is due or no place is free."""
        while not self._stopping:
            await self._awake.wait()
            self._awake.clear()
            while await self.claim_once():
                pass

    async def finish_all(self) -> None:
        """Carries out everything that is due now and returns when nothing is in flight."""
        await self._all_ended()
        while await self.claim_once():
            await self._all_ended()

    async def _all_ended(self) -> None:
        await asyncio.gather(*(one.task for one in self._running if one.task is not None), return_exceptions=True)

    async def relay(self) -> None:
        """For ever, once a second: a sign of life, rows of dead owners, and rows whose time has come."""
        while True:
            await self.relay_once()
            await asyncio.sleep(RELAY_EVERY)

    async def relay_once(self) -> None:
        """One pass of `relay`."""
        await leases.beat(self.owner)
        for job, state in await leases.rescue():
            self.counts["crashed"] += 1
            log.warning("lease ran out", outbox_id=job, state=state)
        self._suspects_due = True
        self.wake()

    async def keep_alive(self) -> None:
        """For ever: renews the leases of what runs here; a job whose lease is lost is stopped."""
        while True:
            await self.keep_alive_once()
            await asyncio.sleep(RELAY_EVERY / 4)

    async def keep_alive_once(self) -> None:
        """One pass of `keep_alive`: renews what was not renewed for a third of its lease."""
        now = time.monotonic()
        due = [one for one in self._running if now - one.renewed >= one.lease.topic.lease / 3 and not one.abandoned]
        if not due:
            return
        held = await leases.extend([one.lease for one in due])
        for one in due:
            if one.lease.job.id in held:
                one.renewed = now
            elif one in self._running:
                self.counts["lost"] += 1
                self._abandon(one)

    async def claim_once(self) -> int:
        """Claims and starts what fits; returns how many jobs were started."""
        if self._stopping:
            return 0
        claimed = await leases.claim(
            self._topics, self._free(), limit=self._max_jobs - len(self._running), owner=self.owner
        )
        self._start(claimed)
        return len(claimed) + await self._claim_suspect()

    async def _claim_suspect(self) -> int:
        """Rows whose worker died run one at a time, so that a job that kills cannot take other suspects with it."""
        if not self._suspects_due or any(one.lease.suspect for one in self._running):
            return 0
        claimed = await leases.claim(
            self._topics, dict.fromkeys(self._free(), 1), limit=1, owner=self.owner, suspects=True
        )
        self._suspects_due = bool(claimed)
        self._start(claimed)
        return len(claimed)

    def _free(self) -> dict[str, int]:
        """Places per topic; the topic with the fewest jobs in flight comes first, so that none starves another."""
        busy = Counter(one.lease.topic.name for one in self._running)
        free = {name: max(0, topic.concurrency - busy[name]) for name, topic in self._topics.items()}
        return dict(sorted(free.items(), key=lambda pair: busy[pair[0]]))

    def _start(self, claimed: list[Lease]) -> None:
        now = time.monotonic()
        for lease in claimed:
            one = _Running(lease, renewed=now)
            self._running.add(one)
            one.task = asyncio.create_task(self._run(one), name=f"outbox:{lease.job.id}")

    async def _run(self, one: _Running) -> None:
        try:
            ending = await self._try(one)
            one.ended = True
            if ending is not None:
                await self._settle(one, ending)
        except asyncio.CancelledError:
            if not one.abandoned:
                raise
        except Exception:
            log.exception("a job's end could not be recorded", outbox_id=one.lease.job.id)
        finally:
            self._running.discard(one)
            self._awake.set()

    async def _try(self, one: _Running) -> Ending | None:
        """Calls the handler; None when the job was taken from us meanwhile."""
        lease = one.lease
        try:
            async with asyncio.timeout(lease.topic.timeout):
                receipt = await lease.topic.handler(lease.job)
        except BaseException as error:
            return None if one.abandoned else judge(lease, error)
        reference = receipt.provider_ref[:200] if receipt is not None else None
        return Ending("done", provider_ref=reference)

    async def _settle(self, one: _Running, ending: Ending) -> None:
        """Records the end, again and again while the database is away and the lease may still be ours."""
        patience = time.monotonic() + one.lease.topic.lease
        while True:
            try:
                held = await leases.finish(one.lease, ending)
                break
            except db.DatabaseFailure:
                if time.monotonic() > patience:
                    raise
                await asyncio.sleep(_FINISH_PAUSE)
        self.counts[ending.outcome if held else "late"] += 1
        if ending.outcome not in ("done", "postponed") or not held:
            log.warning(
                "job not done" if held else "job ended after its lease",
                outbox_id=one.lease.job.id,
                topic=one.lease.topic.name,
                outcome=ending.outcome,
            )

    def _abandon(self, one: _Running) -> None:
        one.abandoned = True
        if one.task is not None and not one.ended:  # what has ended is only being recorded
            one.task.cancel()

    async def stop(self, timeout: float) -> None:
        """Claims no more, waits at most `timeout` seconds for what runs, then gives the rest back untried."""
        self._stopping = True
        self._awake.set()
        tasks = {one.task for one in self._running if one.task is not None}
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)
        rest = list(self._running)
        if not rest:
            return
        for one in rest:
            self._abandon(one)
        await asyncio.wait({one.task for one in rest if one.task is not None}, timeout=_CANCEL_GRACE)
        released = await leases.release([one.lease for one in rest])
        self.counts["released"] += len(released)


def judge(lease: Lease, error: BaseException) -> Ending:
    """What an exception of a handler means for the job. What is stored is a type and our own words, no outside text."""
    if isinstance(error, Postponed):
        return Ending("postponed", delay=error.delay)
    if isinstance(error, TerminalFailure):
        return Ending("dead", _told(error))
    if isinstance(error, TransientFailure | db.DatabaseFailure | OSError):  # a time-out is an OSError
        outcome = "retry"
    else:
        outcome = "error"
        log.error("a handler failed", exc_info=error, outbox_id=lease.job.id, topic=lease.topic.name)
    if lease.failures >= lease.max_attempts:
        return Ending("dead", _told(error))
    asked = getattr(error, "retry_after", None) if isinstance(error, TransientFailure) else None
    delay = max(lease.topic.delay(lease.failures), min(asked or 0.0, LONGEST_WAIT))
    return Ending(outcome, _told(error), delay=delay)


def _told(error: BaseException) -> str:
    name = type(error).__name__
    reason = error.reason if isinstance(error, TransientFailure | TerminalFailure) else ""
    return f"{name}: {reason}"[:500] if reason else name
