"""Checks what a user bounded: size, rate, bitrate."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ProcessingError, Reason
from ..frames.flow import Bounds


def bounds_of(size: Sequence[int] | None, max_fps: float | None, bitrate_bps: int | None) -> Bounds:
    """Check and pack what a user bounded.

    Raises
    ------
    ProcessingError
        For a size that is none, or a number that is not positive.
    """
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise ProcessingError(
            f"size= takes (width, height) in pixels, such as (640, 480), and was given {size!r}.",
            Reason.BAD_ARGUMENT,
        )
    for name, value in (("max_fps", max_fps), ("bitrate_bps", bitrate_bps)):
        if value is not None and not value > 0:
            raise ProcessingError(
                f"{name}= takes a number above 0, and was given {value!r}.", Reason.BAD_ARGUMENT
            )
    width, height = size or (0, 0)
    return Bounds(width, height, float(max_fps or 0), int(bitrate_bps or 0))
