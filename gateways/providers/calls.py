"""One call of a provider: the request that an adapter builds, and what the codes of its answer mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from gateways.delivery import DeliveryFailure, TerminalFailure, TransientFailure

# Providers' codes carry no digits, so neither a number nor a code can slip into a stored reason through this.
_CODE = re.compile(r"[A-Za-z][A-Za-z._:-]{0,79}")
_STATUS_TO_REPEAT = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, repr=False)
class Request:
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


@dataclass(frozen=True, slots=True)
class Codes:
    """A provider's business codes. `transient`: code → seconds until a repetition makes sense, None when not known.

    The rest is transient too: an unknown code must not lose an effect, and the caller's retries are bounded.
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


def read_object(content: bytes | str) -> dict[str, Any]:
    """The JSON object in `content`, or an empty one when there is none."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
