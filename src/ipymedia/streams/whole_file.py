"""A function over every picture of a film, written as a new film."""

from __future__ import annotations

import io
import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..errors import ProcessingError, Reason
from ..frames.formats import check_format, picture_for
from ..frames.function import Caller, as_executor, check_function, failure_of
from ..frames.results import Result, to_result
from ..frames.video_frame import VideoFrame
from .bounds import bounds_of
from .progress import Progress, progress_of

if TYPE_CHECKING:
    import av

    from ..frames.codec.container import FilmReader, Picture
    from ..frames.codec.film_writer import FilmWriter

_AHEAD = 2
"""Calls in the executor's queue for each of its workers: none waits for this thread."""


@dataclass(frozen=True)
class Processed:
    """What `process` made; usable as a path.

    Attributes
    ----------
    path : Path
    frames : int
        Pictures that were written: all that were read.
    seconds : float
        How long it took.
    """

    path: Path
    frames: int
    seconds: float

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return f"{self.path}: {self.frames} pictures in {self.seconds:.1f} s"


def process(
    source: Any,
    function: Callable[[Any], Any],
    path: str | os.PathLike[str],
    *,
    format: str = "rgb24",
    executor: Any = None,
    codec: str = "auto",
    bitrate_bps: int | None = None,
    options: Mapping[str, str] | None = None,
    progress: bool | Callable[[int, int], None] = True,
) -> Processed:
    """Run a function over every picture of a film, and write what it returns as a film with the same sound. Blocks.

    The times of the pictures stay as they are, also where the rate varies. A film that players turn is given to the
    function upright, and written so. An error, or an interrupt, leaves no half file.

    Parameters
    ----------
    source
        A path or an address; an ``ipywidgets.Video``; the bytes of a film; or an opened binary file.
    function
        As `MediaStream.map` takes it, with what it may return. Overlays are drawn in by Pillow. Pictures of another
        size than the first one are scaled to that.
    path
        The new film: ``.mp4``, ``.mov``, ``.mkv`` (H.264) or ``.webm`` (VP9). It may be the old one's.
    format
        What the function is given, as in `MediaStream.map`.
    executor
        Any `concurrent.futures.Executor`, or a Dask client: calls run at once, every picture is kept, in order.
    codec
        ``"auto"``, ``h264``, ``hevc``, ``vp9``, ``vp8`` or ``av1``.
    bitrate_bps
        Of the picture; None keeps the quality the same instead.
    options
        FFmpeg's for the encoder, such as ``{"crf": "18", "preset": "slow"}``.
    progress
        True shows a bar below the cell (nothing outside of a notebook); or a function of (pictures done, of how many).

    Returns
    -------
    Processed
        The path, and how many pictures in which time.

    Raises
    ------
    ProcessingError
        ``function_failed``, ``bad_result``: at a picture, which the message names; ``bad_argument``.
    HostError, CodecError
        ``no_file``, ``decode_failed``, ``encode_failed``: what could not be read or written.
    """
    from ..frames.codec.container import FilmReader
    from ..frames.codec.film_writer import FilmWriter, codec_for

    check_format(format)
    caller = Caller(check_function(function), as_executor(executor))
    target = Path(path)
    codec = codec_for(target, codec)
    bitrate = bounds_of(None, None, bitrate_bps).bitrate_bps
    began_s = time.monotonic()
    opened, name = _opened(source)
    reader = FilmReader(opened, name)
    writer = FilmWriter(target, reader, codec=codec, bitrate_bps=bitrate, options=options or {})
    bar = progress_of(progress, reader.frames)
    try:
        work = _Work(reader, writer, caller, format, bar)
        work.run()
        writer.finish()
        bar.finish(work.done)
    finally:
        bar.close()
        writer.close()
        reader.close()
        caller.close()
    return Processed(target, work.done, time.monotonic() - began_s)


