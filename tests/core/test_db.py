"""The way into PostgreSQL: what fails is named, nothing leaks, nobody sees what is not in scope."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import TransactionManagementError

from core import db
from core.engine import NoTransaction
from core.ids import uuid7
from core.scope import EVERYTHING, NOTHING, Scope
from core.servers import PostgresServer
from core.urls import parse_url
from models.accounts import Account
from models.config import tortoise_config
from tests.client import NOON
from tests.database import Database, open_pool

INSERT = "insert into sign_in_guard (id, site, identifier_digest) values ($1, 'CN', $2)"


@pytest.fixture
async def small_pool(database: Database, pool: None) -> AsyncIterator[None]:
    """Two connections, waited for a fifth of a second; the session's pool is put back afterwards."""
    await db.close_database()
    await open_pool(database.app_url, size=2, acquire_timeout=0.2)
    yield
    await db.close_database()
    await open_pool(database.app_url)


async def insert(key: bytes = b"key") -> None:
    await db.fetch(INSERT, uuid7(), key)


async def guards(database: Database) -> int:
    found: int = await database.superuser.fetchval("select count(*) from sign_in_guard")
    return found


async def whole() -> None:
    """Every connection is idle and good for work, and no transaction is left in this task."""
    idle, size = db.pool_idle_and_size()
    assert idle == size
    assert not db.in_transaction()
    async with db.transaction(EVERYTHING):
        assert await db.fetch("select 1 as one") == [{"one": 1}]


class TestTransactions:
    async def test_the_end_commits_and_an_exception_rolls_back(self, database: Database, pool: None) -> None:
        async with db.transaction(EVERYTHING):
            await insert(b"kept")
        with pytest.raises(ZeroDivisionError):
            async with db.transaction(EVERYTHING):
                await insert(b"lost")
                raise ZeroDivisionError
        assert await guards(database) == 1

    async def test_a_read_joins_the_open_transaction_and_writes_nothing_alone(
        self, database: Database, pool: None
    ) -> None:
        async with db.transaction(EVERYTHING) as outer, db.read(NOTHING) as inner:
            assert inner is outer
        with pytest.raises(TransactionManagementError, match="read-only"):
            async with db.read(EVERYTHING):
                await insert()

    async def test_transactions_do_not_nest_and_queries_need_one(self, pool: None) -> None:
        async with db.transaction(EVERYTHING):
            with pytest.raises(RuntimeError, match="savepoint"):
                async with db.transaction(EVERYTHING):
                    pass
        with pytest.raises(RuntimeError, match="no transaction"):
            await db.fetch("select 1")
        with pytest.raises(NoTransaction):
            await Account.all()

    async def test_a_savepoint_fails_alone(self, database: Database, pool: None) -> None:
        async with db.transaction(EVERYTHING) as tx:
            await insert(b"first")
            with pytest.raises(db.ConstraintViolated):
                async with db.savepoint():
                    await insert(b"second")
                    assert db.current() is tx
                    await insert(b"first")
            async with db.savepoint():
                await insert(b"third")
        assert await guards(database) == 2

    async def test_statements_are_observed_without_the_frame(self, pool: None) -> None:
        with db.observed() as statements:
            async with db.transaction(EVERYTHING):
                await db.fetch("select 1")
                async with db.savepoint():
                    await Account.all().count()
        assert len(statements) == 2


