"""Films of a widget frame by frame, and single pictures of it: exact, however slowly it draws."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from fractions import Fraction
from operator import length_hint
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipywidgets import DOMWidget

from ..errors import ProcessingError, Reason
from ..streams.progress import progress_of
from ..streams.whole_file import Processed
from ..streams.widget_stream import WidgetStream

if TYPE_CHECKING:
    from numpy.typing import NDArray


def screenshot(
    widget: DOMWidget,
    filename: str | os.PathLike[str] | None = None,
    *,
    width: int = 0,
    height: int = 0,
    timeout: float = 10.0,
) -> NDArray[Any]:
    """Take a picture of a widget as it is now, after all that Python told it. Blocks.

    Parameters
    ----------
    widget
        Shown or not; see `WidgetStream`.
    filename
        Also write it there: ``.png``, ``.jpg`` or ``.jpeg``.
    width, height
        CSS pixels, where the widget is not shown.
    timeout
        Seconds to wait at most.

    Returns
    -------
    ndarray
        (height, width, 3) uint8 RGB, in pixels of the screen: a CSS pixel may be several.

    Raises
    ------
    TraitError, CaptureError, HostError
        As `WidgetStream` and its `picture`.
    ProcessingError
        ``bad_argument``: the file's ending is another one, or its folder is not there.
    """
    from ..frames.codec.still import encode_still

    path = None if filename is None else Path(filename)
    if path is not None:
        _check_folder(path)
        if path.suffix.lower() not in _STILLS:
            raise ProcessingError(
                f"{path.name}: a picture's name ends in {', '.join(_STILLS)}.", Reason.BAD_ARGUMENT
            )
    stream = WidgetStream(widget, method="compositor", max_fps=0, width=width, height=height)
    with stream:
        image = stream.picture(timeout=timeout)
    if path is not None:
        path.write_bytes(encode_still(image, _STILLS[path.suffix.lower()]))
    return image


_STILLS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}


def film(
    widget: DOMWidget,
    update: Callable[[Any], Any],
    frames: Iterable[Any],
    fps: float = 24,
    filename: str | os.PathLike[str] = "film.mp4",
    *,
    width: int = 0,
    height: int = 0,
    progress: bool | Callable[[int, int], None] = True,
    timeout: float = 30.0,
) -> Processed:
    """Film a widget frame by frame. Blocks; may take longer, or less long, than the film.

    For each of `frames`, `update` is called with it, the page draws what that changed, and exactly one picture of it is
    written: none is lost or doubled, however slowly the widget draws. An interrupt, or an error, leaves the film up to
    there, which plays.

    Parameters
    ----------
    widget
        Shown or not; see `WidgetStream`.
    update
        Changes the widget, or what it shows. Called on the caller's thread.
    frames
        What `update` is called with, such as ``range(240)``.
    fps
        Pictures a second of the film.
    filename
        Ends in ``.mp4``, ``.m4v``, ``.mov``, ``.mkv`` (H.264), ``.webm`` (VP9) or ``.gif``.
    width, height
        CSS pixels, where the widget is not shown.
    progress
        True shows a bar below the cell; a function is called with the number of pictures that are done, and that of
        all (0 where `frames` does not tell).
    timeout
        Seconds to wait for a single picture at most.

    Returns
    -------
    Processed
        Path, number of pictures, seconds that it took.

    Raises
    ------
    TraitError, CaptureError, HostError
        As `WidgetStream` and its `picture`.
    ProcessingError
        ``bad_argument``: the file's ending, its folder, or `fps`.
    CodecError
        ``encode_failed``.
    """
    from ..frames.codec.drawn_film import DrawnFilm

    path = Path(filename)
    _check_folder(path)
    if not 0 < fps <= 1000:
        raise ProcessingError(f"fps={fps!r} is no number of pictures a second.", Reason.BAD_ARGUMENT)
    began_s = time.monotonic()
    total = length_hint(frames)
    told = progress_of(progress, total, left="the film ends there")
    done = 0
    try:
        with (
            WidgetStream(widget, method="compositor", max_fps=0, width=width, height=height) as stream,
            DrawnFilm(path, Fraction(fps).limit_denominator(1001)) as drawn,
        ):
            for frame in frames:
                update(frame)
                drawn.add(stream.picture(timeout=timeout))
                done += 1
                told.at(done)
        told.finish(done)
    finally:
        told.close()
    return Processed(path, done, time.monotonic() - began_s)


def _check_folder(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        raise ProcessingError(
            f"{path} was not written: there is no such folder. Make it first.", Reason.BAD_ARGUMENT
        )
