"""A real server on a real socket: clients that dawdle are cut off, and the others do not notice."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator

import pytest
import uvicorn

from core.http.protocol import GuardedProtocol
from schema.http import EndpointLimits
from tests.api.http_harness import make_harness
from tests.core.test_log import configured


class ImpatientProtocol(GuardedProtocol):
    """The product's protocol with deadlines that a test can wait for."""

    head_timeout = 0.5
    body_timeout = 1.0
    write_timeout = 0.5
    head_limit = 20_000


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    harness = make_harness(endpoint_limits=EndpointLimits(body_timeout=0.5))
    config = uvicorn.Config(
        harness.app, port=0, http=ImpatientProtocol, ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(asyncio.CancelledError))
        running = asyncio.create_task(server._serve())
        while not server.started:
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True
        await running


def request(body: bytes = b'{"query":"{echo}"}', length: int | None = None, extra: bytes = b"") -> bytes:
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + extra
    return head + b"Content-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body


async def seconds_until_closed(reader: asyncio.StreamReader) -> tuple[float, bytes]:
    loop = asyncio.get_running_loop()
    started = loop.time()
    with contextlib.suppress(ConnectionError):
        answer = await asyncio.wait_for(reader.read(), 8)
        return loop.time() - started, answer
    return loop.time() - started, b""


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST", b"POST / HTTP/1.1\r\nHost: x\r\nX-a: ", b"\r\n\r\n", b"PRI * HTTP/2.0"],
    ids=["nothing", "method", "half a head", "empty lines", "http2"],
)
async def test_half_open_sockets_are_closed(port: int, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    spent, answer = await seconds_until_closed(reader)
    assert spent < 2.0
    assert answer == b"" or b"400 Bad Request" in answer
    writer.close()


async def test_a_head_that_trickles_is_cut_off(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    closing = asyncio.create_task(seconds_until_closed(reader))
    with contextlib.suppress(ConnectionError):
        for letter in b"POST /graphql HTTP/1.1\r\nX-Slow: " + b"a" * 60:
            writer.write(bytes([letter]))
            await writer.drain()
            await asyncio.sleep(0.05)
            if closing.done():
                break
    assert closing.done()
    assert (await closing)[0] < 2.0
    writer.close()


async def test_a_second_request_has_the_same_deadline(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request())
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(0.7)
    writer.write(request()[:40])
    spent, _ = await seconds_until_closed(reader)
    assert spent < 2.0
    writer.close()


@pytest.mark.parametrize(
    ("extra", "logger", "status"), [(b"", "schema.http", 200), (b"Accept: text/css\r\n", "core.http.boundary", 406)]
)
async def test_a_request_is_one_line_of_the_log(port: int, extra: bytes, logger: str, status: int) -> None:
    out = io.StringIO()
    with configured(out, as_json=True):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(extra=extra))
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
    [line] = map(json.loads, out.getvalue().splitlines())
    assert (line["logger"], line["status"], len(line["request_id"])) == (logger, status, 32)


async def test_a_body_that_does_not_come_is_answered_408(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(b'{"query"', 100))
    spent, answer = await seconds_until_closed(reader)
    assert spent < 2.0
    assert b"408 Request Timeout" in answer and b'"TIMEOUT"' in answer
    writer.close()


async def test_a_body_nobody_reads_is_cut_off(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(b"", 10_000_000, b"Accept: application/xml\r\n"))
    assert b"406 Not Acceptable" in await reader.readuntil(b"\r\n\r\n")
    closing = asyncio.create_task(seconds_until_closed(reader))
    with contextlib.suppress(ConnectionError):
        for _ in range(60):
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.05)
            if closing.done():
                break
    assert closing.done()
    writer.close()


async def test_a_chunked_body_over_the_cap_is_refused_and_closed(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head)
    with contextlib.suppress(ConnectionError):
        for _ in range(100):
            writer.write(b"4000\r\n" + b"a" * 0x4000 + b"\r\n")
            await writer.drain()
    _, answer = await seconds_until_closed(reader)
    assert answer == b"" or b"413" in answer.split(b"\r\n")[0]
    writer.close()


async def test_a_head_without_end_is_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /graphql HTTP/1.1\r\n")
    with contextlib.suppress(ConnectionError):
        for number in range(40):
            writer.write(b"X-%d: " % number + b"a" * 1_000 + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0)
    spent, answer = await seconds_until_closed(reader)
    assert spent < 2.0
    assert answer == b"" or b"431" in answer.split(b"\r\n")[0]
    writer.close()


async def test_malformed_http_is_answered_in_json(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"NOT HTTP AT ALL\r\n\r\n")
    _, answer = await seconds_until_closed(reader)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"400 Bad Request" in head and b"application/json" in head
    assert json.loads(body)["errors"][0]["extensions"]["code"] == "BAD_QUERY"
    writer.close()


async def test_a_client_that_does_not_read_is_cut_off(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    text = "a" * 60_000
    body = json.dumps({"query": "query ($s: String) { a: echo(s: $s) b: echo(s: $s) }", "variables": {"s": text}})
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(5):
            while True:
                writer.write(request(body.encode()))
                await writer.drain()
    writer.transport.abort()
    assert await honest(port) < 2.0
    del reader


async def honest(port: int) -> float:
    """How long an ordinary request takes, in seconds."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(extra=b"Connection: close\r\n"))
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    writer.close()
    return loop.time() - started


async def test_200_slow_sockets_do_not_disturb_the_others(port: int) -> None:
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
    for _, writer in slow:
        writer.write(b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-a: ")
    assert max([await honest(port) for _ in range(10)]) < 1.0
    closed = await asyncio.gather(*(seconds_until_closed(reader) for reader, _ in slow))
    assert max(spent for spent, _ in closed) < 3.0
    for _, writer in slow:
        writer.close()
