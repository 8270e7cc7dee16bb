"""One picture of a stream, with its time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from ipymedia.frames.codec.convert import from_array, shrunk, to_array

if TYPE_CHECKING:
    import av
    from numpy.typing import NDArray
    from PIL.Image import Image


class VideoFrame:
    """One picture of a stream: immutable, shared between threads, converted when its pixels are asked for.

    Parameters
    ----------
    source : av.VideoFrame, VideoFrame or ndarray
        The picture; an array is (height, width) gray, (height, width, 3) RGB or (height, width, 4) RGBA of
        uint8, and is copied.
    time : float
        When it was captured, in seconds since 1970-01-01 00:00 UTC (`time.time`), by the page's clock.
    index : int
        Counts the pictures of the source; what was dropped leaves a gap.

    Notes
    -----
    Pickles as an array, so it can go to a process pool.
    """

    __slots__ = ("_image", "_index", "_lock", "_picture", "_time")

    _picture: av.VideoFrame
    _image: NDArray[np.uint8] | None
    _time: float
    _index: int
    _lock: threading.Lock

    def __init__(
        self, source: av.VideoFrame | VideoFrame | NDArray[np.uint8], time: float = 0.0, index: int = 0
    ) -> None:
        if isinstance(source, np.ndarray):
            channels = source.shape[2] if source.ndim == 3 else 1
            self._picture = from_array(source, {1: "gray", 3: "rgb24", 4: "rgba"}[channels])
        else:
            self._picture = source.av_frame() if isinstance(source, VideoFrame) else source
        self._image = None
        self._time = time
        self._index = index
        self._lock = threading.Lock()

    @property
    def image(self) -> NDArray[np.uint8]:
        """The picture as (height, width, 3) uint8 RGB.

        Converted on first use, then kept. Read-only, since other functions may look at it too: take
        ``image.copy()`` to draw on it, or use ``format="rgb24"``, which gives each function an array of its
        own.
        """
        with self._lock:
            if self._image is None:
                image = to_array(self._picture, "rgb24")
                image.flags.writeable = False
                self._image = image
            return self._image

    @property
    def time(self) -> float:
        """When it was captured, in seconds since 1970-01-01 00:00 UTC, by the page's clock."""
        return self._time

    @property
    def index(self) -> int:
        """Its number among the pictures of the source, counted from 0; what was dropped leaves a gap."""
        return self._index

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._picture.width, self._picture.height

    def av_frame(self) -> av.VideoFrame:
        """Give the picture as PyAV has it, of any pixel format; do not change it, others hold it too."""
        return self._picture

    def to_array(self, pixel_format: str = "rgb24") -> NDArray[np.uint8]:
        """Give the picture as a new array of the caller's own.

        Parameters
        ----------
        pixel_format : str
            ``rgb24``, ``bgr24``, ``rgba``, ``bgra`` → (height, width, 3 or 4); or ``gray`` → (height, width).
        """
        return to_array(self._picture, pixel_format)

    def within(self, width: int, height: int) -> VideoFrame:
        """Give the picture with at most so many pixels, in its proportions; itself where it fits. 0 is any number."""
        smaller = shrunk(self._picture, width, height)
        return self if smaller is self._picture else VideoFrame(smaller, self._time, self._index)

    def to_image(self, mode: str = "RGB") -> Image:
        """Give the picture as a `PIL.Image`.

        Parameters
        ----------
        mode : str
            ``RGB``, ``RGBA`` or ``L``.
        """
        from PIL import Image

        pixel_format = {"RGB": "rgb24", "RGBA": "rgba", "L": "gray"}.get(mode)
        if pixel_format is None:
            raise ValueError(f"mode={mode!r} is not known; use 'RGB', 'RGBA' or 'L'.")
        return Image.fromarray(to_array(self._picture, pixel_format))

    def __reduce__(self) -> tuple[type[VideoFrame], tuple[NDArray[np.uint8], float, int]]:
        return type(self), (self.image, self._time, self._index)

    def __repr__(self) -> str:
        width, height = self.size
        name = self._picture.format.name
        return f"<VideoFrame {self._index}: {width}×{height}, {name}, time={self._time:.3f}>"
