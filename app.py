"""The ASGI application: routes, wrappers and lifespan. Imported by nobody but the server."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from core import db
from core.analyser import Limits
from core.clock import Clock, system_clock
from core.execution.documents import Documents
from core.execution.run import EXECUTORS, Executor
from core.failures import log_unexpected
from core.http.admission import Admission
from core.http.boundary import Boundary
from core.http.budget import Budget, Rate
from core.http.meter import HourlyMeter
from core.http.problems import Problem
from core.log import configure_logging
from core.scope import NOTHING
from core.settings import Settings, get_settings
from gateways.storage import open_storage
from gateways.wakeup import ArqWakeup
from models.config import tortoise_config
from schema import schema as strawberry_schema
from schema.contents import Contents
from schema.context import Runtime, context_factory
from schema.explorer import Explorer, explorer_files, explorer_is_installed
from schema.http import ContextFactory, EndpointLimits, GraphQLEndpoint, RequestInfo
from schema.inbox import inbox_routes

_CHECK_TIMEOUT = 0.5

Check = Callable[[], Awaitable[None]]
"""A readiness check: returns when all is well, raises when not."""
Hook = Callable[[], AbstractAsyncContextManager[None]]
"""Opened before the first request and closed after the last."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of beside its settings; the defaults make one that answers without a database."""

    context_factory: ContextFactory | None = None
    hooks: Sequence[Hook] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    hints: Mapping[str, Check] = field(default_factory=dict)
    """Checks whose failure shows as `degraded` and does not make the process unready."""
    routes: Sequence[BaseRoute] = ()
    redis: "Redis | None" = None
    limits: Limits | None = None
    rate: Rate | None = None
    trusted: Mapping[str, str] = field(default_factory=dict)
    trusted_only: bool = False
    executor: Executor | None = None
    documents: Documents | None = None
    """What another application on the same schema has read and checked already; then limits and trusted are its own."""


def real_parts(settings: Settings, clock: Clock = system_clock) -> Parts:
    """The parts of a process that serves: database, wake-ups, readiness, and the inbox in development."""
    wakeup = ArqWakeup(settings.redis_url, timeout=settings.redis_timeout)
    redis: Redis = Redis.from_url(
        settings.redis_url, socket_timeout=settings.redis_timeout, socket_connect_timeout=settings.redis_timeout
    )
    meter = HourlyMeter(redis, timeout=settings.redis_timeout, clock=clock)

    @asynccontextmanager
    async def connections() -> AsyncIterator[None]:
        config = tortoise_config(settings.database_url, pool_size=settings.database_pool_size)
        await db.open_database(
            config,
            acquire_timeout=settings.database_acquire_timeout,
            readers=not settings.reads_under_row_security,
        )
        try:
            yield
        finally:
            await wakeup.close()
            await redis.aclose()
            await db.close_database()

    async def database() -> None:
        async with db.read(NOTHING):
            await db.fetch("select 1")

    async def broker() -> None:
        await redis.ping()

    return Parts(
        context_factory=context_factory(Runtime(settings, wakeup, clock, meter)),
        hooks=[connections, _seldom_collected],
        checks={"database": database},
        hints={"redis": broker},
        routes=[
            *Contents(settings, open_storage(settings), clock, wakeup).routes(),
            *(inbox_routes() if settings.serves_inbox else ()),
        ],
        redis=redis,
    )


def __getattr__(name: str) -> Starlette:
    """`app:app` for servers, made when one asks: importing this module needs neither database nor Redis."""
    if name != "app":
        raise AttributeError(name)
    settings = get_settings()
    configure_logging(settings)
    return create_app(settings, real_parts(settings))


