"""Sealed signals between the participants of a room: who is there, what one says to another, relayed media.

Whatever comes is taken for junk until it opened. What is refused is counted, costs some microseconds, and leaves
nothing behind.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import cast

import msgspec

from ..errors import ProtocolError, Reason
from .exchange import Exchange
from .keys import HERE, MEDIA, TO, RoomKeys, is_id
from .presences import Presences
from .sealing import MOST_BYTES, OVERHEAD_BYTES, Opener, Refused, Sealer
from .signals import AnySignal, Presence, Signal

MOST_CONTENT_BYTES = MOST_BYTES - OVERHEAD_BYTES

_SAY_AGAIN_S = 0.5
_decoder = msgspec.json.Decoder(AnySignal)
_encoder = msgspec.json.Encoder()


def will_of(secret: bytes, own_id: str, *, name_only: bool = False) -> str:
    """The topic of a participant's presence: `open_exchange` takes it, and `join` needs no second connection then."""
    return RoomKeys(secret, name_only=name_only).topic(HERE, own_id)


class Signalling:
    """One participant's side of a room; all on the rooms' loop.

    Parameters
    ----------
    exchange
        What carries it; `leave` closes it.
    secret
        The invite's, or `secret_of_name`.
    own_id
        The participant's id, new for each `Signalling`: the seal's strength hangs on it.
    name_only
        The secret is that of a name.

    Attributes
    ----------
    on_presence : callable
        A participant is there (again), or is gone. Only a hint: old presences can be replayed, a broker can lie.
    on_signal : callable
        Sender and signal: authentic, for this participant, and heard for the first time.
    on_media : callable
        Sender and content of relayed media: authentic, and heard for the first time.
    on_online : callable
        Whether the broker is reached. When it is again, all was subscribed and announced anew.
    refused : Counter
        ``forged``, ``replayed``, ``malformed``, ``too_large``, and ``unknown``: a topic that is none of the room's, or
        one more presence than are looked at.
    """

    def __init__(self, exchange: Exchange, secret: bytes, own_id: str, *, name_only: bool = False) -> None:
        if not is_id(own_id):
            raise ValueError("a participant's id is that of new_id()")
        self.on_presence: Callable[[str, bool], None] = _ignore
        self.on_signal: Callable[[str, Signal], None] = _ignore
        self.on_media: Callable[[str, bytes], None] = _ignore
        self.on_online: Callable[[bool], None] = _ignore
        self.refused: Counter[str] = Counter()
        self._exchange = exchange
        self._own_id = own_id
        self._keys = RoomKeys(secret, name_only=name_only)
        self._sealer = Sealer(self._keys, own_id)
        self._opener = Opener(self._keys)
        self._presences = Presences()
        self._here = self._keys.topic(HERE, own_id)
        self._joined = False
        self._say_again: asyncio.TimerHandle | None = None
        self._missing: asyncio.TimerHandle | None = None

    @property
    def online(self) -> bool:
        """Whether the broker is reached."""
        return self._exchange.online

    @property
    def dropped(self) -> int:
        """How many signals and relayed media were not sent."""
        return self._exchange.dropped

    async def join(self) -> None:
        """Be there: leave a will, hear the others, be seen.

        Raises
        ------
        RoomError
            The broker was lost while the will was left.
        """
        self._exchange.on_message = self._received
        self._exchange.on_online = self._online
        await self._exchange.set_will(self._here)
        self._joined = True
        self._exchange.subscribe(self._keys.topic(TO, self._own_id))
        self._exchange.subscribe(self._keys.topic(HERE, "+"))
        self._announce()

    def send(self, to: str, signal: Signal) -> None:
        """Say something to one participant; while the broker is away it waits.

        Raises
        ------
        ProtocolError
            ``too_large``: over a megabyte.
        """
        content = _encoder.encode(signal)
        if len(content) > MOST_CONTENT_BYTES:
            raise ProtocolError(
                f"A message of {len(content)} bytes was not sent: at most {MOST_CONTENT_BYTES} cross a room's broker. "
                "Send less, or in parts.",
                Reason.TOO_LARGE,
            )
        topic = self._keys.topic(TO, to)
        self._exchange.publish(topic, self._sealer.seal(TO, topic, content, to))

    def send_media(self, payload: bytes) -> bool:
        """Relay media to all who listen; tells whether it was sent: it is dropped when the broker is away, or slow."""
        if len(payload) > MOST_CONTENT_BYTES:
            return False
        topic = self._keys.topic(MEDIA, self._own_id)
        return self._exchange.publish(topic, self._sealer.seal(MEDIA, topic, payload), reliable=False)

    def listen_media(self, sender: str) -> None:
        """Hear a participant's relayed media."""
        # Not reliable: a broker hands on at the lower one of both sides' qualities, amqtt at the receiver's.
        self._exchange.subscribe(self._keys.topic(MEDIA, sender), reliable=False)

    def unlisten_media(self, sender: str) -> None:
        """No longer hear it."""
        self._exchange.unsubscribe(self._keys.topic(MEDIA, sender))

    async def leave(self) -> None:
        """Be gone: presence taken back, what was still to be sent sent, the exchange closed."""
        was_joined, self._joined = self._joined, False
        for timer in (self._say_again, self._missing):
            if timer is not None:
                timer.cancel()
        if was_joined:
            self._exchange.unsubscribe(self._keys.topic(HERE, "+"))
            self._exchange.unsubscribe(self._keys.topic(TO, self._own_id))
            self._exchange.publish(self._here, b"", retain=True)
        await self._exchange.close()

    def _announce(self) -> None:
        self._say_again = None
        if self._joined:
            content = _encoder.encode(Presence())
            self._exchange.publish(self._here, self._sealer.seal(HERE, self._here, content), retain=True)

    def _online(self, online: bool) -> None:
        if online and self._joined:
            # Sealed anew, so that it is the newest one, and before anybody here says more.
            self._announce()
            self._presences.expect_all_again()
            if self._missing is not None:
                self._missing.cancel()
            self._missing = asyncio.get_running_loop().call_later(
                Presences.AGAIN_WITHIN_S, self._tell_missing
            )
        self.on_online(online)

    def _tell_missing(self) -> None:
        """Whoever left while the broker was away did so unheard: nothing is retained of them any more."""
        self._missing = None
        for participant in self._presences.take_missing():
            self.on_presence(participant, False)

    def _received(self, topic: str, payload: bytes) -> None:
        if not self._joined:
            return
        try:
            self._dispatch(topic, payload)
        except Refused as refused:
            self.refused[refused.why] += 1

    def _dispatch(self, topic: str, payload: bytes) -> None:
        prefix, _, rest = topic.partition(self._keys.prefix + "/")
        purpose, _, participant = rest.partition("/")
        if prefix or not is_id(participant):
            raise Refused("unknown")
        if purpose == TO and participant == self._own_id:
            sender, _, content = self._opener.open(TO, topic, payload, self._own_id)
            signal = _read(content)
            if isinstance(signal, Presence):
                raise Refused("malformed")
            self.on_signal(sender, signal)
        elif purpose == MEDIA:
            sender, _, content = self._opener.open(MEDIA, topic, payload)
            _check_sender(sender, participant)
            self.on_media(sender, content)
        elif purpose == HERE:
            self._dispatch_presence(topic, participant, payload)
        else:
            raise Refused("unknown")

    def _dispatch_presence(self, topic: str, participant: str, payload: bytes) -> None:
        if participant == self._own_id:
            # Somebody took this side's presence back: the will of a connection that was replaced, or junk.
            if not payload and self._say_again is None:
                self._say_again = asyncio.get_running_loop().call_later(_SAY_AGAIN_S, self._announce)
            return
        if not payload:
            if self._presences.gone(participant):
                self.on_presence(participant, False)
            return
        sender, number, content = self._opener.open(HERE, topic, payload)
        _check_sender(sender, participant)
        if not isinstance(_read(content), Presence):
            raise Refused("malformed")
        verdict = self._presences.here(participant, number)
        if verdict is not None:
            raise Refused(verdict)
        self.on_presence(participant, True)


def _read(content: bytes) -> Signal:
    try:
        return cast(Signal, _decoder.decode(content))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("malformed") from None


def _check_sender(sender: str, participant: str) -> None:
    if sender != participant:
        raise Refused("forged")


def _ignore(*_: object) -> None:
    """What is done before anybody listens."""
