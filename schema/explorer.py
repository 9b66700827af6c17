"""GraphiQL from a wheel's own files: works offline, under a content security policy that allows nothing foreign."""

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from core.http.problems import send_response
from schema.explorer_tabs import TABS, Tab

_WHEEL = "graphene_django_graphiql_static"
_POLICY = (
    b"default-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    b"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cosell API</title>
<link rel="stylesheet" href="/graphql/static/graphiql.min.css">
<link rel="stylesheet" href="/graphql/static/style.css">
<link rel="stylesheet" href="/graphql/static/explorer.css">
</head>
<body>
<div id="explorer">GraphiQL is loading.</div>
<script type="application/json" id="tabs">%TABS%</script>
<script src="/graphql/static/react.production.min.js"></script>
<script src="/graphql/static/react-dom.production.min.js"></script>
<script src="/graphql/static/graphiql.min.js"></script>
<script src="/graphql/static/graphiql-plugin-explorer.umd.js"></script>
<script src="/graphql/static/explorer.js"></script>
</body>
</html>
"""


class Explorer:
    """The ASGI application that serves the page."""

    def __init__(self, tabs: Sequence[Tab] = TABS) -> None:
        shown = json.dumps([tab._asdict() for tab in tabs]).replace("<", "\\u003c")
        self._page = _PAGE.replace("%TABS%", shown).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-security-policy", _POLICY), (b"vary", b"Accept")]
        await send_response(send, 200, self._page, headers, b"text/html; charset=utf-8")


def explorer_is_installed() -> bool:
    """Whether the wheel with GraphiQL's files is there; it is an optional dependency."""
    return find_spec(_WHEEL) is not None


def explorer_files() -> StaticFiles:
    """GraphiQL's files and ours, served under /graphql/static."""
    return StaticFiles(directory=Path(__file__).parent / "static", packages=[(_WHEEL, f"static/{_WHEEL}")])
