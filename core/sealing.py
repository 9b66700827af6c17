"""Values that are kept unreadable: sealed with AES-256-GCM before they are stored, opened by whoever must know them.

A seal is bound to its place, so that one copied into another row does not open there. It names the key it was made
with: seals of an older key still open while that key is known, and `needs_renewal` says which are to be made anew.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.settings import Settings
from core.tokens import keyed

_KEY_NAME = 8
_NONCE = 12


class BadSeal(ValueError):
    """The seal was made with a key that is no longer known, for another place, or was tampered with."""


class Sealer:
    """Seals with the first of the installation's keys and opens with any of them; each is a text of its settings."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        """`secrets` are the present key and, after it, those that may still open."""
        self._keys = {keyed(secret, "sealing key's name")[:_KEY_NAME]: secret for secret in reversed(secrets)}
        self._present = keyed(secrets[0], "sealing key's name")[:_KEY_NAME]

    def seal(self, text: str, *place: str | bytes) -> bytes:
        """The text, unreadable; equal texts give different seals. `place` says where it will stand, as table and id."""
        nonce = os.urandom(_NONCE)
        return self._present + nonce + self._cipher(self._present).encrypt(nonce, text.encode(), _bound(place))

    def open(self, sealed: bytes, *place: str | bytes) -> str:
        """The text of a seal; `BadSeal` for any that was not made here for this place."""
        name, nonce, content = sealed[:_KEY_NAME], sealed[_KEY_NAME : _KEY_NAME + _NONCE], sealed[_KEY_NAME + _NONCE :]
        if name not in self._keys:
            raise BadSeal("the key of the seal is not known")
        try:
            return self._cipher(name).decrypt(nonce, content, _bound(place)).decode()
        except InvalidTag:
            raise BadSeal("the seal does not belong here") from None

    @property
    def mark(self) -> bytes:
        """What every seal of the present key begins with."""
        return self._present

    def needs_renewal(self, sealed: bytes) -> bool:
        """Whether an older key made the seal."""
        return sealed[:_KEY_NAME] != self._present

    def _cipher(self, name: bytes) -> AESGCM:
        return AESGCM(keyed(self._keys[name], "sealing"))


def sealer_of(settings: Settings) -> Sealer:
    """What seals with the installation's key, and opens with earlier ones too."""
    secrets = (settings.secret_key, *settings.previous_secret_keys)
    return Sealer([secret.get_secret_value().encode() for secret in secrets])


def _bound(place: Sequence[str | bytes]) -> bytes:
    """A digest of the place: no two places give the same."""
    return keyed(b"", "place", *place)
