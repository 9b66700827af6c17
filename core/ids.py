"""Row ids (UUIDv7: time-ordered, so indexes stay compact) and their public, typed form (`cus_…`)."""

import secrets
import time
from threading import Lock
from uuid import UUID

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_lock = Lock()
_last = 0

NOBODY = UUID(int=0)
"""The id of no row: a filter by it finds nothing."""


class InvalidId(ValueError):
    """The text is not an id of the expected type."""


def uuid7() -> UUID:
    """A new UUIDv7, larger than every earlier one of this process: 48 bits of milliseconds, 74 random bits."""
    global _last
    with _lock:
        stamp = time.time_ns() // 1_000_000 << 74 | secrets.randbits(74)
        # Within one millisecond count on from the last one, so that rows written together keep their order.
        _last = stamp if stamp > _last else _last + 1
        stamp = _last
    high, low = stamp >> 62, stamp & (1 << 62) - 1
    return UUID(int=(high >> 12) << 80 | 0x7 << 76 | (high & 0xFFF) << 64 | 0x2 << 62 | low)


def encode_id(prefix: str, value: UUID) -> str:
    """`("cus", uuid)` → `"cus_01j…"`: the prefix and 26 letters of Crockford's base 32."""
    bits, pairs = value.int, _PAIRS
    # Parts of at most 40 bits: what is done with larger numbers costs more.
    a, b, c, d = bits >> 90, bits >> 60 & 0x3FFFFFFF, bits >> 30 & 0x3FFFFFFF, bits & 0x3FFFFFFF
    return (
        f"{prefix}_{pairs[a >> 30]}{pairs[a >> 20 & 1023]}{pairs[a >> 10 & 1023]}{pairs[a & 1023]}"
        f"{pairs[b >> 20]}{pairs[b >> 10 & 1023]}{pairs[b & 1023]}"
        f"{pairs[c >> 20]}{pairs[c >> 10 & 1023]}{pairs[c & 1023]}"
        f"{pairs[d >> 20]}{pairs[d >> 10 & 1023]}{pairs[d & 1023]}"
    )


def decode_id(text: str) -> tuple[str, UUID]:
    """`"cus_01j…"` → `("cus", uuid)`; `InvalidId` for anything that `encode_id` cannot have made."""
    prefix, separator, letters = text.rpartition("_")
    if not separator or not prefix or len(letters) != _LENGTH:
        raise InvalidId(text[:40])
    number = 0
    for letter in letters:
        if letter not in _VALUES:
            raise InvalidId(text[:40])
        number = number << 5 | _VALUES[letter]
    if number >> 128:
        raise InvalidId(text[:40])
    return prefix, UUID(int=number)


def find_id(prefix: str, text: str) -> UUID | None:
    """The UUID of a public id with this prefix; None for any other text."""
    try:
        found, row_id = decode_id(text)
    except InvalidId:
        return None
    return row_id if found == prefix else None


def filter_id(prefix: str, text: str | None) -> UUID | None:
    """For a filter: None without a text, NOBODY for one that is no public id with this prefix."""
    return None if text is None else find_id(prefix, text) or NOBODY
