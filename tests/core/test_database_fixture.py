"""The fixtures everybody builds on: migrated through the real command, empty at the start of each test."""

import asyncpg
import pytest
import redis

from core.migrate import HISTORY_TABLE, is_empty
from core.urls import parse_url
from tests.database import Database

INSERT = "INSERT INTO working_day (id, site, day, is_working) VALUES (gen_random_uuid(), 'CN', '2026-01-01', true)"


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_starts_empty(database: Database, turn: int) -> None:
    assert await is_empty(database.owner_url)
    assert await database.superuser.fetchval(f"SELECT count(*) FROM {HISTORY_TABLE}") > 0, "but migrated"
    with redis.Redis.from_url(database.redis_url) as client:
        assert client.dbsize() == 0
        client.set("left behind", turn)
    await database.superuser.execute(INSERT)
    assert not await is_empty(database.owner_url)


async def test_the_application_does_not_own_what_it_uses(database: Database) -> None:
    connection = await asyncpg.connect(**parse_url(database.app_url))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("TRUNCATE working_day")
        assert await connection.fetchval("SELECT count(*) FROM working_day") == 0
    finally:
        await connection.close()
