"""Looks into files for what would harm their readers: by a ClamAV daemon, or not at all."""

import asyncio
from typing import Protocol

from core.settings import Settings
from gateways.delivery import TransientFailure

_PIECE = 65_536
_LONGEST = 200


class Scanner(Protocol):
    """Says what is wrong with a content."""

    async def scan(self, content: bytes) -> str | None:
        """The name of what was found; None for nothing. Raises `TransientFailure` when it could not look."""
        ...


class NoScanner:
    """Finds nothing wrong with anything."""

    async def scan(self, content: bytes) -> str | None:
        """Nothing found."""
        return None


class ClamdScanner:
    """Sends contents to clamd over TCP by INSTREAM: pieces with their length in front, a zero at the end."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._host = host
        self._port = port
        self._timeout = timeout

    async def scan(self, content: bytes) -> str | None:
        """What clamd answers: `stream: OK`, or `stream: <name> FOUND`."""
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as failure:
            raise TransientFailure(f"clamd: {type(failure).__name__}") from failure
        if answer == "stream: OK":
            return None
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")[:_LONGEST]
        raise TransientFailure("clamd: another answer than OK or FOUND")

    async def _ask(self, content: bytes) -> str:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), _PIECE):
                piece = content[start : start + _PIECE]
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:-1].decode("utf-8", "replace")
        finally:
            writer.close()


def open_scanner(settings: Settings) -> Scanner:
    """The scanner that `CLAMD_HOST` names; none looks when it is empty."""
    if not settings.clamd_host:
        return NoScanner()
    return ClamdScanner(settings.clamd_host, settings.clamd_port, settings.clamd_timeout)
