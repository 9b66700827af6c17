"""API processes that can be told to go wrong, what clients do with them, and a stage set in the present."""

import asyncio
import hashlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from core import db
from core.clock import system_clock
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING
from core.servers.process import Child, tail
from models.policy import PolicyValue
from rules.sites import Site
from tests.client import Answer, Api, Client
from tests.database import Database
from tests.faults.workers import ROOT, Broker, Crew
from tests.patience import PATIENCE
from tests.world import World, associated_customer, world

REQUEST = "request { id status } userErrors { code }"
UNBIND = f"mutation($input: RequestUnbindInput!) {{ requestUnbind(input: $input) {{ {REQUEST} }} }}"
WITHDRAW = (
    "mutation($input: WithdrawAssociationRequestInput!)"
    f" {{ withdrawAssociationRequest(input: $input) {{ {REQUEST} }} }}"
)
ASK_CODE = "mutation($input: RequestCodeInput!) { requestCode(input: $input) { challenge { id } userErrors { code } } }"
VIEWER = "{ viewer { id } }"


class ApiProcess:
    """One process of `cosell serve` over tests/faults/api_main.py, on a free port of this machine."""

    def __init__(self, database_url: str, redis_url: str, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.commits = folder / f"commits-{self.port}"
        self.log = folder / f"api-{self.port}.log"
        environment = os.environ | {
            "ENV": "test",
            "DATABASE_URL": f"{database_url}&application_name=api",
            "REDIS_URL": redis_url,
            "PORT": str(self.port),
            "COMMITS": str(self.commits),
            **settings,
        }
        command = [sys.executable, "cli.py", "serve", "--app", "tests.faults.api_main:app"]
        self.child = Child(command, log=self.log, environment=environment, cwd=ROOT)
        self.http = httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE, limits=httpx2.Limits(max_connections=400)
        )

    async def ready(self) -> "ApiProcess":
        """Waits until it answers."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self._answers():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"no API: {tail(self.log)}") from None
        return self

    async def _answers(self) -> bool:
        assert self.child.running, tail(self.log)
        try:
            return (await self.http.get("/healthz")).status_code == 200
        except httpx2.TransportError:
            return False

    async def send(
        self, document: str, token: str | None, fault: str = "", request_id: str = "", /, **given: Any
    ) -> Answer:
        """One document with its `input`; `httpx2.TransportError` when no answer comes."""
        headers = {"x-fault": fault, "x-request-id": request_id or f"request-{uuid7().hex}"}
        headers |= {"accept": "application/graphql-response+json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body: dict[str, Any] = {"query": document, "variables": {"input": given} if given else {}}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        return Answer(answer.status_code, answer.json())

    async def dies(self, document: str, token: str | None, fault: str, /, **given: Any) -> None:
        """Sends a document that ends the process; again, while it is answered that the process is too busy for it."""
        with pytest.raises(httpx2.TransportError):
            while (await self.send(document, token, fault, **given)).is_busy:
                await asyncio.sleep(0.05)
        assert self.child.finish(5) == 70

    async def pool(self) -> tuple[int, int]:
        """Idle connections and all connections of its pool."""
        found = (await self.http.get("/faults")).json()
        return found["idle"], found["size"]

    async def pool_is_whole(self, within: float = 3.0) -> None:
        """Waits until no connection of the pool is lent, as it must be when no request runs."""
        deadline = asyncio.get_running_loop().time() + within
        idle, size = await self.pool()
        while idle != size:
            assert asyncio.get_running_loop().time() < deadline, f"{idle} of {size} connections idle"
            await asyncio.sleep(0.02)
            idle, size = await self.pool()

    async def stop(self) -> None:
        """Ends it, gently at first."""
        await self.http.aclose()
        self.child.stop(timeout=5)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def front_broker(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A Redis for the API processes, apart from the tables' own."""
    found = Broker(tmp_path_factory.mktemp("front"))
    found.start()
    yield found
    found.kill()


@pytest.fixture(scope="session")
async def shared_front(
    database: Database, front_broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ApiProcess]:
    """One API process for the session, with short deadlines."""
    limits = {"REQUEST_TIMEOUT": "3", "BODY_TIMEOUT": "1"}
    process = ApiProcess(database.app_url, front_broker.url, tmp_path_factory.mktemp("api"), **limits)
    yield await process.ready()
    await process.stop()


@pytest.fixture
async def front(api: Api, shared_front: ApiProcess) -> AsyncIterator[ApiProcess]:
    """The session's API process on the empty database; whatever the test did, its pool is whole in the end."""
    await open_limits(api)
    yield shared_front
    await shared_front.pool_is_whole()


