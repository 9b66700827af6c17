"""One database for the worker's tests, empty before each."""

from collections.abc import AsyncIterator

import pytest
import redis

from tests.database import Servers
from tests.tasks.tables import Tables, open_tables


@pytest.fixture(scope="session")
async def opened_tables(servers: Servers) -> AsyncIterator[Tables]:
    """The session's tables."""
    async with open_tables(servers, "worker_tests") as tables:
        yield tables


@pytest.fixture
async def tables(opened_tables: Tables) -> Tables:
    """The session's tables, and Redis, without a row."""
    await opened_tables.empty()
    with redis.Redis.from_url(opened_tables.redis_url) as client:
        client.flushall()
    return opened_tables
