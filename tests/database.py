"""The test session's database: who may connect to it how, and how it is emptied between tests."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

import tasks.wiring
from core import db
from core.migrate import HISTORY_TABLE, migrate
from core.servers import PostgresServer, RedisServer
from core.urls import parse_url
from models.config import APP_ROLE, DATABASE, OWNER_ROLE, surface, tortoise_config
from resolvers.verify import everything
from tests.modes import READERS

assert tasks.wiring  # the domains, each with its invariants


@dataclass(frozen=True)
class Servers:
    """The session's PostgreSQL cluster (its data may be lost) and Redis."""

    postgres: PostgresServer
    redis: RedisServer


@dataclass(frozen=True)
class Database:
    """Addresses of one migrated database, as its three kinds of user, and of Redis."""

    app_url: str
    owner_url: str
    superuser_url: str
    redis_url: str
    superuser: asyncpg.Connection
    probe: str
    invariants: PreparedStatement
    every_row: PreparedStatement

    async def empty(self) -> None:
        """Deletes every row that a test or a migration's successor wrote; triggers and foreign keys keep silent."""
        filled = await self.superuser.fetchval(self.probe)
        if filled:
            await self.superuser.execute("; ".join(f"DELETE FROM {name}" for name in filled))

    async def offences(self) -> list[str]:
        """What breaks an invariant, each with its name."""
        return [f"{row['name']}: {row['offence']}" for row in await self.invariants.fetch()]

    async def picture(self) -> dict[str, list[str]]:
        """Every row of every table that has any, to be compared before and after a refusal."""
        return {row["name"]: row["rows"] for row in await self.every_row.fetch() if row["rows"]}


async def create_database(servers: Servers, name: str) -> None:
    """A new, unmigrated database owned by the owner role, which is made with the first one."""
    connection = await asyncpg.connect(**parse_url(servers.postgres.url()))
    try:
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", OWNER_ROLE):
            await connection.execute(f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEROLE")
        await connection.execute(f"CREATE DATABASE {name} OWNER {OWNER_ROLE}")
    finally:
        await connection.close()


@asynccontextmanager
async def open_database(servers: Servers) -> AsyncIterator[Database]:
    """Creates and migrates the session's database."""
    await create_database(servers, DATABASE)
    app_url, owner_url, superuser_url = (
        servers.postgres.url(who, DATABASE) for who in (APP_ROLE, OWNER_ROLE, "postgres")
    )
    await migrate(owner_url, app_url, surface())
    opened = await look_at(app_url, owner_url, superuser_url, servers.redis.url)
    try:
        # As a replica's applier nothing fires and nothing is checked; a test that left a lock behind fails here soon.
        await opened.superuser.execute("SET session_replication_role = replica; SET lock_timeout = '3s'")
        yield opened
    finally:
        await opened.superuser.close()


async def open_pool(app_url: str, *, size: int = 20, acquire_timeout: float = 2.0) -> None:
    """Opens this process's pools as the application has them; its reads go the way that the suite's mode says."""
    config = tortoise_config(app_url, pool_size=size)
    await db.open_database(config, acquire_timeout=acquire_timeout, readers=READERS)


async def look_at(app_url: str, owner_url: str, superuser_url: str, redis_url: str) -> Database:
    """A migrated database, with the superuser signed in.

    The long statements are prepared once: the driver keeps no plan of them, and planning takes longer than asking.
    """
    superuser = await asyncpg.connect(**parse_url(superuser_url))
    tables = await _tables(superuser)
    invariants, rows = await superuser.prepare(everything()), await superuser.prepare(_every_row(tables))
    return Database(app_url, owner_url, superuser_url, redis_url, superuser, _probe(tables), invariants, rows)


async def _tables(connection: asyncpg.Connection) -> list[str]:
    query = (
        "SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> $1 ORDER BY 1"
    )
    return [row["name"] for row in await connection.fetch(query, HISTORY_TABLE)]


def _probe(tables: Sequence[str]) -> str:
    """One statement that names the tables with rows; looking is much cheaper than deleting from all."""
    looks = ", ".join(f"CASE WHEN EXISTS (SELECT FROM {name}) THEN '{name}' END" for name in tables)
    return f"SELECT array_remove(ARRAY[{looks}]::text[], NULL)"


def _every_row(tables: Sequence[str]) -> str:
    """One statement for (name, rows as texts in order) of all tables."""
    return " UNION ALL ".join(
        f"SELECT '{name}' AS name, array_agg(t::text ORDER BY t::text COLLATE \"C\") AS rows FROM {name} AS t"
        for name in tables
    )
