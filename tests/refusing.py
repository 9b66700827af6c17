"""Gateways whose other side takes nothing, for tests of what becomes of messages then."""

from dataclasses import dataclass, field, replace

from gateways.delivery import Receipt, TerminalFailure
from gateways.email import Mail
from gateways.sms import Sms
from tasks.outbox import Registry
from tasks.schedules import Schedules
from tasks.wiring import register_all
from tests.client import Api


@dataclass
class Refusing:
    """Refuses every message: for good, or as `failure` says."""

    failure: Exception = field(default_factory=lambda: TerminalFailure("recipient refused: 550"))

    async def send(self, message: Mail | Sms, *, key: str) -> Receipt:
        """Raises the failure."""
        raise self.failure

    async def aclose(self) -> None:
        """Nothing is held open."""


def broken(api: Api, failure: Exception | None = None) -> Api:
    """The API with a worker whose messages are all refused."""
    gateway = Refusing() if failure is None else Refusing(failure)
    post = replace(api.post, sms=gateway, email=gateway)
    registry = Registry()
    register_all(registry, Schedules(), post, api.settings, api.clock)
    api.registry = registry
    return api


async def unsent(api: Api) -> None:
    """What is on its way now is refused for good; what comes later is sent again."""
    working = api.registry
    await broken(api).deliver()
    api.registry = working
