"""Frames to encoded pictures, each one out at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import TYPE_CHECKING, Final

from ipymedia.errors import CodecError, Reason
from ipymedia.frames.codec.color import (
    MATRIX_BT601,
    PRIMARIES_BT709,
    RANGE_FULL,
    RANGE_LIMITED,
    TRANSFER_SRGB,
    encoded_color,
)
from ipymedia.frames.codec.convert import to_encodable
from ipymedia.frames.codec.encoder_settings import ENCODERS, EncoderSettings, encoder_threads
from ipymedia.frames.codec.strings import codec_string
from ipymedia.protocol.messages import MAX_SIDE_PX, Color

if TYPE_CHECKING:
    import av

MIN_BITRATE_BPS: Final = 30_000
REOPEN_BITRATE_STEP: Final = 0.15
"""Where a new bitrate costs a new encoder and so a key frame, smaller changes than this are not worth it."""

JPEG_BEST_SCALE: Final = 2
JPEG_WORST_SCALE: Final = 24


@dataclass(frozen=True, slots=True)
class Encoded:
    """One encoded picture: its bytes, and whether it can be decoded alone."""

    data: bytes
    key: bool


class Encoder:
    """Encodes frames of any pixel format and size; not thread-safe, releases the GIL while it works.

    Codecs with 4:2:0 take even sides only, and some have a smallest one: the picture is stretched to
    `coded_size`, the next size that works, and who shows it stretches it back to the size that the message
    names. (Padding would keep the samples, and would need every page to know what to cut off.)

    Parameters
    ----------
    codec
        A name of `ipymedia.protocol.messages.CODECS`.
    width, height
        The picture's size in px, 1 to `MAX_SIDE_PX`.
    fps
        The frame rate that the bitrate is spread over.
    bitrate_bps
        Bits a second; for JPEG, quality follows it within what is still a picture.

    Raises
    ------
    CodecError
        ``no_codec``: this build of PyAV can't; ``encode_failed``: not with these sizes.
    """

    def __init__(self, codec: str, width: int, height: int, fps: float, bitrate_bps: int) -> None:
        if codec not in ENCODERS:
            raise CodecError(
                f"There is no encoder for {codec!r}; known are {', '.join(ENCODERS)}.", Reason.NO_CODEC
            )
        if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
            raise CodecError(
                f"A picture of {width}×{height} px can't be encoded: a side may have 1 to {MAX_SIDE_PX} px.",
                Reason.ENCODE_FAILED,
            )
        self.codec = codec
        self.width = width
        self.height = height
        self._settings: EncoderSettings = ENCODERS[codec]
        least = self._settings.min_side
        self.coded_size = (max(least, width + width % 2), max(least, height + height % 2))
        self._rate = Fraction(min(240.0, max(1.0, fps))).limit_denominator(1001)
        self._bitrate_bps = max(MIN_BITRATE_BPS, bitrate_bps)
        self._ceiling_bps = self._bitrate_bps
        self._jpeg_scale = 4
        self._closed = False
        self._context = self._open()
        self._count = 0

    @property
    def bitrate_bps(self) -> int:
        """The bitrate that it aims at."""
        return self._bitrate_bps

    @property
    def codec_string(self) -> str:
        """What the page's VideoDecoder is configured with; empty for JPEG."""
        return codec_string(self.codec, *self.coded_size, float(self._rate))

    @property
    def color(self) -> Color:
        """What the numbers mean, for the page's VideoDecoder."""
        return encoded_color(self.codec)

    def encode(self, frame: av.VideoFrame, *, key: bool = False) -> Encoded:
        """Encode one frame; the frame itself is not changed.

        Parameters
        ----------
        frame : av.VideoFrame
            Any pixel format and size.
        key : bool
            Whether to make a key frame of it; the first one always is.

        Raises
        ------
        CodecError
            ``encode_failed``.
        """
        import av
        from av.video.frame import PictureType

        if self._closed:
            raise CodecError("A frame came after its encoder was closed.", Reason.CLOSED)
        full_range = self.codec == "jpeg"
        picture = to_encodable(frame, self.coded_size, full_range=full_range)
        picture.pts = self._count
        picture.time_base = 1 / self._rate
        # A frame from a decoder says what it was there, which an encoder takes for an order.
        picture.pict_type = PictureType.I if key else PictureType.NONE
        try:
            packets = self._context.encode(picture)
        except (av.FFmpegError, ValueError) as error:
            raise CodecError(
                f"A picture of {self.width}×{self.height} px could not be encoded as {self.codec}: {error}.",
                Reason.ENCODE_FAILED,
            ) from error
        self._count += 1
        if len(packets) != 1:
            raise CodecError(
                f"The {self.codec} encoder gave {len(packets)} pictures for one: it holds frames back.",
                Reason.ENCODE_FAILED,
            )
        encoded = Encoded(bytes(packets[0]), full_range or packets[0].is_keyframe)
        if full_range:
            self._follow_jpeg_size(len(encoded.data))
        return encoded

    def set_bitrate(self, bitrate_bps: int) -> None:
        """Aim at another bitrate from the next frame on.

        H.264 takes it while it runs, up to the bitrate that it was opened with. Beyond that, and with VP8,
        VP9 and AV1, the encoder is opened anew and the next frame is a key frame; these ignore changes under
        15 %.
        """
        wanted = max(MIN_BITRATE_BPS, bitrate_bps)
        if self.codec == "jpeg":
            self._bitrate_bps = wanted
        elif self._settings.live_bitrate and wanted <= self._ceiling_bps:
            self._bitrate_bps = wanted
            self._context.bit_rate = wanted
        elif self._settings.live_bitrate or self._is_far(wanted):
            self._bitrate_bps = self._ceiling_bps = wanted
            self._context = self._open()

    def _is_far(self, bitrate_bps: int) -> bool:
        return abs(bitrate_bps - self._bitrate_bps) > REOPEN_BITRATE_STEP * self._bitrate_bps

    def close(self) -> None:
        """Free the encoder; idempotent."""
        self._closed = True
        self.__dict__.pop("_context", None)

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> av.VideoCodecContext:
        import av

        name = self._settings.name
        if self.codec == "av1":
            # SVT-AV1 prints to stderr otherwise, which ipykernel shows below the cell: its settings, and an
            # error for each encoder that is closed while the stream could go on.
            os.environ.setdefault("SVT_LOG", "0")
        try:
            context = av.CodecContext.create(name, "w")
        except (av.FFmpegError, ValueError) as error:
            raise CodecError(
                f"PyAV {av.__version__} has no encoder {name!r} for {self.codec}: {error}.", Reason.NO_CODEC
            ) from error
        if not isinstance(context, av.VideoCodecContext):
            raise CodecError(f"{name!r} is no video encoder.", Reason.NO_CODEC)
        width, height = self.coded_size
        context.width, context.height = width, height
        context.pix_fmt = "yuvj420p" if self.codec == "jpeg" else "yuv420p"
        context.framerate = self._rate
        context.time_base = 1 / self._rate
        context.bit_rate = self._bitrate_bps
        context.gop_size = 1_000_000
        context.max_b_frames = 0
        context.thread_count = encoder_threads(self.codec, width, height)
        context.colorspace = MATRIX_BT601
        context.color_range = RANGE_FULL if self.codec == "jpeg" else RANGE_LIMITED
        context.color_primaries = PRIMARIES_BT709
        context.color_trc = TRANSFER_SRGB
        context.options = self._settings.options(width, height, self._bitrate_bps)
        if self.codec == "jpeg":
            context.qmin = context.qmax = self._jpeg_scale
        try:
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise CodecError(
                f"The {self.codec} encoder did not open for {width}×{height} px: {error}.",
                Reason.ENCODE_FAILED,
            ) from error
        return context

    def _follow_jpeg_size(self, size: int) -> None:
        """Make the next JPEG coarser or finer; FFmpeg's own rate control swings between sizes 5 : 1."""
        ratio = size * 8 * float(self._rate) / self._bitrate_bps
        scale = self._jpeg_scale
        if ratio > 1.15:
            scale += max(1, round(scale * min(1.0, ratio - 1) / 2))
        elif ratio < 0.7:
            scale -= max(1, scale // 4)
        scale = min(JPEG_WORST_SCALE, max(JPEG_BEST_SCALE, scale))
        if scale != self._jpeg_scale:
            self._jpeg_scale = scale
            self._context = self._open()
