"""A database with the tables the worker lives on, made from the models, and short ways to fill and read them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from tortoise import Tortoise
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.utils import get_schema_sql

from core import db
from core.grants import grant, prepare_role
from core.scope import EVERYTHING
from core.urls import parse_url
from models import security
from models.config import APP_ROLE, tortoise_config
from tests.database import Servers

MODULES = ("models.outbox", "models.events", "models.audit", "models.idempotency", "models.schedules")


@dataclass(frozen=True)
class Tables:
    """The addresses of the database and of Redis."""

    app_url: str
    owner_url: str
    redis_url: str
    owner: asyncpg.Connection

    async def empty(self) -> None:
        """Deletes every row; the append-only triggers keep silent."""
        names = await self.owner.fetch("select relname from pg_class where relkind = 'r' and relnamespace = $1", 2200)
        await self.owner.execute("set session_replication_role = replica")
        for row in names:
            await self.owner.execute(f'delete from "{row["relname"]}"')
        await self.owner.execute("set session_replication_role = default")


def config(url: str, *, engine: str = "core.engine", size: int = 20) -> dict[str, Any]:
    """Tortoise's configuration for these tables."""
    found = tortoise_config(url)
    found["connections"]["default"]["engine"] = engine
    found["connections"]["default"]["credentials"] |= {"minsize": 1, "maxsize": size}
    found["apps"]["models"] = {"models": list(MODULES), "default_connection": "default"}
    return found


@asynccontextmanager
async def open_tables(servers: Servers, name: str) -> AsyncIterator[Tables]:
    """Creates the database `name` and opens this process's pool on it."""
    system = await asyncpg.connect(**parse_url(servers.postgres.url()))
    await system.execute(f"create database {name}")
    await system.close()
    owner_url, app_url = servers.postgres.url("postgres", name), servers.postgres.url(APP_ROLE, name)
    owner = await asyncpg.connect(**parse_url(owner_url))
    for statement in await _statements(owner_url):
        await owner.execute(statement)
    await prepare_role(owner, APP_ROLE, None, {"statement_timeout": "5s", "lock_timeout": "2s", "timezone": "UTC"})
    await grant(owner, APP_ROLE)
    await db.open_database(config(app_url))
    try:
        yield Tables(app_url, owner_url, servers.redis.url, owner)
    finally:
        await db.close_database()
        await owner.close()


async def _statements(url: str) -> list[str]:
    await Tortoise.init(config=config(url, engine="tortoise.backends.asyncpg"))
    try:
        schema = get_schema_sql(Tortoise.get_connection("default"), safe=False).replace("= null", "IS NULL")
        models = [model for app in Tortoise.apps.values() for model in app.values()]
        walls = [_wall(model, wall) for model in models for wall in getattr(model.Meta, "constraints", ())]
        return [schema, *walls, *security.statements(models)]
    finally:
        await Tortoise.close_connections()


def _wall(model: Any, wall: UniqueConstraint | CheckConstraint) -> str:
    table = model._meta.db_table
    if isinstance(wall, CheckConstraint):
        return f'alter table "{table}" add constraint "{wall.name}" check ({wall.check})'
    where = f" where {wall.condition}" if wall.condition else ""
    return f'create unique index "{wall.name}" on "{table}" ({", ".join(wall.fields)}){where}'


async def put(topic: str, key: str, **values: Any) -> int:
    """Writes an outbox row; `run_in` and `expires_in` are seconds from now."""
    async with db.transaction(EVERYTHING):
        rows = await db.fetch(
            """
            insert into outbox (topic, dedup_key, aggregate, payload, max_attempts, run_at, expires_at, created_at)
            values ($1, $2, $3, $4::jsonb, $5, now() + $6 * interval '1 second', now() + $7 * interval '1 second', now())
            returning id
            """,
            topic,
            key,
            values.pop("aggregate", None),
            orjson.dumps(values.pop("payload", {})).decode(),
            values.pop("max_attempts", 12),
            float(values.pop("run_in", 0)),
            values.pop("expires_in", None),
        )
    assert not values
    return int(rows[0]["id"])


async def sql(query: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of a statement in a transaction of its own."""
    async with db.transaction(EVERYTHING):
        return await db.fetch(query, *values)


async def row(job: int) -> dict[str, Any]:
    """An outbox row, with `now` and its waiting time `wait` in seconds."""
    found = await sql(
        "select *, extract(epoch from run_at - now())::float8 as wait, now() as now from outbox where id = $1", job
    )
    return found[0]


async def attempts(job: int) -> list[tuple[int, str | None]]:
    """(number, outcome) of a row's attempts in order."""
    found = await sql("select number, outcome from outbox_attempt where outbox_id = $1 order by id", job)
    return [(each["number"], each["outcome"]) for each in found]


async def states() -> dict[str, int]:
    """How many outbox rows are in which state."""
    return {each["state"]: each["n"] for each in await sql("select state, count(*) as n from outbox group by state")}
