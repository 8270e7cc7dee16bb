"""A film of single pictures, one after the other at a steady rate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from ipymedia.frames.codec.container import Picture
from ipymedia.frames.codec.convert import from_array
from ipymedia.frames.codec.film_writer import FilmWriter, codec_for
from ipymedia.frames.codec.gif_writer import GifWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Drawn:
    """What a film is like that comes of no other one."""

    rate: Fraction
    time_base: Fraction
    sound: tuple[Any, ...] = ()
    video: None = None


class DrawnFilm:
    """Takes pictures, and is a film under its name when it is left: also by an error or an interrupt, if it has any.

    Parameters
    ----------
    path
        ``.gif``, or as `codec_for` has them.
    fps
        Pictures a second.

    Raises
    ------
    ProcessingError
        ``bad_argument``: the ending of the name.
    """

    def __init__(self, path: Path, fps: Fraction) -> None:
        self._count = 0
        self._size = (0, 0)
        self._writer: FilmWriter | GifWriter
        if path.suffix.lower() == ".gif":
            self._writer = GifWriter(path, fps)
        else:
            self._writer = FilmWriter(
                path, Drawn(fps, 1 / fps), codec=codec_for(path, "auto"), bitrate_bps=0, options={}
            )

    def add(self, image: NDArray[np.uint8]) -> None:
        """Write the next picture, (height, width, 3) uint8 RGB; one of another size is cut, or set on black.

        Raises
        ------
        CodecError
            ``encode_failed``.
        """
        if self._count == 0:
            self._size = image.shape[0], image.shape[1]
        self._writer.put(Picture(from_array(_fitted(image, self._size), "rgb24"), self._count, 1))
        self._count += 1

    def __enter__(self) -> DrawnFilm:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._count > 0:
                self._writer.finish()
        finally:
            self._writer.close()


def _fitted(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if image.shape[:2] == size:
        return image
    height, width = size
    fitted = np.zeros((height, width, 3), np.uint8)
    part = image[:height, :width]
    fitted[: part.shape[0], : part.shape[1]] = part
    return fitted
