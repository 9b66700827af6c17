"""Tortoise's asyncpg engine with five changes: no reset query, dead networks noticed, no query outside a transaction,
statements observed, none run twice in one read.

Tortoise finds this module by the name in its configuration (`engine: core.engine`).
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.exceptions import TransactionManagementError

from core.grants import readers_of
from core.readers import Readers, settle
from core.scope import EVERYTHING, Scope

_PLAIN = re.compile(r"[a-zA-Z0-9,-]*")
_MOST_ANSWERS, _MOST_ROWS = 100, 100
"""What a read remembers: answers, and rows of each. A larger answer is asked for again."""
observer: ContextVar[Callable[[str], None] | None] = ContextVar("statement_observer", default=None)


def readers_settings(user: str) -> dict[str, str]:
    """The settings of a connection that only reads, and under no scope; `user` is the application's role."""
    return {"role": readers_of(user), "app.kind": EVERYTHING.kind, "default_transaction_read_only": "on"}


class NoTransaction(RuntimeError):
    """A query ran outside `core.db.transaction` and `core.db.read`, where no scope is set."""


Reset = Callable[[Any], Awaitable[None]]
"""What is done with a connection that goes back to its pool."""


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
    """The pools: one lends connections to `core.db` for transactions, `readers` for single statements that only read.

    A connection of `readers` is under no scope and cannot write: its statements say themselves whose rows they want.
    """

    readers: Readers | None = None

    async def create_pool(self, *, reset: Reset = _keep_session, **kwargs: Any) -> asyncpg.Pool:
        """Opens a pool without the reset query, its connections watched."""
        return await asyncpg.create_pool(None, init=_watch_network, reset=reset, **kwargs)

    async def open_readers(self, wait: float) -> None:
        """Opens the second pool, where one waits at most `wait` seconds; it connects when first asked."""
        settings = {**self.server_settings, **readers_settings(str(self.user))}
        template = {**self._template, "min_size": 0, "server_settings": settings}
        pool = await self.create_pool(reset=settle, password=self.password, **template)
        self.readers = Readers(pool, self.pool_maxsize, wait)

    async def _close(self) -> None:
        readers, self.readers = self.readers, None
        if readers is not None:
            await readers.close()
        await super()._close()

    def acquire_connection(self) -> Any:
        """Refuses: a query here would run without a scope and could not be rolled back."""
        raise NoTransaction("open core.db.transaction or core.db.read first")


Run = Callable[[str, Sequence[Any]], Awaitable[list[Any]]]
"""(statement, values) → the driver's records."""


class Answers:
    """What a read has been told, by its questions: a statement with its values. The records are nobody's to change."""

    __slots__ = ("_asked", "_known")

    def __init__(self) -> None:
        self._known: dict[Hashable, list[Any]] = {}
        self._asked: dict[Hashable, asyncio.Lock] = {}

    async def ask(self, query: str, values: Sequence[Any], run: Run) -> list[Any]:
        """The answer that is known, or what `run` gives; who asks the same meanwhile waits for it."""
        question = (query, *map(_comparable, values))
        records = self._known.get(question)
        if records is not None:
            return records
        try:
            async with self._asked.setdefault(question, asyncio.Lock()):
                records = self._known.get(question)
                if records is None:
                    records = await run(query, values)
                    if len(records) <= _MOST_ROWS and len(self._known) < _MOST_ANSWERS:
                        self._known[question] = records
                return records
        finally:
            self._asked.pop(question, None)


def _comparable(value: Any) -> Hashable:
    """With its class: some values compare as equal that are not the same, as 1 and true."""
    return tuple(map(_comparable, value)) if isinstance(value, list | tuple) else (value.__class__, value)


class Transaction(TransactionWrapper):
    """One transaction on one pooled connection, with its own isolation and statement observer.

    `start` lends it a connection and begins it: at once, or with its first statement. One that only reads runs a small
    statement once: whoever asks the same again, with the same values, gets the same answer. `beside` has the answers to
    what says itself whose rows it wants: the same words under the transaction's scope may have others.
    """

    def __init__(
        self,
        client: AsyncpgDBClient,
        scope: Scope,
        start: Callable[["Transaction"], Awaitable[None]],
        *,
        readonly: bool = False,
    ) -> None:
        super().__init__(client)
        self.scope = scope
        self.reads_only = readonly
        self._connection = None
        self._start = start
        self._savepoints = 0
        self._answers = Answers()
        self.beside = Answers()

    @property
    def has_begun(self) -> bool:
        """Whether it has a connection."""
        return self._connection is not None

    async def ready(self) -> None:
        """Begins it, unless it has begun."""
        if self._connection is None:
            async with self._lock:
                if self._connection is None:
                    await self._start(self)

    async def begin_on(self, connection: asyncpg.Connection) -> None:
        """Begins, and tells the database the scope: one round trip."""
        kind = "BEGIN READ ONLY" if self.reads_only else "BEGIN"
        await connection.execute(f"{kind}; {local_settings(self.scope)}")
        self._connection = connection

    async def commit(self) -> None:
        """Ends it; `TransactionManagementError` when the server had given it up and only rolled it back."""
        if await self._connection.execute("COMMIT") != "COMMIT":
            raise TransactionManagementError("a failed statement had ended the transaction")

    async def rollback(self) -> None:
        """Ends it without what it wrote."""
        await self._connection.execute("ROLLBACK")

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """A savepoint: released at the end, rolled back to on any exception."""
        await self.ready()
        self._savepoints += 1
        name = f"part_{self._savepoints}"
        await self._connection.execute(f"savepoint {name}")
        try:
            yield
        except BaseException:
            await self._connection.execute(f"rollback to savepoint {name}")
            raise
        await self._connection.execute(f"release savepoint {name}")

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        """Tortoise's, observed."""
        await self.ready()
        observe(query)
        return await super().execute_insert(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        """Tortoise's, observed: number of rows, and the driver's records."""
        if self.reads_only:
            records = await self._answers.ask(query, values or (), self._fetched)
            return len(records), records
        await self.ready()
        observe(query)
        return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Any:
        """Tortoise's, observed; each row a dictionary of its own."""
        if self.reads_only:
            return [dict(record) for record in await self._answers.ask(query, values or (), self._fetched)]
        await self.ready()
        observe(query)
        return await super().execute_query_dict(query, values)

    async def _fetched(self, query: str, values: Sequence[Any]) -> list[Any]:
        await self.ready()
        observe(query)
        _, records = await super().execute_query(query, list(values))
        return list(records)

    async def fetch_records(self, query: str, values: Sequence[Any]) -> list[Any]:
        """The driver's records, observed; raises the driver's own failures."""
        await self.ready()
        observe(query)
        async with self._lock:
            records: list[Any] = await self._connection.fetch(query, *values)
        return records

    async def execute_many(self, query: str, values: list[Any]) -> None:
        """Tortoise's, observed."""
        await self.ready()
        observe(query)
        await super().execute_many(query, values)


def local_settings(scope: Scope) -> str:
    """The statement that tells the database the scope of the open transaction.

    Its values stand in the text; `ValueError` for one that would need quoting.
    """
    values = dict(zip(("app.kind", "app.ids", "app.account"), scope.settings(), strict=True))
    if not all(_PLAIN.fullmatch(value) for value in values.values()):
        raise ValueError("a setting's value may hold letters, digits, commas and hyphens only")
    return "select " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in values.items())


def observe(query: str) -> None:
    """Shows a statement to whoever watches."""
    watch = observer.get()
    if watch is not None:
        watch(query)


client_class = Client
