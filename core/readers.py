"""Connections for single statements that only read, lent and taken back with less ado than a pool has."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import asyncpg


async def settle(connection: Any) -> None:
    """Readies a connection for the pool after a statement that failed or was cancelled: one round trip.

    The driver prepares without a Sync. When the server has prepared a statement that nobody wants to run any more, only
    the next message ends the implicit transaction that it began.
    """
    await connection.execute("select")


class Readers:
    """Runs statements on connections of `pool`, at most `size` at once; one waits at most `wait` seconds for its turn.

    A connection stays lent between statements, the last one used goes first: its prepared statements are the warmest.
    One on which a statement failed, or was cancelled, goes back to the pool, which settles or replaces it.
    """

    def __init__(self, pool: asyncpg.Pool, size: int, wait: float) -> None:
        self._pool = pool
        self._places = asyncio.Semaphore(size)
        self._wait = wait
        self._idle: list[Any] = []

    async def fetch(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        """The driver's records; raises its failures, `TooManyConnectionsError` among them when it waited too long."""
        if self._places.locked():
            await self._in_time(self._places.acquire())
        else:
            await self._places.acquire()
        try:
            connection = await self._connection()
            try:
                records: list[Any] = await connection.fetch(query, *values)
            except BaseException:
                await self._give_back(connection)
                raise
            self._idle.append(connection)
            return records
        finally:
            self._places.release()

    def idle_and_size(self) -> tuple[int, int]:
        """Connections that do nothing, and all connections."""
        return self._pool.get_idle_size() + sum(map(_is_alive, self._idle)), self._pool.get_size()

    async def close(self) -> None:
        """Gives everything back and closes the pool, by force after ten seconds."""
        idle, self._idle = self._idle, []
        try:
            async with asyncio.timeout(10):
                await asyncio.gather(*map(self._give_back, idle))
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _connection(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if _is_alive(connection):
                return connection
            await self._give_back(connection)
        return await self._in_time(self._pool.acquire())

    async def _in_time(self, waiting: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(self._wait):
                return await waiting
        except TimeoutError:
            raise asyncpg.TooManyConnectionsError("no connection became free in time") from None

    async def _give_back(self, connection: Any) -> None:
        with suppress(Exception):  # the pool has ended the connection: what its statement met is what counts
            await asyncio.shield(self._pool.release(connection, timeout=2))


def _is_alive(connection: Any) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        return False  # the server ended it, and the pool has taken it back already
