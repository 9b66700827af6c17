"""A bucket of points per client: taken before an operation runs, given back as far as it cost less.

The buckets stand in Redis, shared by all processes. A process leases points in small parts and spends them locally, so
that most requests need no round trip. Redis away or slow: the process keeps buckets of its own until it is back.
"""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from core.clock import Clock, system_clock

_log = logging.getLogger(__name__)
_ACCOUNTS = 10_000
_LEASE_PART = 20
_RETRY_REDIS_AFTER = 5.0
_CONTENTION_PAUSE = 0.001


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket's size in points and how many flow back per second."""

    capacity: int = 10_000
    refill: int = 500

    @property
    def window(self) -> float:
        """Seconds in which an empty bucket is full again."""
        return self.capacity / self.refill


class Level(NamedTuple):
    """How full a bucket was at a time (milliseconds since the epoch)."""

    points: float
    at: int

    def later(self, now: int, rate: Rate) -> "Level":
        """The level after the refill up to `now`; a clock behind the level's own changes nothing."""
        flown = max(0, now - self.at) * rate.refill / 1_000
        return Level(min(float(rate.capacity), self.points + flown), max(now, self.at))


class Charge(NamedTuple):
    """The answer to a charge: allowed or not, what is left, and when to come back."""

    key: str
    points: int
    allowed: bool
    remaining: int
    retry_after_ms: int | None = None


def _milliseconds(clock: Clock) -> int:
    return round(clock().timestamp() * 1_000)


class _Store(Protocol):
    async def take(self, key: str, wanted: float) -> tuple[float, Level]:
        """Takes up to `wanted` points (gives back, when negative): what was got, and the level left."""
        ...


class MemoryStore:
    """Buckets of this process alone."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._levels: OrderedDict[str, Level] = OrderedDict()

    async def take(self, key: str, wanted: float) -> tuple[float, Level]:
        """See `_Store`."""
        now = _milliseconds(self._clock)
        got, level = _taken(self._levels.pop(key, None), wanted, now, self._rate)
        self._levels[key] = level
        if len(self._levels) > _ACCOUNTS:
            self._levels.popitem(last=False)
        return got, level


class RedisStore:
    """Buckets shared through Redis, each a small text changed in a watched transaction (no scripts are needed)."""

    def __init__(self, redis: "Redis", rate: Rate, clock: Clock, prefix: str) -> None:
        self._redis = redis
        self._rate = rate
        self._clock = clock
        self._prefix = prefix

    async def take(self, key: str, wanted: float) -> tuple[float, Level]:
        """See `_Store`. Tries until it wins the race with other processes: one of them wins each round."""
        name = self._prefix + key
        expiry = int(self._rate.window * 2_000)
        async with self._redis.pipeline(transaction=True) as pipe:
            while True:
                try:
                    await pipe.watch(name)
                    known = _parsed(await pipe.get(name))
                    got, level = _taken(known, wanted, _milliseconds(self._clock), self._rate)
                    pipe.multi()  # type: ignore[no-untyped-call]
                    pipe.set(name, f"{level.points:.3f} {level.at}", px=expiry)
                    await pipe.execute()
                    return got, level
                except WatchError:
                    await asyncio.sleep(_CONTENTION_PAUSE)


def _parsed(raw: bytes | str | None) -> Level | None:
    if raw is None:
        return None
    points, _, at = (raw.decode() if isinstance(raw, bytes) else raw).partition(" ")
    try:
        return Level(float(points), int(at))
    except ValueError:
        return None


def _taken(known: Level | None, wanted: float, now: int, rate: Rate) -> tuple[float, Level]:
    level = (known or Level(float(rate.capacity), now)).later(now, rate)
    got = min(wanted, level.points)
    return got, Level(min(float(rate.capacity), level.points - got), level.at)


@dataclass(slots=True)
class _Account:
    """One client as this process sees it: points leased, and the shared level when they were."""

    shared: Level
    leased: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Budget:
    """Charges clients. `redis` None keeps everything in this process; `timeout` is the longest wait for Redis."""

    def __init__(
        self,
        redis: "Redis | None" = None,
        *,
        rate: Rate | None = None,
        timeout: float = 0.3,
        clock: Clock = system_clock,
        prefix: str = "cosell:budget:",
    ) -> None:
        self.rate = rate or Rate()
        self._clock = clock
        self._timeout = timeout
        self._memory = MemoryStore(self.rate, clock)
        self._redis = RedisStore(redis, self.rate, clock, prefix) if redis is not None else None
        self._redis_again_at = 0.0
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    async def charge(self, key: str, points: int) -> Charge:
        """Takes `points` from the bucket `key`, all or none."""
        account = self._account(key)
        if account.leased < points:
            async with account.lock:
                if account.leased < points:
                    await self._lease(key, account, points)
        if account.leased >= points:
            account.leased -= points
            return Charge(key, points, True, self._remaining(account))
        remaining = self._remaining(account)
        missing = min(points, self.rate.capacity) - remaining
        return Charge(key, points, False, remaining, max(1, -(-missing * 1_000 // self.rate.refill)))

    async def refund(self, charge: Charge, actual: int) -> int:
        """Gives back what `charge` took beyond `actual`; returns the points that remain."""
        account = self._account(charge.key)
        account.leased += max(0, charge.points - actual)
        part = self.rate.capacity / _LEASE_PART
        if account.leased > 2 * part:
            surplus = account.leased - part
            account.leased -= surplus
            await self._take(charge.key, account, -surplus)
        return self._remaining(account)

    def _account(self, key: str) -> _Account:
        now = _milliseconds(self._clock)
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = _Account(Level(float(self.rate.capacity), now))
            if len(self._accounts) > _ACCOUNTS:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(key)
            if now - account.shared.at > self.rate.window * 1_000:
                account.leased = 0.0
        return account

    def _remaining(self, account: _Account) -> int:
        level = account.shared.later(_milliseconds(self._clock), self.rate)
        return min(self.rate.capacity, int(level.points + account.leased))

    async def _lease(self, key: str, account: _Account, points: int) -> None:
        missing = points - account.leased
        part = self.rate.capacity / _LEASE_PART
        await self._take(key, account, max(missing, part))

    async def _take(self, key: str, account: _Account, wanted: float) -> None:
        got, account.shared = await self._through_redis(key, wanted) or await self._memory.take(key, wanted)
        account.leased += max(0.0, got)

    async def _through_redis(self, key: str, wanted: float) -> tuple[float, Level] | None:
        loop = asyncio.get_running_loop()
        if self._redis is None or loop.time() < self._redis_again_at:
            return None
        taking = loop.create_task(self._redis.take(key, wanted))
        taking.add_done_callback(_retrieve)
        try:
            await asyncio.wait({taking}, timeout=self._timeout)
            if taking.done():
                return taking.result()
            reason = "no answer in time"
        except (RedisError, OSError) as error:
            reason = type(error).__name__
        finally:
            taking.cancel()
        self._redis_again_at = loop.time() + _RETRY_REDIS_AFTER
        _log.warning("request buckets are kept in process: Redis failed with %s", reason)
        return None


def _retrieve(taking: "asyncio.Task[tuple[float, Level]]") -> None:
    """Reads a late task's exception, so that nobody complains that it was not: its cancelling may take long."""
    if not taking.cancelled():
        taking.exception()
