"""Row ids (UUIDv7: time-ordered, so indexes stay compact) and their public, typed form (`cus_…`)."""

import secrets
import time
from uuid import UUID

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}


class InvalidId(ValueError):
    """The text is not an id of the expected type."""


def uuid7() -> UUID:
    """A new UUIDv7: 48 bits of milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def encode_id(prefix: str, value: UUID) -> str:
    """`("cus", uuid)` → `"cus_01j…"`: the prefix and 26 letters of Crockford's base 32."""
    number = value.int
    letters = []
    for _ in range(_LENGTH):
        letters.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(letters))}"


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
