"""What overlays take for numbers and positions: Python's, numpy's, and OpenCV's arrays of points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from ipymedia.errors import ProcessingError, Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_POINTS: Final = 10_000
MAX_COORDINATE: Final = 1e6


def checked_number(
    what: str, value: SupportsFloat, *, least: float = -MAX_COORDINATE, most: float = MAX_COORDINATE
) -> float:
    """Give a number of Python's or numpy's as a float, or say what is wrong with `what`."""
    # A numpy array of one element is taken too: that is what slicing a detector's output gives.
    candidate: Any = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
    try:
        number = float(candidate)
    except (TypeError, ValueError) as error:
        raise refused(f"{what} must be a number, not {value!r}.") from error
    if not least <= number <= most:  # false for a NaN too
        raise refused(f"{what} must be a number from {least:g} to {most:g}, not {number}.")
    return number


def checked_points(what: str, points: ArrayLike) -> list[tuple[float, float]]:
    """Give positions as pairs of floats, or say what is wrong with `what`."""
    try:
        array: NDArray[np.float64] = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise refused(
            f"{what} must be numbers of shape (n, 2), not {type(points).__name__}: {error}."
        ) from error
    if array.size == 0:
        return []
    if array.ndim == 3 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 2 or array.shape[1] != 2:
        raise refused(f"{what} must have the shape (n, 2), x and y of each, not {array.shape}.")
    if len(array) > MAX_POINTS:
        raise refused(f"{what}: at most {MAX_POINTS} points can be shown at once, not {len(array)}.")
    if not bool(np.all(np.abs(array) <= MAX_COORDINATE)):
        raise refused(
            f"{what} must be finite numbers up to {MAX_COORDINATE:g}; there is NaN, infinity or more."
        )
    return [(x, y) for x, y in array.tolist()]


def refused(message: str) -> ProcessingError:
    """Make the error for an argument of an overlay."""
    return ProcessingError(message, Reason.BAD_ARGUMENT)
