"""The GraphQL endpoint: from bytes to an answer, with everything expensive refused before it is done."""

import asyncio
import hashlib
import ipaddress
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLSchema, OperationType
from starlette.types import ASGIApp, Receive, Scope, Send

from core.analyser import OperationAnalysis, Price
from core.execution.documents import Document, Documents, document_hash, is_query, price
from core.execution.errors import Code, RequestError, format_error, internal
from core.execution.run import Executor, Operation, Outcome, refusal, run
from core.failures import log_unexpected
from core.http.admission import Admission
from core.http.body import read_body
from core.http.budget import Budget, Charge
from core.http.negotiation import GRAPHQL_TYPE, JSON_TYPE, accepts_html, answer_type, check_content_type
from core.http.parameters import Parameters, from_body, from_query_string
from core.http.problems import Headers, Problem, bad_request, send_response
from core.log import get_logger

_log = get_logger(__name__)
_ALLOW = [(b"allow", b"GET, POST, OPTIONS")]
_SINGLE_HEADERS = frozenset({"authorization", "content-encoding", "content-length", "content-type"})
_BYTES_PER_PARSING_POINT = 200
_SHOWN_NAME = 64


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """What the context of an operation is made from. Header names are lower case; `client` is the peer's address."""

    request_id: str
    headers: Mapping[str, str]
    client: str
    is_query: bool
    operation_name: str | None
    document_hash: str
    cost: int

    @property
    def bearer(self) -> str | None:
        """The bearer token as sent; None without credentials; `RequestError` for any other kind of credential."""
        given = self.headers.get("authorization")
        if given is None:
            return None
        scheme, _, token = given.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise RequestError(Code.UNAUTHENTICATED, "The Authorization header must be: Bearer <token>.")
        return token.strip()


ContextFactory = Callable[[RequestInfo], AbstractAsyncContextManager[Any]]
"""Makes the context that resolvers see, and closes what it holds. The context may have `budget_key: str` (whose
bucket pays; default: the address's) and `response_extensions: dict` (joined into the answer's `extensions`)."""


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """Bounds of one request: bytes of body, and seconds for the body and for the operation."""

    body: int = 262_144
    body_timeout: float = 10.0
    timeout: float = 10.0


