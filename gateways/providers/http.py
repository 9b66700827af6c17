"""The HTTP client of every provider: time-outs, one deadline, no redirects, small answers, no addresses logged."""

import asyncio
import secrets
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from core.clock import Clock, system_clock
from gateways.delivery import TerminalFailure, TransientFailure, key_digest
from gateways.providers.calls import Call, Request

KIBIBYTE = 1024
LONGEST_RETRY_AFTER = 3_600.0


class HttpCaller:
    """Sends what an adapter builds, once. `deadline` is the longest a call takes, in seconds."""

    def __init__(
        self,
        *,
        connect_timeout: float,
        timeout: float,
        limit: int,
        tls: ssl.SSLContext | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """`limit`: bytes of an answer that are read. `tls` replaces the system's trusted authorities. The environment
        (proxies) is not read.
        """
        self._clock = clock
        self._limit = limit
        # The transport and not a client: a client follows cookies and logs the address, whose query may hold a number.
        self._transport = httpx2.AsyncHTTPTransport(verify=tls or ssl.create_default_context(), trust_env=False)
        self._timeout = httpx2.Timeout(timeout, connect=connect_timeout).as_dict()
        self.deadline = connect_timeout + timeout

    async def ask(self, build: Callable[[Call], Request], *, key: str) -> tuple[int, bytes]:
        """Status and body of the answer to what `build` makes of this attempt; `key` names the effect.

        Raises `TerminalFailure` for a redirect and `TransientFailure` for silence, a broken connection, an answer that
        is too large, 429 and 503; these keep the provider's Retry-After, at most an hour.
        """
        request = build(Call(key=key_digest(key), at=self._clock(), nonce=secrets.token_hex(16)))
        try:
            async with asyncio.timeout(self.deadline):
                return await self._exchange(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as problem:
            raise TransientFailure(f"not sent: {type(problem).__name__}") from None
        except TimeoutError:
            raise TransientFailure("deadline passed; outcome unknown") from None
        except (httpx2.TransportError, httpx2.InvalidURL) as problem:
            raise TransientFailure(f"{type(problem).__name__}; outcome unknown") from None

    async def aclose(self) -> None:
        """Closes idle connections; the caller is not used afterwards."""
        await self._transport.aclose()

    async def _exchange(self, request: Request) -> tuple[int, bytes]:
        response = await self._transport.handle_async_request(
            httpx2.Request(
                request.method,
                request.url,
                headers={"Accept-Encoding": "identity", **request.headers},
                content=request.content,
                extensions={"timeout": self._timeout},
            )
        )
        try:
            self._refuse_by_status(response)
            return response.status_code, await self._read_small(response)
        finally:
            await response.aclose()

    def _refuse_by_status(self, response: httpx2.Response) -> None:
        status = response.status_code
        if 300 <= status <= 399:
            raise TerminalFailure(f"HTTP {status}: redirects are not followed")
        if status in (429, 503):
            wait = retry_after(response.headers.get("Retry-After", ""), now=self._clock())
            raise TransientFailure(f"HTTP {status}", wait)

    async def _read_small(self, response: httpx2.Response) -> bytes:
        content = bytearray()
        async for part in response.aiter_raw():
            content += part
            if len(content) > self._limit:
                raise TransientFailure(f"answer larger than {self._limit // KIBIBYTE} KiB; outcome unknown")
        return bytes(content)


def retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds out of a Retry-After header (seconds or an HTTP date), 0 to an hour; None for anything else."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)
