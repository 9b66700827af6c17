"""An installation for one test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.database import Database
from tests.journey.town import Town


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> AsyncIterator[Town]:
    """Real processes on the empty database, stopped in the end."""
    opened = Town(database, tmp_path)
    await opened.open()
    yield opened
    await opened.close()
