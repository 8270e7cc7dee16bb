"""Image files to arrays and back, for snapshots."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ipymedia.errors import CodecError, Reason
from ipymedia.frames.codec import color
from ipymedia.frames.codec.convert import from_array, to_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DECODERS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "mjpeg"}


def decode_still(data: bytes | bytearray | memoryview) -> NDArray[np.uint8]:
    """Decode a PNG or JPEG file.

    Returns
    -------
    ndarray
        (height, width, 3) uint8 RGB, or (height, width, 4) RGBA where the file has transparency.

    Raises
    ------
    CodecError
        ``decode_failed``: neither PNG nor JPEG, or damaged.
    """
    import av

    start = bytes(data[:8])
    name = next((name for magic, name in _DECODERS.items() if start.startswith(magic)), None)
    if name is None:
        raise CodecError(
            f"The picture of {len(data)} bytes is neither PNG nor JPEG (it begins with {start!r}).",
            Reason.DECODE_FAILED,
        )
    try:
        context = av.CodecContext.create(name, "r")
        if not isinstance(context, av.VideoCodecContext):
            raise CodecError(f"There is no {name} decoder.", Reason.NO_CODEC)
        frames = [*context.decode(av.Packet(bytes(data))), *context.decode(None)]
    except (av.FFmpegError, ValueError) as error:
        raise CodecError(
            f"The picture of {len(data)} bytes ({name}) is damaged: {error}.", Reason.DECODE_FAILED
        ) from error
    if not frames or frames[0].is_corrupt:
        raise CodecError(f"The picture of {len(data)} bytes ({name}) is damaged.", Reason.DECODE_FAILED)
    frame = frames[0]
    color.stamp(frame, None)
    has_alpha = any(component.is_alpha for component in frame.format.components)
    return to_array(frame, "rgba" if has_alpha else "rgb24")


def encode_still(image: NDArray[np.uint8], file_format: str = "png") -> bytes:
    """Encode an array as the bytes of a file.

    Parameters
    ----------
    image : ndarray
        (height, width) gray, (height, width, 3) RGB or (height, width, 4) RGBA, uint8.
    file_format : str
        ``png``, or ``jpeg`` at about quality 0.95.

    Raises
    ------
    CodecError
        ``encode_failed``.
    """
    import av

    if file_format not in ("png", "jpeg"):
        raise CodecError(
            f"A still can't be written as {file_format!r}; use 'png' or 'jpeg'.", Reason.ENCODE_FAILED
        )
    pixel_format = "gray" if image.ndim == 2 else {3: "rgb24", 4: "rgba"}[image.shape[2]]
    frame = from_array(image, pixel_format)
    if file_format == "jpeg":
        frame = frame.reformat(
            format="yuvj444p", dst_colorspace=color.SWS_BT601, dst_color_range=color.RANGE_FULL
        )
    try:
        context = av.CodecContext.create("png" if file_format == "png" else "mjpeg", "w")
        if not isinstance(context, av.VideoCodecContext):
            raise CodecError(f"There is no {file_format} encoder.", Reason.NO_CODEC)
        context.width, context.height = frame.width, frame.height
        context.pix_fmt = frame.format.name
        context.time_base = Fraction(1, 1)
        if file_format == "jpeg":
            context.qmin = context.qmax = 2
        else:
            # 3 times as fast as FFmpeg's default filter and level, and half as large again.
            context.options = {"pred": "sub", "compression_level": "3"}
        frame.pts = 0
        packets = [*context.encode(frame), *context.encode(None)]
    except (av.FFmpegError, ValueError) as error:
        raise CodecError(
            f"A picture of {frame.width}×{frame.height} px could not be encoded as {file_format}: {error}.",
            Reason.ENCODE_FAILED,
        ) from error
    return b"".join(bytes(packet) for packet in packets)
