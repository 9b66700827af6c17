"""Real servers for every test that asks: one PostgreSQL and one Redis per test process, emptied before each test."""

import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis

from core import db
from core.i18n import use_strict_texts
from core.servers import PostgresServer, RedisServer
from tests import modes
from tests.client import Api, make_api
from tests.database import Database, Servers, open_database, open_pool
from tests.patience import PATIENCE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the crowds of the long suite operations meet their deadline; graphql-core then has coroutines of fields at
    hand that it never starts. They hold nothing, and are found by whichever test comes next.
    """
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"))


def pytest_collection_finish() -> None:
    """What was imported and collected stays: no collection of garbage looks at it again, as in the served process."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def mode() -> Iterator[None]:
    """The suite's mode, entered before anything is compiled; a text that is missing fails whoever shows it."""
    use_strict_texts(True)
    with pytest.MonkeyPatch.context() as patch:
        modes.enter(patch)
        yield


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The running servers, shared by the session."""
    folder = Path(tempfile.mkdtemp(prefix="cosell-test-"))
    folder.chmod(0o711)  # as root PostgreSQL runs as nobody, who must be able to pass
    postgres = PostgresServer.start(folder / "postgres", durable=False)
    try:
        broker = RedisServer.start(folder / "redis")
        try:
            yield Servers(postgres, broker)
        finally:
            broker.stop()
    finally:
        postgres.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def database(servers: Servers) -> AsyncIterator[Database]:
    """The migrated database; empty at the start of each test that uses it, directly or through another fixture."""
    async with open_database(servers) as opened:
        yield opened


@pytest.fixture(autouse=True)
def clean_database(request: pytest.FixtureRequest) -> None:
    """Empties PostgreSQL and Redis for the tests that use them and costs the others nothing."""
    if "database" in request.fixturenames:
        request.getfixturevalue("emptied")


@pytest.fixture
async def emptied(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[None]:
    """Asked for by `clean_database`; after the test, whatever it did, everything that must hold still does."""
    await database.empty()
    with redis.Redis.from_url(database.redis_url) as client:
        client.flushall()
    yield
    if request.node.get_closest_marker("tampers") is None:
        assert await database.offences() == []


@pytest.fixture(scope="session")
async def pool(database: Database) -> AsyncIterator[None]:
    """This process's pool on the migrated database, opened once a session."""
    await open_pool(database.app_url)
    yield
    await db.close_database()


@pytest.fixture
async def patience(database: Database, pool: None) -> AsyncIterator[None]:
    """Waits long for a connection: a crowd larger than the pool is let through instead of being answered 503."""
    await db.close_database()
    await open_pool(database.app_url, acquire_timeout=PATIENCE)
    yield
    await db.close_database()
    await open_pool(database.app_url)


@pytest.fixture
async def api(database: Database, pool: None) -> AsyncIterator[Api]:
    """The application on the empty database, its clock standing still at noon of 2 March 2026 in Shanghai."""
    made = make_api(database)
    yield made
    await made.http.aclose()
