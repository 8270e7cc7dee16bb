"""The base of all streams: what they can be asked for, whatever they come from."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, ClassVar

from traitlets import Bool, Unicode

from ..errors import CaptureError, MediaError, Reason
from ..frames.flow import Bounds, FrameSource
from ..frames.hub import get_hub
from ..protocol.messages import StatsKernel, StatsReport
from ..widget import KernelWidget
from .bounds import bounds_of
from .recordable import Recordable
from .sounding import Sounding
from .stats import Stats

if TYPE_CHECKING:
    from ..frames.downlink import Downlink
    from ..link.link import PageEvent
    from ..link.page import Page
    from ..protocol.messages import MediaAsk, MediaTime, StreamDevices, StreamState, WidgetMethod
    from .mapped import MappedStream
    from .pull import Frames

logger = logging.getLogger("ipymedia.streams")

STATES = ("idle", "starting", "live", "stopped", "failed")


class MediaStream(Sounding, Recordable, KernelWidget):
    """A live stream of pictures (and sound). Shown in a cell, it is a player with controls.

    Attributes
    ----------
    state : str
        ``idle``, ``starting``, ``live``, ``stopped`` or ``failed``; set by the page that runs it.
    playing, badge : bool
        What the controls on the picture set; may be set from Python too.
    """

    state = Unicode("idle", help="idle, starting, live, stopped or failed.").tag(sync=True)
    needs_click = Bool(
        False, help="True while the browser waits for a click in the view before it starts."
    ).tag(sync=True)
    playing = Bool(True, help="False pauses the picture.").tag(sync=True, page_may_set=True)
    badge = Bool(False, help="True shows the figures on the picture.").tag(sync=True, page_may_set=True)
    _stream = Unicode(help="The stream's id; a page can't see the model's.").tag(sync=True)

    _frame_kind: ClassVar[str] = ""

    def __init__(self, *, codec: str = "auto", **kwargs: Any) -> None:
        hub = get_hub()
        self.codec = codec
        self._page_stats: StatsReport | None = None
        hub.link.open()
        super().__init__(
            _kind=self._frame_kind, _stream=uuid.uuid4().hex, _session=hub.link.session, **kwargs
        )
        hub.add(self.stream_id, self)

    @property
    def stats(self) -> Stats:
        """Figures of the last seconds; does not block."""
        downlinks = get_hub().downlinks(self.stream_id)
        seen, page = self._page_stats, downlinks[0].page if downlinks else self.capturing_page()
        kernel = self.kernel_stats(downlinks[0] if downlinks else None)
        return Stats(
            carrier=page.carrier if page is not None else "",
            fps=round(seen.fps, 1) if seen else 0.0,
            kernel_fps=round(kernel.fps, 1),
            latency_ms=seen.latency_ms if seen else 0.0,
            latency_p95_ms=seen.latency_p95_ms if seen else 0.0,
            function_ms=round(kernel.function_ms, 2),
            dropped=kernel.dropped + (seen.dropped if seen else 0),
            received_bytes=kernel.received_bytes,
            sent_bytes=kernel.sent_bytes,
        )

    def map(
        self,
        function: Callable[[Any], Any] | None = None,
        *,
        format: str = "rgb24",
        name: str | None = None,
        executor: Executor | Any | None = None,
        size: tuple[int, int] | None = None,
        max_fps: float | None = None,
        bitrate_bps: int | None = None,
        always: bool = False,
        audio: bool = True,
        codec: str = "auto",
    ) -> MappedStream | Callable[[Callable[[Any], Any]], MappedStream]:
        """Give every picture to a function, and get a stream of what it returns. Also a decorator. Does not block.

        Parameters
        ----------
        function
            Gets one picture, ``(height, width, 3) uint8`` RGB unless `format` says otherwise; its own copy, to draw
            into. May be ``async``. May return a uint8 picture (gray or colour, any size), a float picture in [0, 1], a
            bool mask, a ``PIL.Image``, overlays (`Box`, `Label`, `Polyline`, `Points`, `Mask`, or a list of them), a
            tuple of a picture and overlays, or None (the input is shown).
        format
            ``"rgb24"``, ``"bgr24"`` (OpenCV), ``"gray"``, ``"rgba"``, or ``"frame"`` (a `VideoFrame`).
        name
            Tells functions apart that have the same name; by default the function's qualified name.
        executor
            Any `concurrent.futures.Executor`, or a Dask client: slow functions use more cores. Results stay in order;
            late ones are dropped.
        size
            (width, height) in pixels that the pictures have at most.
        max_fps
            Pictures a second at most.
        bitrate_bps
            Bits a second at most, each way.
        always
            Run also while nobody looks.
        audio
            Whether the result has its source's sound, for recorders and rooms: as late as the pictures are.
        codec
            ``"auto"``, or one of ``h264``, ``vp9``, ``vp8``, ``av1``, ``jpeg`` for the way back to the page.

        Raises
        ------
        ProcessingError
            The function is not callable, or not with one picture; an unknown format.
        """
        from .mapped import mapped_stream

        self._check_picture("map")

        def make(given: Callable[[Any], Any]) -> MappedStream:
            return mapped_stream(
                self,
                given,
                format=format,
                name=name,
                executor=executor,
                bounds=bounds_of(size, max_fps, bitrate_bps),
                always=always,
                audio=audio,
                codec=codec,
            )

        return make if function is None else make(function)

    def snapshot(self, *, timeout: float = 10.0, format: str = "rgb24", lossless: bool = True) -> Any:
        """Take a still at full size. Blocks until it is there, also in a running cell.

        Parameters
        ----------
        timeout
            Seconds to wait at most.
        format
            As in `map`; ``"rgb24"`` gives ``(height, width, 3) uint8`` RGB.
        lossless
            True sends a PNG, False a JPEG of quality 0.95, which is smaller.

        Raises
        ------
        CaptureError, HostError
            What hinders it, such as a denied permission; `HostError` with reason ``blocked_while_running``
            at once where the host delivers no messages while a cell runs, with reason ``timed_out`` or
            ``no_page`` after `timeout`.
        """
        from .pull import snapshot

        self._check_picture("snapshot")
        return snapshot(self, timeout, format, lossless)

    def frames(
        self,
        *,
        format: str = "rgb24",
        size: tuple[int, int] | None = None,
        max_fps: float | None = None,
        timeout: float = 10.0,
    ) -> Frames:
        """Iterate over the pictures, in a running cell or not: ``for image in stream.frames()`` or ``async for``.

        Each turn gives the newest picture; what came while the loop's body ran is skipped. Ends on `break`, on
        `close()` of the stream, and on an interrupt.

        Parameters
        ----------
        format, size, max_fps
            As in `map`.
        timeout
            Seconds to wait for each picture at most.

        Raises
        ------
        CaptureError, HostError
            As `snapshot`.
        """
        from .pull import Frames

        self._check_picture("frames")
        return Frames(self, bounds_of(size, max_fps, None), format, timeout)

    def close(self) -> None:
        """End the stream and everything that it owns. Idempotent; `with` and `Widget.close_all()` end here."""
        from .cell import MEMORY

        if self.comm is not None:
            get_hub().remove(self.stream_id)
            MEMORY.forget(self)
            self.source().close_outlets()
            self.close_sound()
            self.state = "stopped"
        super().close()

    def __enter__(self) -> MediaStream:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def stream_id(self) -> str:
        """The id that page and kernel use."""
        return str(self._stream)

    def source(self) -> FrameSource:
        """The stream's frames inside of the kernel."""
        raise NotImplementedError

    def root(self) -> MediaStream:
        """The stream at the beginning of the chain; a stream that comes from no other one is its own."""
        return self

    def has_picture(self) -> bool:
        """Whether there are pictures; a microphone has none."""
        return True

    def needs_page(self) -> bool:
        """Whether frames come only from a page."""
        return False

    def takes_stills(self) -> bool:
        """Whether a page takes its snapshots, at full size; else they are its next picture."""
        return self.needs_page() and self.root() is self

    def capturing_page(self) -> Page | None:
        """The page that a still can be asked of; None for streams of the kernel."""
        return None

    def download_bounds(self) -> Bounds:
        """What the way back to a page may take."""
        return Bounds()

    def download_codec(self) -> str:
        """The codec for the way back."""
        return self.codec

    def kernel_stats(self, downlink: Downlink | None) -> StatsKernel:
        """The kernel's figures."""
        return StatsKernel(
            stream=self.stream_id,
            fps=self.source().rate.fps,
            function_ms=0.0,
            dropped=downlink.dropped if downlink else 0,
            received_bytes=0,
            sent_bytes=downlink.sent_bytes if downlink else 0,
        )

    def page_event(self, page: Page, event: PageEvent) -> None:
        """A page came, changed its carrier, or is gone."""

    def page_state(self, page: Page, message: StreamState) -> None:
        """A page tells the state of a stream that it runs."""
        if message.state in STATES and self._may_speak(page):
            self.needs_click = message.needs_click
            self.state = message.state
            error = self.error
            if message.state == "live" and isinstance(error, CaptureError):
                self.set_error(None)
            elif message.state == "failed" and error is not None:
                self.source().fail(error)
            elif message.state == "stopped":
                self.source().finish()
                self.finish_sound()

    def page_devices(self, page: Page, message: StreamDevices) -> None:
        """A page tells which devices it has; only cameras care."""

    def page_asks_media(self, page: Page, message: MediaAsk) -> None:
        """A page asks what to play; only streams of files have something."""

    def page_time(self, page: Page, message: MediaTime) -> None:
        """A page tells where it is in a film."""

    def page_method(self, page: Page, message: WidgetMethod) -> None:
        """A page tells how it captures a widget."""

    def page_stats(self, _page: Page, message: StatsReport) -> None:
        """A page's figures."""
        self._page_stats = message

    def page_take(self, page: Page) -> None:
        """The user clicked in a page to capture there; only streams of a page care."""

    def page_error(self, page: Page, error: MediaError) -> None:
        """A page could not do its part."""
        if self._may_speak(page):
            self.set_error(error)
            # What a camera could not do may leave it running as it was: the page says "failed" next where it is so.
            if not isinstance(error, CaptureError):
                self.source().fail(error)

    def _check_picture(self, method: str) -> None:
        if not self.has_picture():
            raise CaptureError(
                f"{method}() needs pictures, and a {type(self).__name__} has none. For its sound there are "
                "map_audio() and audio_blocks().",
                Reason.NO_STREAM,
            )

    def _may_speak(self, page: Page) -> bool:  # noqa: ARG002 (streams of a page ask which one it is)
        return True


HasStream = MediaStream
"""ipywebrtc's other name."""
