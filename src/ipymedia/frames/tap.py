"""The kernel's end of a page's upload: receive, decode, emit. One for each stream that a page captures.

However many functions, loops and snapshots use the stream, its frames cross once (rule 3): the tap asks the capturing
page for the largest size and rate that any of its outlets needs.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Protocol

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
from .flow import Bounds, Flowing, FrameSource, Origin

if TYPE_CHECKING:
    from ..link.page import Page

logger = logging.getLogger("ipymedia.frames")

_epochs = itertools.count(1)
_GIVE_UP_AFTER = 30


class TapOwner(Protocol):
    """What a tap needs to know of its stream."""

    @property
    def stream_id(self) -> str: ...

    @property
    def codec(self) -> str: ...

    def capturing_page(self) -> Page | None: ...


class Tap(FrameSource):
    """Frames of a stream that lives in a page."""

    def __init__(self, owner: TapOwner) -> None:
        super().__init__()
        self.received_bytes = 0
        self.lost = 0
        self._owner = owner
        self._page: Page | None = None
        self._epoch = 0
        self._asked = Bounds()
        self._queue: deque[tuple[FrameData, Buffer]] = deque()
        self._arrived = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def epoch(self) -> int:
        """Which of this tap's uploads is the current one."""
        return self._epoch

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

    def restart(self) -> None:
        """Ask the (new, reloaded) capturing page again."""
        with self._outlets_lock:
            if self.used:
                self._leave_page()
                self._ask_page()

    def _start(self) -> None:
        self._ask_page()
        self._thread = threading.Thread(target=self._run, name="ipymedia-tap", daemon=True)
        self._thread.start()

    def _stop(self) -> None:
        self._leave_page()
        with self._arrived:
            self._thread = None
            self._queue.clear()
            self._arrived.notify_all()

    def _bounds_changed(self) -> None:
        if self.bounds() != self._asked:
            self._tell_bounds()

    def _ask_page(self) -> None:
        page = self._owner.capturing_page()
        if page is None:
            return
        with self._arrived:
            self._page, self._epoch = page, next(_epochs)
            self._queue.clear()
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

    def _leave_page(self) -> None:
        page, self._page = self._page, None
        if page is not None:
            page.send(TapStop(stream=self._owner.stream_id, epoch=self._epoch))

    def _run(self) -> None:
        """The tap's thread: decode every frame (they build on each other), emit each."""
        from .codec.decoder import Decoder

        me = threading.current_thread()
        decoder: Decoder | None = None
        decoding: tuple[int, str] | None = None
        expected = 0
        need_key = True
        failures = 0
        while True:
            with self._arrived:
                self._arrived.wait_for(lambda: self._queue or self._thread is not me)
                if self._thread is not me:
                    break
                message, buffer = self._queue.popleft()
                page = self._page
            if page is None or message.epoch != self._epoch:
                continue
            try:
                if decoding != (message.epoch, message.codec) or decoder is None:
                    if decoder is not None:
                        decoder.close()
                    decoder, decoding, need_key = Decoder(message.codec), (message.epoch, message.codec), True
                    expected = message.sequence
                if message.sequence != expected:
                    self.lost += max(0, message.sequence - expected)
                    need_key = True
                expected = message.sequence + 1
                picture = None
                if message.key or not need_key:
                    picture = decoder.decode(buffer, message.color)
                    need_key = False
                failures = 0
            except MediaError as error:
                logger.warning("%s", error)
                picture, need_key = None, True
                failures += 1
                if failures == _GIVE_UP_AFTER:
                    self.fail(error)
            credit = FrameCredit(stream=message.stream, epoch=message.epoch, sequence=message.sequence)
            page.send(credit, lazy=True)
            if need_key:
                page.send(FrameKeyRequest(stream=message.stream, epoch=message.epoch))
            if picture is not None:
                self._emit_decoded(page, message, picture)
        if decoder is not None:
            decoder.close()

    def _emit_decoded(self, page: Page, message: FrameData, picture: object) -> None:
        from .video_frame import VideoFrame

        frame = VideoFrame(picture, time=message.time_us / 1e6, index=message.index)  # type: ignore[arg-type]
        origin = Origin(page.id, message.stream, message.epoch)
        self.emit(Flowing(frame, message.index, message.time_us, origin))
