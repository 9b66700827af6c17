"""What an SMS provider must be able to do: turn a message into one signed HTTP request and read the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson

from gateways.delivery import DeliveryFailure, Receipt, TerminalFailure, TransientFailure

# Providers' codes carry no digits, so neither a number nor a code can slip into a stored reason through this.
_CODE = re.compile(r"[A-Za-z][A-Za-z._:-]{0,79}")
_REFERENCE = re.compile(r"[\x21-\x7e]{1,128}")
_STATUS_TO_REPEAT = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, repr=False)
class Sms:
    """One message to one number. `to` is E.164 (`+8613900000000`); `parameters` are in the order of the template.

    `text` is the rendered message for providers without templates and for the inbox. `repr` shows no personal data.
    """

    to: str
    template: str
    parameters: dict[str, str]
    locale: str
    text: str

    def __repr__(self) -> str:
        return f"Sms(template={self.template!r}, locale={self.locale!r})"


@dataclass(frozen=True, slots=True, repr=False)
class SmsRequest:
    """The HTTP request an adapter wants sent: an absolute `url` with its query, and every header that is signed."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """What is new in each attempt: the effect's `key` (a digest, 64 letters), the instant and 32 random letters."""

    key: str
    at: datetime
    nonce: str


class SmsAdapter(Protocol):
    """One provider. Adapters are pure: no network, clock or randomness. See docs/sms-providers.md."""

    name: str

    def build(self, sms: Sms, call: Call) -> SmsRequest:
        """The signed request; `TerminalFailure` when the provider has no template for the message."""
        ...

    def read(self, status: int, content: bytes) -> Receipt:
        """The receipt out of an answer; raises `TransientFailure` or `TerminalFailure`.

        Redirects, 429 and 503 never come here, nor more than 64 KiB.
        """
        ...


@dataclass(frozen=True, slots=True)
class Codes:
    """A provider's business codes. `transient`: code → seconds until a repetition makes sense, None when not known.

    The rest is transient too: an unknown code must not lose a message, and the caller's retries are bounded.
    """

    terminal: frozenset[str]
    transient: Mapping[str, float | None] = field(default_factory=dict)

    def failure(self, provider: str, code: str) -> DeliveryFailure:
        """The failure that `code` stands for."""
        reason = f"{provider}: {code if _CODE.fullmatch(code) else 'unrecognised code'}"
        if code in self.terminal:
            return TerminalFailure(reason)
        return TransientFailure(reason, self.transient.get(code))


def failure_without_code(provider: str, status: int) -> DeliveryFailure:
    """The failure for an answer in which no business code was found, by HTTP status."""
    if 400 <= status <= 499 and status not in _STATUS_TO_REPEAT:
        return TerminalFailure(f"{provider}: HTTP {status}")
    return TransientFailure(f"{provider}: HTTP {status} without a readable answer; outcome unknown")


def read_object(content: bytes) -> dict[str, Any]:
    """The JSON object in `content`, or an empty one when there is none."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def receipt(*references: object) -> Receipt:
    """The first usable reference (printable ASCII, at most 128); an accepted message is accepted without one too."""
    for reference in references:
        if isinstance(reference, str) and _REFERENCE.fullmatch(reference):
            return Receipt(reference)
    return Receipt("accepted")


def template_id(templates: Mapping[str, str], sms: Sms) -> str:
    """The provider's template: the entry `name.locale` if there is one, else `name`; `TerminalFailure` without."""
    found = templates.get(f"{sms.template}.{sms.locale}") or templates.get(sms.template)
    if not found:
        raise TerminalFailure(f"no provider template for {sms.template}")
    return found
