"""(a) The stack as its manuals show it: Strawberry types, Tortoise rows, a dataloader for each relation, defaults.

It reads through the product's own Tortoise models, with Tortoise's own engine, and the caller's header is believed.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from tortoise import Tortoise

from benchmarks.side_by_side.peers.asgi import POOL
from benchmarks.side_by_side.peers.stock_schema import schema
from benchmarks.side_by_side.peers.stock_types import Loaders
from core.urls import parse_url
from models.config import tortoise_config


class Endpoint(GraphQL[Any, Any]):
    """Who asks, and loaders of its own, for every request."""

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        """The header's account and partner."""
        account, _, partner = request.headers["x-caller"].partition(":")
        return {"account_id": account, "partner_id": partner or None, "loaders": Loaders(partner or None)}


@asynccontextmanager
async def _database(app: Starlette) -> AsyncIterator[None]:
    config = tortoise_config(os.environ["BENCH_DATABASE"])
    credentials = {**parse_url(os.environ["BENCH_DATABASE"]), "minsize": POOL, "maxsize": POOL}
    config["connections"] = {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}}
    await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        yield
    finally:
        await Tortoise.close_connections()


_endpoint: Any = Endpoint(schema, graphql_ide=None)
app = Starlette(routes=[Route("/graphql", _endpoint, methods=["POST"])], lifespan=_database)
