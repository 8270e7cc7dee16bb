"""Checks what a user bounded: size, rate, bitrate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real

from ..errors import ProcessingError, Reason
from ..frames.flow import Bounds


def bounds_of(size: Sequence[int] | None, max_fps: float | None, bitrate_bps: int | None) -> Bounds:
    """Check and pack what a user bounded.

    Raises
    ------
    ProcessingError
        For a size that is none, or a number that is not positive.
    """
    if size is not None and not _is_size(size):
        raise ProcessingError(
            f"size= takes (width, height) in pixels, such as (640, 480), and was given {size!r}.",
            Reason.BAD_ARGUMENT,
        )
    for name, value in (("max_fps", max_fps), ("bitrate_bps", bitrate_bps)):
        if value is not None and not (isinstance(value, Real) and 0 < value < math.inf):
            raise ProcessingError(
                f"{name}= takes a number above 0, and was given {value!r}.", Reason.BAD_ARGUMENT
            )
    width, height = (0, 0) if size is None else size
    return Bounds(int(width), int(height), float(max_fps or 0), int(bitrate_bps or 0))


def _is_size(size: object) -> bool:
    """Two whole numbers above 0; NumPy's too."""
    if not isinstance(size, Iterable):
        return False
    sides = tuple(size)
    return len(sides) == 2 and all(isinstance(side, Integral) and int(side) > 0 for side in sides)
