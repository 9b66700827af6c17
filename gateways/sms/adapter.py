"""What an SMS provider must be able to do: turn a message into one signed HTTP request and read the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gateways.delivery import Receipt, TerminalFailure
from gateways.providers.calls import Call, Request

_REFERENCE = re.compile(r"[\x21-\x7e]{1,128}")


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


class SmsAdapter(Protocol):
    """One provider. Adapters are pure: no network, clock or randomness. See docs/sms-providers.md."""

    name: str

    def build(self, sms: Sms, call: Call) -> Request:
        """The signed request; `TerminalFailure` when the provider has no template for the message."""
        ...

    def read(self, status: int, content: bytes) -> Receipt:
        """The receipt out of an answer; raises `TransientFailure` or `TerminalFailure`.

        Redirects, 429 and 503 never come here, nor more than 64 KiB.
        """
        ...


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
