"""A TCP proxy before a server on a Unix socket, which can do to its connections what networks do."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends RST instead of FIN."""


class Wire:
    """One connection: `dead` ones take everything and pass nothing on, in both directions, and nobody is told."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client, self.server = client, server
        self.dead = False
        self.marked = False

    def close(self) -> None:
        """Both sides are told properly."""
        self.client.close()
        self.server.close()

    def reset(self) -> None:
        """Both sides are told by a reset."""
        for writer in (self.client, self.server):
            plug = writer.get_extra_info("socket")
            if plug is not None and plug.family != socket.AF_UNIX:
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


class Proxy:
    """`latency`: seconds that each piece waits. `cut`: whether connections are dead, old ones and new ones.

    `deadly`: bytes from a client that make its connection dead at its next COMMIT; `passes_commit`: whether that one
    still gets through. Only the first connection dies.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.latency = 0.0
        self.cut = False
        self.deadly: bytes | None = None
        self.passes_commit = True
        self.wires: list[Wire] = []
        self.port = 0

    def url(self, user: str, database: str) -> str:
        """The address of a PostgreSQL behind it."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def blackhole(self) -> None:
        """From now on nothing gets through, and nobody is told."""
        self.cut = True
        for wire in self.wires:
            wire.dead = True

    def heal(self) -> None:
        """New connections get through again; those that were dead are reset: the network has forgotten them."""
        self.cut = False
        for wire in self.wires:
            if wire.dead:
                wire.reset()

    def drop(self) -> None:
        """Every connection is closed properly."""
        for wire in self.wires:
            wire.close()

    def reset(self) -> None:
        """Every connection is reset."""
        for wire in self.wires:
            wire.reset()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until both sides have ended it."""
        answers, server = await asyncio.open_unix_connection(str(self.target))
        wire = Wire(writer, server)
        wire.dead = self.cut
        self.wires.append(wire)
        ways = (self._pass(wire, reader, server, asked=True), self._pass(wire, answers, writer, asked=False))
        try:
            await asyncio.gather(*ways)
        finally:
            self.wires.remove(wire)
            wire.close()

    async def _pass(
        self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asked: bool
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(65_536):
                await asyncio.sleep(self.latency)
                await self._piece(wire, writer, piece, asked=asked)
            if not wire.dead:
                writer.write_eof()

    async def _piece(self, wire: Wire, writer: asyncio.StreamWriter, piece: bytes, *, asked: bool) -> None:
        if asked and self.deadly is not None:
            wire.marked = wire.marked or self.deadly in piece
        kills = wire.marked and asked and b"COMMIT" in piece and not wire.dead
        passes = not wire.dead and (self.passes_commit or not kills)
        if kills:
            self.deadly, wire.dead = None, True
        if passes:
            writer.write(piece)
            await writer.drain()


@asynccontextmanager
async def proxy(url: str) -> AsyncIterator[Proxy]:
    """A proxy before the PostgreSQL whose address names the folder of its socket."""
    made = Proxy(Path(parse_qs(urlsplit(url).query)["host"][0]) / ".s.PGSQL.5432")
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.reset()
        server.close()
        while made.wires:
            await asyncio.sleep(0.01)
