"""The tables of the worker: the migrated database, empty before each test, with this process's pool on it."""

import pytest

from tests.database import Database


@pytest.fixture
def tables(database: Database, pool: None) -> Database:
    """Asked for by every test that touches rows."""
    return database
