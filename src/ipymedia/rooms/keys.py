"""The keys and topics of a room, all derived from its secret by HKDF-SHA256 (RFC 5869).

A key is for one purpose, one sender and one receiver. Participants' ids are new with each join, so no key is ever
used by two senders, or in two calls: the nonces may simply count, and what was recorded earlier opens nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING

from .invite import SECRET_BYTES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

HERE = "here"
"""Topics, and the purpose of keys: a participant is there."""
TO = "to"
"""To one participant."""
MEDIA = "media"
"""Relayed media of a participant."""

_ID = re.compile(r"[0-9a-f]{32}")
_MOST_KEPT = 512


def new_id() -> str:
    """A participant's id: 128 random bits as hex."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Tell whether a text may be a participant's id."""
    return _ID.fullmatch(text) is not None


def secret_of_name(name: str) -> bytes:
    """The secret of a room that is known by its name alone.

    It is as hard to guess as the name: enough among the kernels of one user, whose broker nobody else reaches, and no
    protection on a broker that others use.
    """
    return _derive(name.encode(), b"ipymedia room name", SECRET_BYTES)


class RoomKeys:
    """The keys of one room; derived when first needed, and kept for as many as a room can have.

    Parameters
    ----------
    secret
        The invite's, or that of a name.
    name_only
        The secret is that of a name. Its keys differ from those of an invite with the same secret.
    """

    def __init__(self, secret: bytes, *, name_only: bool = False) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"a room's secret has {SECRET_BYTES} bytes, not {len(secret)}")
        self._root = _derive(
            secret, b"ipymedia room by name" if name_only else b"ipymedia room by invite", 32
        )
        self._ciphers: OrderedDict[tuple[str, str, str], ChaCha20Poly1305] = OrderedDict()
        self.prefix = f"ipymedia/{_derive(self._root, b'topic', 16).hex()}"

    def __repr__(self) -> str:
        return "RoomKeys()"

    def topic(self, purpose: str, participant: str) -> str:
        """The topic for a purpose; `participant` may be MQTT's ``+``."""
        return f"{self.prefix}/{purpose}/{participant}"

    def cipher(self, purpose: str, sender: str, receiver: str = "") -> ChaCha20Poly1305:
        """What seals and opens for a purpose, from one participant to another, or to all."""
        kept = self._ciphers.get((purpose, sender, receiver))
        if kept is not None:
            self._ciphers.move_to_end((purpose, sender, receiver))
            return kept
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        key = _derive(self._root, f"key/{purpose}/{sender}/{receiver}".encode(), 32)
        cipher = self._ciphers[(purpose, sender, receiver)] = ChaCha20Poly1305(key)
        # Junk names senders that never were: they push each other out, and cost a derivation each.
        if len(self._ciphers) > _MOST_KEPT:
            self._ciphers.popitem(last=False)
        return cipher


def _derive(material: bytes, info: bytes, length: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    salt = hashlib.sha256(b"ipymedia rooms 1").digest()
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
