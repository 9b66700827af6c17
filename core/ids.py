"""Row ids (UUIDv7: time-ordered, so indexes stay compact) and their public, typed form (`cus_…`)."""

import secrets
import time
from functools import lru_cache
from threading import Lock
from uuid import UUID

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_LETTERS = bytes(ord(_ALPHABET[value % 32]) for value in range(256))


def _halves(size: int) -> tuple[int, int]:
    """Masks of the lower and the upper `size` fives of bits, of every 2 · `size` bytes that hold so many."""
    fives = (1 << 5 * size) - 1
    low = sum(fives << place for place in range(0, 256, 16 * size))
    return low, low << 5 * size


(_LOW_16, _HIGH_16), (_LOW_8, _HIGH_8), (_LOW_4, _HIGH_4), (_LOW_2, _HIGH_2), (_LOW_1, _HIGH_1) = (
    _halves(size) for size in (16, 8, 4, 2, 1)
)
_lock = Lock()
_last = 0


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


@lru_cache(maxsize=32_768)
def encode_id(prefix: str, value: UUID) -> str:
    """`("cus", uuid)` → `"cus_01j…"`: the prefix and 26 letters of Crockford's base 32.

    The last ones are kept (8 MB): the rows of a page name the same few partners, customers and offices.
    """
    bits = value.int
    # All 26 at once: groups of five bits part from one another by halves, until each has a byte of its own.
    bits = bits & _LOW_16 | (bits & _HIGH_16) << 48
    bits = bits & _LOW_8 | (bits & _HIGH_8) << 24
    bits = bits & _LOW_4 | (bits & _HIGH_4) << 12
    bits = bits & _LOW_2 | (bits & _HIGH_2) << 6
    bits = bits & _LOW_1 | (bits & _HIGH_1) << 3
    return f"{prefix}_{bits.to_bytes(_LENGTH, 'big').translate(_LETTERS).decode('ascii')}"


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
