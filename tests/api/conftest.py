"""What several modules of API tests stand on."""

from collections.abc import Iterator

import pytest

from tests import feeds


@pytest.fixture(scope="session")
def bucket_service() -> Iterator[str]:
    """The address of an S3-compatible service."""
    with feeds.running_service() as address:
        yield address


@pytest.fixture
def bucket(bucket_service: str) -> feeds.Bucket:
    """A bucket of that service that nothing lies in."""
    return feeds.make_bucket(bucket_service)
