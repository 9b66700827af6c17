"""The pool's connections: over TCP, and what they keep."""

import asyncio
import socket
from typing import Any

import pytest

from core import db
from core.scope import NOTHING
from models.config import APP_ROLE, DATABASE
from tests.database import Database, open_pool
from tests.faults.proxy import proxy


async def test_connections_over_a_network_are_probed(database: Database, pool: None) -> None:
    async with proxy(database.app_url) as wires:
        await db.close_database()
        try:
            await open_pool(wires.url(APP_ROLE, DATABASE), size=1)
            async with db.read(NOTHING) as tx:
                await tx.ready()
                plug = db.current()._connection._transport.get_extra_info("socket")
                kept = plug.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                idle, patience = (
                    plug.getsockopt(socket.IPPROTO_TCP, option)
                    for option in (socket.TCP_KEEPIDLE, socket.TCP_USER_TIMEOUT)
                )
        finally:
            await db.close_database()
            await open_pool(database.app_url)
    assert (kept, idle, patience) == (1, 30, 10_000)


async def test_a_connection_keeps_no_more_than_a_hundred_prepared_statements(database: Database, pool: None) -> None:
    """However many shapes of filters there are. The connection that was used last is the next one's."""
    await db.close_database()
    await open_pool(database.app_url, size=1)
    try:
        for number in range(150):
            await db.look_up(f"select $1::int as shape_{number}", number)
        ((kept,),) = await db.look_up("select count(*) from pg_prepared_statements")
    finally:
        await db.close_database()
        await open_pool(database.app_url)
    assert 90 < kept <= 100


class TestAnswersOfARead:
    """A read runs a small statement once; the value drawn by the database tells whether it ran again."""

    DRAWN = "select random() as drawn, $1::text as given"

    async def test_the_same_question_has_the_same_answer(self, pool: None) -> None:
        async with db.read(NOTHING):
            with db.observed() as statements:
                first, again = await db.fetch(self.DRAWN, "a"), await db.fetch(self.DRAWN, "a")
                counted, records = await db.current().execute_query(self.DRAWN, ["a"])
            other = await db.fetch(self.DRAWN, "b")
        assert first == again == [dict(record) for record in records]
        assert (counted, len(statements)) == (1, 1)
        assert other != first

    async def test_the_next_read_asks_anew(self, pool: None) -> None:
        found = []
        for _ in range(2):
            async with db.read(NOTHING):
                found.append(await db.fetch(self.DRAWN, "a"))
        assert found[0] != found[1]

    async def test_a_transaction_that_writes_asks_every_time(self, pool: None) -> None:
        async with db.transaction(NOTHING):
            assert await db.fetch(self.DRAWN, "a") != await db.fetch(self.DRAWN, "a")

    async def test_everybody_who_asks_at_once_gets_one_answer(self, pool: None) -> None:
        async with db.read(NOTHING):
            with db.observed() as statements:
                found = await asyncio.gather(*(db.fetch(self.DRAWN, "a") for _ in range(5)))
        assert all(one == found[0] for one in found)
        assert len(statements) == 1

    async def test_what_one_does_with_its_rows_does_not_touch_the_others(self, pool: None) -> None:
        async with db.read(NOTHING):
            [mine] = await db.fetch(self.DRAWN, "a")
            mine["given"] = "changed"
            [theirs] = await db.fetch(self.DRAWN, "a")
        assert theirs["given"] == "a"

    async def test_values_that_only_compare_as_equal_are_not_the_same(self, pool: None) -> None:
        async with db.read(NOTHING):
            with db.observed() as statements:
                for value in (1, 1.0, 1):
                    await db.fetch("select $1::float8 as given", value)
        assert len(statements) == 2

    async def test_lists_are_told_apart_by_what_they_hold(self, pool: None) -> None:
        async with db.read(NOTHING):
            found = [await db.fetch("select $1::text[] as given", given) for given in (["a"], ["b"], ["a"])]
        assert [row["given"] for [row] in found] == [["a"], ["b"], ["a"]]

    @pytest.mark.parametrize(("rows", "runs"), [(100, 1), (101, 2)])
    async def test_large_answers_are_not_kept(self, pool: None, rows: int, runs: int) -> None:
        async with db.read(NOTHING):
            with db.observed() as statements:
                for _ in range(2):
                    assert len(await db.fetch("select generate_series(1, $1::int) as number", rows)) == rows
        assert len(statements) == runs

    async def test_nor_more_than_a_hundred(self, pool: None) -> None:
        async def ask(value: Any) -> None:
            await db.fetch(self.DRAWN, value)

        async with db.read(NOTHING):
            for number in range(101):
                await ask(str(number))
            with db.observed() as statements:
                await ask("99")
                await ask("100")
        assert len(statements) == 1
