"""The kernel's end of a download: one stream's frames to one page that shows, records or shares it.

Encodes the newest frame when there is room on the wire; frames that only carry overlays on the page's own picture go
as shapes alone (rule 12).
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import MediaError
from ..protocol.messages import (
    CREDIT_TIMEOUT_S,
    ErrorReport,
    FrameCredit,
    FrameData,
    FrameKeyRequest,
    FrameShapes,
)
from .capabilities import choose_codec, kernel_capabilities
from .flow import Bounds, Flowing, FrameSource, Outlet, OutletClosedError, Rate
from .pace import Pace, full_bitrate_bps

if TYPE_CHECKING:
    from ..link.page import Page
    from .codec.encoder import Encoder

logger = logging.getLogger("ipymedia.frames")

STILL_AFTER_S = 0.5
STILL_REPEATS = 3
"""Where nothing new comes for so long, the last picture is sent again, so many times: the encoder makes it sharper."""
AGAIN_AFTER_S = 0.25
"""A page that can't decode asks for each frame again; it is given it no more often than so."""

_epochs = itertools.count(1)
GONE_AFTER_S = 6.0
"""A page that takes nothing in for so long, though frames were sent, is gone."""


class Downlink:
    """Sends until `close()`, on a thread of its own.

    Parameters
    ----------
    stream_id, source
        What is sent, and under which name.
    page
        The page that watches.
    codec
        A name of `CODECS`, or ``"auto"``.
    bitrate_bps
        The upper bound; 0 leaves it to the picture's size and rate.
    on_gone
        Called once, from the thread, when the page takes nothing any more.
    """

    def __init__(
        self,
        stream_id: str,
        source: FrameSource,
        page: Page,
        *,
        bounds: Bounds,
        codec: str = "auto",
        on_gone: Callable[[Downlink], None],
    ) -> None:
        self.rate = Rate()
        self.sent_bytes = 0
        self.encode_s = 0.0
        self.page = page
        self._stream_id = stream_id
        self._bitrate_bps = bounds.bitrate_bps
        self._codec = choose_codec(kernel_capabilities().encode, page.capabilities.decode, codec)
        self._on_gone = on_gone
        self._pace = Pace(bounds.bitrate_bps or 2_000_000)
        self._epoch = next(_epochs)
        self.shown_index = -1
        """The newest frame that the page showed."""
        self._indexes: dict[int, int] = {}
        self._last: Flowing | None = None
        self._taken_s = 0.0
        self._again_s = 0.0
        self._repeats = 0
        self._sequence = 0
        self._need_key = True
        self._encoder: Encoder | None = None
        self._encodes: tuple[int, int] = (0, 0)
        self._room = threading.Condition()
        self._heard_s = time.monotonic()
        self._outlet: Outlet = source.subscribe(bounds)
        self._source = source
        self._thread = threading.Thread(target=self._run, name="ipymedia-downlink", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Frames that were not sent as there was no room on the wire."""
        return self._outlet.dropped

    def credit(self, message: FrameCredit) -> None:
        """The page took a frame in."""
        if message.epoch != self._epoch:
            return
        with self._room:
            self._heard_s = time.monotonic()
            self._pace.credited(message.sequence, self._heard_s)
            self._room.notify()
            for sequence in [known for known in self._indexes if known <= message.sequence]:
                self.shown_index = max(self.shown_index, self._indexes.pop(sequence))
        self._source.shown()

    def key_request(self, message: FrameKeyRequest) -> None:
        """The page can't decode what comes."""
        if message.epoch == self._epoch:
            self._need_key = True
            if time.monotonic() - self._again_s > AGAIN_AFTER_S:
                self._send_again()

    def carrier_changed(self) -> None:
        """Another carrier leads to the page: what was under way is lost, and what was learnt does not hold."""
        with self._room:
            self._pace.reset()
            self._need_key = True
            self._room.notify()
        self._send_again()

    def close(self) -> None:
        """Stop sending; the thread ends by itself. Idempotent."""
        self._outlet.close()
        with self._room:
            self._room.notify_all()

    def _run(self) -> None:
        try:
            while True:
                try:
                    self._wait_for_room()
                    frame = self._next()
                except MediaError as error:
                    self._report(error)
                    continue
                if frame is not None:
                    self._send(frame)
        except OutletClosedError:
            pass
        except MediaError as error:
            self._report(error)
            self._outlet.close()
        finally:
            if self._encoder is not None:
                self._encoder.close()

    def _wait_for_room(self) -> None:
        with self._room:
            while not self._pace.may_send():
                if self._expire():
                    continue
                self._room.wait(self._pace.next_expiry_s(time.monotonic()))
                self._outlet.check()

    def _expire(self) -> bool:
        """Whether frames were lost, for which there is room again."""
        now_s = time.monotonic()
        if not self._pace.expire(now_s):
            return False
        self._need_key = True
        if now_s - self._heard_s > GONE_AFTER_S:
            threading.Thread(target=self._on_gone, args=(self,), daemon=True).start()
        return True

    def _next(self) -> Flowing | None:
        """The next frame; where none comes for a while the last one again, sharper, and in case that it was lost."""
        with self._room:
            in_flight = self._pace.in_flight
        repeat = self._last is not None and self._repeats < STILL_REPEATS
        wait_s = STILL_AFTER_S if repeat else CREDIT_TIMEOUT_S if in_flight else None
        frame = self._outlet.take(wait_s)
        if frame is not None or wait_s is None:
            return frame
        with self._room:
            if self._expire():
                self._repeats = 0
        if not repeat:
            return None
        self._repeats += 1
        return self._last

    def _send_again(self) -> None:
        """The page has not got the last picture, and it may be the last for long."""
        last, self._again_s = self._last, time.monotonic()
        if last is not None:
            self._outlet.put_again(last)

    def _send(self, frame: Flowing) -> None:
        from .overlays import to_shapes

        again = frame is self._last
        if again:
            # As old as if it were taken now: what it waited for says nothing about the way.
            waited_us = int(1e6 * (time.monotonic() - self._taken_s))
            frame = replace(frame, time_us=frame.time_us + waited_us)
        else:
            self._last, self._taken_s, self._repeats = frame, time.monotonic(), 0
        shapes, masks = to_shapes(frame.overlays, frame.picture.size) if frame.overlays else (None, b"")
        origin = frame.origin
        if origin is not None and origin.page == self.page.id:
            if shapes is None:
                shapes, masks = to_shapes((), frame.picture.size)
            message: FrameData | FrameShapes = FrameShapes(
                stream=self._stream_id,
                source=origin.stream,
                epoch=self._epoch,
                tap=origin.epoch,
                sequence=self._sequence,
                index=frame.index,
                time_us=frame.time_us,
                shapes=shapes,
            )
            buffer: bytes = masks
            self._last = None  # the page has the picture
            self._need_key = True  # the next picture, if one comes, follows none that the page has
        else:
            message, buffer = self._encode(frame)
            message.shapes = shapes
            buffer = buffer + masks if masks else buffer
        self._sequence += 1
        if not again:
            self.rate.count()
        self.sent_bytes += len(buffer)
        with self._room:
            if not self._pace.in_flight:
                self._heard_s = time.monotonic()  # until now there was nothing to hear
            self._pace.fps = self.rate.fps or self._pace.fps
            self._pace.sent(message.sequence, time.monotonic())
            self._indexes[message.sequence] = frame.index
        self.page.send(message, buffer)

    def _encode(self, frame: Flowing) -> tuple[FrameData, bytes]:
        began_s = time.perf_counter()
        width, height = frame.picture.size
        encoder = self._encoder_for(width, height)
        key, self._need_key = self._need_key, False
        encoded = encoder.encode(frame.picture.av_frame(), key=key)
        self.encode_s = 0.9 * self.encode_s + 0.1 * (time.perf_counter() - began_s)
        message = FrameData(
            stream=self._stream_id,
            epoch=self._epoch,
            sequence=self._sequence,
            index=frame.index,
            time_us=frame.time_us,
            key=encoded.key,
            codec=self._codec,
            codec_string=encoder.codec_string,
            width=width,
            height=height,
            color=encoder.color,
        )
        return message, encoded.data

    def _encoder_for(self, width: int, height: int) -> Encoder:
        from .codec.encoder import Encoder

        fps = self._source.rate.fps or 30.0
        full = self._bitrate_bps or full_bitrate_bps(width, height, fps)
        pace = self._pace
        if self._encoder is None or self._encodes[:2] != (width, height):
            pace.max_bitrate_bps = full
            pace.bitrate_bps = min(pace.bitrate_bps, full) if self._encoder is not None else full
        scale = pace.choose_scale(width, height)
        size = (
            (max(16, round(width * scale)), max(16, round(height * scale))) if scale < 1 else (width, height)
        )
        if self._encoder is None or (self._encoder.width, self._encoder.height) != size:
            if self._encoder is not None:
                self._encoder.close()
            self._encoder = Encoder(self._codec, size[0], size[1], fps, pace.bitrate_bps)
            self._need_key = True
        elif abs(self._encoder.bitrate_bps - pace.bitrate_bps) > 0.05 * pace.bitrate_bps:
            self._encoder.set_bitrate(pace.bitrate_bps)
        self._encodes = (width, height)
        return self._encoder

    def _report(self, error: MediaError) -> None:
        logger.debug("%s", error)  # the view shows it
        self.page.send(
            ErrorReport(
                stream=self._stream_id, reason=error.reason.value, message=error.message, detail=error.detail
            )
        )
