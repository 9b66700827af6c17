"""The server's HTTP protocol with deadlines: a socket that does not bring a request, or take its answer, is closed."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_TIMEOUT = 10.0
"""Seconds for a complete request head, from the connection's start or from the first byte of a later request."""
BODY_TIMEOUT = 20.0
"""Seconds for the rest of the request; longer than the application's own deadline, which answers 408."""
WRITE_TIMEOUT = 30.0
"""Seconds in which a client must take something of an answer that fills its window."""
HEAD_LIMIT = 65_536
"""Largest request head in bytes (known only when a packet does not complete it)."""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's httptools protocol, guarded against slow and endless clients. Pass it as uvicorn's `http`."""

    head_timeout = HEAD_TIMEOUT
    body_timeout = BODY_TIMEOUT
    write_timeout = WRITE_TIMEOUT
    head_limit = HEAD_LIMIT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn asks whether the logger of that name has handlers, not what it was told.
        self.access_log = self.config.access_log
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm(self.head_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._stop_writing_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and self.parser is not None and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > self.head_limit:
                self._refuse(431, "The request's head is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        if self._reading is None:
            self._arm(self.head_timeout)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._arm(self.body_timeout)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._disarm()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._disarm()
        self._stop_writing_timer()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._writing is None:
            self._writing = self.loop.call_later(self.write_timeout, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_writing_timer()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Malformed HTTP is answered in JSON like everything else."""
        self._refuse(400, "The request is not HTTP/1.1.")

    def _refuse(self, status: int, message: str) -> None:
        body = b'{"errors":[{"message":"%b","extensions":{"code":"BAD_QUERY","retryable":false}}]}' % message.encode()
        head = b"content-type: application/json; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head % len(body) + body)
        self.transport.close()

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._reading = self.loop.call_later(seconds, self._late)

    def _disarm(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _late(self) -> None:
        self._reading = None
        self.transport.abort()

    def _stop_writing_timer(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
