"""The development inbox as a page that follows what arrives; never served in production."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from resolvers.inbox import recorded_html, recorded_messages

_STATIC = Path(__file__).parent / "static"
_POLICY = {"content-security-policy": "default-src 'self'", "x-content-type-options": "nosniff"}
# A mail is what strangers have had a hand in: it runs nothing, loads nothing and belongs to no origin.
_SANDBOX = {
    **_POLICY,
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "referrer-policy": "no-referrer",
}
_FILES = {"inbox.html": "text/html", "inbox.js": "text/javascript", "inbox.css": "text/css"}


def inbox_routes() -> list[BaseRoute]:
    """`/inbox`, its script and style, the messages as JSON, and each mail as its HTML shows it."""
    return [
        Route("/inbox", _file("inbox.html")),
        Route("/inbox/inbox.js", _file("inbox.js")),
        Route("/inbox/inbox.css", _file("inbox.css")),
        Route("/inbox/messages", _messages),
        Route("/inbox/messages/{id:uuid}", _mail),
    ]


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    content = (_STATIC / name).read_bytes()

    async def serve(request: Request) -> Response:
        return Response(content, media_type=f"{_FILES[name]}", headers=_POLICY)

    return serve


async def _messages(request: Request) -> Response:
    headers = {**_POLICY, "cache-control": "no-store"}
    try:
        before = UUID(request.query_params["before"]) if "before" in request.query_params else None
    except ValueError:
        return Response("before: not the id of a message", status_code=400, headers=headers)
    found = await recorded_messages(request.query_params.get("about", ""), before)
    return Response(orjson.dumps(found), media_type="application/json", headers=headers)


async def _mail(request: Request) -> Response:
    html = await recorded_html(request.path_params["id"])
    return Response(html or "", status_code=404 if html is None else 200, media_type="text/html", headers=_SANDBOX)
