"""Connections for single statements: lent again, waited for within bounds, replaced when they are dead."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from core import db
from core.readers import Readers, settle
from core.urls import parse_url
from models.config import APP_ROLE
from tests.database import Database

BACKEND = "select pg_backend_pid()"


@pytest.fixture
async def readers(database: Database) -> AsyncIterator[Readers]:
    """Two connections, and patience."""
    made = await made_of(database, 2)
    yield made
    await made.close()


async def made_of(database: Database, size: int) -> Readers:
    pool = await asyncpg.create_pool(min_size=0, max_size=size, reset=settle, **parse_url(database.app_url))
    return Readers(pool, size, 20.0)


async def backend(readers: Readers) -> int:
    """The server's process behind the connection that comes next."""
    ((pid,),) = await readers.fetch(BACKEND, ())
    return int(pid)


async def test_one_connection_serves_one_after_the_other(readers: Readers) -> None:
    assert len({await backend(readers) for _ in range(5)}) == 1
    assert readers.idle_and_size() == (1, 1)


async def test_as_many_as_there_are_at_once_and_then_one_waits(readers: Readers) -> None:
    busy = [asyncio.create_task(readers.fetch("select pg_sleep(0.1)", ())) for _ in range(2)]
    await asyncio.sleep(0)
    assert await backend(readers)
    await asyncio.gather(*busy)
    assert readers.idle_and_size() == (2, 2)


async def test_waiting_has_an_end(readers: Readers) -> None:
    await asyncio.gather(*(readers.fetch("select pg_sleep(0.1)", ()) for _ in range(2)))
    busy = [asyncio.create_task(readers.fetch("select pg_sleep(2)", ())) for _ in range(2)]
    await asyncio.sleep(0)
    readers._wait = 0.1
    with pytest.raises(asyncpg.TooManyConnectionsError):
        await backend(readers)
    assert not any(task.done() for task in busy)
    await asyncio.gather(*busy)
    assert await backend(readers)


async def test_a_failed_statement_leaves_the_connection_usable(readers: Readers) -> None:
    for _ in range(5):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await readers.fetch("select 1 / 0", ())
    assert await backend(readers)
    idle, size = readers.idle_and_size()
    assert idle == size


async def test_a_cancelled_statement_is_over(readers: Readers) -> None:
    for _ in range(5):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await readers.fetch("select pg_sleep(5)", ())
    assert await backend(readers)
    idle, size = readers.idle_and_size()
    assert idle == size


async def test_a_statement_cancelled_as_it_was_prepared_is_over(database: Database, pool: None) -> None:
    await db.look_up(BACKEND)
    for number in range(5):
        asked = asyncio.create_task(db.look_up(f"select {number}"))
        for _ in range(3):
            await asyncio.sleep(0)
        time.sleep(0.05)  # the server has prepared it, and this process has not heard of that yet
        asked.cancel()
        await asyncio.wait({asked})
        assert asked.cancelled()
        busy = "select query from pg_stat_activity where usename = $1 and state <> 'idle'"
        assert await database.superuser.fetch(busy, APP_ROLE) == []


async def test_a_connection_that_the_server_ended_is_replaced(database: Database, readers: Readers) -> None:
    ended = await backend(readers)
    await database.superuser.execute("select pg_terminate_backend($1)", ended)
    async with asyncio.timeout(20):
        while readers.idle_and_size() != (0, 0):
            await asyncio.sleep(0.02)
    assert await backend(readers) != ended
    idle, size = readers.idle_and_size()
    assert idle == size


async def test_closing_does_not_wait_for_one_silent_connection_after_the_other(database: Database) -> None:
    readers = await made_of(database, 6)
    asked = [readers.fetch("select pg_backend_pid() from pg_sleep(0.2)", ()) for _ in range(6)]
    silent = [pid for ((pid,),) in await asyncio.gather(*asked)]
    assert len(set(silent)) == 6
    for pid in silent:
        os.kill(pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(8):
            await readers.close()
    finally:
        for pid in silent:
            os.kill(pid, signal.SIGCONT)


async def test_without_readers_everything_is_in_a_transaction(database: Database, pool: None) -> None:
    readers, db._client().readers = db._client().readers, None
    try:
        ((mode,),) = await db.look_up("select current_setting('default_transaction_read_only')")
        assert mode == "off"
    finally:
        db._client().readers = readers
