"""How a message between participants is sealed, and how it is opened: authentic, for this topic, and not seen before.

``version (1) | sender (16) | number (8) | ChaCha20-Poly1305 of the content``, the topic as associated data, the number
as nonce. A message that was changed, moved to another topic, sent again, or came from nobody in the room is refused.
"""

from __future__ import annotations

import struct
from collections import OrderedDict

from .keys import HERE, RoomKeys

MOST_BYTES = 1 << 20
"""The largest message, sealed: brokers bound what they carry, and so does the embedded one."""

REPLAY_WINDOW = 1024
"""So far behind the newest number a message may come: reconnecting changes the order, a little."""

_VERSION = 1
_HEAD = struct.Struct(">B16sQ")
_TAG_BYTES = 16
_MOST_SENDERS = 1024

OVERHEAD_BYTES = _HEAD.size + _TAG_BYTES


class Refused(Exception):  # noqa: N818 (it is a verdict on what came, not a failure)
    """A message was not opened.

    Attributes
    ----------
    why : str
        ``malformed``, ``too_large``, ``forged`` or ``replayed``.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Sealer:
    """Seals what this participant sends.

    Numbers count up for each purpose, whoever receives: no state is kept for receivers, so none can be let go too
    early, and no key meets a number twice.
    """

    def __init__(self, keys: RoomKeys, own_id: str) -> None:
        self._keys = keys
        self._own_id = own_id
        self._numbers: dict[str, int] = {}

    def seal(self, purpose: str, topic: str, content: bytes, receiver: str = "") -> bytes:
        """Seal a message for a topic."""
        number = self._numbers[purpose] = self._numbers.get(purpose, 0) + 1
        cipher = self._keys.cipher(purpose, self._own_id, receiver)
        head = _HEAD.pack(_VERSION, bytes.fromhex(self._own_id), number)
        return head + cipher.encrypt(_nonce(number), content, topic.encode())


class Opener:
    """Opens what this participant receives, and remembers what came.

    It keeps a state for those only whose messages opened: who is not in the room can't make it grow. Of those who are,
    the ones heard last are kept.
    """

    def __init__(self, keys: RoomKeys) -> None:
        self._keys = keys
        self._windows: OrderedDict[tuple[str, str], ReplayWindow] = OrderedDict()

    def open(self, purpose: str, topic: str, sealed: bytes, receiver: str = "") -> tuple[str, int, bytes]:
        """Open a message.

        Returns
        -------
        tuple
            Who sent it, its number, its content. Of presence, which a broker keeps and tells again, also the newest
            message comes through a second time.

        Raises
        ------
        Refused
        """
        sender, number = _head_of(sealed)
        content = self._decrypt(purpose, topic, sealed, sender, receiver, number)
        window = self._windows.get((purpose, sender))
        if window is None:
            window = self._windows[purpose, sender] = ReplayWindow()
            if len(self._windows) > _MOST_SENDERS:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end((purpose, sender))
        if not (window.accept(number) or (purpose == HERE and number == window.newest)):
            raise Refused("replayed")
        return sender, number, content

    def _decrypt(
        self, purpose: str, topic: str, sealed: bytes, sender: str, receiver: str, number: int
    ) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            return self._keys.cipher(purpose, sender, receiver).decrypt(
                _nonce(number), memoryview(sealed)[_HEAD.size :], topic.encode()
            )
        except InvalidTag:
            raise Refused("forged") from None


class ReplayWindow:
    """Which numbers of one sender came; those behind the window count as having come (RFC 6479 does it so)."""

    __slots__ = ("_seen", "newest")

    def __init__(self) -> None:
        self.newest = 0
        self._seen = 0

    def accept(self, number: int) -> bool:
        """Note a number; False when it came before, or is too old to tell."""
        behind = self.newest - number
        if behind >= REPLAY_WINDOW or number < 1:
            return False
        if behind < 0:
            self._seen = (self._seen << min(-behind, REPLAY_WINDOW)) & ((1 << REPLAY_WINDOW) - 1) | 1
            self.newest = number
            return True
        if self._seen >> behind & 1:
            return False
        self._seen |= 1 << behind
        return True


def _head_of(sealed: bytes) -> tuple[str, int]:
    if len(sealed) > MOST_BYTES:
        raise Refused("too_large")
    if len(sealed) < OVERHEAD_BYTES:
        raise Refused("malformed")
    version, sender, number = _HEAD.unpack_from(sealed)
    if version != _VERSION:
        raise Refused("malformed")
    return sender.hex(), number


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
