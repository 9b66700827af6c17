"""The development inbox as a page that follows what arrives; never served in production."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from resolvers.inbox import recorded_messages

_STATIC = Path(__file__).parent / "static"
_POLICY = {"content-security-policy": "default-src 'self'", "x-content-type-options": "nosniff"}
_FILES = {"inbox.html": "text/html", "inbox.js": "text/javascript", "inbox.css": "text/css"}


def inbox_routes() -> list[BaseRoute]:
    """`/inbox`, its script and style, and the messages as JSON."""
    return [
        Route("/inbox", _file("inbox.html")),
        Route("/inbox/inbox.js", _file("inbox.js")),
        Route("/inbox/inbox.css", _file("inbox.css")),
        Route("/inbox/messages", _messages),
    ]


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    content = (_STATIC / name).read_bytes()

    async def serve(request: Request) -> Response:
        return Response(content, media_type=f"{_FILES[name]}", headers=_POLICY)

    return serve


async def _messages(request: Request) -> Response:
    headers = {**_POLICY, "cache-control": "no-store"}
    return Response(orjson.dumps(await recorded_messages()), media_type="application/json", headers=headers)
