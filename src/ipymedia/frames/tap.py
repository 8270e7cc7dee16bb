"""The kernel's end of a page's upload: receive, decode, emit. One for each stream that a page captures.

However many functions, loops and snapshots use the stream, its frames cross once (rule 3): the tap asks the capturing
page for the largest size and rate that any of its outlets needs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import CodecError, MediaError
from ..protocol.framing import Buffer
from ..protocol.messages import (
    MAX_IN_FLIGHT,
    FrameCredit,
    FrameData,
    FrameKeyRequest,
    TapStart,
    TapStop,
)
from .capabilities import choose_codec, kernel_capabilities
from .flow import Bounds, Flowing, FrameSource, Origin, Outlet
from .page_tap import PageTap, TapOwner

if TYPE_CHECKING:
    import av

    from ..link.page import Page
    from .codec.decoder import Decoder

logger = logging.getLogger("ipymedia.frames")

_GIVE_UP_AFTER = 30


class Tap(PageTap[tuple[FrameData, Buffer]], FrameSource):
    """Frames of a stream that lives in a page."""

    _thread_name = "ipymedia-tap"

    def __init__(self, owner: TapOwner) -> None:
        super().__init__(owner)
        self.received_bytes = 0
        self.lost = 0
        self._asked = Bounds()

    @property
    def epoch(self) -> int:
        """Which of this tap's uploads is the current one."""
        return self._epoch

    def subscribe(self, bounds: Bounds | None = None) -> Outlet:
        """A new outlet. Where the page failed, it tries again, or tells the new one too why there is nothing."""
        first = not self.used
        outlet = super().subscribe(bounds)
        if not first and self._owner.state == "failed":
            self.restart()
        return outlet

    def receive(self, page: Page, message: FrameData, buffer: Buffer) -> None:
        """Take one encoded frame from the link; only enqueues. Frames of other pages and old uploads are ignored."""
        with self._arrived:
            if page is not self._page or message.epoch != self._epoch:
                return
            self.received_bytes += len(buffer)
            self._queue.append((message, buffer))
            # The page sends at most MAX_IN_FLIGHT without credit; one that does otherwise loses its oldest frames.
            while len(self._queue) > 2 * MAX_IN_FLIGHT:
                self._queue.popleft()
                self.lost += 1
            self._arrived.notify()

    def _bounds_changed(self) -> None:
        if self.bounds() != self._asked:
            self._tell_bounds()

    def _ask(self, _page: Page) -> None:
        self._tell_bounds()

    def _tell_bounds(self) -> None:
        page = self._page
        if page is None:
            return
        self._asked = bounds = self.bounds()
        try:
            codec = choose_codec(page.capabilities.encode, kernel_capabilities().decode, self._owner.codec)
        except CodecError as error:
            self.fail(error)
            return
        page.send(
            TapStart(
                stream=self._owner.stream_id,
                epoch=self._epoch,
                codec=codec,
                width=bounds.width,
                height=bounds.height,
                max_fps=bounds.max_fps,
                bitrate_bps=bounds.bitrate_bps,
            )
        )

    def _stop_message(self) -> TapStop:
        return TapStop(stream=self._owner.stream_id, epoch=self._epoch)

    def _run(self) -> None:
        """The tap's thread: decode every frame (they build on each other), emit each."""
        decoding = _Decoding()
        try:
            while (item := self._wait()) is not None:
                message, buffer = item
                page = self._page
                if page is not None and message.epoch == self._epoch:
                    self._take(page, message, buffer, decoding)
        finally:
            decoding.close()

    def _take(self, page: Page, message: FrameData, buffer: Buffer, decoding: _Decoding) -> None:
        picture = None
        try:
            self.lost += decoding.begin(message)
            picture = decoding.decode(message, buffer)
        except MediaError as error:
            logger.warning("%s", error)
            if decoding.failed() == _GIVE_UP_AFTER:
                self.fail(error)
        credit = FrameCredit(stream=message.stream, epoch=message.epoch, sequence=message.sequence)
        page.send(credit, lazy=True)
        if decoding.need_key:
            page.send(FrameKeyRequest(stream=message.stream, epoch=message.epoch))
        if picture is not None:
            self._emit_decoded(page, message, picture)

    def _emit_decoded(self, page: Page, message: FrameData, picture: av.VideoFrame) -> None:
        from .video_frame import VideoFrame

        frame = VideoFrame(picture, time=message.time_us / 1e6, index=message.index)
        origin = Origin(page.id, message.stream, message.epoch)
        self.emit(Flowing(frame, message.index, message.time_us, origin))


class _Decoding:
    """A decoder and what it waits for: after a gap or a failure, a key frame."""

    def __init__(self) -> None:
        self.need_key = True
        self._decoder: Decoder | None = None
        self._what: tuple[int, str] | None = None
        self._expected = 0
        self._failures = 0

    def begin(self, message: FrameData) -> int:
        """Another upload or codec takes another decoder; gives the number of frames that are missing."""
        from .codec.decoder import Decoder

        if self._what != (message.epoch, message.codec) or self._decoder is None:
            self.close()
            self._decoder = Decoder(message.codec)
            self._what, self.need_key, self._expected = (message.epoch, message.codec), True, message.sequence
        missing = message.sequence - self._expected
        self._expected = message.sequence + 1
        self.need_key = self.need_key or missing != 0
        return max(0, missing)

    def decode(self, message: FrameData, buffer: Buffer) -> av.VideoFrame | None:
        """The picture, or None while a key frame is waited for."""
        if self._decoder is None or (self.need_key and not message.key):
            return None
        picture = self._decoder.decode(buffer, message.color)
        self.need_key, self._failures = False, 0
        return picture

    def failed(self) -> int:
        """How many times in a row by now."""
        self.need_key = True
        self._failures += 1
        return self._failures

    def close(self) -> None:
        """Free the decoder."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None