class TestFailures:
    async def test_a_constraint_is_named(self, pool: None) -> None:
        with pytest.raises(db.ConstraintViolated) as violated:
            async with db.transaction(EVERYTHING):
                await insert()
                await insert()
        assert violated.value.name == "sign_in_guard_once"
        with pytest.raises(db.ConstraintViolated) as through_the_orm:
            async with db.transaction(EVERYTHING):
                await Account.insert(now=NOON, site="CN", kind="PERSONAL")
        assert through_the_orm.value.name == "account_has_contact"

    @pytest.mark.parametrize(
        ("state", "kind"),
        [
            ("40001", db.Contended),
            ("40P01", db.Contended),
            ("57014", db.TimedOut),
            ("25P03", db.TimedOut),
            ("55P03", db.Busy),
            ("53100", db.Unavailable),
            ("53300", db.Unavailable),
            ("57P01", db.Unavailable),
            ("08006", db.Unavailable),
        ],
    )
    async def test_a_failure_of_the_server_has_a_name(
        self, pool: None, state: str, kind: type[db.DatabaseFailure]
    ) -> None:
        with pytest.raises(db.DatabaseFailure) as failure:
            async with db.transaction(EVERYTHING):
                await db.fetch(f"do $$ begin raise exception 'now' using errcode = '{state}'; end $$")
        assert type(failure.value) is kind
        await whole()

    async def test_a_mistake_of_ours_keeps_its_own_name(self, pool: None) -> None:
        with pytest.raises(Exception, match="no_such_table"):
            async with db.transaction(EVERYTHING):
                await db.fetch("select * from no_such_table")
        await whole()

    async def test_a_lock_that_is_not_to_be_had_is_busy(self, database: Database, pool: None) -> None:
        await database.superuser.execute("select pg_advisory_lock(4711)")
        try:
            with pytest.raises(db.Busy):
                async with db.transaction(EVERYTHING):
                    await db.fetch("set local lock_timeout = '50ms'")
                    await db.fetch("select pg_advisory_xact_lock(4711)")
        finally:
            await database.superuser.execute("select pg_advisory_unlock(4711)")

    async def test_a_statement_that_takes_too_long_times_out(self, pool: None) -> None:
        with pytest.raises(db.TimedOut):
            async with db.transaction(EVERYTHING):
                await db.fetch("set local statement_timeout = '50ms'")
                await db.fetch("select pg_sleep(1)")
        await whole()

    async def test_a_pool_without_a_free_connection_is_unavailable_soon(self, small_pool: None) -> None:
        async with asyncio.TaskGroup() as group:
            busy = [group.create_task(_hold(0.6)) for _ in range(2)]
            await asyncio.sleep(0.1)
            with pytest.raises(db.Unavailable):
                async with db.transaction(EVERYTHING):
                    pytest.fail("there was a connection")
            assert not any(task.done() for task in busy), "it did not wait for them"
        assert all(task.done() for task in busy)
        await whole()

    async def test_a_connection_lost_in_the_middle_is_unavailable_and_replaced(
        self, database: Database, pool: None
    ) -> None:
        with pytest.raises(db.Unavailable):
            async with db.transaction(EVERYTHING):
                await insert()
                await _terminate(database, await _backend())
                await db.fetch("select 1")
        assert await guards(database) == 0
        await whole()

    async def test_a_connection_lost_before_commit_leaves_it_open_what_happened(
        self, database: Database, pool: None
    ) -> None:
        with pytest.raises(db.CommitUnknown):
            async with db.transaction(EVERYTHING):
                await insert()
                await _terminate(database, await _backend())
        assert await guards(database) == 0
        await whole()

    async def test_contention_is_tried_three_times(self) -> None:
        tries = []

        async def contend() -> int:
            tries.append(1)
            raise db.Contended

        with pytest.raises(db.Busy):
            await db.retrying(contend)
        assert len(tries) == 3


class TestCancellation:
    async def test_no_await_is_a_leak(self, database: Database, small_pool: None) -> None:
        """Cancels the same work before its first step, after it, after the second … until it gets through."""
        await _cancel_everywhere(_write, database)

    async def test_no_await_of_a_read_is_a_leak(self, database: Database, small_pool: None) -> None:
        async def look() -> None:
            async with db.read(EVERYTHING):
                await db.fetch("select 1")

        await _cancel_everywhere(look, None)

    async def test_waiting_for_a_connection_can_be_cancelled(self, small_pool: None) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(_hold(0.3))
            await asyncio.sleep(0.05)
            waiting = [asyncio.create_task(_hold(0)) for _ in range(5)]
            await asyncio.sleep(0.05)
            for task in waiting:
                task.cancel()
            assert all(isinstance(end, asyncio.CancelledError) for end in await _ends(waiting))
        await whole()

    async def test_a_slow_statement_can_be_cancelled(self, small_pool: None) -> None:
        tasks = [asyncio.create_task(_sleep_inside(5)) for _ in range(2)]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        started = asyncio.get_running_loop().time()
        await _ends(tasks)
        assert asyncio.get_running_loop().time() - started < 3
        await whole()


