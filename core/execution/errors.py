"""The errors a client may see at the top level, and the mask over all others."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from graphql import GraphQLError

from core.db import CommitUnknown, DatabaseFailure, TimedOut
from core.failures import log_unexpected


class Code(StrEnum):
    """What a user cannot mend; business refusals are data and have codes of their own."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_QUERY = "BAD_QUERY"
    QUERY_TOO_EXPENSIVE = "QUERY_TOO_EXPENSIVE"
    THROTTLED = "THROTTLED"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class _Default(NamedTuple):
    status: int
    retryable: bool


_DEFAULTS = {
    Code.UNAUTHENTICATED: _Default(401, retryable=False),
    Code.FORBIDDEN: _Default(403, retryable=False),
    Code.BAD_QUERY: _Default(400, retryable=False),
    Code.QUERY_TOO_EXPENSIVE: _Default(400, retryable=False),
    Code.THROTTLED: _Default(429, retryable=True),
    Code.TIMEOUT: _Default(504, retryable=True),
    Code.UNAVAILABLE: _Default(503, retryable=True),
    Code.INTERNAL: _Default(500, retryable=False),
}

UNACCEPTED = "The value is not accepted here."
INTERNAL_MESSAGE = "Something went wrong on our side. The request id helps us to find out what."


class RequestError(GraphQLError):
    """An error whose message and code are meant for the client; raised anywhere, from the front door to a resolver.

    `status` is the HTTP status when nothing has been executed. `extra` joins the error's `extensions`.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        status: int | None = None,
        retryable: bool | None = None,
        retry_after_ms: int | None = None,
        extra: dict[str, Any] | None = None,
        nodes: Any = None,
    ) -> None:
        super().__init__(message, nodes)
        self.code = code
        self.status = _DEFAULTS[code].status if status is None else status
        self.retryable = _DEFAULTS[code].retryable if retryable is None else retryable
        self.retry_after_ms = retry_after_ms
        self.extra = extra or {}

    @property
    def is_about_document(self) -> bool:
        """Whether the document or its variables are at fault, which `application/json` answers with status 200."""
        return self.code in (Code.BAD_QUERY, Code.QUERY_TOO_EXPENSIVE) and self.status == 400


def bad_query(error: GraphQLError, **extra: Any) -> RequestError:
    """A parse, validation or coercion error of graphql-core, with its places.

    A scalar that let an exception out is heard of, but the exception's text, which may hold anything, is not repeated.
    """
    message = UNACCEPTED if _is_foreign(_origin(error)) else error.message
    shown = RequestError(Code.BAD_QUERY, message, extra=extra, nodes=error.nodes)
    shown.locations = error.locations
    return shown


def internal() -> RequestError:
    """The only thing a client learns of an unexpected exception."""
    return RequestError(Code.INTERNAL, INTERNAL_MESSAGE)


def database_error(failure: DatabaseFailure) -> RequestError:
    """What a client learns when the database could not do it: whether to try again, and whether it may be done."""
    if isinstance(failure, CommitUnknown):
        message = "The answer of the database was lost: it may have been done. Ask again with the same key."
        return RequestError(Code.UNAVAILABLE, message, retry_after_ms=1000)
    if isinstance(failure, TimedOut):
        return RequestError(Code.TIMEOUT, "The database took too long.")
    return RequestError(
        Code.UNAVAILABLE, "The service is busy or restarting. Try again with the same key.", retry_after_ms=1000
    )


def format_error(error: RequestError, request_id: str, located: GraphQLError | None = None) -> dict[str, Any]:
    """The error as it stands in `errors`; `located` gives the path and places when a resolver raised it."""
    place = located or error
    shown: dict[str, Any] = {"message": error.message}
    if place.locations:
        shown["locations"] = [{"line": spot.line, "column": spot.column} for spot in place.locations]
    if place.path:
        shown["path"] = list(place.path)
    shown["extensions"] = {
        "code": error.code.value,
        "requestId": request_id,
        "retryable": error.retryable,
        "retryAfterMs": error.retry_after_ms,
        **error.extra,
    }
    return shown


def format_execution_errors(errors: Iterable[GraphQLError], request_id: str, document: str) -> list[dict[str, Any]]:
    """Field errors for the client: ours and wrong arguments as they are, everything else logged and masked."""
    return [format_error(_shown(error, request_id, document), request_id, error) for error in errors]


def _shown(error: GraphQLError, request_id: str, document: str) -> RequestError:
    origin = _origin(error)
    if isinstance(origin, RequestError):
        return origin
    if isinstance(origin, DatabaseFailure):
        return database_error(origin)
    if isinstance(origin, GraphQLError) and origin.nodes and origin.message.startswith("Argument "):
        return bad_query(error)
    log_unexpected(origin, request_id, document)
    return internal()


def _origin(error: GraphQLError) -> BaseException:
    """What was raised first, under graphql-core's wrappings."""
    origin: BaseException = error
    while isinstance(origin, GraphQLError) and not isinstance(origin, RequestError) and origin.original_error:
        origin = origin.original_error
    return origin


def _is_foreign(origin: BaseException) -> bool:
    return not isinstance(origin, GraphQLError)
