"""The way into PostgreSQL: a bounded pool, transactions and reads that carry a scope, and one vocabulary of failures.

Tortoise's own transactions lose a pooled connection for ever when BEGIN fails or is cancelled; these do not.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError

from core.engine import Client, Transaction, observe, observer
from core.scope import EVERYTHING, Scope

T = TypeVar("T")
_ALIAS = "default"
_RETRIES = 3
_acquire_timeout = 2.0
_opened_client: Client | None = None
_open: ContextVar[Transaction | None] = ContextVar("transaction", default=None)


class DatabaseFailure(Exception):
    """The database could not do it now; nothing was written unless said otherwise."""


class Unavailable(DatabaseFailure):
    """No connection could be had, or the server went away."""


class CommitUnknown(Unavailable):
    """The connection was lost during COMMIT: the work may be written or not. Only its idempotency key can tell."""


class TimedOut(DatabaseFailure):
    """A statement ran into its time-out."""


class Busy(DatabaseFailure):
    """A row lock could not be had in time."""


class Contended(DatabaseFailure):
    """A deadlock or serialization failure; the same work may succeed when run again."""


class ConstraintViolated(Exception):
    """A declared constraint refused the write. `name` is the constraint's name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


async def open_database(config: dict[str, Any], *, acquire_timeout: float = 2.0, readers: bool = True) -> None:
    """Initialises Tortoise from its configuration dict and opens the pool at once (Tortoise would wait for a query).

    Without `readers` there is no second pool: every statement runs in a transaction under row-level security.
    """
    global _acquire_timeout, _opened_client
    _acquire_timeout = acquire_timeout
    await Tortoise.init(config=config, _enable_global_fallback=True)
    client = get_connections().get(_ALIAS)
    if not isinstance(client, Client):
        raise RuntimeError("the database is not configured with core.engine")
    _opened_client = client
    with _translated():
        await _client().create_connection(with_db=True)
        if readers:
            await _client().open_readers(acquire_timeout)


async def close_database() -> None:
    """Closes the pools."""
    await Tortoise.close_connections()


def pool_idle_and_size() -> tuple[int, int]:
    """Idle connections and all connections of this process's pools."""
    pool, readers = _pool(), _client().readers
    idle, size = readers.idle_and_size() if readers is not None else (0, 0)
    return pool.get_idle_size() + idle, pool.get_size() + size


def current() -> Transaction:
    """The transaction open in this task; `RuntimeError` outside of one."""
    tx = _open.get()
    if tx is None:
        raise RuntimeError("no transaction is open")
    return tx


def in_transaction() -> bool:
    """Whether a transaction (or read) is open in this task."""
    return _open.get() is not None


@asynccontextmanager
async def transaction(scope: Scope) -> AsyncIterator[Transaction]:
    """One transaction under `scope`: commits at the end, rolls back on any exception.

    Raises `ConstraintViolated` or a `DatabaseFailure`; never nests (use `savepoint`).
    """
    if in_transaction():
        raise RuntimeError("a transaction is already open; use savepoint()")
    async with _opened(scope, readonly=False) as tx:
        yield tx


@asynccontextmanager
async def read(scope: Scope) -> AsyncIterator[Transaction]:
    """Joins the open transaction, or opens a read-only one under `scope`, which begins with its first statement."""
    if in_transaction():
        yield current()
        return
    async with _opened(scope, readonly=True) as tx:
        yield tx


@asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """A part of the open transaction that can fail alone."""
    # Not Tortoise's: it would put a wrapper in the transaction's place that is not ours.
    with _translated():
        async with current().part():
            yield


async def retrying(work: Callable[[], Awaitable[T]]) -> T:
    """Runs `work` up to three times while it ends in `Contended`; the last `Contended` becomes `Busy`."""
    for _ in range(_RETRIES - 1):
        try:
            return await work()
        except Contended:
            continue
    try:
        return await work()
    except Contended as failure:
        raise Busy("still contended after three tries") from failure


@contextmanager
def observed() -> Iterator[list[str]]:
    """Collects the statements run inside (without BEGIN, COMMIT and the scope's settings)."""
    statements: list[str] = []
    token = observer.set(statements.append)
    try:
        yield statements
    finally:
        observer.reset(token)


