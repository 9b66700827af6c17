"""Every query of the suite asked twice: as it is served, and of graphql-core with rows that the ORM reads.

The ORM reads in a transaction under row-level security. `COSELL_TEST_TWICE=on` does it for whoever asks in whatever
test, so for every query, role and state that the suite knows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx2
import orjson
import pytest
from starlette.types import ASGIApp

from core import db, rows
from core.engine import observer
from core.rows import Unreadable, reading
from resolvers import pages

_by_orm: ContextVar[bool] = ContextVar("by_orm", default=False)
asked: list[str] = []
"""The documents that were asked twice."""


def let_the_orm_read(patch: pytest.MonkeyPatch) -> None:
    """While a twin is asked, query sets are what the ORM must read, in a transaction under row-level security."""
    select, fetch, count = reading._select, db.fetch_scoped, rows.read_count

    def selected(*given: Any) -> str:
        if _by_orm.get():
            raise Unreadable("asked twice")
        return select(*given)

    async def fetched(query: str, *values: Any) -> list[Any]:
        return await (db.current().fetch_records(query, values) if _by_orm.get() else fetch(query, *values))

    async def counted(of: Any, most: int) -> int:
        return await count(of.limit(most) if _by_orm.get() else of, most)

    patch.setattr(reading, "_select", selected)
    patch.setattr(db, "fetch_scoped", fetched)
    patch.setattr(pages, "read_count", counted)


class Twice(httpx2.AsyncBaseTransport):
    """Sends requests to an application; a query that it answered, to its twin as well, and compares."""

    def __init__(self, application: ASGIApp, twin: ASGIApp, address: str) -> None:
        self._first = httpx2.ASGITransport(application, client=(address, 4000))
        self._second = httpx2.ASGITransport(twin, client=(address, 4000))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The first one's answer; `AssertionError` when the twin's is another."""
        body = await request.aread()
        response = await self._first.handle_async_request(request)
        document = _query(body)
        if document is None or response.headers.get("x-cosell-executor") != "compiled" or observer.get() is not None:
            return response
        content = await response.aread()
        again = httpx2.Request(request.method, request.url, headers=request.headers, content=body)
        with _reading_by_orm():
            other = await self._second.handle_async_request(again)
            twin = await other.aread()
        asked.append(document)
        assert other.headers.get("x-cosell-executor") == "core"
        assert _told(twin) == _told(content), document
        return httpx2.Response(response.status_code, headers=response.headers, content=content)


@contextmanager
def _reading_by_orm() -> Iterator[None]:
    token = _by_orm.set(True)
    try:
        yield
    finally:
        _by_orm.reset(token)


def _query(body: bytes) -> str | None:
    try:
        document = orjson.loads(body)["query"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return document if isinstance(document, str) and document.lstrip().startswith(("query", "{")) else None


def _told(body: bytes) -> Any:
    """What must be the same: the data in its order, and each error's text, place and code."""
    answer = orjson.loads(body)
    errors = [(one["message"], one.get("path"), one["extensions"]["code"]) for one in answer.get("errors", ())]
    return orjson.dumps(answer.get("data")), sorted(errors, key=repr)
