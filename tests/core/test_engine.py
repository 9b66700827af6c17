"""The pool's connections: over TCP, and what they keep."""

import socket

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