class TestRowSecurity:
    async def test_an_unset_scope_sees_nothing(self, database: Database, pool: None) -> None:
        tenant = uuid7()
        await _account(tenant)
        seen = {}
        for name, scope in {"all": EVERYTHING, "none": NOTHING, "own": Scope("partner", (tenant,))}.items():
            async with db.read(scope):
                seen[name] = await Account.all().count()
        assert seen == {"all": 1, "none": 0, "own": 1}
        raw = await asyncpg.connect(**parse_url(database.app_url))
        try:
            assert await raw.fetchval("select count(*) from account") == 0
        finally:
            await raw.close()

    async def test_the_scope_ends_with_its_transaction(self, small_pool: None) -> None:
        for _ in range(4):
            async with db.read(EVERYTHING):
                pass
            async with db.read(NOTHING):
                assert await db.fetch("select current_setting('app.kind') as kind") == [{"kind": "none"}]

    async def test_a_row_of_another_tenant_cannot_be_written(self, database: Database, pool: None) -> None:
        own, other = uuid7(), uuid7()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            try:
                async with db.transaction(Scope("partner", (own,))):
                    await _insert_account(other)
            except Exception as error:
                raise (error.__cause__ or error) from None
        theirs = await _account(other)
        async with db.transaction(Scope("partner", (own,))):
            assert await Account.filter(id=theirs).update(full_name="Stolen") == 0
            assert await Account.filter(id=theirs).delete() == 0
        assert await database.superuser.fetchval("select full_name from account") == "Tenant"

    async def test_two_thousand_mixed_transactions_without_a_filter_leak_nothing(
        self, database: Database, pool: None
    ) -> None:
        tenants = [uuid7() for _ in range(10)]
        for tenant in tenants:
            await _account(tenant)

        async def seen_by(tenant: UUID) -> set[UUID | None]:
            async with db.read(Scope("partner", (tenant,))):
                return {account.partner_id for account in await Account.all()}

        places = asyncio.Semaphore(20)

        async def one(number: int) -> bool:
            tenant = tenants[number % len(tenants)]
            async with places:
                return await seen_by(tenant) == {tenant}

        assert all(await asyncio.gather(*(one(number) for number in range(2_000))))
        await whole()


async def test_the_pool_recovers_from_a_restart_of_the_server(database: Database, pool: None) -> None:
    """A task that lives on (as the relay does) works again as soon as the server is back."""
    folder = Path(tempfile.mkdtemp(prefix="cosell-restart-"))
    folder.chmod(0o711)
    server = PostgresServer.start(folder / "postgres", durable=False)
    address = folder / "address"  # stays the same, although each start has a socket folder of its own
    config = tortoise_config(server.url(), pool_size=3)
    credentials = config["connections"]["default"]["credentials"]
    address.symlink_to(credentials["host"])
    credentials["host"] = str(address)
    await db.close_database()
    try:
        await db.open_database(config)
        await asyncio.gather(*(_hold(0.05) for _ in range(3)))
        server.stop()
        for _ in range(4):
            with pytest.raises(db.Unavailable):
                await _hold(0)
        server = PostgresServer.start(folder / "postgres", durable=False)
        address.unlink()
        address.symlink_to(parse_url(server.url())["host"])
        for _ in range(4):
            await _hold(0)
        await whole()
        await db.close_database()
    finally:
        server.stop()
        await open_pool(database.app_url)
        shutil.rmtree(folder)


async def _cancel_everywhere(work: Callable[[], Awaitable[None]], database: Database | None) -> None:
    for steps in range(500):
        task = asyncio.ensure_future(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        (end,) = await _ends([task])
        await whole()
        if database is not None:
            assert await guards(database) in (0, 2), f"half of it was written, cancelled after {steps} steps"
            await database.superuser.execute("delete from sign_in_guard")
        if end is None:
            return
        assert isinstance(end, asyncio.CancelledError | db.DatabaseFailure)
    pytest.fail("it never got through")


async def _write() -> None:
    async with db.transaction(EVERYTHING):
        await insert(b"one")
        async with db.savepoint():
            await insert(b"two")


async def _hold(seconds: float) -> None:
    async with db.transaction(EVERYTHING):
        await db.fetch("select 1")
        await asyncio.sleep(seconds)


async def _sleep_inside(seconds: float) -> None:
    async with db.transaction(EVERYTHING):
        await db.fetch("select pg_sleep($1)", seconds)


async def _ends(tasks: list[asyncio.Future[None]] | list[asyncio.Task[None]]) -> list[BaseException | None]:
    async with asyncio.timeout(10):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def _backend() -> int:
    (row,) = await db.fetch("select pg_backend_pid() as pid")
    return int(row["pid"])


async def _terminate(database: Database, pid: int) -> None:
    assert await database.superuser.fetchval("select pg_terminate_backend($1, 2000)", pid)


async def _account(tenant: UUID) -> UUID:
    async with db.transaction(EVERYTHING):
        return await _insert_account(tenant)


async def _insert_account(tenant: UUID) -> UUID:
    made = await Account.insert(
        now=NOON,
        site="CN",
        kind="IAM_USER",
        email=f"{uuid7().hex}@example.com",
        full_name="Tenant",
        partner_id=tenant,
    )
    return made.id
