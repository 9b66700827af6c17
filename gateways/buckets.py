"""Partners' buckets of S3-compatible services, where their files are delivered; in development a folder instead."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from obstore import delete_async, head_async, put_async
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, ObjectStore, S3Store

from core.settings import Settings
from rules.feeds import BucketProblem, is_public

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

PROBE = ".cosell-check"
"""The object that a check writes and takes away again."""
PIECE = 5 * 1024 * 1024
"""Larger files go in pieces of this size; two of them are in memory at once."""


class BucketFailure(Exception):
    """A bucket did not take what it was given; `problem` is all that is told of it."""

    def __init__(self, problem: BucketProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, and what opens it. `repr` shows neither key nor secret."""

    endpoint: str
    region: str
    name: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


class Bucket(Protocol):
    """Takes files under keys. Each call raises `BucketFailure` when the bucket does not take it."""

    async def check(self, folder: str) -> None:
        """Writes a tiny object below `folder`, looks at it and deletes it."""
        ...

    async def put(self, key: str, content: bytes | Path) -> None:
        """Keeps the content in place of what lay there; readers see the old one or the new."""
        ...


class StoreBucket:
    """Any store that the library knows."""

    def __init__(self, store: ObjectStore, guard: str | None = None) -> None:
        """`guard` is the endpoint whose addresses must be of the internet; None where none are asked for."""
        self._store = store
        self._guard = guard

    async def check(self, folder: str) -> None:
        """In this order: what cannot be written cannot be looked at."""
        key = f"{folder}/{PROBE}" if folder else PROBE
        await self.put(key, b"cosell")
        try:
            await head_async(self._store, key)
            await delete_async(self._store, key)
        except (BaseError, OSError) as failure:
            raise BucketFailure(_problem(failure)) from None

    async def put(self, key: str, content: bytes | Path) -> None:
        """Large contents in pieces."""
        if self._guard is not None:
            await require_public(self._guard)
        try:
            await put_async(self._store, key, content, chunk_size=PIECE, max_concurrency=1)
        except (BaseError, OSError) as failure:
            raise BucketFailure(_problem(failure)) from None


def _problem(failure: Exception) -> BucketProblem:
    if isinstance(failure, (PermissionDeniedError, UnauthenticatedError)):
        return BucketProblem.DENIED
    if isinstance(failure, FileNotFoundError):
        return BucketProblem.NO_SUCH_BUCKET
    # The library has one class for a server's refusal and for one that is not reached.
    return BucketProblem.NOT_ACCEPTED if "Server returned" in str(failure) else BucketProblem.UNREACHABLE


async def require_public(endpoint: str) -> None:
    """`BucketFailure` unless every address that the endpoint's name leads to is one of the internet.

    The library asks for the address anew. A name that leads inside by then is met with TLS, whose certificate nobody
    there can show for it.
    """
    parts = urlsplit(endpoint)
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        raise BucketFailure(BucketProblem.UNREACHABLE) from None
    addresses = {ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found}
    if not all(is_public(address) for address in addresses):
        raise BucketFailure(BucketProblem.ADDRESS_NOT_ALLOWED)


def open_bucket(settings: Settings, place: Place) -> Bucket:
    """The bucket; a folder of its name where `FEED_FOLDER` stands in for all of them."""
    if settings.bucket_folder:
        return StoreBucket(LocalStore(Path(settings.bucket_folder) / place.name, mkdir=True))
    client: ClientConfig = {
        "allow_http": not settings.guards_feeds,
        "timeout": f"{settings.feed_timeout:g}s",
        "connect_timeout": f"{settings.feed_connect_timeout:g}s",
    }
    if settings.feed_proxy:
        client["proxy_url"] = settings.feed_proxy
    retries: RetryConfig = {"max_retries": 0}
    config: S3Config = {
        "endpoint": place.endpoint,
        "access_key_id": place.access_key,
        "secret_access_key": place.secret_key,
    }
    if place.region:
        config["region"] = place.region
    store = S3Store(place.name, config=config, client_options=client, retry_config=retries)
    # Behind a proxy names are looked up there, and the proxy says where they may lead.
    return StoreBucket(store, place.endpoint if settings.guards_feeds and not settings.feed_proxy else None)
