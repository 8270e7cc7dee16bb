"""Media where no way leads from page to page: page → kernel → broker → kernel → page, sealed, as encoded.

What a page sends is what it would send to a tap of its kernel (`frame.data`, `sound.data`), under the relay's name in
place of a stream's; kernels pass it on as it is. Each receiver's credits travel back, so the sender's pace, and with it
the bitrate, follows what the slowest way carries.

Everything here runs on the rooms' event loop, except `from_page`, which only hands over.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import MediaError
from ..frames.capabilities import choose_codec
from ..protocol.framing import Buffer, join, split
from ..protocol.messages import (
    CREDIT_TIMEOUT_S,
    FrameCredit,
    FrameData,
    FrameKeyRequest,
    Message,
    RoomRelay,
    SoundData,
)
from .call import Call
from .participants import Other
from .signals import Credit, Want

if TYPE_CHECKING:
    from ..link.page import Page

logger = logging.getLogger("ipymedia.rooms")

MOST_FRAME_BYTES = 512 << 10
"""A relayed picture that is larger is none of ours."""


@dataclass
class _Receiver:
    """Somebody who is sent this side's media."""

    decode: list[str]
    sequence: int = -1
    credited_s: float = 0.0


@dataclass
class _Sender:
    """Somebody whose media comes relayed."""

    stream: str = field(default_factory=lambda: f"relay-{uuid.uuid4().hex}")


class Relay:
    """The relayed media of one room, both ways."""

    def __init__(
        self,
        room: str,
        call: Call,
        *,
        send: Callable[[bytes], object],
        listen: Callable[[str, bool], None],
        page: Callable[[], Page | None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.stream = f"relay-{uuid.uuid4().hex}"
        self.refused = 0
        """What came as media and was none."""
        self._room = room
        self._call = call
        self._send = send
        self._listen = listen
        self._page = page
        self._loop = loop
        self._receivers: dict[str, _Receiver] = {}
        self._senders: dict[str, _Sender] = {}
        self._epoch = 0
        self._codec = ""
        self._credited = -1

    # --- what others want of this side ----------------------------------------------------------------------------

    def heard(self, other: Other, signal: Want | Credit) -> None:
        """Somebody wants this side's media, wants it no more, or has some of it."""
        if isinstance(signal, Want):
            if signal.wanted:
                self._receivers[other.id] = _Receiver(signal.decode, credited_s=self._loop.time())
            else:
                self._receivers.pop(other.id, None)
            self.tell_page()
        elif other.id in self._receivers and signal.epoch == self._epoch:
            self._take_credit(self._receivers[other.id], signal)

    def tell_page(self) -> None:
        """Say to the page what is wanted of it; also to one that was loaded anew."""
        page = self._page()
        codec = self._choose_codec(page) if self._receivers and page is not None else ""
        if codec != self._codec or codec:
            # A receiver that came late begins with a key frame: a new epoch has one.
            self._epoch += 1
            self._credited = -1
        self._codec = codec
        for receiver in self._receivers.values():
            receiver.sequence, receiver.credited_s = -1, self._loop.time()
        if page is not None:
            sound = "opus" if self._receivers else ""
            page.send(
                RoomRelay(
                    room=self._room,
                    call=self._call.own.call,
                    relay=self.stream,
                    epoch=self._epoch,
                    codec=codec,
                    sound=sound,
                )
            )

    def _choose_codec(self, page: Page) -> str:
        decoders = [receiver.decode for receiver in self._receivers.values()]
        shared = [codec for codec in decoders[0] if all(codec in each for each in decoders)]
        try:
            return choose_codec(page.capabilities.encode, shared)
        except MediaError as error:
            logger.warning("pictures are not relayed: %s", error)
            return ""

    def _take_credit(self, receiver: _Receiver, credit: Credit) -> None:
        page = self._page()
        if page is None:
            return
        if credit.key:
            page.send(FrameKeyRequest(stream=self.stream, epoch=self._epoch))
            return
        now_s = self._loop.time()
        receiver.sequence, receiver.credited_s = max(receiver.sequence, credit.sequence), now_s
        # The slowest sets the pace, unless it fell silent: then it must not stop the others.
        slowest = min(
            each.sequence
            for each in self._receivers.values()
            if now_s - each.credited_s < CREDIT_TIMEOUT_S or each is receiver
        )
        if slowest > self._credited:
            self._credited = slowest
            page.send(FrameCredit(stream=self.stream, epoch=self._epoch, sequence=slowest))

    def from_page(self, message: Message, buffer: Buffer) -> None:
        """The page's own media; called on the link's threads."""
        if not self._receivers or not isinstance(message, FrameData | SoundData):
            return
        payload = join(message, buffer)
        self._loop.call_soon_threadsafe(self._send, payload)

    # --- what this side wants of others ---------------------------------------------------------------------------

    def want(self, other: Other, wanted: bool) -> None:
        """Have somebody's media relayed, or no longer."""
        if wanted == (other.id in self._senders):
            return
        if wanted:
            self._senders[other.id] = _Sender()
        else:
            del self._senders[other.id]
        self._listen(other.id, wanted)
        self._ask(other)

    def ask_again(self, other: Other) -> None:
        """They, or the own page, were loaded anew."""
        if other.id in self._senders:
            self._ask(other)

    def _ask(self, other: Other) -> None:
        self._call_mail(other, Want(wanted=other.id in self._senders, decode=self._call.own.decode))

    def stream_of(self, other: Other) -> str:
        """The name under which the page gets somebody's relayed media; empty where it is not relayed."""
        sender = self._senders.get(other.id)
        return "" if sender is None else sender.stream

    def media(self, other: Other, payload: bytes) -> None:
        """Relayed media came."""
        sender, page = self._senders.get(other.id), self._page()
        if sender is None or page is None:
            return
        try:
            message, buffer = split(payload)
        except MediaError:
            self.refused += 1
            return
        if not isinstance(message, FrameData | SoundData) or len(buffer) > MOST_FRAME_BYTES:
            self.refused += 1
            return
        other.relayed_s = self._loop.time()
        message.stream = sender.stream
        page.send(message, bytes(buffer))

    def page_credit(self, message: FrameCredit | FrameKeyRequest) -> bool:
        """The page took a relayed picture in, or can't decode; says whether the message was about one."""
        other_id = next(
            (key for key, sender in self._senders.items() if sender.stream == message.stream), None
        )
        other = self._call.others.get(other_id or "")
        if other is None:
            return False
        if isinstance(message, FrameKeyRequest):
            self._call_mail(other, Credit(epoch=message.epoch, key=True))
        else:
            self._call_mail(other, Credit(epoch=message.epoch, sequence=message.sequence))
        return True

    def forget(self, other: Other) -> None:
        """They are gone."""
        if self._senders.pop(other.id, None) is not None:
            self._listen(other.id, False)
        if self._receivers.pop(other.id, None) is not None:
            self.tell_page()

    def _call_mail(self, other: Other, signal: Want | Credit) -> None:
        self._call.mail.send(other.id, signal)
