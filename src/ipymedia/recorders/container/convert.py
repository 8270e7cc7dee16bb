"""A recording as it came to a finished file: copied where the container takes the codecs, converted where it does not.

A browser writes its file as it goes: without a duration, and without an index to seek by. Both are there afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import Reason, RecordingError
from ..formats import ENCODERS, Format, format_of

if TYPE_CHECKING:
    import av

_MUXER_OPTIONS = {"mp4": {"movflags": "faststart"}}
_CHROME_BUFFER_S = Fraction(1, 100)
_PIXEL_FORMATS = {"gif": "pal8"}


def convert(
    source: Path, target: Path, format: str, *, progress: Callable[[float], None] | None = None
) -> None:
    """Write `source` as a finished file of another, or the same, format. Blocks.

    What can be copied is copied: that takes a fraction of a second. The file appears under its name when it is whole.

    Parameters
    ----------
    source, target
        Paths.
    format
        A name of `recorders.formats.FORMATS`.
    progress
        Called with the share that is done, 0 to 1.

    Raises
    ------
    RecordingError
        ``nothing_recorded``: there is not one frame; ``no_codec``: this build of PyAV can't make the format.
    OSError
        The target can't be written.
    """
    import av

    about = format_of(format)
    part = target.with_name(f".{target.name}.part")
    try:
        with av.open(str(source)) as given, part.open("wb") as file:
            options = _MUXER_OPTIONS.get(about.muxer, {})
            with av.open(file, "w", format=about.muxer, options=options) as made:
                _copy(given, made, about, _told(progress, source))
        part.replace(target)
    except (av.InvalidDataError, av.EOFError, IndexError) as error:
        raise nothing_recorded(source) from error
    except (av.FFmpegError, ValueError) as error:
        if isinstance(error, OSError):
            raise
        raise RecordingError(
            f"The recording was not converted to {format}: {error}. The recording itself is kept.",
            Reason.NO_CODEC,
        ) from error
    finally:
        part.unlink(missing_ok=True)


def nothing_recorded(source: Path) -> RecordingError:
    """The error of a file without a frame."""
    size = source.stat().st_size if source.exists() else 0
    return RecordingError(
        f"Nothing was recorded: the {size} bytes that came hold no frame. Was the stream live?",
        Reason.NOTHING_RECORDED,
    )


def _copy(given: Any, made: Any, about: Format, told: Callable[[Any], None]) -> None:
    tracks: dict[int, _Track] = {}
    for streams, codecs in (
        (given.streams.video, about.video_codecs),
        (given.streams.audio, about.audio_codecs),
    ):
        if streams and codecs:
            tracks[streams[0].index] = _track(streams[0], made, codecs)
    if not tracks:
        raise RecordingError(
            "The recording has no sound, which this format is for."
            if not about.video_codecs
            else "There is nothing in it.",
            Reason.NOTHING_RECORDED,
        )
    late = len(tracks) == 2 and _stamps_late(given)
    for packet in _packets(given, [given.streams[index] for index in tracks]):
        told(packet)
        if not late or packet.stream.type != "audio" or _advance(packet):
            tracks[packet.stream.index].take(packet)
    for track in tracks.values():
        track.finish()


def _stamps_late(given: Any) -> bool:
    """Whether the sound's times in a browser's file are too late.

    Chromium's recorder collects buffers of sound until they fill an Opus packet, of 60 ms, and stamps the packet with
    the time of the last of them instead of the first.
    """
    opus = bool(given.streams.audio) and given.streams.audio[0].codec_context.name == "opus"
    return opus and given.metadata.get("encoder") == "Chrome" and "matroska" in given.format.name


def _advance(packet: Any) -> bool:
    """Put a packet that was stamped late where it belongs; False for one from before the file's beginning."""
    packet.pts -= max(0, round((packet.duration or 0) - _CHROME_BUFFER_S / packet.time_base))
    packet.dts = packet.pts
    return bool(packet.pts >= 0)


def _packets(given: Any, streams: list[Any]) -> Iterator[Any]:
    """All that can be read: a recording that was cut may end in the middle of a packet."""
    import av

    packets = given.demux(streams)
    first = True
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.InvalidDataError, av.EOFError):
            if first:
                raise
            return
        if packet.size > 0 and packet.pts is not None:
            first = False
            yield packet


