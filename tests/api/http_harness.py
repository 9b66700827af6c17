"""An endpoint over a small schema of its own, and clients that speak to it without a socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from graphql import GraphQLSchema, build_schema
from graphql.language import StringValueNode

from core.analyser import Cost, Limits
from core.execution.documents import Documents
from core.execution.errors import Code, RequestError
from core.execution.run import EXECUTORS
from core.http.admission import Admission
from core.http.boundary import Boundary
from core.http.budget import Budget, Rate
from schema.http import EndpointLimits, GraphQLEndpoint, RequestInfo
from tests.modes import EXECUTOR

GRAPHQL_JSON = "application/graphql-response+json"
SECRET = "postgresql://owner:hunter2@db.internal/secret"
URL = "http://testserver/graphql"

SDL = """
scalar Picky
directive @live on QUERY
type Query {
  echo(s: String): String
  number(i: Int): Int
  real(f: Float): Float
  list(items: [Int!]): Int
  ident(id: ID): ID
  picky(p: Picky): String
  input(it: Filter): String
  node: Node
  kids: [Node!]!
  page(first: Int = 20): Page
  boom: String
  boomNonNull: String!
  plainGraphQLError: String
  raises(kind: String!): String
  forbidden: String
  huge: Huge
  badInt: Int
  slow(seconds: Float!): String
  who: String
  surcharge: Node
}
scalar Huge
input Filter { name: String! deep: Filter count: Int }
type Page { nodes: [Node!]! }
type Node { id: ID! node: Node kids: [Node!]! boom: String }
type Mutation { m: Node n: Node o: Node p: Node secret: Node }
type Subscription { ticks: Node }
"""


class Unexpected(Exception):
    """Carries a secret that must not leave the process."""


async def _slow(root: None, info: Any, seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


def _boom(*_: Any, **__: Any) -> None:
    raise Unexpected(SECRET)


EXCEPTIONS: dict[str, Exception | asyncio.CancelledError] = {
    type(error).__name__: error
    for error in (
        Unexpected(SECRET),
        ArithmeticError(SECRET),
        AssertionError(SECRET),
        AttributeError(SECRET),
        BlockingIOError(SECRET),
        BrokenPipeError(SECRET),
        BufferError(SECRET),
        ConnectionRefusedError(SECRET),
        EOFError(SECRET),
        ExceptionGroup(SECRET, [ValueError(SECRET)]),
        FileNotFoundError(2, SECRET, SECRET),
        FloatingPointError(SECRET),
        ImportError(SECRET),
        IndexError(SECRET),
        InterruptedError(SECRET),
        IsADirectoryError(SECRET),
        KeyError(SECRET),
        LookupError(SECRET),
        MemoryError(SECRET),
        ModuleNotFoundError(SECRET),
        NameError(SECRET),
        NotImplementedError(SECRET),
        OSError(5, SECRET),
        OverflowError(SECRET),
        PermissionError(SECRET),
        RecursionError(SECRET),
        ReferenceError(SECRET),
        RuntimeError(SECRET),
        StopAsyncIteration(SECRET),
        StopIteration(SECRET),
        SyntaxError(SECRET),
        SystemError(SECRET),
        TimeoutError(SECRET),
        TypeError(SECRET),
        UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
        ValueError(SECRET),
        ZeroDivisionError(SECRET),
        asyncio.CancelledError(SECRET),
        asyncio.QueueFull(SECRET),
        RequestError.__mro__[1](SECRET),
    )
}


async def _raises(root: None, info: Any, kind: str) -> None:
    await asyncio.sleep(0)
    try:
        raise RuntimeError(SECRET)
    except RuntimeError as error:
        raise EXCEPTIONS[kind] from error


def _forbidden(*_: Any) -> None:
    raise RequestError(Code.FORBIDDEN, "Only administrators may.", extra={"reason": "ADMIN_ONLY"})


def _graphql_error(*_: Any) -> None:
    from graphql import GraphQLError

    raise GraphQLError(SECRET)


def _picky(value: Any) -> str:
    raise ValueError(SECRET)


def _node(*_: Any) -> dict[str, str]:
    return {"id": "1"}


def _nodes(*_: Any) -> list[dict[str, str]]:
    return [{"id": str(number)} for number in range(3)]


def make_schema() -> GraphQLSchema:
    """The schema with its resolvers."""
    schema = build_schema(SDL)
    assert schema.query_type and schema.mutation_type
    resolvers: dict[str, Any] = {
        "echo": lambda *_, s=None: s,
        "number": lambda *_, i=None: i,
        "real": lambda *_, f=None: f,
        "list": lambda *_, items=None: len(items or []),
        "ident": lambda *_, id=None: id,
        "picky": lambda *_, p=None: p,
        "input": lambda *_, it=None: str(it),
        "node": _node,
        "kids": _nodes,
        "page": lambda *_, first=20: {"nodes": _nodes()[:first]},
        "boom": _boom,
        "boomNonNull": _boom,
        "plainGraphQLError": _graphql_error,
        "raises": _raises,
        "forbidden": _forbidden,
        "huge": lambda *_: 2**70,
        "badInt": lambda *_: SECRET,
        "slow": _slow,
        "who": lambda _, info: info.context.who,
        "surcharge": _node,
    }
    for name, resolve in resolvers.items():
        schema.query_type.fields[name].resolve = resolve
    schema.query_type.fields["surcharge"].extensions["cost"] = Cost(weight=50)
    for mutation in schema.mutation_type.fields.values():
        mutation.resolve = _node
    schema.mutation_type.fields["secret"].extensions["sensitive"] = True
    node_type: Any = schema.type_map["Node"]
    node_type.fields["boom"].resolve = _boom
    node_type.fields["node"].resolve = _node
    node_type.fields["kids"].resolve = _nodes
    picky: Any = schema.type_map["Picky"]
    picky.coerce_input_value = picky.parse_value = _picky
    picky.coerce_input_literal = lambda node: _picky(node.value if isinstance(node, StringValueNode) else node)
    return schema


@dataclass
class Seen:
    """What the context factory was given, and what it gave."""

    infos: list[RequestInfo] = field(default_factory=list)
    open: int = 0


@dataclass
class FakeContext:
    """The harness's context."""

    who: str
    budget_key: str | None = None
    response_extensions: dict[str, Any] = field(default_factory=dict)


