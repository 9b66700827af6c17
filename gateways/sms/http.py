"""SMS over HTTP: any adapter behind the bounded client, and a line in the log that holds no number."""

import ssl
from functools import partial
from typing import Protocol

from core.clock import Clock, system_clock
from core.log import get_logger
from core.settings import Settings
from gateways.delivery import DeliveryFailure, Receipt, key_digest
from gateways.providers.http import KIBIBYTE, HttpCaller
from gateways.sms.adapter import Sms, SmsAdapter

ANSWER_LIMIT = 64 * KIBIBYTE

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
        self._caller = HttpCaller(
            connect_timeout=settings.sms_connect_timeout,
            timeout=settings.sms_timeout,
            limit=ANSWER_LIMIT,
            tls=tls,
            clock=clock,
        )
        self.deadline = self._caller.deadline

    async def send(self, sms: Sms, *, key: str) -> Receipt:
        """Delivers to the provider. 429 and 503 keep the provider's Retry-After, at most an hour."""
        facts = {"channel": "sms", "provider": self._adapter.name, "template": sms.template, "key": key_digest(key)}
        try:
            status, content = await self._caller.ask(partial(self._adapter.build, sms), key=key)
            receipt = self._adapter.read(status, content)
        except DeliveryFailure as failure:
            log.warning("message not sent", outcome=type(failure).__name__, reason=failure.reason, **facts)
            raise
        log.info("message sent", outcome="accepted", **facts)
        return receipt

    async def aclose(self) -> None:
        """Closes idle connections; the gateway is not used afterwards."""
        await self._caller.aclose()
