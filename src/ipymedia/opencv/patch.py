"""Puts the browser's camera and windows into ``cv2`` itself, for scripts that can't be changed."""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import Any, Final

from ..streams.media_stream import MediaStream
from . import windows
from .capture import VideoCapture

_WINDOWS: Final = (
    "namedWindow", "imshow", "waitKey", "waitKeyEx", "pollKey", "destroyWindow", "destroyAllWindows", "resizeWindow",
    "moveWindow", "setWindowTitle", "getWindowProperty", "setWindowProperty", "startWindowThread",
)  # fmt: skip
_lock = threading.Lock()
_originals: dict[str, Any] = {}


class PatchedCapture(VideoCapture):
    """Takes the place of `cv2.VideoCapture`: numbers and streams are ours, files stay OpenCV's own."""

    def __new__(cls, source: Any = None, *args: Any, **kwargs: Any) -> Any:
        """OpenCV's own object for a path or an address."""
        if isinstance(source, (str, os.PathLike)):
            return _originals["VideoCapture"](os.fspath(source), *args, **kwargs)
        return super().__new__(cls)

    def __init__(self, source: MediaStream | int | None = None, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        super().__init__(source, *args)


class Patch:
    """What `patch` did; as a context manager it is undone at the end."""

    def __enter__(self) -> Patch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        unpatch()


def patch() -> Patch:
    """Put `VideoCapture`, `imshow`, `waitKey` and their kin into ``cv2``, until `unpatch`.

    ``cv2.VideoCapture(0)`` is the browser's camera then, ``cv2.VideoCapture("film.mp4")`` stays OpenCV's own. What a
    script took by ``from cv2 import imshow`` before stays as it was. Again is as once.

    Returns
    -------
    Patch
        For ``with patch(): …``.

    Raises
    ------
    ImportError
        When OpenCV is not there.
    """
    import cv2

    with _lock:
        if not _originals:
            for name in ("VideoCapture", *_WINDOWS):
                _originals[name] = getattr(cv2, name, None)
                setattr(cv2, name, PatchedCapture if name == "VideoCapture" else getattr(windows, name))
    return Patch()


def unpatch() -> None:
    """Give ``cv2`` back what it had. Windows and captures that are there stay."""
    with _lock:
        if not _originals:
            return
        import cv2

        for name, original in _originals.items():
            if original is None:
                delattr(cv2, name)
            else:
                setattr(cv2, name, original)
        _originals.clear()
