"""Pictures that Python makes: arrays, generators, a camera or a film on the kernel's machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from traitlets import Bool

from ..errors import HostError, MediaError, ProcessingError, Reason
from ..frames.array_source import ArraySource
from ..frames.capabilities import check_codec
from ..frames.flow import FrameSource
from ..frames.formats import check_format
from ..frames.function import name_of
from ..frames.hub import get_hub
from ..frames.pushed_sound import PushedSound
from ..frames.sound import SoundBlock, SoundSource
from ..frames.sound_processor import checked_samples
from .cell import current_cell, in_running_cell, prints_below
from .feed import Feed, Timed
from .remade import RemadeByCell

if TYPE_CHECKING:
    from os import PathLike

    from ..link.page import Page
    from ..protocol.messages import StreamState

_DRAINED_LATE = (
    "The pictures were not all shown within {timeout:g} s: a page that watches does not take them in. "
    "Is its connection slow, or its tab asleep?"
)
_DRAINED_BLOCKED = (
    "drained() was called inside of a running cell, and this host delivers no messages to the kernel meanwhile: "
    "what the page showed can't be known. Call it in a later cell, or use JupyterLab 4.4 with ipykernel 7 or later."
)


class ArrayStream(RemadeByCell):
    """A stream of the pictures that are pushed into it, shown live; the newest one wins.

    Parameters
    ----------
    format
        The order of the channels of what is pushed: ``"rgb24"`` or ``"bgr24"`` (OpenCV).
    codec
        For the way to the page: ``"auto"``, or one of ``h264``, ``vp9``, ``vp8``, ``av1``, ``jpeg``.

    Examples
    --------
    >>> stream = ArrayStream()
    >>> stream.push(numpy.zeros((480, 640, 3), "uint8"))
    """

    _frame_kind = "array"
    muted = Bool(False, help="True turns the sound off.").tag(sync=True, page_may_set=True)
    _has_sound = Bool(False, help="Whether there was any sound yet.").tag(sync=True)

    _pictures: ArraySource | None = None
    _feed: Feed | None = None

    def __init__(self, *, format: str = "rgb24", codec: str = "auto", **kwargs: Any) -> None:
        check_format(format)
        check_codec(codec)
        self._format = format
        if self._pictures is None:
            self._pictures = ArraySource()
            self._sound_out = PushedSound(self._pictures.shown)
            super().__init__(codec=codec, **kwargs)
            return
        self._stop_feed()
        self._sound_out.clear()
        for name, value in kwargs.items():
            setattr(self, name, value)
        self.set_error(None)
        self.state = "idle"
        if codec != self.codec:
            self.codec = codec
            get_hub().renew_downlinks(self.stream_id)

    @classmethod
    def from_iterable(cls, pictures: Iterable[Any], fps: float = 30.0, **kwargs: Any) -> ArrayStream:
        """Show what an iterable gives, at `fps` pictures a second. Does not block.

        It is asked for a picture only while somebody looks; at its end the last picture stays and `state` is
        ``stopped``. What it raises is shown in the view, and kept in `error`.

        Parameters
        ----------
        pictures
            Gives what `push` takes.
        fps
            Above 0, at most 240.
        kwargs
            As for `ArrayStream`.

        Raises
        ------
        ProcessingError
            `pictures` can't be iterated over, or `fps` is no rate.
        """
        if not isinstance(pictures, Iterable):
            raise ProcessingError(
                f"from_iterable() takes something to iterate over, such as a generator, and was given {pictures!r}.",
                Reason.BAD_ARGUMENT,
            )
        _check_fps(fps)
        stream = cls(**kwargs)
        timed = ((picture, number / fps) for number, picture in enumerate(pictures))
        stream._start_feed(timed, name_of(pictures) if hasattr(pictures, "__name__") else "The iterable")
        return stream

    @classmethod
    def from_capture(
        cls, capture: Any, fps: float | None = None, *, release: bool = True, **kwargs: Any
    ) -> ArrayStream:
        """Show what a ``cv2.VideoCapture`` gives: a camera on the kernel's machine. Does not block.

        Parameters
        ----------
        capture
            Anything whose ``read()`` gives (ok, picture), the picture as (height, width, 3) uint8 BGR.
        fps
            Pictures a second; None takes them as fast as the capture gives them, which is right for a camera.
        release
            Whether to call ``capture.release()`` at the end.

        Raises
        ------
        ProcessingError
            `capture` has no ``read()``, or was not opened.
        """
        if not callable(getattr(capture, "read", None)):
            raise ProcessingError(
                f"from_capture() takes a cv2.VideoCapture, and was given {capture!r}.", Reason.BAD_ARGUMENT
            )
        opened = getattr(capture, "isOpened", None)
        if callable(opened) and not opened():
            raise ProcessingError(
                "from_capture() was given a capture that is not open: is the camera there, and not in use?",
                Reason.BAD_ARGUMENT,
            )
        if fps is not None:
            _check_fps(fps)
        stream = cls(**{"format": "bgr24", **kwargs})
        stream._start_feed(_read_capture(capture, fps, release=release), "The capture")
        return stream

    @classmethod
    def from_media(
        cls,
        source: str | PathLike[str],
        *,
        loop: bool = False,
        timeout: float = 10.0,
        options: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> ArrayStream:
        """Show a film, or a camera with an address, with its sound, which the kernel reads by PyAV. Does not block.

        Parameters
        ----------
        source
            A path, or any address that FFmpeg opens: ``rtsp://``, ``http://``, ``udp://`` …
        loop
            Whether to begin again at the end.
        timeout
            Seconds that opening and each reading may take.
        options
            FFmpeg's, such as ``{"rtsp_transport": "tcp"}``.

        Notes
        -----
        What goes wrong (no such file, nothing came for `timeout`, no film) is shown in the view, and kept in `error`.
        """
        from ..frames.codec.media_reader import read_media

        stream = cls(**kwargs)
        pictures = read_media(str(source), loop=loop, timeout_s=timeout, options=options or {}, sound=True)
        stream._start_feed(pictures, "The film")
        return stream

    def push(self, image: Any, *, format: str | None = None) -> None:
        """Show a picture. Does not block; one that nobody took yet is replaced.

        Parameters
        ----------
        image
            A uint8 picture, (height, width) gray or (height, width, 3 or 4) colour, of any size up to 8192 px a side;
            a float picture in [0, 1]; a bool mask; a ``PIL.Image``; a `VideoFrame`; or a tuple of one of these and
            overlays (`Box`, `Label` …). It is copied.
        format
            ``"rgb24"`` or ``"bgr24"``; by default the stream's.

        Raises
        ------
        ProcessingError
            ``bad_result``: anything else; says what was given, and how to convert it.
        HostError
            ``closed``: the stream was closed.
        """
        from ..frames.results import to_pushed

        if self.comm is None:
            raise HostError(
                "The picture was not shown: the stream was closed. Make a new one.", Reason.CLOSED
            )
        result = to_pushed(image, self._format if format is None else check_format(format))
        assert result.picture is not None
        if self.state != "live":
            self.state = "live"
        self._source().push(result.picture, result.overlays)

    def push_audio(self, samples: Any, rate: int = 48_000) -> None:
        """Play sound, after what was pushed before. Does not block; it is heard in real time, and recorded.

        Parameters
        ----------
        samples
            Float in [-1, 1] or int16: ``(samples,)``, or ``(channels, samples)`` with one or two channels.
        rate
            Samples a second, 4000 to 192000; made 48000 where it is another.

        Raises
        ------
        ProcessingError
            ``bad_argument``: it is no sound; ``too_large``: more than a minute would wait.
        HostError
            ``closed``: the stream was closed.
        """
        if self.comm is None:
            raise HostError("The sound was not played: the stream was closed. Make a new one.", Reason.CLOSED)
        self._play(checked_samples(samples, rate), rate, None)

    def sound(self) -> SoundSource | None:
        """What was pushed."""
        return self._sound_out

    def _play(self, samples: Any, rate: int, at_s: float | None) -> None:
        if not self._has_sound:
            self._has_sound = True
        if self.state != "live":
            self.state = "live"
        self._sound_out.push(samples, rate, at_s)

    def drained(self, timeout: float = 10.0, *, ahead: int = 0) -> None:
        """Block until every page that watches this stream, or a function's over it, has shown what was pushed.

        And until all sound was played. At once where no page watches and there is none. A loop of ``push`` and
        ``drained`` keeps the rate at which pictures are shown.

        Parameters
        ----------
        timeout
            Seconds to wait at most.
        ahead
            How many of the newest pictures may still be on their way: with 1 a loop is quickest, as the next picture
            is made and encoded while the last one travels.

        Raises
        ------
        HostError
            ``timed_out``; or ``blocked_while_running`` where the host delivers no messages while a cell runs.
        """
        hub, source, last = get_hub(), self._source(), self._source().index - ahead

        def all_shown() -> bool:
            shown = all(downlink.shown_index >= last for downlink in hub.downlinks_below(self))
            return shown and self._sound_out.waiting_s == 0

        if in_running_cell() and not all_shown():
            deaf = [
                downlink
                for downlink in hub.downlinks_below(self)
                if not (downlink.page.during_cells or downlink.page.carrier == "socket")
            ]
            if deaf:
                raise HostError(_DRAINED_BLOCKED, Reason.BLOCKED_WHILE_RUNNING)
        if not source.wait_until(all_shown, timeout):
            raise HostError(_DRAINED_LATE.format(timeout=timeout), Reason.TIMED_OUT)

    def source(self) -> FrameSource:
        """What was pushed."""
        return self._source()

    def close(self) -> None:
        """End the stream, and what feeds it."""
        self._stop_feed()
        super().close()

    def page_state(self, page: Page, message: StreamState) -> None:
        """Nothing: the kernel alone knows. A view that comes later would call an ended stream live."""

    def _source(self) -> ArraySource:
        assert self._pictures is not None
        return self._pictures

    def _start_feed(self, pictures: Iterator[Timed], name: str) -> None:
        self._stop_feed()
        self._feed = Feed(
            pictures, self._source(), self._push_fed, self._feed_ended, prints_below(current_cell()), name
        )

    def _push_fed(self, picture: Any, at_s: float | None) -> None:
        if self.comm is None:
            return
        if isinstance(picture, SoundBlock):
            self._play(picture.samples, picture.rate, at_s)
        else:
            self.push(picture)

    def _stop_feed(self) -> None:
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.stop()

    def _feed_ended(self, feed: Feed, error: MediaError | None) -> None:
        if self._feed is not feed or self.comm is None:
            return
        self._feed = None
        if error is None:
            self.state = "stopped"
            self._source().finish()
            self._sound_out.finish()
            return
        self.set_error(error)
        self._sound_out.clear()
        self.state = "failed"
        self._source().fail(error)


def _read_capture(capture: Any, fps: float | None, *, release: bool) -> Iterator[Timed]:
    number = 0
    try:
        while True:
            ok, picture = capture.read()
            if not ok:
                return
            yield picture, None if fps is None else number / fps
            number += 1
    finally:
        if release:
            closing: Callable[[], None] | None = getattr(capture, "release", None)
            if closing is not None:
                closing()


MAX_FPS = 240.0


def _check_fps(fps: Any) -> None:
    if not (isinstance(fps, (int, float)) and 0 < fps <= MAX_FPS):
        raise ProcessingError(
            f"fps= takes a number above 0, at most {MAX_FPS:g}, and was given {fps!r}.", Reason.BAD_ARGUMENT
        )
