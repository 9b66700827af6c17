"""The HTTP client of every SMS adapter: time-outs, one deadline, no redirects, small answers, no addresses logged."""

import asyncio
import secrets
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx2

from core.clock import Clock, system_clock
from core.log import get_logger
from core.settings import Settings
from gateways.delivery import DeliveryFailure, Receipt, TerminalFailure, TransientFailure, key_digest
from gateways.sms.adapter import Call, Sms, SmsAdapter, SmsRequest

ANSWER_LIMIT = 65_536
LONGEST_RETRY_AFTER = 3_600.0

log = get_logger(__name__)


class SmsGateway(Protocol):
    """Hands one SMS over. `key` names the effect: equal keys are the same message, sent again after a failure."""

    async def send(self, sms: Sms, *, key: str) -> Receipt:
        """The receipt; raises `TransientFailure` or `TerminalFailure`."""
        ...

    async def aclose(self) -> None:
        """Closes idle connections; the gateway is not used afterwards."""
        ...


class HttpSms:
    """The real gateway over any adapter. `deadline` is the longest a call takes, in seconds."""

    def __init__(
        self,
        adapter: SmsAdapter,
        settings: Settings,
        *,
        tls: ssl.SSLContext | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """`tls` replaces the system's trusted authorities. The environment (proxies) is not read."""
        self._adapter = adapter
        self._clock = clock
        # The transport and not a client: a client follows cookies and logs the address, whose query holds the number.
        self._transport = httpx2.AsyncHTTPTransport(verify=tls or ssl.create_default_context(), trust_env=False)
        self._timeout = httpx2.Timeout(settings.sms_timeout, connect=settings.sms_connect_timeout).as_dict()
        self.deadline = settings.sms_connect_timeout + settings.sms_timeout

    async def send(self, sms: Sms, *, key: str) -> Receipt:
        """Delivers to the provider. 429 and 503 keep the provider's Retry-After, at most an hour."""
        facts = {"channel": "sms", "provider": self._adapter.name, "template": sms.template, "key": key_digest(key)}
        try:
            receipt = await self._deliver(sms, key)
        except DeliveryFailure as failure:
            log.warning("message not sent", outcome=type(failure).__name__, reason=failure.reason, **facts)
            raise
        log.info("message sent", outcome="accepted", **facts)
        return receipt

    async def aclose(self) -> None:
        """Closes idle connections; the gateway is not used afterwards."""
        await self._transport.aclose()

    async def _deliver(self, sms: Sms, key: str) -> Receipt:
        call = Call(key=key_digest(key), at=self._clock(), nonce=secrets.token_hex(16))
        request = self._adapter.build(sms, call)
        try:
            async with asyncio.timeout(self.deadline):
                status, content = await self._exchange(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as problem:
            raise TransientFailure(f"not sent: {type(problem).__name__}") from None
        except TimeoutError:
            raise TransientFailure("deadline passed; outcome unknown") from None
        except (httpx2.TransportError, httpx2.InvalidURL) as problem:
            raise TransientFailure(f"{type(problem).__name__}; outcome unknown") from None
        return self._adapter.read(status, content)

    async def _exchange(self, request: SmsRequest) -> tuple[int, bytes]:
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
            return response.status_code, await _read_small(response)
        finally:
            await response.aclose()

    def _refuse_by_status(self, response: httpx2.Response) -> None:
        status = response.status_code
        if 300 <= status <= 399:
            raise TerminalFailure(f"HTTP {status}: redirects are not followed")
        if status in (429, 503):
            wait = retry_after(response.headers.get("Retry-After", ""), now=self._clock())
            raise TransientFailure(f"HTTP {status}", wait)


async def _read_small(response: httpx2.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_raw():
        content += part
        if len(content) > ANSWER_LIMIT:
            raise TransientFailure("answer larger than 64 KiB; outcome unknown")
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
