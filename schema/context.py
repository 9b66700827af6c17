"""What resolvers of the schema see: the use cases' context, the read that is open, and one loader per relation."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from strawberry.dataloader import DataLoader
from strawberry.types import Info as StrawberryInfo

from core import db
from core.clock import Clock, system_clock
from core.db import DatabaseFailure
from core.execution.errors import Code, RequestError, database_error
from core.i18n import Locale, names_language, negotiate
from core.settings import Settings
from resolvers.accounts.sessions import CredentialInvalid, authenticate
from resolvers.context import Context, Meter, Unmetered, Wakeup
from rules.access import ANONYMOUS, Actor
from schema.http import RequestInfo

Batch = Callable[..., Awaitable[Sequence[Any]]]
"""A relation: the context, all parents and the field's arguments in, for each parent its related object or objects out,
in the same order.
"""
Arguments = tuple[tuple[str, Any], ...]
"""The arguments of a relation by their Python names, in the order of these; their values can be keys."""


class Told:
    """What a computed field is told instead of Strawberry's Info: the context, and nothing of the document."""

    __slots__ = ("context",)

    def __init__(self, context: "RequestContext") -> None:
        self.context = context


@dataclass(slots=True)
class RequestContext:
    """The execution context of one GraphQL operation; `told` is what its computed fields are told."""

    ctx: Context
    stack: AsyncExitStack
    response_extensions: dict[str, Any] = field(default_factory=dict)
    loaders: dict[tuple[Batch, Arguments], DataLoader[Any, Any]] = field(default_factory=dict)
    told: Told = field(init=False)

    def __post_init__(self) -> None:
        self.told = Told(self)

    @property
    def budget_key(self) -> str | None:
        """Whose request budget pays: the account's, or None for the address's."""
        account = self.ctx.actor.account_id
        return None if account is None else f"account:{account}"

    def loader(self, batch: Batch, arguments: Arguments = ()) -> DataLoader[Any, Any]:
        """The loader of a relation with these arguments for this read."""
        key = batch, arguments
        if key not in self.loaders:
            kept: list[Any] = []

            async def load(parents: list[Any]) -> list[Any]:
                kept.extend(parents)  # keys are the parents' addresses: none may be given to another object meanwhile
                return list(await batch(self.ctx, parents, **dict(arguments)))

            self.loaders[key] = DataLoader(load_fn=load, cache_key_fn=id)
        return self.loaders[key]

    async def open_read(self) -> None:
        """Opens the read that the selection below a payload is resolved in, with new loaders."""
        await self.stack.enter_async_context(db.read(self.ctx.actor.scope))

    async def close_read(self) -> None:
        """Ends the read before the next mutation writes, and forgets what was loaded in it."""
        await self.stack.aclose()
        self.loaders.clear()


Info = StrawberryInfo[RequestContext, None]


@dataclass(frozen=True, slots=True)
class Runtime:
    """What an API process hands to every request."""

    settings: Settings
    wakeup: Wakeup
    clock: Clock = system_clock
    meter: Meter = field(default_factory=Unmetered)


def context_factory(runtime: Runtime) -> Callable[[RequestInfo], Any]:
    """Makes the context of each operation: who calls, and for a query the read that lasts as long as it runs."""

    @asynccontextmanager
    async def make(info: RequestInfo) -> AsyncIterator[RequestContext]:
        now = runtime.clock()
        with database_errors():
            ctx = await _context(runtime, info, now)
            async with AsyncExitStack() as stack:
                request = RequestContext(ctx, stack)
                if info.is_query:
                    await request.open_read()
                yield request

    return make


async def _context(runtime: Runtime, info: RequestInfo, now: Any) -> Context:
    try:
        actor, policies = await authenticate(info.bearer, now)
    except CredentialInvalid:
        raise RequestError(Code.UNAUTHENTICATED, "The access token is unknown, expired or revoked.") from None
    return Context(
        actor=actor or ANONYMOUS,
        now=now,
        locale=_locale(info, actor),
        names_language=actor is not None or names_language(info.headers.get("accept-language")),
        request_id=info.request_id,
        policies=policies,
        settings=runtime.settings,
        wakeup=runtime.wakeup,
        meter=runtime.meter,
        address=info.client,
        user_agent=info.headers.get("user-agent", ""),
    )


def _locale(info: RequestInfo, actor: Actor | None) -> str:
    header = info.headers.get("accept-language")
    return str(negotiate(header) if actor is None else negotiate(header, actor.locale, Locale(actor.site.locale)))


class database_errors:
    """Turns a failure of the database into the request error a client can act upon."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DatabaseFailure):
            raise database_error(error) from error
