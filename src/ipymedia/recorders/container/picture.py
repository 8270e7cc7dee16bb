"""Picture files of one format to another."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from ...errors import Reason, RecordingError
from ..formats import PICTURES

_ENCODERS = {
    "png": ("png", "rgb24", {}),
    "jpeg": ("mjpeg", "yuvj444p", {"qmin": "2", "qmax": "2"}),
    "jpg": ("mjpeg", "yuvj444p", {"qmin": "2", "qmax": "2"}),
    "webp": ("libwebp", "yuv420p", {"quality": "92"}),
}


def convert_picture(source: Path, target: Path, format: str) -> None:
    """Write a picture in another format. Blocks.

    Raises
    ------
    RecordingError
        ``bad_argument``: the format is none for pictures; ``nothing_recorded``: the source is no picture.
    OSError
        The target can't be written.
    """
    import av

    if format not in _ENCODERS:
        raise RecordingError(
            f"There is no format {format!r} for pictures; there are {', '.join(PICTURES)}.",
            Reason.BAD_ARGUMENT,
        )
    name, pixel_format, options = _ENCODERS[format]
    try:
        with av.open(str(source)) as given:
            frame = next(given.decode(video=0)).reformat(format=pixel_format)
        context = av.CodecContext.create(name, "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height, context.pix_fmt = frame.width, frame.height, pixel_format
        context.time_base = frame.time_base or Fraction(1, 25)
        context.options = dict(options)
        packets = [*context.encode(frame), *context.encode(None)]
    except (av.InvalidDataError, av.EOFError, StopIteration) as error:
        raise RecordingError(
            f"{source.name} holds no picture that can be read: {error}.", Reason.NOTHING_RECORDED
        ) from error
    target.write_bytes(b"".join(bytes(packet) for packet in packets))
