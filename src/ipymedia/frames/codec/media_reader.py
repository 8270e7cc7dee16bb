"""A film, a camera's address or anything else that FFmpeg opens, as pictures and sound with their times."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ipymedia.errors import CodecError, HostError, MediaError, Reason
from ipymedia.frames.codec import color
from ipymedia.frames.codec.convert import upright
from ipymedia.frames.sound import SoundBlock
from ipymedia.frames.video_frame import VideoFrame
from ipymedia.protocol.messages import SOUND_RATE

if TYPE_CHECKING:
    import av

_MOST_AHEAD = 250
"""Packets of one kind that may wait for the other: about five seconds."""


def read_media(
    source: str, *, loop: bool, timeout_s: float, options: Mapping[str, str], sound: bool = False
) -> Iterator[tuple[VideoFrame | SoundBlock, float]]:
    """Give each picture, and the sound if wanted, and when it is due in seconds from the beginning. Blocks.

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
                for picture, at_s in _frames(container, source, with_sound=sound):
                    if isinstance(picture, VideoFrame):
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


def _frames(
    container: av.container.InputContainer, source: str, *, with_sound: bool
) -> Iterator[tuple[VideoFrame | SoundBlock, float]]:
    import av

    if not container.streams.video:
        raise CodecError(f"{_shown(source)} has no picture.", Reason.DECODE_FAILED)
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    sound = container.streams.audio[0] if with_sound and container.streams.audio else None
    resampler = av.AudioResampler(format="fltp", layout=_layout(sound), rate=SOUND_RATE) if sound else None
    # The decoder holds some pictures back: sound may come before the first one.
    begins = stream.start_time
    first_s = None if begins is None or stream.time_base is None else float(begins * stream.time_base)
    index = 0
    for packet in _in_step(container, stream, sound):
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame):
                color.stamp_film(frame)
                at_s = (
                    float(frame.time) if frame.pts is not None else index / float(stream.average_rate or 30)
                )
                first_s = at_s if first_s is None else first_s
                yield VideoFrame(upright(frame), at_s, index), at_s - first_s
                index += 1
            elif isinstance(frame, av.AudioFrame) and resampler is not None and frame.pts is not None:
                at_s = float(frame.time)
                for part in resampler.resample(frame):
                    block = SoundBlock(part.to_ndarray(), SOUND_RATE, at_s)
                    yield block, at_s - (at_s if first_s is None else first_s)
                    at_s += block.seconds


def _layout(sound: av.AudioStream) -> str:
    return "mono" if sound.codec_context.channels == 1 else "stereo"


def _in_step(
    container: av.container.InputContainer, video: av.VideoStream, sound: av.AudioStream | None
) -> Iterator[av.Packet[Any]]:
    """The packets in the order of their times: in files a second of the one may stand before that of the other."""
    if sound is None:
        yield from container.demux(video)
        return
    waiting: dict[int, deque[av.Packet[Any]]] = {video.index: deque(), sound.index: deque()}

    def time_of(packet: av.Packet[Any]) -> float:
        return float("-inf") if packet.dts is None else float(packet.dts * packet.time_base)

    for packet in container.demux(video, sound):
        waiting[packet.stream.index].append(packet)
        while all(waiting.values()):
            yield min(waiting.values(), key=lambda queue: time_of(queue[0])).popleft()
        # One of them may end long before the other, or be hardly there.
        for queue in waiting.values():
            if len(queue) > _MOST_AHEAD:
                yield queue.popleft()
    for queue in waiting.values():
        yield from queue


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
