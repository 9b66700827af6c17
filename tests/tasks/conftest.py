"""The migrated database, empty before each test, and this process's pool on it."""

from collections.abc import AsyncIterator

import pytest

from core import db
from models.config import tortoise_config
from tests.database import Database


@pytest.fixture(scope="session")
async def pool(database: Database) -> AsyncIterator[None]:
    """Opened once a session."""
    await db.open_database(tortoise_config(database.app_url))
    yield
    await db.close_database()


@pytest.fixture
def tables(database: Database, pool: None) -> Database:
    """Asked for by every test that touches rows."""
    return database
