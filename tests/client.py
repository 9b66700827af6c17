"""The API as a client sees it, on the real database: documents in, data, errors, rows, messages and events out."""

import asyncio
import functools
import json
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx2
from pydantic import SecretStr
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from app import Parts, create_app, open_documents
from core.clock import SettableClock
from core.execution.documents import Documents
from core.http.budget import Rate
from core.http.meter import HourlyMeter
from core.settings import Env, ExecutorName, Settings
from gateways.storage import open_storage
from gateways.wakeup import NoWakeup
from schema.contents import Contents
from schema.context import Runtime, context_factory
from schema.http import ContextFactory
from tasks.messages import Post, open_post
from tasks.outbox import Registry, Runner
from tasks.schedules import Schedules
from tasks.wiring import register_all
from tests.database import Database
from tests.modes import TWICE
from tests.patience import PATIENCE
from tests.twice import Twice

FILES = tempfile.TemporaryDirectory(prefix="cosell-files-")
"""Where the contents of files lie, for as long as the process runs."""
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Monday 2 March 2026, noon in Shanghai."""


@dataclass(frozen=True)
class Answer:
    """One answer of the endpoint."""

    status: int
    body: dict[str, Any]
    executor: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """The data of an operation without errors."""
        assert "errors" not in self.body, self.body["errors"]
        found: dict[str, Any] = self.body["data"]
        return found

    @property
    def error(self) -> dict[str, Any]:
        """The extensions of the only top-level error."""
        assert len(self.body["errors"]) == 1, self.body
        found: dict[str, Any] = self.body["errors"][0]["extensions"]
        return found

    @property
    def is_busy(self) -> bool:
        """Whether it asks to send the same again, with the same key."""
        return "errors" in self.body and self.error["code"] == "UNAVAILABLE" and self.error["retryable"] is True


@dataclass
class Client:
    """One caller of the API; `as_` gives another one with a token, `patient` the same that comes back when told to."""

    http: httpx2.AsyncClient
    token: str | None = None
    language: str = "en"

    def as_(self, token: str | None) -> "Client":
        """The same API with another credential."""
        return replace(self, token=token)

    @property
    def patient(self) -> "Client":
        """The same caller as clients are to be: in a crowd some wait too long for a connection or a lock."""
        return Patient(self.http, self.token, self.language)

    async def send(self, document: str, **variables: Any) -> Answer:
        """Sends one document."""
        headers = {"accept-language": self.language, "accept": "application/graphql-response+json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        answer = await self.http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
        return Answer(answer.status_code, answer.json(), answer.headers.get("x-cosell-executor", ""))

    async def do(self, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """Runs one mutation with this input and returns its payload, userErrors included."""
        kind = name[0].upper() + name[1:] + "Input"
        selection += " effects { kind subjectId amount { amount currency } }"
        selection += " userErrors { __typename code path message retryable rule { id } details { name values }"
        selection += " ... on TimingError { availableAt deadline }"
        selection += " ... on StepUpError { challenge { id channel sentTo } } }"
        document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} }} }}"
        answer = await self.send(document, input=given)
        payload: dict[str, Any] = answer.data[name]
        return payload


class Patient(Client):
    """A client that does as it is told: after UNAVAILABLE or THROTTLED it sends the same again, with the same key."""

    async def send(self, document: str, **variables: Any) -> Answer:
        """Sends until there is an answer, for a minute at most."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await super().send(document, **variables)
                waits = [error["extensions"]["retryAfterMs"] for error in answer.body.get("errors", ())]
                if not waits:
                    return answer
                await asyncio.sleep(max(waits) / 1000)


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of a payload's user errors, in order."""
    return [error["code"] for error in payload["userErrors"]]


def told(payload: dict[str, Any], name: str) -> list[list[str]]:
    """What each of a payload's user errors gives as its detail of this name, in order."""
    return [one["values"] for error in payload["userErrors"] for one in error["details"] if one["name"] == name]


