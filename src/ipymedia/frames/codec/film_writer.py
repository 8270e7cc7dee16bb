"""Writes a film, with the sound of another one, on a thread of its own; see `ipymedia.frames.codec.container`."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ipymedia.errors import CodecError, ProcessingError, Reason
from ipymedia.frames.codec.container import AHEAD, Channel, ChannelClosedError, FilmReader, Picture
from ipymedia.frames.codec.convert import to_encodable

if TYPE_CHECKING:
    import av

    from ipymedia.frames.codec.drawn_film import Drawn

ENCODERS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "h264": ("libx264", {"preset": "veryfast", "crf": "20"}),
    "hevc": ("libx265", {"preset": "fast", "crf": "24", "x265-params": "log-level=error"}),
    "vp9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "6", "row-mt": "1", "crf": "31"}),
    "vp8": ("libvpx", {"deadline": "realtime", "cpu-used": "4", "crf": "10", "b": "4M"}),
    "av1": ("libsvtav1", {"preset": "9", "crf": "32"}),
}
"""Quick ones, that lose little: a film of two hours is to be done today."""
_CODEC_OF: Final = {".mp4": "h264", ".m4v": "h264", ".mov": "h264", ".mkv": "h264", ".webm": "vp9"}
_QUALITY: Final = frozenset({"crf", "b"})


def codec_for(path: Path, codec: str) -> str:
    """The codec to write with.

    Raises
    ------
    ProcessingError
        ``bad_argument``: an unknown codec, ending, or a folder that is not there.
    """
    chosen = _CODEC_OF.get(path.suffix.lower()) if codec == "auto" else codec
    if path.suffix.lower() not in _CODEC_OF or chosen is None:
        endings = ", ".join(sorted(_CODEC_OF))
        raise ProcessingError(
            f"{path.name}: the film's name must end in one of {endings}.", Reason.BAD_ARGUMENT
        )
    if chosen not in ENCODERS:
        known = ", ".join(["'auto'", *map(repr, ENCODERS)])
        raise ProcessingError(f"codec={codec!r} is not known; use one of {known}.", Reason.BAD_ARGUMENT)
    if not path.absolute().parent.is_dir():
        raise ProcessingError(
            f"{path} was not written: there is no such folder. Make it first.", Reason.BAD_ARGUMENT
        )
    return chosen


class FilmWriter:
    """Takes pictures and packets of sound, in order, and writes them; the file appears under its name when it is whole.

    Parameters
    ----------
    path
        Where the film is to be.
    like
        Whose rate, time base, shape of pixels and sound it has.
    codec
        From `codec_for`.
    bitrate_bps
        0 leaves it to the encoder, which keeps the quality the same.
    options
        FFmpeg's for the encoder; they come before ours.
    """

    def __init__(
        self,
        path: Path,
        like: FilmReader | Drawn,
        *,
        codec: str,
        bitrate_bps: int,
        options: Mapping[str, str],
    ) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}.partial{path.suffix}")
        self._like = like
        self._codec = codec
        self._bitrate_bps = bitrate_bps
        self._options = options
        self._container: av.container.OutputContainer | None = None
        self._video: av.VideoStream | None = None
        self._sound: dict[int, _Sound] = {}
        self._early: list[av.Packet[Any]] = []
        self._size = (0, 0)
        self._error: BaseException | None = None
        self._channel: Channel[Picture | av.Packet[Any]] = Channel(AHEAD)
        self._thread = threading.Thread(target=self._run, name="ipymedia-write", daemon=True)
        self._thread.start()

    def put(self, item: Picture | av.Packet[Any]) -> None:
        """Write a picture, or a packet of sound; waits while the encoder is behind.

        Raises
        ------
        CodecError
            ``encode_failed``: what the thread met with.
        """
        try:
            self._channel.put(item)
        except ChannelClosedError:
            self._thread.join()
            self._raise()

    def finish(self) -> None:
        """Wait until all is written, and give the file its name. Raises as `put`."""
        self._channel.end()
        while self._thread.is_alive():
            self._thread.join(0.5)
        self._raise()
        self._partial.replace(self._path)

    def close(self) -> None:
        """Leave no half file. After `finish` nothing is left to do."""
        self._channel.close()
        self._thread.join()
        self._partial.unlink(missing_ok=True)

    def _raise(self) -> None:
        if self._error is not None:
            raise CodecError(
                f"{self._path} was not written: {self._error}.", Reason.ENCODE_FAILED
            ) from self._error

    def _run(self) -> None:
        try:
            for item in self._channel:
                self._write(item)
            if self._container is not None:
                self._flush()
        except BaseException as error:  # noqa: BLE001 (whoever puts, or finishes, raises it)
            self._error = error
            self._channel.close()
        finally:
            if self._container is not None:
                self._close_container()

    def _write(self, item: Picture | av.Packet[Any]) -> None:
        if isinstance(item, Picture):
            self._picture(item)
        elif self._container is None:
            self._early.append(
                item
            )  # the header, which needs the first picture, comes first; it is about to come
        else:
            self._sound[item.stream.index].write(item)

    def _picture(self, picture: Picture) -> None:
        if self._container is None:
            self._open(picture.frame)
        assert self._container is not None
        assert self._video is not None
        frame = to_encodable(picture.frame, self._size, full_range=False)
        frame.pts, frame.time_base, frame.duration = picture.pts, self._like.time_base, picture.duration
        self._container.mux(self._video.encode(frame))

    def _open(self, first: av.VideoFrame) -> None:
        import av

        self._size = max(2, first.width // 2 * 2), max(2, first.height // 2 * 2)
        quick = {"movflags": "faststart"} if self._path.suffix.lower() in (".mp4", ".m4v", ".mov") else {}
        container = self._container = av.open(str(self._partial), "w", options=quick)
        name, preset = ENCODERS[self._codec]
        if self._bitrate_bps:
            preset = {key: value for key, value in preset.items() if key not in _QUALITY}
        video = container.add_stream(name, rate=self._like.rate, options={**preset, **self._options})
        assert isinstance(video, av.VideoStream)
        video.width, video.height = self._size
        video.pix_fmt = "yuv420p"
        context = video.codec_context
        context.time_base = self._like.time_base
        if self._bitrate_bps:
            context.bit_rate = self._bitrate_bps
        video_like = self._like.video
        shape = None if video_like is None else video_like.sample_aspect_ratio
        if shape and video_like and (first.width, first.height) == (video_like.width, video_like.height):
            context.sample_aspect_ratio = shape
        # As `to_encodable` makes them.
        context.colorspace, context.color_range, context.color_primaries, context.color_trc = 6, 1, 1, 13
        self._video = video
        for source in self._like.sound:
            self._sound[source.index] = _Sound(container, source)
        for packet in self._early:
            self._sound[packet.stream.index].write(packet)
        self._early.clear()

    def _flush(self) -> None:
        assert self._container is not None
        assert self._video is not None
        self._container.mux(self._video.encode(None))
        for sound in self._sound.values():
            sound.flush()

    def _close_container(self) -> None:
        assert self._container is not None
        try:
            self._container.close()
        except (OSError, ValueError) as error:
            self._error = self._error or error


class _Sound:
    """One track of sound: copied where the container takes its codec, else encoded anew."""

    def __init__(self, container: av.container.OutputContainer, source: av.AudioStream) -> None:
        self._container = container
        self._encoder: av.AudioStream | None = None
        self._copy: av.AudioStream | None = None
        if source.codec_context.name in container.supported_codecs:
            self._copy = container.add_stream_from_template(source)
            return
        import av

        name = {"opus": "libopus", "vorbis": "libopus"}.get(
            container.default_audio_codec, container.default_audio_codec
        )
        rates = av.Codec(name, "w").audio_rates or [source.rate]
        rate = source.rate if source.rate in rates else max(rates)
        encoder = container.add_stream(name, rate=rate, layout=source.layout.name)
        assert isinstance(encoder, av.AudioStream)
        self._encoder = encoder

    def write(self, packet: av.Packet[Any]) -> None:
        if self._copy is not None:
            if packet.dts is not None:  # the last one of a track is empty, and is for decoders
                packet.stream = self._copy
                self._container.mux(packet)
        else:
            assert self._encoder is not None
            for frame in packet.decode():
                self._container.mux(self._encoder.encode(frame))  # type: ignore[arg-type]

    def flush(self) -> None:
        if self._encoder is not None:
            self._container.mux(self._encoder.encode(None))
