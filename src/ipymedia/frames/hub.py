"""Where messages meet streams: routes frames to taps, credits to downlinks, and watches pages come and go.

One for each kernel process. Streams register under their model id; what arrives for a stream that is not there any more
is dropped and counted.
"""

from __future__ import annotations

import functools
import logging
import threading
import weakref
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from ..errors import MediaError, error_of
from ..link.link import Link, PageEvent
from ..protocol.framing import Buffer
from ..protocol.messages import (
    ErrorReport,
    FrameCredit,
    FrameData,
    FrameKeyRequest,
    MediaAsk,
    MediaTime,
    SnapshotPicture,
    SoundData,
    SoundStop,
    SoundWatch,
    StatsKernel,
    StatsReport,
    StreamDevices,
    StreamState,
    StreamTake,
    StreamWatch,
    WidgetMethod,
)
from .capabilities import kernel_capabilities
from .downlink import Downlink
from .flow import Bounds, FrameSource
from .sound import SoundSource
from .sound_downlink import SoundDownlink
from .tap import Tap

if TYPE_CHECKING:
    from ..link.page import Page

logger = logging.getLogger("ipymedia.frames")

STATS_INTERVAL_S = 1.0


class HubStream(Protocol):
    """What the hub needs of a stream; called on the link's threads, so these only enqueue or set traits."""

    def source(self) -> FrameSource:
        """The frames inside of the kernel."""

    def root(self) -> HubStream:
        """The stream at the beginning of the chain."""

    def download_bounds(self) -> Bounds:
        """What the way back may take."""

    def download_codec(self) -> str:
        """The codec for the way back."""

    def kernel_stats(self, downlink: Downlink) -> StatsKernel:
        """The kernel's figures."""

    def page_event(self, page: Page, event: PageEvent) -> None:
        """A page came, changed its carrier, or is gone."""

    def page_state(self, page: Page, message: StreamState) -> None:
        """A page tells the state."""

    def page_devices(self, page: Page, message: StreamDevices) -> None:
        """A page lists its devices."""

    def page_asks_media(self, page: Page, message: MediaAsk) -> None:
        """A page asks what to play."""

    def page_time(self, page: Page, message: MediaTime) -> None:
        """Where a page is in a film."""

    def page_method(self, page: Page, message: WidgetMethod) -> None:
        """How a page captures a widget."""

    def page_stats(self, page: Page, message: StatsReport) -> None:
        """What a page measured."""

    def sound(self) -> SoundSource | None:
        """The stream's sound inside of the kernel, if it has any."""

    def page_sound(self, page: Page, message: SoundData, data: Buffer) -> None:
        """A packet of sound."""

    def page_silent(self, page: Page, message: SoundStop) -> None:
        """A page has no sound to give."""

    def page_take(self, page: Page) -> None:
        """The user clicked in a page to capture there."""

    def page_error(self, page: Page, error: MediaError) -> None:
        """A page could not do its part."""


