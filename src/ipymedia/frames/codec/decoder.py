"""Encoded pictures to frames, each one out as soon as its bytes are in."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING, Final

from ipymedia.errors import CodecError, Reason
from ipymedia.frames.codec import color as colors
from ipymedia.protocol.messages import Color

if TYPE_CHECKING:
    import av

DECODERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "h264": ("h264", {}),
    "vp9": ("vp9", {}),
    "vp8": ("vp8", {}),
    # dav1d holds back as many frames as it has threads, unless told.
    "av1": ("libdav1d", {"max_frame_delay": "1"}),
    "jpeg": ("mjpeg", {}),
}
"""FFmpeg's name of the decoder for each codec of ours, and its options."""


class Decoder:
    """Decodes one stream of one codec; not thread-safe, releases the GIL while it works.

    Parameters
    ----------
    codec
        A name of `ipymedia.protocol.messages.CODECS`.

    Raises
    ------
    CodecError
        ``no_codec``: this build of PyAV has no such decoder.
    """

    def __init__(self, codec: str) -> None:
        import av
        from av.codec.context import Flags

        self.codec = codec
        if codec not in DECODERS:
            known = ", ".join(DECODERS)
            raise CodecError(f"There is no decoder for {codec!r}; known are {known}.", Reason.NO_CODEC)
        name, options = DECODERS[codec]
        try:
            context = av.CodecContext.create(name, "r")
        except (av.FFmpegError, ValueError) as error:
            raise CodecError(
                f"PyAV {av.__version__} has no decoder {name!r} for {codec}: {error}.", Reason.NO_CODEC
            ) from error
        if not isinstance(context, av.VideoCodecContext):
            raise CodecError(f"{name!r} is no video decoder.", Reason.NO_CODEC)
        # Threads that share one frame add no delay; threads that take a frame each do.
        context.thread_type = "SLICE"
        context.thread_count = min(4, os.cpu_count() or 1)
        context.flags |= Flags.low_delay
        context.options = options
        self._context: av.VideoCodecContext | None = context

    def decode(
        self, data: bytes | bytearray | memoryview, color: Color | None = None
    ) -> av.VideoFrame | None:
        """Decode one encoded picture.

        Parameters
        ----------
        data : bytes-like
            One access unit; H.264 as Annex B.
        color : Color, optional
            What the page's encoder said about the colours.

        Returns
        -------
        av.VideoFrame or None
            The newest picture; None when none came out.

        Raises
        ------
        CodecError
            ``decode_failed``: the bytes are damaged, or build on a frame that was lost; go on with a key
            frame.
        """
        import av

        if self._context is None:
            raise CodecError("A frame came after its decoder was closed.", Reason.CLOSED)
        if not len(data):
            raise CodecError(f"A {self.codec} frame without any bytes came.", Reason.DECODE_FAILED)
        try:
            frames = self._context.decode(av.Packet(bytes(data)))
        except (av.FFmpegError, ValueError) as error:
            raise CodecError(
                f"A {self.codec} frame of {len(data)} bytes is damaged ({error}); a key frame is needed.",
                Reason.DECODE_FAILED,
            ) from error
        if not frames:
            return None
        frame = frames[-1]
        if frame.is_corrupt:
            raise CodecError(
                f"A {self.codec} frame builds on one that was lost; a key frame is needed.",
                Reason.DECODE_FAILED,
            )
        colors.stamp(frame, None if self.codec == "jpeg" else color)
        return frame

    def close(self) -> None:
        """Free the decoder; idempotent."""
        self._context = None

    def __enter__(self) -> Decoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
