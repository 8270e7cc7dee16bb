"""Pictures with known colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BAR_COLORS = (
    (255, 255, 255),
    (255, 255, 0),
    (0, 255, 255),
    (0, 255, 0),
    (255, 0, 255),
    (255, 0, 0),
    (0, 0, 255),
    (0, 0, 0),
)


def color_bars(width: int = 640, height: int = 480) -> NDArray[np.uint8]:
    """Eight vertical bars, RGB."""
    columns = np.array(BAR_COLORS, np.uint8)[np.arange(width) * 8 // width]
    return np.repeat(columns[None], height, axis=0)


def mean_error(actual: NDArray[np.uint8], expected: NDArray[np.uint8]) -> float:
    """Mean absolute difference, of 255."""
    assert actual.shape == expected.shape
    return float(np.abs(actual.astype(int) - expected).mean())


def psnr_db(actual: NDArray[np.uint8], expected: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio."""
    assert actual.shape == expected.shape
    return float(10 * np.log10(255**2 / max(1e-9, np.square(actual.astype(float) - expected).mean())))