def create_app(settings: Settings | None = None, parts: Parts | None = None) -> Starlette:
    """The application for these settings (the process's own by default)."""
    settings = settings or get_settings()
    parts = parts or Parts()
    has_explorer = settings.serves_explorer and explorer_is_installed()
    endpoint = _endpoint(settings, parts, Explorer() if has_explorer else None)
    routes: list[BaseRoute] = [
        Route("/healthz", _healthy, methods=["GET"]),
        Route("/readyz", _readiness(parts), methods=["GET"]),
        *parts.routes,
    ]
    if has_explorer:
        routes.append(Mount("/graphql/static", explorer_files()))
    return Starlette(
        routes=routes,
        middleware=[Middleware(Boundary, origins=settings.cors_origins, direct={"/graphql": endpoint})],
        exception_handlers={HTTPException: _as_problem},
        lifespan=_lifespan(parts.hooks),
    )


def open_documents(settings: Settings, parts: Parts) -> Documents:
    """The product's schema with its limits, and room for the documents that are read."""
    return Documents(
        strawberry_schema._schema,
        parts.limits or Limits(document_bytes=settings.document_limit),
        trusted=parts.trusted,
        trusted_only=parts.trusted_only,
        introspection=settings.serves_introspection,
    )


def _endpoint(settings: Settings, parts: Parts, explorer: Explorer | None) -> GraphQLEndpoint:
    documents = parts.documents or open_documents(settings, parts)
    return GraphQLEndpoint(
        strawberry_schema._schema,
        documents,
        parts.context_factory or _empty_context,
        budget=Budget(parts.redis, rate=parts.rate, timeout=settings.redis_timeout),
        admission=Admission(settings.admission_limit, settings.admission_queue, settings.admission_wait),
        limits=EndpointLimits(settings.body_limit, settings.body_timeout, settings.request_timeout),
        explorer=explorer,
        executor=parts.executor or EXECUTORS[settings.executor],
        hide_suggestions=not settings.serves_introspection,
    )


COLLECTIONS = (50_000, 20, 10)
"""New objects between collections, and of these how many go by before a wider and before a full one.

With ten, nine thousand documents that nobody asked before bring a full one; with a hundred their remains would stay for
ten times as many.
"""


@asynccontextmanager
async def _seldom_collected() -> AsyncIterator[None]:
    """Tunes the garbage collector of a process that serves.

    What was made at the start lives as long as the process and is never looked at again; answers are trees that
    reference counting frees, so a collection at every few hundred objects would only walk those under way. Documents
    that were dropped wait for a full collection.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    yield


@asynccontextmanager
async def _empty_context(info: RequestInfo) -> AsyncIterator[None]:
    yield None


def _lifespan(hooks: Sequence[Hook]) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for hook in hooks:
                await stack.enter_async_context(hook())
            yield

    return lifespan


async def _healthy(request: Request) -> Response:
    """The process answers; nothing else is asked."""
    return _json({"status": "ok"})


def _readiness(parts: Parts) -> Callable[[Request], Awaitable[Response]]:
    async def ready(request: Request) -> Response:
        request_id = request.state.request_id
        needed = {name: await _passes(check, request_id) for name, check in parts.checks.items()}
        hinted = {name: await _passes(check, request_id) for name, check in parts.hints.items()}
        status = "ok" if all(hinted.values()) else "degraded"
        if not all(needed.values()):
            status = "unready"
        shown = {name: "ok" if passed else "failed" for name, passed in (needed | hinted).items()}
        return _json({"status": status, "checks": shown}, 503 if status == "unready" else 200)

    return ready


async def _passes(check: Check, request_id: str) -> bool:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT):
            await check()
    except Exception as error:
        log_unexpected(error, request_id)
        return False
    return True


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


async def _as_problem(request: Request, error: Exception) -> Response:
    """The router's own refusals (no such path, wrong method) in the shape of all others."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    messages = {404: "There is nothing at this address.", 405: "This address does not answer this method."}
    problem = Problem(status, "BAD_QUERY", messages.get(status, "The request was refused."))
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    body = problem.body(request.state.request_id)
    return Response(body, status_code=status, headers=headers, media_type="application/json")
