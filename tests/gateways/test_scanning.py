"""The scanner's protocol, against a daemon that answers as ClamAV's does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.settings import Env, Settings
from gateways.delivery import TransientFailure
from gateways.scanning import ClamdScanner, NoScanner, open_scanner

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@asynccontextmanager
async def daemon(*, answer: bytes | None = None, silent: bool = False) -> AsyncIterator[int]:
    """The port of a daemon that finds the test file; or that gives `answer`, or none."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
        found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        if not silent:
            writer.write(found if answer is None else answer)
            await writer.drain()
        else:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", None),
        (b"harmless" * 100_000, None),
        (EICAR, "Eicar-Signature"),
        (b" " * 70_000 + EICAR, "Eicar-Signature"),
    ],
)
async def test_what_it_finds(content: bytes, finding: str | None) -> None:
    async with daemon() as port:
        assert await ClamdScanner("127.0.0.1", port, 5).scan(content) == finding


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"\0", b""])
async def test_any_other_answer_is_no_clearance(answer: bytes) -> None:
    async with daemon(answer=answer) as port:
        with pytest.raises(TransientFailure):
            await ClamdScanner("127.0.0.1", port, 5).scan(b"x")


async def test_a_daemon_that_is_silent_or_gone() -> None:
    async with daemon(silent=True) as port:
        with pytest.raises(TransientFailure):
            await ClamdScanner("127.0.0.1", port, 0.05).scan(b"x")
    with pytest.raises(TransientFailure):
        await ClamdScanner("127.0.0.1", port, 5).scan(b"x")


async def test_which_scanner_the_settings_name() -> None:
    assert isinstance(open_scanner(Settings(env=Env.TEST)), NoScanner)
    assert await NoScanner().scan(EICAR) is None
    assert isinstance(open_scanner(Settings(env=Env.TEST, clamd_host="127.0.0.1")), ClamdScanner)
