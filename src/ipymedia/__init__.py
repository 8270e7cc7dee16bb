"""Live media for notebooks: cameras, films, arrays and widgets are streams; a Python function works on every frame.

::

    from ipymedia import CameraStream

    camera = CameraStream()

    @camera.map
    def edges(image):                     # (height, width, 3) uint8 RGB in; a picture, a mask or overlays out
        return cv2.Canny(image, 100, 200)

    edges
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import (
        CaptureError,
        CodecError,
        HostError,
        MediaError,
        ProcessingError,
        ProtocolError,
        Reason,
        RecordingError,
        RoomError,
    )
    from .frames.overlays import Box, Label, Mask, Points, Polyline
    from .frames.video_frame import VideoFrame
    from .streams.camera import CameraStream
    from .streams.mapped import MappedStream
    from .streams.media_stream import MediaStream, Stats
    from .streams.pattern import PatternStream

# Where each public name lives; imported when first used, so that `import ipymedia` costs next to nothing.
_HOMES = {
    **dict.fromkeys(
        [
            "CaptureError",
            "CodecError",
            "HostError",
            "MediaError",
            "ProcessingError",
            "ProtocolError",
            "Reason",
            "RecordingError",
            "RoomError",
        ],
        "errors",
    ),
    **dict.fromkeys(["Box", "Label", "Mask", "Points", "Polyline"], "frames.overlays"),
    "VideoFrame": "frames.video_frame",
    "CameraStream": "streams.camera",
    "MappedStream": "streams.mapped",
    "MediaStream": "streams.media_stream",
    "Stats": "streams.media_stream",
    "PatternStream": "streams.pattern",
    "__version__": "_version",
}

__all__ = sorted(name for name in _HOMES if not name.startswith("_"))  # noqa: PLE0605 (the table is the truth)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
