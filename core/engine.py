"""Tortoise's asyncpg engine with four changes: no reset query, dead networks noticed, no query outside a transaction,
statements observed.

Tortoise finds this module by the name in its configuration (`engine: core.engine`).
"""

import socket
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper

observer: ContextVar[Callable[[str], None] | None] = ContextVar("statement_observer", default=None)


class NoTransaction(RuntimeError):
    """A query ran outside `core.db.transaction` and `core.db.read`, where no scope is set."""


async def _keep_session(_connection: object) -> None:
    """Replaces asyncpg's reset query: nothing here ever changes session state, and it costs half a small statement."""


_PROBES = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}
"""Seconds, a count and milliseconds: a silent network is found out within a minute by an idle connection, within ten
seconds by one with something on its way. Where a system lacks an option, its own default stays.
"""


async def _watch_network(connection: asyncpg.Connection) -> None:
    """Lets the kernel end a connection whose other side is silently gone, so that nobody is lent it."""
    plug = connection._transport.get_extra_info("socket")
    if plug.family == socket.AF_UNIX:
        return
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _PROBES.items():
        if hasattr(socket, name):
            plug.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class Client(AsyncpgDBClient):
    """The pool. It only lends connections to `core.db`."""

    async def create_pool(self, **kwargs: Any) -> asyncpg.Pool:
        """Opens the pool without the reset query, its connections watched."""
        return await asyncpg.create_pool(None, init=_watch_network, reset=_keep_session, **kwargs)

    def acquire_connection(self) -> Any:
        """Refuses: a query here would run without a scope and could not be rolled back."""
        raise NoTransaction("open core.db.transaction or core.db.read first")


class Transaction(TransactionWrapper):
    """One transaction on one pooled connection, with its own isolation and statement observer."""

    def __init__(self, client: AsyncpgDBClient, connection: asyncpg.Connection, *, readonly: bool = False) -> None:
        super().__init__(client)
        self._connection = connection
        self._readonly = readonly

    async def begin(self) -> None:
        """Starts the transaction (asyncpg's own object, so that savepoints nest inside it)."""
        self.transaction = self._connection.transaction(readonly=self._readonly)
        await self.transaction.start()

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        """Tortoise's, observed."""
        _observe(query)
        return await super().execute_insert(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        """Tortoise's, observed."""
        _observe(query)
        return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Any:
        """Tortoise's, observed."""
        _observe(query)
        return await super().execute_query_dict(query, values)

    async def fetch_records(self, query: str, values: Sequence[Any]) -> list[Any]:
        """The driver's records, observed; raises the driver's own failures."""
        _observe(query)
        async with self._lock:
            records: list[Any] = await self._connection.fetch(query, *values)
        return records

    async def execute_many(self, query: str, values: list[Any]) -> None:
        """Tortoise's, observed."""
        _observe(query)
        await super().execute_many(query, values)


def _observe(query: str) -> None:
    watch = observer.get()
    if watch is not None:
        watch(query)


client_class = Client
