"""Feeds of data files for tests: an S3-compatible service of their own, the worker that delivers to it, the files."""

import csv
import io
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import orjson
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from core.ids import decode_id
from core.settings import Env, Settings
from gateways.storage import open_storage
from tasks import feeds as jobs
from tasks.outbox import Registry, Runner
from tasks.schedules import Schedules
from tests import world
from tests.client import Api, Client, codes
from tests.factories import key, sign_in

FEED = """feed { id state endpoint region bucket prefix topics problem version plannedThrough brokenAt
  problems { code message } actions { action allowed } }"""
DELIVERIES = """{ feedDeliveries(first: 100) { nodes {
  id topic day state attempts problem withheld objectKey rows sha256 deliveredAt feed { id } } } }"""
ACCESS, SECRET = "AKIDTESTONLY123456", "the-secret-of-a-bucket-for-tests"
_numbers = count(1)


@contextmanager
def running_service() -> Iterator[str]:
    """The address of an S3-compatible service."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@dataclass(frozen=True)
class Bucket:
    """A bucket of the service."""

    address: str
    name: str

    async def get(self, key: str) -> bytes | None:
        """What lies there."""
        settings = Settings(
            env=Env.TEST,
            storage_url=f"s3://{self.name}",
            storage_endpoint=self.address,
            storage_region="eu-1",
            storage_access_key=ACCESS,
            storage_secret_key=SecretStr(SECRET),
        )
        return await open_storage(settings).get(key)

    async def table(self, key: str) -> list[dict[str, str]]:
        """The rows of a file by their columns."""
        content = await self.get(key)
        assert content is not None, key
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))

    async def manifest(self, key: str) -> dict[str, Any]:
        """What stands beside a file."""
        content = await self.get(key.removesuffix("csv") + "manifest.json")
        assert content is not None, key
        found: dict[str, Any] = orjson.loads(content)
        return found


def make_bucket(address: str) -> Bucket:
    """A new bucket."""
    made = Bucket(address, f"partner-files-{next(_numbers)}")
    with urllib.request.urlopen(urllib.request.Request(f"{address}/{made.name}", method="PUT")):
        return made


def to_buckets(api: Api, **changes: Any) -> Settings:
    """The settings of a worker that delivers to buckets and not to a folder."""
    return api.settings.model_copy(
        update={"feed_folder": "", "feed_timeout": 5.0, "feed_connect_timeout": 1.0, **changes}
    )


async def work(api: Api, **changes: Any) -> None:
    """A worker carries out every check and delivery once, those too that wait to be tried again."""
    hurry = "update outbox set run_at = now() where topic like 'feed.%' and state = 'ready'"
    await api.database.superuser.execute(hurry)
    await run_worker(api, **changes)


async def run_worker(api: Api, **changes: Any) -> None:
    """A worker carries out what is due of checks and deliveries."""
    registry = Registry()
    jobs.register(to_buckets(api, **changes), api.clock, registry, Schedules())
    await Runner(registry, owner="test").finish_all()


async def work_until_given_up(api: Api, tries: int = 6) -> None:
    """As `work`, as often as a delivery is tried."""
    for _ in range(tries):
        await work(api)


def given(bucket: Bucket, /, *topics: str, **changes: Any) -> dict[str, Any]:
    """The input of a draft."""
    place = {"endpoint": bucket.address, "region": "eu-1", "bucket": bucket.name, "prefix": "daily/cosell"}
    return {**place, "topics": list(topics or ("CUSTOMER_INFO",)), "idempotencyKey": key(), **changes}


async def save(who: Client, bucket: Bucket, /, *topics: str, **changes: Any) -> dict[str, Any]:
    """The payload of a draft."""
    return await who.do("saveFeed", FEED, **given(bucket, *topics, **changes))


async def step(who: Client, name: str, feed: dict[str, Any], /, **more: Any) -> dict[str, Any]:
    """A mutation about one feed."""
    return await who.do(name, FEED, **{"id": feed["id"], "idempotencyKey": key(), **more})


async def check(who: Client, feed: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The payload of asking for a check."""
    return await who.do("checkFeed", FEED, **{"id": feed["id"], "accessKey": ACCESS, "secretKey": SECRET, **changes})


async def shown(who: Client, number: int = 0) -> dict[str, Any]:
    """The caller's newest feed, or an older one."""
    found = await who.send(f"{{ feeds {{ nodes {FEED.removeprefix('feed')} }} }}")
    feed: dict[str, Any] = found.data["feeds"]["nodes"][number]
    return feed


async def deliveries(who: Client) -> list[dict[str, Any]]:
    """What the caller sees of deliveries, by day and topic."""
    nodes = (await who.send(DELIVERIES)).data["feedDeliveries"]["nodes"]
    return sorted(nodes, key=lambda node: (node["day"], node["topic"]))


async def broken(api: Api) -> tuple[Client, dict[str, Any]]:
    """A main account and its feed, which cannot be delivered to; nothing of the worker's has run."""
    _, main = await world.admitted_partner(api)
    saved = await save(main.client, Bucket("https://files.example.com", "gone"))
    assert codes(saved) == [], saved
    state = "update feed set state = 'BROKEN', broken_at = $1"
    await api.database.superuser.execute(state, api.clock())
    return main.client, saved["feed"]


async def active(api: Api, who: Client, bucket: Bucket, *topics: str, **changes: Any) -> dict[str, Any]:
    """A feed whose bucket has been checked."""
    saved = await save(who, bucket, *topics, **changes)
    assert codes(saved) == [], saved
    assert codes(await check(who, saved["feed"])) == []
    await work(api)
    feed = await shown(who)
    assert feed["state"] == "ACTIVE", feed
    return feed


async def plan(api: Api) -> int:
    """The job of 06:00, at the clock's time."""
    return await jobs.plan_days(api.settings, api.clock)


async def next_morning(api: Api) -> None:
    """The next 06:00 in Shanghai, and the job of that hour."""
    morning = api.clock().replace(hour=22, minute=0, second=0, microsecond=0)
    api.clock.at = morning if morning > api.clock() else morning + timedelta(days=1)
    await plan(api)


async def close_bucket(api: Api, feed: dict[str, Any]) -> None:
    """From now on the bucket's service is not reached."""
    statement = "update feed set endpoint = 'http://127.0.0.1:9' where id = $1"
    await api.database.superuser.execute(statement, decode_id(feed["id"])[1])


async def open_bucket(api: Api, feed: dict[str, Any]) -> None:
    """The bucket's service is reached again."""
    statement = "update feed set endpoint = $2 where id = $1"
    await api.database.superuser.execute(statement, decode_id(feed["id"])[1], feed["endpoint"])


async def back(api: Api, who: world.Person) -> Client:
    """Somebody signed in again: sessions are over after some minutes of the clock."""
    return (await sign_in(api, who.id)).api
