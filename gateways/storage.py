"""Where the contents of files lie: a folder of this machine, or a bucket of any S3-compatible service."""

from typing import TYPE_CHECKING, Protocol

from obstore import delete_async, get_async, put_async
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from core.settings import Settings
from gateways.delivery import TransientFailure

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config


class Storage(Protocol):
    """Keeps contents under keys. Each call raises `TransientFailure` when the storage does not answer."""

    async def put(self, key: str, content: bytes) -> None:
        """Keeps `content`, in place of what lay there."""
        ...

    async def get(self, key: str) -> bytes | None:
        """What lies there; None for nothing."""
        ...

    async def delete(self, key: str) -> None:
        """Nothing lies there afterwards, whatever did before."""
        ...


class ObjectStorage:
    """Any store that the library knows."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, content: bytes) -> None:
        """In one piece: readers see the old content or the new."""
        try:
            await put_async(self._store, key, content, use_multipart=False)
        except (BaseError, OSError) as failure:
            raise TransientFailure(f"storage: {type(failure).__name__}") from failure

    async def get(self, key: str) -> bytes | None:
        """Read whole: no file is larger than one request may be."""
        try:
            found = await get_async(self._store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as failure:
            raise TransientFailure(f"storage: {type(failure).__name__}") from failure

    async def delete(self, key: str) -> None:
        """Twice is once."""
        try:
            await delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as failure:
            raise TransientFailure(f"storage: {type(failure).__name__}") from failure


def open_storage(settings: Settings) -> Storage:
    """The storage that `STORAGE_URL` names: `s3://bucket` or `s3://bucket/folder`, else a folder, made when missing."""
    if not settings.storage_url.startswith("s3://"):
        return ObjectStorage(LocalStore(settings.storage_url.removeprefix("file://"), mkdir=True))
    bucket, _, folder = settings.storage_url.removeprefix("s3://").partition("/")
    client: ClientConfig = {
        "allow_http": settings.storage_endpoint.startswith("http://"),
        "timeout": f"{settings.storage_timeout:g}s",
        "connect_timeout": f"{settings.storage_connect_timeout:g}s",
    }
    retries: RetryConfig = {"max_retries": 1}
    given = {
        "endpoint": settings.storage_endpoint,
        "region": settings.storage_region,
        "access_key_id": settings.storage_access_key,
        "secret_access_key": settings.storage_secret_key.get_secret_value(),
    }
    config: S3Config = {name: value for name, value in given.items() if value}  # type: ignore[assignment]
    return ObjectStorage(
        S3Store(bucket, prefix=folder or None, config=config, client_options=client, retry_config=retries)
    )
