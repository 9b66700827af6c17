"""Real local servers that misbehave on demand: SMTP by aiosmtpd, HTTP and raw sockets by asyncio."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Mailbox:
    """An SMTP server's script: what it answers to RCPT and DATA, and what it took."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    hang_on_data: bool = False
    drop_after_data: bool = False
    taken: list[Envelope] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        assert isinstance(server.transport, asyncio.Transport)
        self.secured.append(session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None)
        if self.hang_on_data:
            await asyncio.Event().wait()
        if self.drop_after_data:
            server.transport.abort()
        return self.data

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: Any) -> AuthResult:
        self.logins.append(auth.login)
        return AuthResult(success=auth.password == b"right", handled=False)


@asynccontextmanager
async def smtp_server(
    mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, login: bool = False
) -> AsyncIterator[int]:
    """Serves `mailbox` on 127.0.0.1; yields the port."""

    def protocol() -> SMTP:
        return SMTP(
            mailbox,
            hostname="mail.test",
            tls_context=starttls,
            authenticator=mailbox.authenticate if login else None,
            auth_required=login,
            auth_require_tls=login,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def raw_server(conversation: Conversation, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Runs `conversation` for every connection; yields the port. Conversations are cancelled at the end."""
    conversations: set[asyncio.Task[None]] = set()
    connections: set[asyncio.Task[Any] | None] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await conversation(reader, writer)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.current_task())
        talking = asyncio.create_task(talk(reader, writer))
        conversations.add(talking)
        await asyncio.wait({talking})  # the end of the test cancels the conversation, never this task
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            await asyncio.sleep(0)  # a connection accepted in this moment starts its task
            for talking in conversations:
                talking.cancel()
            await asyncio.gather(*(task for task in connections if task is not None))


@dataclass(frozen=True)
class HttpRequest:
    """One request as it arrived; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes


@dataclass
class Provider:
    """An SMS provider's script: the bytes it answers each request with, and the requests it saw."""

    answer: bytes = b""
    hang: bool = False
    seen: list[HttpRequest] = field(default_factory=list)
    sent: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
            method, target, _ = head[0].split(" ")
            headers = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in head[1:] if line}
            content = await reader.readexactly(int(headers.get("content-length", "0")))
            self.seen.append(HttpRequest(method, target, headers, content))
            if self.hang:
                await asyncio.Event().wait()
            for at in range(0, len(self.answer), 65_536):
                writer.write(self.answer[at : at + 65_536])
                await writer.drain()
                self.sent = at + 65_536


def http(status: str, content: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; keyword `Retry_After` is the header `Retry-After`."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content
