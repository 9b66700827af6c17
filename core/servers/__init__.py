"""PostgreSQL and Redis as children of this process, for development and tests; production brings its own."""

from core.servers.postgres import PostgresServer
from core.servers.process import Child, ServerError
from core.servers.redis import RedisServer

__all__ = ["Child", "PostgresServer", "RedisServer", "ServerError"]
