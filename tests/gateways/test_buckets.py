"""Partners' buckets: what a check does, what is told of a bucket that takes nothing, where nothing is sent."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from core.settings import Env, Settings
from gateways.buckets import BucketFailure, Place, open_bucket, require_public
from rules.feeds import BucketProblem
from tests import feeds


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with feeds.running_service() as address:
        yield address


class Answering(BaseHTTPRequestHandler):
    """A service that answers everything with the server's status."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        server: Any = self.server
        server.asked.append(self.command)
        self.send_response(server.status)
        self.send_header("location", "http://127.0.0.1:9/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    do_PUT = do_HEAD = do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stubborn() -> Iterator[Any]:
    """A service whose status the test sets."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.status, server.asked = 200, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def settings(**changes: Any) -> Settings:
    own = {"feed_folder": "", "feed_timeout": 2.0, "feed_connect_timeout": 1.0}
    return Settings(env=Env.TEST, **{**own, **changes})


def place(address: str, name: str = "files") -> Place:
    return Place(address, "eu-1", name, feeds.ACCESS, feeds.SECRET)


async def problem(address: str, name: str = "files", **changes: Any) -> BucketProblem:
    with pytest.raises(BucketFailure) as failure:
        await open_bucket(settings(**changes), place(address, name)).check("folder")
    assert feeds.SECRET not in repr(failure.value)
    assert failure.value.__cause__ is None
    return failure.value.problem


async def test_a_check_leaves_nothing(service: str) -> None:
    bucket = feeds.make_bucket(service)
    await open_bucket(settings(), place(service, bucket.name)).check("folder")
    assert await bucket.get("folder/.cosell-check") is None


async def test_a_large_file_goes_in_pieces(service: str, tmp_path: Path) -> None:
    bucket, file = feeds.make_bucket(service), tmp_path / "large.csv"
    file.write_bytes(b"0123456789" * 1_200_000)
    await open_bucket(settings(), place(service, bucket.name)).put("large.csv", file)
    assert await bucket.get("large.csv") == file.read_bytes()


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, BucketProblem.DENIED),
        (403, BucketProblem.DENIED),
        (404, BucketProblem.NO_SUCH_BUCKET),
        (400, BucketProblem.NOT_ACCEPTED),
        (500, BucketProblem.NOT_ACCEPTED),
    ],
)
async def test_what_a_service_answers_is_told(stubborn: Any, status: int, told: BucketProblem) -> None:
    stubborn.status = status
    assert await problem(f"http://127.0.0.1:{stubborn.server_port}") is told


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_nobody_is_sent_elsewhere(stubborn: Any, status: int) -> None:
    stubborn.status = status
    assert await problem(f"http://127.0.0.1:{stubborn.server_port}") is BucketProblem.NOT_ACCEPTED
    assert stubborn.asked == ["PUT"]


async def test_one_that_is_not_there() -> None:
    assert await problem("http://127.0.0.1:9") is BucketProblem.UNREACHABLE


async def test_guarded_nothing_goes_without_tls_or_inside(stubborn: Any) -> None:
    port = stubborn.server_port
    for address in (f"https://127.0.0.1:{port}", f"https://localhost:{port}", f"http://localhost:{port}"):
        assert await problem(address, feed_guard=True) is BucketProblem.ADDRESS_NOT_ALLOWED
    assert stubborn.asked == []
    await require_public("https://8.8.8.8")


async def test_a_folder_stands_in_for_buckets(tmp_path: Path) -> None:
    bucket = open_bucket(settings(feed_folder=str(tmp_path)), place("https://objects.example.com"))
    await bucket.check("folder")
    await bucket.put("a/b.csv", b"x")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "files/a/b.csv"
    ]


def test_neither_key_nor_secret_is_shown() -> None:
    assert feeds.ACCESS not in repr(place("https://x"))
    assert feeds.SECRET not in repr(place("https://x"))
