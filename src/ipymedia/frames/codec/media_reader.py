"""A film, a camera's address or anything else that FFmpeg opens, as pictures with their times."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipymedia.errors import CodecError, HostError, MediaError, Reason
from ipymedia.frames.codec import color
from ipymedia.frames.codec.convert import upright
from ipymedia.frames.video_frame import VideoFrame

if TYPE_CHECKING:
    import av


def read_media(
    source: str, *, loop: bool, timeout_s: float, options: Mapping[str, str]
) -> Iterator[tuple[VideoFrame, float]]:
    """Give each picture and when it is due, in seconds from the first one. Blocks while it reads.

    Raises
    ------
    HostError
        ``no_file``: there is nothing to open; ``timed_out``: nothing came for `timeout_s`.
    CodecError
        ``decode_failed``: it is no film, or has no picture.
    """
    import av

    offset_s = 0.0
    while True:
        last_s = 0.0
        interval_s = 1 / 30
        asked_s = time.monotonic()
        try:
            with av.open(source, timeout=timeout_s, options={**_options(source), **options}) as container:
                for picture, at_s in _pictures(container, source):
                    interval_s = at_s - last_s if at_s > last_s else interval_s
                    last_s = at_s
                    yield picture, offset_s + at_s
                    asked_s = time.monotonic()
        except (av.FFmpegError, ValueError) as error:
            # FFmpeg's RTSP says "invalid data" where nothing came in time; the clock knows better.
            if time.monotonic() - asked_s > 0.95 * timeout_s:
                raise _late(source, error, timeout_s) from error
            raise _failure(source, error, timeout_s) from error
        if not loop:
            return
        offset_s += last_s + interval_s


@dataclass(frozen=True)
class AboutFilm:
    """What a film says of itself; 0 where it does not."""

    frames: int
    fps: float


def about_film(source: str, timeout_s: float) -> AboutFilm:
    """Open, look, close. Raises as `read_media`."""
    import av

    try:
        with av.open(source, timeout=timeout_s) as container:
            if not container.streams.video:
                raise CodecError(f"{_shown(source)} has no picture.", Reason.DECODE_FAILED)
            stream = container.streams.video[0]
            fps = float(stream.average_rate or 0)
            seconds = (container.duration or 0) / 1e6
            return AboutFilm(stream.frames or round(seconds * fps), fps)
    except (av.FFmpegError, ValueError) as error:
        raise _failure(source, error, timeout_s) from error


def _pictures(container: av.container.InputContainer, source: str) -> Iterator[tuple[VideoFrame, float]]:
    if not container.streams.video:
        raise CodecError(f"{_shown(source)} has no picture.", Reason.DECODE_FAILED)
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    first_s: float | None = None
    for index, frame in enumerate(container.decode(stream)):
        color.stamp_film(frame)
        at_s = float(frame.time) if frame.pts is not None else index / float(stream.average_rate or 30)
        first_s = at_s if first_s is None else first_s
        yield VideoFrame(upright(frame), at_s, index), at_s - first_s


def _failure(source: str, error: Exception, timeout_s: float) -> MediaError:
    import av

    name = _shown(source)
    if isinstance(error, av.FileNotFoundError):
        return HostError(f"{name} was not opened: there is no such file.", Reason.NO_FILE, str(error))
    if isinstance(error, (av.ExitError, av.TimeoutError)):
        return _late(source, error, timeout_s)
    return CodecError(f"{name} was not read: {error}.", Reason.DECODE_FAILED)


def _late(source: str, error: Exception, timeout_s: float) -> HostError:
    return HostError(
        f"{_shown(source)} was not read: nothing came for {timeout_s:g} s. Is its server there, and its address right?",
        Reason.TIMED_OUT,
        str(error),
    )


def _options(source: str) -> dict[str, str]:
    """RTSP over TCP: UDP, FFmpeg's first choice, is the first thing that a firewall drops."""
    return {"rtsp_transport": "tcp"} if source.startswith(("rtsp:", "rtsps:")) else {}


def _shown(source: str) -> str:
    """The name without a password, which addresses of cameras tend to hold."""
    scheme, separator, rest = source.partition("://")
    if not separator:
        return source
    place = rest.rpartition("@")[2] if "@" in rest.split("/", 1)[0] else rest
    return f"{scheme}://{place}"