@dataclass
class Api:
    """The application under test with its clock, its worker in this process, and a look at the tables."""

    database: Database
    http: httpx2.AsyncClient
    clock: SettableClock
    settings: Settings
    wakeup: NoWakeup
    registry: Registry
    post: Post
    connect: Callable[[str], httpx2.AsyncClient]
    anonymous: Client = field(init=False)

    def __post_init__(self) -> None:
        self.anonymous = Client(self.http)

    def at(self, address: str) -> Client:
        """Somebody at another address than everybody else, not signed in."""
        return Client(self.connect(address))

    async def override(self, key: str, value: Any, *, site: str = "CN") -> None:
        """Operations set a number or switch of the policy, from the first of January on."""
        await self.database.superuser.execute(
            "insert into policy_value (id, version, created_at, updated_at, site, key, effective_on, value)"
            " values (gen_random_uuid(), 1, now(), now(), $1, $2, '2026-01-01', $3::text::jsonb)",
            site,
            key,
            json.dumps(value),
        )

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows as the superuser sees them."""
        return [dict(row) for row in await self.database.superuser.fetch(query, *values)]

    async def value(self, query: str, *values: Any) -> Any:
        """One value as the superuser sees it."""
        return await self.database.superuser.fetchval(query, *values)

    async def deliver(self) -> None:
        """Lets a worker carry out everything that is due."""
        runner = Runner(self.registry, owner="test")
        await runner.finish_all()

    async def inbox(self, recipient: str) -> list[dict[str, Any]]:
        """What was sent to `recipient`, oldest first, after delivering everything due."""
        await self.deliver()
        return await self.rows("select * from recorded_message where recipient = $1 order by id", recipient)

    async def code(self, recipient: str) -> str:
        """The digits of the newest code sent to `recipient`."""
        body = [row["body"] for row in await self.inbox(recipient) if row["template"].startswith("code_")][-1]
        return "".join(character for character in body if character.isdigit())[:6]

    async def changes(self, work: Callable[[], Awaitable[Any]], *, besides: tuple[str, ...] = ()) -> set[str]:
        """The tables in which `work` left any difference; `besides` are not looked at."""
        before = await self.database.picture()
        await work()
        after = await self.database.picture()
        return {name for name in {*before, *after} if after.get(name) != before.get(name)} - set(besides)


@functools.cache
def _documents(executor: ExecutorName) -> Documents:
    """One test's documents are the next one's: reading them anew would take a tenth of the suite's time."""
    return open_documents(Settings(env=Env.TEST, secret_key=SecretStr("none"), executor=executor), Parts())


def make_api(database: Database, **changes: Any) -> Api:
    """The application on this database, with a clock that stands still; `changes` are of its settings.

    All callers come from one address, and hundreds at once: its places and its budget are ten times production's.
    """
    settings = Settings(
        env=Env.TEST,
        secret_key=SecretStr("a-secret-for-tests-of-more-than-32-characters"),
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        redis_url=database.redis_url,
        storage_url=FILES.name,
        feed_folder=f"{FILES.name}/buckets",
        admission_limit=1000,
        admission_queue=1000,
        request_timeout=PATIENCE,
        **changes,
    )
    clock, wakeup = SettableClock(NOON), NoWakeup()
    # A query asked twice is counted twice, each time by a meter of its own.
    factory, again = (context_factory(Runtime(settings, wakeup, clock, HourlyMeter(clock=clock))) for _ in range(2))
    routes = Contents(settings, open_storage(settings), clock, wakeup).routes()
    connect = functools.partial(_connect, _application(settings, factory, routes), _twin(settings, again))
    registry, post = Registry(), open_post(settings)
    register_all(registry, Schedules(), post, settings, clock)
    return Api(database, connect("203.0.113.9"), clock, settings, wakeup, registry, post, connect)


def _application(settings: Settings, factory: ContextFactory, routes: Sequence[BaseRoute] = ()) -> ASGIApp:
    rate, documents = Rate(capacity=100_000, refill=5_000), _documents(settings.executor)
    return create_app(settings, Parts(context_factory=factory, documents=documents, rate=rate, routes=routes))


def _twin(settings: Settings, factory: ContextFactory) -> ASGIApp | None:
    """What answers every query again, where the suite's mode asks for it."""
    return _application(settings.model_copy(update={"executor": ExecutorName.CORE}), factory) if TWICE else None


def _connect(application: ASGIApp, twin: ASGIApp | None, address: str) -> httpx2.AsyncClient:
    """What sends requests to the application from this address."""
    transport = httpx2.ASGITransport(application, client=(address, 4000))
    either = transport if twin is None else Twice(application, twin, address)
    return httpx2.AsyncClient(transport=either, base_url="http://testserver", timeout=PATIENCE)
