"""Secrets that people and programs carry: opaque tokens, keyed digests and the codes derived from them.

Only digests are stored. Randomness comes from the operating system.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from enum import StrEnum

_RANDOM_BYTES = 32
_LENGTH_BYTES = 8
_BODY = re.compile(r"[A-Za-z0-9_-]{43}")


class TokenKind(StrEnum):
    """What a token opens; the value is its prefix, so that one found in the open can be recognised and revoked."""

    ACCESS = "cos_at_"
    REFRESH = "cos_rt_"
    INVITATION = "cos_inv_"
    PROOF = "cos_prf_"
    TICKET = "cos_tkt_"


def new_token(kind: TokenKind) -> str:
    """A token of 256 random bits: the kind's prefix and 43 URL-safe characters."""
    return kind + secrets.token_urlsafe(_RANDOM_BYTES)


def kind_of(token: str) -> TokenKind | None:
    """The kind of a well-formed token, `None` for any other text: what cannot be a token needs no look-up."""
    for kind in TokenKind:
        if token.startswith(kind) and _BODY.fullmatch(token, len(kind)):
            return kind
    return None


def digest(token: str) -> bytes:
    """SHA-256 of a token, which is what is stored. Enough without a key: a token has 256 random bits."""
    return hashlib.sha256(_octets(token)).digest()


def keyed(secret: str | bytes, purpose: str, *parts: str | bytes) -> bytes:
    """HMAC-SHA256 of `purpose` and `parts`, each with its length in front, so that no two lists of parts coincide.

    32 bytes. Take a purpose of its own for every use: digests of different purposes never meet. Text counts as UTF-8.
    """
    octets = [_octets(part) for part in (purpose, *parts)]
    return hmac.digest(_octets(secret), b"".join(_measured(part) for part in octets), "sha256")


def link_token(secret: str | bytes, purpose: str, nonce: bytes, kind: TokenKind = TokenKind.INVITATION) -> str:
    """The token that follows from the installation's key and a link's nonce: it is stored nowhere.

    `nonce` is random for each link; `purpose` says what the link is for, and no two kinds of link share one.
    """
    return kind + base64.urlsafe_b64encode(keyed(secret, purpose, nonce)).decode().rstrip("=")


def link(public_url: str, page: str, token: str) -> str:
    """The address of `page` that carries a token: in the fragment, which browsers do not send or pass on."""
    return f"{public_url.rstrip('/')}/{page}#{token}"


def sealer(secret: str | bytes, purpose: str, *parts: str | bytes, size: int) -> Callable[[bytes], bytes]:
    """A function for the seal of `size` bytes on many contents: BLAKE2b under a key that `keyed` makes of the rest."""
    begun = hashlib.blake2b(key=keyed(secret, purpose, *parts), digest_size=size)

    def seal(content: bytes) -> bytes:
        whole = begun.copy()
        whole.update(content)
        return whole.digest()

    return seal


def derive_code(secret: str | bytes, salt: bytes, digits: int) -> str:
    """A code of `digits` decimal digits that follows from `secret` and `salt`, so it can be sent again unstored.

    `salt` is random for each code (16 bytes or more). Every code is equally likely: the remainder of 256 bits is off by
    less than 10^digits / 2^256. `ValueError` for fewer than 4 or more than 12 digits, or a short salt.
    """
    if not 4 <= digits <= 12:
        raise ValueError("a code has 4 to 12 digits")
    if len(salt) < 16:
        raise ValueError("a salt has 16 bytes or more")
    number = int.from_bytes(keyed(secret, "code", salt, str(digits)), "big") % 10**digits
    return f"{number:0{digits}}"


def new_salt() -> bytes:
    """16 random bytes for `derive_code`."""
    return secrets.token_bytes(16)


def draw(most: int) -> int:
    """A number from 1 to `most`, each equally likely, that nobody can foretell."""
    return 1 + secrets.randbelow(most)


def equal(left: str | bytes, right: str | bytes) -> bool:
    """Whether both are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(_octets(left), _octets(right))


def _measured(part: bytes) -> bytes:
    return len(part).to_bytes(_LENGTH_BYTES, "big") + part


def _octets(value: str | bytes) -> bytes:
    # Hostile input may hold lone surrogates; they must be compared like anything else, not raise.
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