@pytest.fixture
async def victim(api: Api, front_broker: Broker, tmp_path: Path) -> AsyncIterator[ApiProcess]:
    """An API process that may die."""
    process = ApiProcess(api.database.app_url, front_broker.url, tmp_path)
    yield await process.ready()
    await process.stop()


@pytest.fixture
def post(crew: Crew, front_broker: Broker) -> Crew:
    """Workers of the product with recording gateways; none runs yet."""
    crew.module = "tests.faults.post_main"
    crew.redis_url = front_broker.url
    return crew


async def open_limits(api: Api) -> None:
    """Sets the stage's clock to the present, and the limits on codes so high that one address may ask for many."""
    api.clock.at = system_clock()
    many = {"codes.per_address_hour": 10_000, "codes.per_prefix_hour": 100_000}
    async with db.transaction(EVERYTHING):
        for key, value in many.items():
            await PolicyValue.insert(
                now=api.clock(), site=Site.CN, key=key, value=value, effective_on=api.clock().date().replace(day=1)
            )


@dataclass(frozen=True)
class Target:
    """A customer of the stage's partner that nobody has asked anything yet."""

    customer_id: str
    row_id: Any

    def unbinding(self, key: str) -> dict[str, Any]:
        """The input of `requestUnbind`."""
        return {
            "customerId": self.customer_id,
            "reason": "The contract has ended.",
            "acknowledged": True,
            "idempotencyKey": key,
        }


async def targets(api: Api, stage: World, count: int) -> list[Target]:
    """So many more customers of the stage's partner."""
    gate = asyncio.Semaphore(8)

    async def one() -> Target:
        async with gate:
            _, customer_id, _ = await associated_customer(api, stage.partner_id)
        return Target(encode_id("cus", customer_id), customer_id)

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def stage_now(api: Api) -> tuple[World, str]:
    """The world with sessions that live now, and the token of the partner's main account."""
    api.clock.at = system_clock()
    stage = await world(api)
    await stay_signed_in(api)
    return stage, token_of(stage.main.client)


async def stay_signed_in(api: Api) -> None:
    """Lets the sessions live on for as long as a test may take."""
    await api.rows("update session set access_expires_at = access_expires_at + interval '3 hours' returning id")


def token_of(client: Client) -> str:
    """The credential a client sends."""
    assert client.token is not None
    return client.token


def code_for(number: int, **more: Any) -> dict[str, Any]:
    """The input of `requestCode` for the n-th unknown mobile; neighbours differ in more than the last digits."""
    return {"scene": "SIGN_UP", "site": "CN", "mobile": mobile(number), **more}


def mobile(number: int) -> str:
    """The n-th mobile nobody has."""
    return f"+86139{number % 10_000:04d}{number // 10_000:04d}"


def chance(seed: str, *names: object) -> float:
    """A number from 0 to 1 that depends on nothing else."""
    text = ":".join(map(str, (seed, *names)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64


def acknowledged(answer: Answer, field: str) -> Mapping[str, Any] | None:
    """The payload of a mutation that was done; None when the answer is a retryable failure of the database."""
    if "errors" in answer.body:
        extensions = answer.error
        assert extensions["code"] in ("UNAVAILABLE", "TIMEOUT"), answer.body
        assert extensions["retryable"] is True
        return None
    payload: Mapping[str, Any] = answer.data[field]
    codes = [error["code"] for error in payload["userErrors"]]
    assert codes in ([], ["IDEMPOTENCY_IN_PROGRESS"]), codes
    return payload if not codes else None


async def insist(process: ApiProcess, document: str, token: str | None, field: str, **given: Any) -> Answer:
    """Sends the same input with the same key until it is done, as clients are told to."""
    async with asyncio.timeout(20):
        while True:
            try:
                answer = await process.send(document, token, **given)
                if acknowledged(answer, field) is not None:
                    return answer
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.05)


def replayed(answer: Answer) -> bool:
    """Whether the key had been used before."""
    return bool(answer.body.get("extensions", {}).get("idempotency", {}).get("replayed", False))


def raw(token: str, document: str, **given: Any) -> bytes:
    """A request as it goes over the wire."""
    body = orjson.dumps({"query": document, "variables": {"input": given} if given else {}})
    lines = ["POST /graphql HTTP/1.1", "Host: x", "Content-Type: application/json", f"Authorization: Bearer {token}"]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def leaves(front: ApiProcess, part: bytes, *, waits: float) -> None:
    """A client that sends a part of a request, perhaps waits a moment, and is gone without a farewell."""
    _, writer = await asyncio.open_connection("127.0.0.1", front.port)
    writer.write(part)
    await writer.drain()
    await asyncio.sleep(waits)
    writer.transport.abort()
