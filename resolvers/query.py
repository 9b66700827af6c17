"""The way of every read: access first, then the use case under the actor's scope."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast

from resolvers.context import Context
from rules.access import Permission

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class QuerySpec:
    """What a read declares about itself."""

    name: str
    permission: Permission


class Query(Protocol, Generic[P, T_co]):
    """A use case that reads; called with the read already open."""

    spec: QuerySpec

    def __call__(self, ctx: Context, *args: P.args, **kwargs: P.kwargs) -> T_co:
        """The use case itself: rows, an awaitable of rows, or a query set to be paged."""


QUERIES: dict[str, Query[Any, Any]] = {}
"""Every read by its name; the schema, the matrices and the pages are made from it."""


def query(*, permission: Permission) -> Callable[[Callable[Concatenate[Context, P], T]], Query[P, T]]:
    """Declares a read with the permission it needs."""

    def declare(function: Callable[Concatenate[Context, P], T]) -> Query[P, T]:
        declared = cast("Query[P, T]", function)
        declared.spec = QuerySpec(function.__name__, permission)
        QUERIES[function.__name__] = declared
        return declared

    return declare
