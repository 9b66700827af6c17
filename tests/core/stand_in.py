"""A tiny application for the tests of the command line: it tells which addresses it was given."""

import json
import os
from typing import Any


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers every request with the settings that matter; supports startup and shutdown."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORT", "PUBLIC_URL")
    body = json.dumps({name: os.environ.get(name) for name in names} | {"PID": os.getpid()}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})
