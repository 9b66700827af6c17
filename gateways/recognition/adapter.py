"""What a provider must be able to do that reads licences: one signed request for a picture, and its answer."""

from dataclasses import dataclass
from typing import Protocol

from gateways.providers.calls import Call, Request
from rules.partners.licences import Licence
from rules.sites import Site


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A file of somebody of `site` that shows a business licence. `repr` shows no content."""

    content: bytes
    media_type: str
    site: Site

    def __repr__(self) -> str:
        return f"Picture(media_type={self.media_type!r}, size={len(self.content)})"


class RecognitionAdapter(Protocol):
    """One provider. Adapters are pure: no network, clock or randomness. See docs/recognition-providers.md."""

    name: str
    sites: frozenset[Site]
    """Whose licences the provider can read: nobody else's picture goes there."""
    media_types: frozenset[str]
    """Which pictures the provider takes."""
    most: int
    """The largest it takes, in bytes."""

    def build(self, picture: Picture, call: Call) -> Request:
        """The signed request for one of these pictures."""
        ...

    def read(self, status: int, content: bytes) -> Licence | None:
        """What the provider has read; None when it found no licence, or none that it can read.

        Raises `TransientFailure` or `TerminalFailure`. Redirects, 429 and 503 never come here, nor more than 256 KiB.
        """
        ...


def text_of(value: object) -> str | None:
    """A value of an answer, where it is a text."""
    return value if isinstance(value, str) else None
