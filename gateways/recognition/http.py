"""Recognition over HTTP: any adapter behind the bounded client, and a line in the log that tells nothing read."""

import ssl
from functools import partial
from typing import Protocol

from core.clock import Clock, system_clock
from core.log import get_logger
from core.settings import Settings
from gateways.delivery import DeliveryFailure, key_digest
from gateways.providers.http import KIBIBYTE, HttpCaller
from gateways.recognition.adapter import Picture, RecognitionAdapter
from rules.partners.licences import Licence

ANSWER_LIMIT = 256 * KIBIBYTE
"""Providers tell where on the picture each word stands too."""

log = get_logger(__name__)


class RecognitionGateway(Protocol):
    """Reads pictures. `key` names the effect: equal keys are the same picture, asked again after a failure."""

    async def read(self, picture: Picture, *, key: str) -> Licence | None:
        """What the licence on it says; None when none can be read. Raises `TransientFailure` or `TerminalFailure`."""
        ...

    async def aclose(self) -> None:
        """Closes idle connections; the gateway is not used afterwards."""
        ...


class HttpRecognition:
    """The real gateway over any adapter."""

    def __init__(
        self,
        adapter: RecognitionAdapter,
        settings: Settings,
        *,
        tls: ssl.SSLContext | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """`tls` replaces the system's trusted authorities. The environment (proxies) is not read."""
        self._adapter = adapter
        self._caller = HttpCaller(
            connect_timeout=settings.recognition_connect_timeout,
            timeout=settings.recognition_timeout,
            limit=ANSWER_LIMIT,
            tls=tls,
            clock=clock,
        )

    async def read(self, picture: Picture, *, key: str) -> Licence | None:
        """Nobody is asked about a picture that the provider does not take."""
        adapter = self._adapter
        if not self._takes(picture):
            return None
        facts = {"provider": adapter.name, "size": len(picture.content), "key": key_digest(key)}
        try:
            status, content = await self._caller.ask(partial(adapter.build, picture), key=key)
            licence = adapter.read(status, content)
        except DeliveryFailure as failure:
            log.warning("licence not read", outcome=type(failure).__name__, reason=failure.reason, **facts)
            raise
        log.info("licence read", outcome="nothing" if licence is None else "read", **facts)
        return licence

    def _takes(self, picture: Picture) -> bool:
        adapter = self._adapter
        known = picture.site in adapter.sites and picture.media_type in adapter.media_types
        return known and len(picture.content) <= adapter.most

    async def aclose(self) -> None:
        """Closes idle connections; the gateway is not used afterwards."""
        await self._caller.aclose()