@dataclass(frozen=True)
class _Call:
    """A picture that the function works on, or a packet of sound that waits for its turn."""

    item: Picture | av.Packet[Any]
    frame: VideoFrame | None = None
    future: Future[Any] | None = None


class _Work:
    """The loop between reader and writer."""

    def __init__(
        self, reader: FilmReader, writer: FilmWriter, caller: Caller, format: str, bar: Progress
    ) -> None:
        self.done = 0
        self._reader = reader
        self._writer = writer
        self._caller = caller
        self._format = format
        self._bar = bar
        self._pending: deque[_Call] = deque()
        self._under_way = 0
        self._read = 0

    def run(self) -> None:
        """Work on all; every picture, in order."""
        from ..frames.codec.container import Picture

        try:
            for item in self._reader:
                if not isinstance(item, Picture):
                    self._pass_on(item)
                elif self._caller.executor is None:
                    self._call(item)
                else:
                    self._submit(item)
            while self._pending:
                self._collect()
        finally:
            for call in self._pending:
                if call.future is not None:
                    call.future.cancel()

    def _pass_on(self, packet: av.Packet[Any]) -> None:
        if self._pending:
            self._pending.append(_Call(packet))
        else:
            self._writer.put(packet)

    def _frame(self, item: Picture) -> VideoFrame:
        self._read += 1
        return VideoFrame(item.frame, float(item.pts * self._reader.time_base), self._read - 1)

    def _call(self, item: Picture) -> None:
        frame = self._frame(item)
        try:
            value = self._caller(picture_for(frame, self._format))
            self._write(item, frame, value)
        except Exception as error:
            raise self._failed(error, frame) from error

    def _submit(self, item: Picture) -> None:
        frame = self._frame(item)
        while self._under_way >= _AHEAD * self._caller.parallel:
            self._collect()
        future = self._caller.submit(picture_for(frame, self._format))
        self._pending.append(_Call(item, frame, future))
        self._under_way += 1

    def _collect(self) -> None:
        """Wait for the oldest."""
        call = self._pending.popleft()
        if call.frame is None or call.future is None:
            self._writer.put(call.item)
            return
        self._under_way -= 1
        try:
            self._write(call.item, call.frame, call.future.result())
        except Exception as error:
            raise self._failed(error, call.frame) from error

    def _write(self, item: Any, frame: VideoFrame, value: Any) -> None:
        from dataclasses import replace

        shown = _whole(to_result(value, self._format, frame), frame)
        self._writer.put(replace(item, frame=shown.av_frame()))
        self.done += 1
        self._bar.at(self.done)

    def _failed(self, error: Exception, frame: VideoFrame) -> Exception:
        from ..errors import CodecError

        if isinstance(error, CodecError):
            return error
        failure = failure_of(error, self._caller.function)
        place = f" (picture {frame.index}, at {frame.time:.2f} s)"
        return ProcessingError(failure.message + place, failure.reason, failure.detail)


def _whole(result: Result, frame: VideoFrame) -> VideoFrame:
    from ..frames.draw import drawn

    return drawn(result.picture or frame, result.overlays)


def _opened(source: Any) -> tuple[str | IO[bytes], str]:
    """What PyAV opens, and its name."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source), str(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return io.BytesIO(source), "The film"
    if hasattr(source, "read"):
        return source, str(getattr(source, "name", "The film"))
    player = source if hasattr(source, "value") else getattr(source, "video", None)
    value = getattr(player, "value", None)
    if isinstance(value, (bytes, memoryview)) and len(value):
        if getattr(player, "format", "") == "url":
            address = bytes(value).decode()
            return address, address
        return io.BytesIO(value), f"The film of this {type(source).__name__}"
    raise ProcessingError(
        f"process() takes a film's path or address, an ipywidgets.Video with a film in it, bytes or an opened file, "
        f"and was given {type(source).__name__}.",
        Reason.BAD_ARGUMENT,
    )