def _track(stream: Any, made: Any, codecs: tuple[str, ...]) -> _Track:
    if stream.codec_context.name in codecs or stream.codec.canonical_name in codecs:
        return _Copied(stream, made)
    if stream.type == "audio":
        return _Sound(made, codecs[0])
    return _Picture(stream, made, codecs[0])


class _Track:
    """One track on its way into the new file."""

    def take(self, packet: Any) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        """Nothing more comes."""


class _Copied(_Track):
    def __init__(self, stream: Any, made: Any) -> None:
        self._made = made
        self._out = made.add_stream_from_template(stream)

    def take(self, packet: Any) -> None:
        packet.stream = self._out
        self._made.mux(packet)


class _Sound(_Track):
    """Sound in another codec."""

    def __init__(self, made: Any, codec: str) -> None:
        import av

        self._made = made
        self._out = made.add_stream(ENCODERS[codec], rate=48_000)
        context = self._out.codec_context
        wanted = context.codec.audio_formats[0].name
        context.layout = "stereo"
        context.format = wanted
        self._resampler = av.AudioResampler(format=wanted, layout="stereo", rate=48_000)

    def take(self, packet: Any) -> None:
        for frame in packet.decode():
            self._encode(frame)

    def finish(self) -> None:
        self._encode(None)
        self._made.mux(self._out.encode(None))

    def _encode(self, frame: Any) -> None:
        for part in self._resampler.resample(frame):
            self._made.mux(self._out.encode(part))


class _Picture(_Track):
    """Pictures in another codec, all of the size of the first."""

    def __init__(self, stream: Any, made: Any, codec: str) -> None:
        self._made = made
        self._codec = codec
        self._graph: Any = None
        rate = Fraction(stream.average_rate or 30).limit_denominator(1001)
        self._out = made.add_stream(ENCODERS[codec], rate=min(Fraction(240), max(Fraction(1), rate)))
        context = self._out.codec_context
        context.width, context.height = stream.codec_context.width, stream.codec_context.height
        context.pix_fmt = _PIXEL_FORMATS.get(codec, "yuv420p")
        if codec == "gif":
            context.time_base = Fraction(1, 100)
            return
        context.time_base = Fraction(1, 1000)
        even = (context.width + context.width % 2, context.height + context.height % 2)
        context.width, context.height = even
        context.thread_count = os.cpu_count() or 1
        context.options = {"preset": "veryfast", "crf": "20"} if codec == "h264" else {"deadline": "realtime"}
        if codec != "h264":
            context.bit_rate = 4_000_000

    def take(self, packet: Any) -> None:
        for frame in packet.decode():
            self._encode(frame)

    def finish(self) -> None:
        if self._graph is not None:
            self._graph.push(None)
            self._drain()
        self._made.mux(self._out.encode(None))

    def _encode(self, frame: Any) -> None:
        from av.video.frame import PictureType

        context = self._out.codec_context
        if self._codec == "gif":
            if self._graph is None:
                self._graph = _graph(frame, context.width, context.height)
            self._graph.push(frame)
            self._drain()
            return
        if (frame.width, frame.height, frame.format.name) != (context.width, context.height, context.pix_fmt):
            frame = frame.reformat(context.width, context.height, context.pix_fmt)
        frame.pict_type = PictureType.NONE
        self._made.mux(self._out.encode(frame))

    def _drain(self) -> None:
        for frame in _pulled(self._graph):
            self._made.mux(self._out.encode(frame))


def _pulled(graph: Any) -> Iterator[Any]:
    import av

    with suppress(av.BlockingIOError, av.EOFError):  # it wants more, or has no more
        while True:
            yield graph.pull()


def _graph(frame: av.VideoFrame, width: int, height: int) -> Any:
    """A palette for each picture: the colours of a GIF are 256."""
    import av

    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    fps = graph.add("fps", "15")
    scale = graph.add("scale", f"{width}:{height}")
    split = graph.add("split")
    generate = graph.add("palettegen", "stats_mode=single")
    use = graph.add("paletteuse", "new=1")
    sink = graph.add("buffersink")
    source.link_to(fps)
    fps.link_to(scale)
    scale.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(generate, 1, 0)
    generate.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph


def _told(progress: Callable[[float], None] | None, source: Path) -> Callable[[Any], None]:
    """Tell how far the reading is, by the place in the file."""
    size = max(1, source.stat().st_size)

    def told(packet: Any) -> None:
        if progress is not None and packet.pos is not None and packet.pos >= 0:
            progress(min(1.0, packet.pos / size))

    return told