@dataclass
class Harness:
    """An application and what it has seen; `client()` speaks to it in process."""

    app: Boundary
    seen: Seen
    documents: Documents

    def client(self, **options: Any) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=True)
        return httpx2.AsyncClient(transport=transport, base_url="http://testserver", **options)

    async def post(self, body: Any, *, accept: str | None = GRAPHQL_JSON, **headers: str) -> httpx2.Response:
        """Posts a value as JSON."""
        sent = {"accept": accept} if accept else {}
        async with self.client() as client:
            return await client.post("/graphql", json=body, headers={**sent, **headers})


def make_harness(
    *,
    limits: Limits | None = None,
    endpoint_limits: EndpointLimits | None = None,
    admission: Admission | None = None,
    budget: Budget | None = None,
    origins: Sequence[str] = (),
    trusted: Mapping[str, str] | None = None,
    trusted_only: bool = False,
    introspection: bool = True,
) -> Harness:
    """A fresh application; tokens are `user-…` (good) and everything else (refused)."""
    schema = make_schema()
    seen = Seen()

    @asynccontextmanager
    async def context(info: RequestInfo) -> AsyncIterator[FakeContext]:
        seen.infos.append(info)
        token = info.bearer
        if token == "breaks":
            raise Unexpected(SECRET)
        if token == "hangs":
            await asyncio.sleep(60)
        if token is not None and not token.startswith("user-"):
            raise RequestError(Code.UNAUTHENTICATED, "The credential is not valid.")
        seen.open += 1
        try:
            yield FakeContext(token or "anonymous", token, {"note": 1} if token else {})
        finally:
            seen.open -= 1
        if token == "user-breaks-at-the-end":
            raise Unexpected(SECRET)

    documents = Documents(
        schema, limits or Limits(), trusted=trusted, trusted_only=trusted_only, introspection=introspection
    )
    endpoint = GraphQLEndpoint(
        schema,
        documents,
        context,
        budget=budget or Budget(rate=Rate(10**9, 10**8)),
        admission=admission or Admission(80, 50, 0.5),
        limits=endpoint_limits or EndpointLimits(),
        executor=EXECUTORS[EXECUTOR],
    )
    return Harness(Boundary(endpoint, origins), seen, documents)
