"""The API of `cosell serve --app tests.faults.api_main:app`: the product, in which a request can ask for its own fault.

Header `x-fault`: `journalled`, `uncommitted`, `committed` end the process there, as a power cut would; `unanswered`
loses the connection's answer to COMMIT; `sleep=SECONDS` keeps the operation's read busy in the database; `noted`
writes request id and monotonic nanoseconds of the commit to the file `COMMITS`. `ascending` and `descending` lock the
accounts of a recall one by one in that order, and write request id and order to the file at each try. `/faults` tells
the pool's state.
"""

import asyncio
import os
import time
from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from app import create_app, real_parts
from core import db
from core.engine import Transaction
from core.http.budget import Rate
from core.log import configure_logging
from core.settings import get_settings
from resolvers import journal
from resolvers.context import Context
from resolvers.keys import Kept
from resolvers.vouchers import recalling, resellers
from resolvers.wallets import ledger
from schema.context import RequestContext
from tests import modes

if TYPE_CHECKING:
    from resolvers.command import CommandSpec

POWER_CUT = 70
fault: ContextVar[str] = ContextVar("fault", default="")
request_id: ContextVar[str] = ContextVar("request_id", default="")
real_commit, real_write, real_open_read = db._commit, journal.write, RequestContext.open_read
real_lock = ledger.lock


def cut_at(place: str) -> None:
    """Ends the process without any farewell when the request asked for it."""
    if fault.get() == place:
        os._exit(POWER_CUT)


async def write(ctx: Context, spec: "CommandSpec", result: object, key: Kept | None = None) -> None:
    """The journal's, with a fault behind it."""
    await real_write(ctx, spec, result, key)
    cut_at("journalled")


async def commit(tx: Transaction, *, readonly: bool) -> None:
    """The database's, with faults on both sides."""
    if readonly:
        return await real_commit(tx, readonly=readonly)
    cut_at("uncommitted")
    await real_commit(tx, readonly=readonly)
    now = time.monotonic_ns()
    cut_at("committed")
    if fault.get() == "unanswered":
        tx._connection.terminate()
        raise db.CommitUnknown("the answer to COMMIT was lost")
    if fault.get() == "noted":
        note(f"{request_id.get()} {now}\n")
    return None


async def open_read(self: RequestContext) -> None:
    """The request's, made long when asked for."""
    await real_open_read(self)
    name, _, seconds = fault.get().partition("=")
    if name == "sleep":
        await db.fetch("select pg_sleep($1)", float(seconds))


async def lock(ctx: Context, account_ids: Collection[UUID]) -> None:
    """The ledger's; or one account after the other, so that those who come from the other end meet it half-way."""
    if fault.get() not in ("ascending", "descending"):
        return await real_lock(ctx, account_ids)
    note(f"{request_id.get()} {fault.get()}\n")
    for account_id in sorted(set(account_ids), reverse=fault.get() == "descending"):
        await real_lock(ctx, [account_id])
        await asyncio.sleep(0.02)
    return None


def note(line: str) -> None:
    """Appends a line in one write."""
    file = os.open(os.environ["COMMITS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())
    os.close(file)


db._commit, journal.write = commit, write
for module in (recalling, resellers):
    assert vars(module)["lock"] is real_lock, "these lock what a recall moves"
    vars(module)["lock"] = lock
RequestContext.open_read = open_read  # type: ignore[method-assign]
modes.enter(pytest.MonkeyPatch())
settings = get_settings()
configure_logging(settings)
product = create_app(settings, replace(real_parts(settings), rate=Rate(10**9, 10**8)))


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The product's application, the fault taken from the request's header."""
    if scope["type"] == "http" and scope["path"] == "/faults":
        idle, size = db.pool_idle_and_size()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps({"idle": idle, "size": size})})
        return
    headers = dict(scope.get("headers", ()))
    fault.set(headers.get(b"x-fault", b"").decode())
    request_id.set(headers.get(b"x-request-id", b"").decode())
    await product(scope, receive, send)