class Hub:
    """Streams by id, downlinks by stream and page, requests by id."""

    def __init__(self) -> None:
        self.link = Link(kernel_capabilities)
        self._streams: weakref.WeakValueDictionary[str, HubStream] = weakref.WeakValueDictionary()
        self._downlinks: dict[tuple[str, str], Downlink] = {}
        self._last_watch: dict[tuple[str, str], StreamWatch] = {}
        self._sounds: dict[tuple[str, str], SoundDownlink] = {}
        self._requests: dict[str, tuple[str, Future[tuple[SnapshotPicture, bytes]]]] = {}
        self._lock = threading.RLock()
        self._ticker: threading.Thread | None = None
        self._ended = threading.Event()
        link = self.link
        link.on_page(self._page_event)
        link.on(FrameData, self._frame)
        link.on(FrameCredit, self._credit)
        link.on(FrameKeyRequest, self._key_request)
        link.on(StreamWatch, self._watch)
        link.on(StreamTake, lambda page, message, _: self._with(message.stream, "page_take", page))
        link.on(StreamState, lambda page, message, _: self._with(message.stream, "page_state", page, message))
        link.on(
            StreamDevices, lambda page, message, _: self._with(message.stream, "page_devices", page, message)
        )
        link.on(
            MediaAsk, lambda page, message, _: self._with(message.stream, "page_asks_media", page, message)
        )
        link.on(MediaTime, lambda page, message, _: self._with(message.stream, "page_time", page, message))
        link.on(
            WidgetMethod, lambda page, message, _: self._with(message.stream, "page_method", page, message)
        )
        link.on(StatsReport, lambda page, message, _: self._with(message.stream, "page_stats", page, message))
        link.on(
            SoundData,
            lambda page, message, data: self._with(message.stream, "page_sound", page, message, data),
        )
        link.on(SoundStop, lambda page, message, _: self._with(message.stream, "page_silent", page, message))
        link.on(SoundWatch, self._sound_watch)
        link.on(SnapshotPicture, self._picture)
        link.on(ErrorReport, self._error)

    def add(self, stream_id: str, stream: HubStream) -> None:
        """Register a stream; it is held weakly."""
        self.link.open()
        with self._lock:
            self._streams[stream_id] = stream

    def remove(self, stream_id: str) -> None:
        """A stream was closed: nothing of it goes on."""
        with self._lock:
            self._streams.pop(stream_id, None)
            gone = [key for key in self._downlinks if key[0] == stream_id]
            for key in [key for key in self._last_watch.copy() if key[0] == stream_id]:
                self._last_watch.pop(key, None)
            requests = [key for key, (stream, _) in self._requests.items() if stream == stream_id]
            waiting = [self._requests.pop(key)[1] for key in requests]
            sounds = [self._sounds.pop(key) for key in list(self._sounds) if key[0] == stream_id]
        for key in gone:
            self._drop_downlink(key)
        for sound in sounds:
            sound.close()
        for future in waiting:
            future.cancel()

    def downlinks(self, stream_id: str) -> list[Downlink]:
        """Who is sent this stream now."""
        with self._lock:
            return [downlink for (stream, _), downlink in self._downlinks.items() if stream == stream_id]

    def downlinks_below(self, root: HubStream) -> list[Downlink]:
        """Who is sent this stream, or one that was made of it."""
        with self._lock:
            return [
                downlink
                for (stream_id, _), downlink in self._downlinks.items()
                if (stream := self._streams.get(stream_id)) is not None and stream.root() is root
            ]

    def renew_downlinks(self, stream_id: str) -> None:
        """Send a stream anew to whoever watches it: its codec or its bounds changed."""
        with self._lock:
            stream = self._streams.get(stream_id)
            for key, old in list(self._downlinks.items()):
                if key[0] == stream_id and stream is not None:
                    # The new one first: a source that nobody listens to stops.
                    self._connect(key, stream, old.page)
                    old.close()

    def expect(self, request_id: str, stream_id: str) -> Future[tuple[SnapshotPicture, bytes]]:
        """A future for the answer to a request; cancelled when the stream is closed."""
        future: Future[tuple[SnapshotPicture, bytes]] = Future()
        with self._lock:
            self._requests[request_id] = stream_id, future
        return future

    def forget(self, request_id: str) -> None:
        """Nobody waits for this answer any more."""
        with self._lock:
            self._requests.pop(request_id, None)

    # --- what arrives ---------------------------------------------------------------------------------------------

    def _with(self, stream_id: str, method: str, *arguments: object) -> None:
        stream = self._streams.get(stream_id)
        if stream is not None:
            getattr(stream, method)(*arguments)

    def _frame(self, page: Page, message: FrameData, buffer: Buffer) -> None:
        stream = self._streams.get(message.stream)
        source = stream.source() if stream is not None else None
        if isinstance(source, Tap):
            source.receive(page, message, buffer)

    def _credit(self, page: Page, message: FrameCredit, _: Buffer) -> None:
        downlink = self._downlinks.get((message.stream, page.id))
        if downlink is not None:
            downlink.credit(message)

    def _key_request(self, page: Page, message: FrameKeyRequest, _: Buffer) -> None:
        downlink = self._downlinks.get((message.stream, page.id))
        if downlink is not None:
            downlink.key_request(message)

    def _watch(self, page: Page, message: StreamWatch, _: Buffer) -> None:
        key = (message.stream, page.id)
        self._last_watch[key] = message
        # A thread: subscribing may start decoders and import PyAV, which takes 0.2 s the first time.
        threading.Thread(target=self._set_watch, args=(key, page, message), daemon=True).start()

    def _set_watch(self, key: tuple[str, str], page: Page, message: StreamWatch) -> None:
        with self._lock:
            if self._last_watch.get(key) is not message:
                return  # a later one is there; threads that wait for a lock may overtake each other
            stream = self._streams.get(key[0])
            if not message.watch or stream is None:
                self._drop_downlink(key)
                return
            if key in self._downlinks:
                return
            self._connect(key, stream, page)
            if self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, name="ipymedia-stats", daemon=True)
                self._ticker.start()

    def _sound_watch(self, page: Page, message: SoundWatch, _: Buffer) -> None:
        # A thread, as for pictures.
        threading.Thread(target=self._set_sound, args=(page, message), daemon=True).start()

    def _set_sound(self, page: Page, message: SoundWatch) -> None:
        key = (message.stream, page.id)
        with self._lock:
            before = self._sounds.pop(key, None)
            stream = self._streams.get(message.stream)
            source = stream.sound() if message.watch and stream is not None else None
            if source is not None:
                self._sounds[key] = SoundDownlink(message.stream, source, page, message.codec)
        if before is not None:
            before.close()

    def _connect(self, key: tuple[str, str], stream: HubStream, page: Page) -> None:
        try:
            self._downlinks[key] = Downlink(
                key[0],
                stream.source(),
                page,
                bounds=stream.download_bounds(),
                codec=stream.download_codec(),
                on_gone=lambda downlink: self.link.lose(downlink.page),
            )
        except MediaError as error:
            stream.page_error(page, error)
            page.send(ErrorReport(stream=key[0], reason=error.reason.value, message=error.message))

    def _drop_downlink(self, key: tuple[str, str]) -> None:
        with self._lock:
            downlink = self._downlinks.pop(key, None)
        if downlink is not None:
            downlink.close()

    def _picture(self, _page: Page, message: SnapshotPicture, buffer: Buffer) -> None:
        with self._lock:
            waiting = self._requests.pop(message.request, None)
        if waiting is not None:
            waiting[1].set_result((message, bytes(buffer)))

    def _error(self, page: Page, message: ErrorReport, _: Buffer) -> None:
        error = error_of(message.reason, message.message, message.detail)
        with self._lock:
            waiting = self._requests.pop(message.request, None) if message.request else None
        if waiting is not None:
            waiting[1].set_exception(error)
            return
        self._with(message.stream, "page_error", page, error)

    def _page_event(self, page: Page, event: PageEvent) -> None:
        with self._lock:
            concerned = [key for key in self._downlinks if key[1] == page.id]
            if event is not PageEvent.CARRIER:
                for key in [key for key in self._last_watch.copy() if key[1] == page.id]:
                    self._last_watch.pop(key, None)
            lost = [key for key in self._sounds if key[1] == page.id and event is not PageEvent.CARRIER]
            sounds = [self._sounds.pop(key) for key in lost]
        for sound in sounds:
            sound.close()
        for key in concerned:
            if event is not PageEvent.CARRIER:
                self._drop_downlink(key)
            elif (downlink := self._downlinks.get(key)) is not None:
                downlink.carrier_changed()
        for stream in list(self._streams.values()):
            stream.page_event(page, event)

    def _tick(self) -> None:
        """Once a second, while anything is sent: the kernel's figures for the badge."""
        while True:
            self._ended.wait(STATS_INTERVAL_S)
            with self._lock:
                if not self._downlinks:
                    self._ticker = None
                    return
                current = list(self._downlinks.items())
            for (stream_id, _), downlink in current:
                stream = self._streams.get(stream_id)
                if stream is not None:
                    downlink.page.send(stream.kernel_stats(downlink), lazy=True)


@functools.cache
def get_hub() -> Hub:
    """The hub of this kernel process."""
    return Hub()
