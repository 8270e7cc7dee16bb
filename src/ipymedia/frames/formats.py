"""What a function gets: the formats of `map`, `frames` and `snapshot`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ipymedia.errors import ProcessingError, Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ipymedia.frames.video_frame import VideoFrame

FORMATS: Final = ("rgb24", "bgr24", "gray", "rgba", "frame")
"""(h, w, 3) RGB; (h, w, 3) BGR as OpenCV has it; (h, w); (h, w, 4) RGBA, all uint8; or a `VideoFrame`."""


def check_format(format: str) -> str:
    """Give `format` back, or say which there are.

    Raises
    ------
    ProcessingError
        ``bad_argument``: an unknown format.
    """
    if format not in FORMATS:
        known = ", ".join(repr(name) for name in FORMATS)
        raise ProcessingError(f"format={format!r} is not known; use one of {known}.", Reason.BAD_ARGUMENT)
    return format


def picture_for(frame: VideoFrame, format: str) -> NDArray[np.uint8] | VideoFrame:
    """Give a frame as a function asked for it.

    Returns
    -------
    ndarray or VideoFrame
        An array is C-contiguous, writable and new: a function may draw on it. A `VideoFrame` is immutable, so
        it is shared.

    Raises
    ------
    ProcessingError
        ``bad_argument``: an unknown format.
    """
    if check_format(format) == "frame":
        return frame
    return frame.to_array(format)
