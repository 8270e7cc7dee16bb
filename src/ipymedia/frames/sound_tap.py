"""The kernel's end of a page's sound: receive, decode, emit. One for each stream, however many listen."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import MediaError
from ..protocol.framing import Buffer
from ..protocol.messages import SOUND_FRAME_SAMPLES, SOUND_RATE, SoundData, SoundStart, SoundStop
from .page_tap import PageTap, TapOwner
from .sound import SoundBlock, SoundSource

if TYPE_CHECKING:
    from ..link.page import Page
    from .codec.sound import SoundDecoder

logger = logging.getLogger("ipymedia.frames")

_MOST_WAITING = 100
"""Packets that wait for the decoder: two seconds."""
_MOST_CONCEALED = 50
"""A gap of more packets than that is a pause, not a loss."""


class SoundTap(PageTap[tuple[SoundData, bytes]], SoundSource):
    """Sound of a stream that lives in a page."""

    _thread_name = "ipymedia-sound"

    def __init__(self, owner: TapOwner) -> None:
        super().__init__(owner)
        self.lost = 0
        """Packets that did not arrive; silence stands for them."""
        self.silent = False
        """Whether the page said that there is no sound."""

    def receive(self, page: Page, message: SoundData, buffer: Buffer) -> None:
        """Take one packet from the link; only enqueues. Those of other pages and old requests are ignored."""
        with self._arrived:
            if page is not self._page or message.epoch != self._epoch:
                return
            self._queue.append((message, bytes(buffer)))
            if len(self._queue) > _MOST_WAITING:
                self._queue.popleft()
            self._arrived.notify()

    def refuse(self, page: Page, message: SoundStop) -> None:
        """The page has no sound of this stream."""
        if page is self._page and message.epoch == self._epoch:
            self.silent = True
            for outlet in list(self._outlets):
                outlet.wake()

    def _ask(self, page: Page) -> None:
        self.silent = False
        page.send(SoundStart(stream=self._owner.stream_id, epoch=self._epoch))

    def _stop_message(self) -> SoundStop:
        return SoundStop(stream=self._owner.stream_id, epoch=self._epoch)

    def _run(self) -> None:
        decoding = _Decoding()
        while (item := self._wait()) is not None:
            message, data = item
            try:
                block, lost = decoding.decode(message, data)
            except MediaError as error:
                logger.warning("%s", error)
                continue
            self.lost += lost
            self.emit(block)


class _Decoding:
    """A decoder, and which packet it expects."""

    def __init__(self) -> None:
        self._decoder: SoundDecoder | None = None
        self._what: tuple[int, str, int] | None = None
        self._expected = 0

    def decode(self, message: SoundData, data: bytes) -> tuple[SoundBlock, int]:
        """The packet's sound, after silence for those that are missing; and how many these are."""
        import numpy as np

        from .codec.sound import SoundDecoder

        what = message.epoch, message.codec, message.channels
        if what != self._what or self._decoder is None:
            self._decoder, self._what = SoundDecoder(message.codec, message.channels), what
            self._expected = message.sequence
        lost = message.sequence - self._expected
        self._expected = message.sequence + 1
        samples = self._decoder.decode(data)
        time_s = message.time_us / 1e6
        if 0 < lost <= _MOST_CONCEALED:
            silence = np.zeros((message.channels, lost * SOUND_FRAME_SAMPLES), np.float32)
            samples = np.concatenate([silence, samples], axis=1)
            time_s -= silence.shape[1] / SOUND_RATE
        return SoundBlock(samples, SOUND_RATE, time_s), max(0, lost)