async def fetch(query: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of one SQL statement in the open transaction, `$1…` bound to `values`."""
    rows: list[dict[str, Any]] = await current().execute_query_dict(query, list(values))
    return rows


async def fetch_scoped(query: str, *values: Any) -> list[Any]:
    """The driver's records of a statement that says itself whose rows it wants: all of them, for a scope of all.

    In a read it runs once, beside the transaction, which need not begin for it; in a transaction that writes, as part
    of it.
    """
    tx = current()
    with _translated():
        if not tx.reads_only:
            return await tx.fetch_records(query, values)
        readers = _client().readers
        return await tx.beside.ask(query, values, tx.fetch_records if readers is None or tx.has_begun else _beside)


async def _beside(query: str, values: Sequence[Any]) -> list[Any]:
    """Runs a statement on a connection of the readers."""
    readers = _client().readers
    assert readers is not None
    observe(query)
    return await readers.fetch(query, tuple(values))


async def look_up(query: str, *values: Any) -> list[Any]:
    """The driver's records of one statement under no scope: for what is asked before anybody's scope is known."""
    readers = _client().readers
    if readers is not None and not in_transaction():
        with _translated():
            observe(query)
            return await readers.fetch(query, values)
    async with read(EVERYTHING) as tx:
        with _translated():
            return await tx.fetch_records(query, values)


async def fetch_patiently(query: str, *values: Any, seconds: float) -> list[dict[str, Any]]:
    """As `fetch`, for one that may take up to `seconds`, past the time-outs of the role and of the driver."""
    tx = current()
    with _translated():
        await tx.ready()
        connection = tx._connection
        await connection.execute(f"set local statement_timeout = {seconds * 1000:.0f}")
        return [dict(row) for row in await connection.fetch(query, *values, timeout=seconds)]


async def fetch_one(query: str, *values: Any) -> dict[str, Any] | None:
    """The first row of one SQL statement in the open transaction, or None."""
    rows = await fetch(query, *values)
    return rows[0] if rows else None


async def lock_name(name: str) -> None:
    """Lets one transaction at a time hold `name`, until it ends. One statement.

    For what has no row to lock: begin the name with whose it is, and take several in the order of their names.
    """
    await fetch("select pg_advisory_xact_lock(hashtextextended($1, 0))", name)


def _client() -> Client:
    if _opened_client is None:
        raise RuntimeError("the database is not open")
    return _opened_client


def _pool() -> asyncpg.Pool:
    pool = _client()._pool
    if pool is None:
        raise Unavailable("the pool is closed")
    return pool


@asynccontextmanager
async def _opened(scope: Scope, *, readonly: bool) -> AsyncIterator[Transaction]:
    with _translated():
        tx = Transaction(_client(), scope, _begin, readonly=readonly)
        if not readonly:
            await _begin(tx)
        token, open_token = get_connections().set(_ALIAS, tx), _open.set(tx)
        try:
            yield tx
            if tx.has_begun:
                await _commit(tx, readonly=readonly)
        except BaseException:
            if tx.has_begun:
                await _abandon(tx)
            raise
        finally:
            _open.reset(open_token)
            get_connections().reset(token)
            if tx.has_begun:
                await _release(tx._connection)


async def _begin(tx: Transaction) -> None:
    with _translated():
        try:
            connection = await _pool().acquire(timeout=_acquire_timeout)
        except TimeoutError as error:
            raise Unavailable("no connection became free in time") from error
        try:
            await tx.begin_on(connection)
        except BaseException:
            # A half-started BEGIN leaves the wire in an unknown state: never lend this connection again.
            _throw_away(connection)
            await _release(connection)
            raise


async def _commit(tx: Transaction, *, readonly: bool) -> None:
    try:
        with _translated():
            await tx.commit()
    except (Unavailable, TimedOut) as failure:
        if readonly:
            raise
        raise CommitUnknown("the answer to COMMIT was lost") from failure


async def _abandon(tx: Transaction) -> None:
    """Rolls back; a connection that cannot even do that in time, or whose COMMIT was cut short, is thrown away.

    A cancellation that comes meanwhile is passed on: the task would live on without its deadline.
    """
    try:
        if tx._connection.is_closed() or not tx._connection.is_in_transaction():
            return
    except asyncpg.InterfaceError:
        return  # as in `_throw_away`
    rollback = asyncio.ensure_future(tx.rollback())
    try:
        await asyncio.wait_for(asyncio.shield(rollback), 2)
    except BaseException as failure:
        rollback.cancel()
        _throw_away(tx._connection)
        if isinstance(failure, asyncio.CancelledError):
            raise


def _throw_away(connection: asyncpg.pool.PoolConnectionProxy) -> None:
    """Ends a connection for good; one that the server ended first has been taken back by the pool already."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def _release(connection: asyncpg.pool.PoolConnectionProxy) -> None:
    pool = _client()._pool
    if pool is not None:
        await asyncio.shield(pool.release(connection, timeout=2))


_FAILURES: tuple[tuple[tuple[type[BaseException], ...], type[DatabaseFailure]], ...] = (
    ((asyncpg.SerializationError, asyncpg.DeadlockDetectedError), Contended),
    ((asyncpg.QueryCanceledError, asyncpg.IdleInTransactionSessionTimeoutError), TimedOut),
    ((asyncpg.LockNotAvailableError,), Busy),
    (
        (
            asyncpg.PostgresConnectionError,
            asyncpg.InsufficientResourcesError,
            asyncpg.OperatorInterventionError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            OSError,
        ),
        Unavailable,
    ),
)


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the driver's and the ORM's exceptions into this module's vocabulary; others pass."""
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        name = getattr(cause, "constraint_name", None) or getattr(cause, "column_name", None) or "unknown"
        raise ConstraintViolated(name) from error
    except asyncpg.IntegrityConstraintViolationError as error:
        raise ConstraintViolated(error.constraint_name or "unknown") from error
    except TimeoutError as error:
        # The driver's own bound on a statement; a request's deadline arrives as a cancellation and passes.
        raise TimedOut("the database did not answer in time") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        kind = _kind(error)
        if kind is None:
            raise
        raise kind(type(error).__name__) from error
    except (OperationalError, TransactionManagementError) as error:
        kind = _kind(error.__cause__)
        if kind is None:
            raise
        raise kind(type(error.__cause__).__name__) from error


def _kind(error: BaseException | None) -> type[DatabaseFailure] | None:
    return next((kind for causes, kind in _FAILURES if isinstance(error, causes)), None)
