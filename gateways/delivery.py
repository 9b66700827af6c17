"""What every message gateway answers: a receipt, a failure worth repeating, or one that is not."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How a message travels."""

    SMS = "SMS"
    EMAIL = "EMAIL"
    BANK = "BANK"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side has taken the message over; `provider_ref` (at most 128 characters) is what it calls it."""

    provider_ref: str


class DeliveryFailure(Exception):
    """The message was not accepted. `reason` holds no address, text, parameter or code: it may be stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TransientFailure(DeliveryFailure):
    """Worth repeating with the same key, not before `retry_after` seconds when given.

    Also raised when the outcome is unknown (a time-out after sending): a repetition may then deliver twice, which is
    why it must carry the same content.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TerminalFailure(DeliveryFailure):
    """The same message will never be accepted; it goes to the dead letters at once."""


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """A message kept instead of sent: its plain text and, of a mail, its `html`.

    `key` is the caller's, equal over redeliveries. `repr` shows no personal data.
    """

    channel: Channel
    recipient: str
    subject: str
    body: str
    template: str
    locale: str
    key: str
    html: str | None = None

    def __repr__(self) -> str:
        return f"Recorded({self.channel.value}, template={self.template!r}, key={key_digest(self.key)})"


Record = Callable[[Recorded], Awaitable[None]]


def key_digest(key: str) -> str:
    """The key's SHA-256 in 64 hexadecimal letters: constant over retries, fits every provider, tells nothing."""
    return hashlib.sha256(key.encode()).hexdigest()