@dataclass(slots=True)
class _Exchange:
    """One request on its way to an answer."""

    request_id: str
    method: str
    headers: dict[str, str]
    client: str
    media_type: str = JSON_TYPE
    charge: Charge | None = None
    requested: int = 0
    document: Document | None = None
    operation_name: str | None = None
    price: Price = field(default_factory=Price)
    extensions: dict[str, Any] = field(default_factory=dict)


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`.

    `explorer` is served to browsers that ask for a page; `executor` replaces graphql-core's own.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        context_factory: ContextFactory,
        *,
        budget: Budget,
        admission: Admission,
        limits: EndpointLimits | None = None,
        explorer: ASGIApp | None = None,
        executor: Executor | None = None,
        hide_suggestions: bool = False,
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._context_factory = context_factory
        self._budget = budget
        self._admission = admission
        self._limits = limits or EndpointLimits()
        self._explorer = explorer
        self._executor = executor
        self._hide_suggestions = hide_suggestions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method == "OPTIONS":
            await send_response(send, 204, b"", _ALLOW)
            return
        if method not in ("GET", "POST"):
            raise Problem(405, "BAD_QUERY", "Use POST, or GET for queries.", headers=_ALLOW)
        headers = _headers(scope)
        if method == "GET" and self._explorer and accepts_html(headers.get("accept")) and not scope["query_string"]:
            await self._explorer(scope, receive, send)
            return
        exchange = _Exchange(scope["state"]["request_id"], method, headers, _client(scope))
        exchange.media_type = answer_type(headers.get("accept"))
        started = asyncio.get_running_loop().time()
        parameters = await self._parameters(scope, receive, exchange)
        try:
            outcome = await self._outcome(parameters, exchange)
        except RequestError as error:
            outcome = refusal(error, exchange.request_id)
        status = await self._answer(send, exchange, outcome)
        _log_operation(exchange, status, asyncio.get_running_loop().time() - started)

    async def _parameters(self, scope: Scope, receive: Receive, exchange: _Exchange) -> Parameters:
        if exchange.method == "GET":
            return from_query_string(scope["query_string"])
        check_content_type(exchange.headers.get("content-type"))
        if exchange.headers.get("content-encoding", "identity").lower() != "identity":
            raise bad_request("The body must not be compressed.", status=415)
        length = exchange.headers.get("content-length")
        body = await read_body(receive, length, limit=self._limits.body, timeout=self._limits.body_timeout)
        return from_body(body)

    async def _outcome(self, parameters: Parameters, exchange: _Exchange) -> Outcome:
        document = exchange.document = await self._document(parameters, exchange)
        if document.errors:
            shown = [format_error(error, exchange.request_id) for error in document.errors]
            return Outcome(None, shown, refused=document.errors[0])
        analysis = document.operation(parameters.operation_name)
        _check_kind(analysis, exchange.method)
        exchange.price = price(analysis, parameters.variables)
        operation = Operation(self._schema, document, analysis, parameters.variables, self._hide_suggestions)
        exchange.operation_name = operation.name
        async with self._admission.place():
            return await self._execute(operation, exchange)

    async def _document(self, parameters: Parameters, exchange: _Exchange) -> Document:
        text = parameters.query
        if parameters.document_hash is not None:
            if text is None:
                return self._documents.by_hash(parameters.document_hash)
            if parameters.document_hash.removeprefix("sha256:").lower() != document_hash(text):
                raise RequestError(Code.BAD_QUERY, "The document's hash is not the one given.")
        assert text is not None
        if not self._documents.is_known(text):
            points = 1 + len(text) // _BYTES_PER_PARSING_POINT
            await self._charge(exchange, f"address:{exchange.client}", points)
        return self._documents.by_text(text)

    async def _execute(self, operation: Operation, exchange: _Exchange) -> Outcome:
        deadline = asyncio.get_running_loop().time() + self._limits.timeout
        info = RequestInfo(
            exchange.request_id,
            exchange.headers,
            exchange.client,
            is_query(operation.analysis),
            operation.name,
            operation.document.hash,
            exchange.price.cost,
        )
        async with _entered(self._context_factory(info), deadline) as context:
            key = getattr(context, "budget_key", None) or f"address:{exchange.client}"
            await self._charge(exchange, key, max(1, exchange.price.cost))
            remaining = max(0.0, deadline - asyncio.get_running_loop().time())
            outcome = await run(
                operation, context, request_id=exchange.request_id, timeout=remaining, executor=self._executor
            )
            exchange.extensions = getattr(context, "response_extensions", None) or {}
            return outcome

    async def _charge(self, exchange: _Exchange, key: str, points: int) -> None:
        charge = exchange.charge = await self._budget.charge(key, points)
        exchange.requested = points
        if not charge.allowed:
            message = "The request budget is used up. Try again when it has flowed back."
            raise RequestError(Code.THROTTLED, message, retry_after_ms=charge.retry_after_ms)

    async def _answer(self, send: Send, exchange: _Exchange, outcome: Outcome) -> int:
        status = 200 if outcome.refused is None else _status(outcome.refused, exchange.media_type)
        data = b""
        if outcome.refused is None:
            try:
                data = orjson.dumps(outcome.data)
            except TypeError as error:
                log_unexpected(error, exchange.request_id, exchange.document.hash if exchange.document else "")
                outcome = refusal(internal(), exchange.request_id)
                status = 500
        headers = await self._settle(exchange, outcome, data)
        if _is_cacheable(exchange, outcome):
            etag = b'W/"%b"' % hashlib.sha256(data).hexdigest()[:32].encode()
            headers += [(b"etag", etag), (b"cache-control", b"private, no-cache"), (b"vary", b"Accept, Authorization")]
            if exchange.headers.get("if-none-match", "").encode() == etag:
                status, data = 304, b""
        body = b"" if status == 304 else _body(outcome, data, exchange.extensions)
        if outcome.executor:
            headers.append((b"x-cosell-executor", outcome.executor.encode()))
        content_type = f"{exchange.media_type}; charset=utf-8".encode()
        await send_response(send, status, body, [*headers, *_refusal_headers(outcome.refused)], content_type)
        return status

    async def _settle(self, exchange: _Exchange, outcome: Outcome, data: bytes) -> Headers:
        """Gives back what the operation did not cost, and says so in `extensions.cost` and the headers."""
        charge = exchange.charge
        if charge is None:
            return []
        rate = self._budget.rate
        actual, remaining = 0, charge.remaining
        if charge.allowed:
            actual = _actual(exchange, outcome, data)
            remaining = await self._budget.refund(charge, actual)
        cost = {
            "requested": exchange.requested,
            "actual": actual,
            "remaining": remaining,
            "capacity": rate.capacity,
            "refillPerSecond": rate.refill,
        }
        exchange.extensions = {**exchange.extensions, "cost": cost}
        until_full = -(-(rate.capacity - remaining) // rate.refill)
        return [
            (b"ratelimit-policy", b'"points";q=%d;w=%d' % (rate.capacity, int(rate.window))),
            (b"ratelimit", b'"points";r=%d;t=%d' % (remaining, until_full)),
        ]


@asynccontextmanager
async def _entered(manager: AbstractAsyncContextManager[Any], deadline: float) -> AsyncIterator[Any]:
    """The context, entered before the deadline."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout_at(deadline):
                context = await stack.enter_async_context(manager)
        except TimeoutError:
            raise RequestError(Code.TIMEOUT, "The operation could not start in time.") from None
        yield context


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1")
        value = raw_value.decode("latin-1")
        if name in found:
            if name in _SINGLE_HEADERS:
                raise bad_request(f"The header {name} is given twice.")
            value = f"{found[name]}, {value}"
        found[name] = value
    return found


def _client(scope: Scope) -> str:
    """The peer's address; of IPv6 the network, because a client has all addresses of one."""
    host = str(scope["client"][0]) if scope.get("client") else "unknown"
    if ":" not in host:
        return host
    try:
        return str(ipaddress.IPv6Network((host.partition("%")[0], 64), strict=False).network_address)
    except ValueError:
        return host


def _check_kind(analysis: OperationAnalysis, method: str) -> None:
    if analysis.node.operation is OperationType.SUBSCRIPTION:
        raise RequestError(Code.BAD_QUERY, "Subscriptions are not served over plain HTTP.")
    if method == "GET" and not is_query(analysis):
        raise Problem(405, "BAD_QUERY", "GET executes queries only: use POST.", headers=[(b"allow", b"POST")])


def _status(error: RequestError, media_type: str) -> int:
    return 200 if error.is_about_document and media_type == JSON_TYPE else error.status


def _refusal_headers(refused: RequestError | None) -> Headers:
    if refused is None:
        return []
    headers: Headers = []
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refused.retry_after_ms is not None:
        headers.append((b"retry-after", b"%d" % -(-refused.retry_after_ms // 1000)))
    return headers


def _is_cacheable(exchange: _Exchange, outcome: Outcome) -> bool:
    trusted = exchange.document is not None and exchange.document.trusted
    return exchange.method == "GET" and trusted and outcome.refused is None and not outcome.errors


def _actual(exchange: _Exchange, outcome: Outcome, data: bytes) -> int:
    """The points really used: one per object answered (each opens with `{"`), and the declared surcharges in full."""
    if outcome.refused is not None:
        return exchange.requested
    objects = data.count(b'{"') - 1
    surcharge = max(0, exchange.price.cost - exchange.price.nodes)
    return max(1, min(exchange.requested, objects + surcharge))


def _body(outcome: Outcome, data: bytes, extensions: dict[str, Any]) -> bytes:
    parts = [b'"data":' + data] if outcome.refused is None else []
    if outcome.errors:
        parts.append(b'"errors":' + orjson.dumps(outcome.errors))
    if extensions:
        parts.append(b'"extensions":' + orjson.dumps(extensions))
    return b"{" + b",".join(parts) + b"}"


def _log_operation(exchange: _Exchange, status: int, seconds: float) -> None:
    _log.info(
        "operation",
        name=(exchange.operation_name or "-")[:_SHOWN_NAME],
        status=status,
        milliseconds=round(seconds * 1_000, 1),
        document=exchange.document.hash if exchange.document else "-",
    )


__all__ = ["GRAPHQL_TYPE", "ContextFactory", "EndpointLimits", "GraphQLEndpoint", "RequestInfo"]
