"""`cv2.VideoCapture` over a stream: the browser's camera, a function's result, a film."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final, cast

from ..errors import CaptureError, ProcessingError, Reason
from ..streams.camera import CameraStream
from ..streams.media_stream import MediaStream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..frames.codec.media_reader import AboutFilm
    from ..frames.video_frame import VideoFrame

TIMEOUT_S: Final = 30.0
"""The first picture waits for the user to allow the camera."""
_UNKNOWN_FPS: Final = 30.0

# OpenCV's numbers (cv2.CAP_PROP_…), so that cv2 need not be there.
POS_MSEC, POS_FRAMES, FRAME_WIDTH, FRAME_HEIGHT, FPS, FRAME_COUNT = 0, 1, 3, 4, 5, 7
_CONSTRAINTS: Final = {FRAME_WIDTH: "width", FRAME_HEIGHT: "height", FPS: "frameRate"}


class VideoCapture:
    """Reads a stream's pictures as OpenCV reads a camera's.

    Parameters
    ----------
    source
        A stream; the number of a camera *of the browser* (0 is the user's choice); or a film's path or address, which
        PyAV reads. None opens nothing yet: see `open`.
    args
        OpenCV's further arguments (the backend, parameters); they mean nothing here.

    Notes
    -----
    A live stream gives the newest picture at each `read`; a film gives every one, in order.
    """

    def __init__(self, source: MediaStream | int | str | os.PathLike[str] | None = None, *args: Any) -> None:
        self._stream: MediaStream | None = None
        self._own = False
        self._frames: Iterator[VideoFrame] | None = None
        self._grabbed: VideoFrame | None = None
        self._ahead: VideoFrame | None = None
        self._first_s: float | None = None
        self._number = 0
        self._film: str | None = None
        if source is not None:
            self.open(source, *args)

    def open(self, source: MediaStream | int | str | os.PathLike[str], *args: Any) -> bool:  # noqa: ARG002
        """Open another source in place of this one; True, as what hinders it is only known at the first `read`.

        Raises
        ------
        ProcessingError
            ``bad_argument``: neither a stream nor a number nor a path.
        """
        self.release()
        if isinstance(source, MediaStream):
            self._stream = source
        elif isinstance(source, (str, os.PathLike)):
            self._film = os.fspath(source)
        elif isinstance(source, Integral):
            self._stream, self._own = _camera(int(source)), True
        else:
            raise ProcessingError(
                f"VideoCapture() takes a stream, the number of a camera, or a film's path, and was given "
                f"{source!r:.80}.",
                Reason.BAD_ARGUMENT,
            )
        return True

    def isOpened(self) -> bool:  # noqa: N802 (OpenCV's name)
        """Whether there is a source that was not released."""
        return self._stream is not None or self._film is not None

    def read(self, image: Any = None) -> tuple[bool, NDArray[np.uint8] | None]:  # noqa: ARG002
        """Wait for the next picture: (True, ``(height, width, 3)`` uint8 BGR), or (False, None) at the end.

        Raises
        ------
        MediaError
            What hinders it, such as a denied permission; OpenCV would only say False.
        """
        return self.retrieve() if self.grab() else (False, None)

    def grab(self) -> bool:
        """Take the next picture without converting it; False at the end."""
        if not self.isOpened():
            return False
        frame = self._ahead if self._ahead is not None else self._next()
        self._ahead, self._grabbed = None, frame
        if frame is None:
            return False
        if self._first_s is None:
            self._first_s = frame.time
        self._number += 1
        return True

    def retrieve(self, image: Any = None, flag: int = 0) -> tuple[bool, NDArray[np.uint8] | None]:  # noqa: ARG002
        """The picture that was grabbed last."""
        return (False, None) if self._grabbed is None else (True, self._grabbed.to_array("bgr24"))

    def get(self, propId: int) -> float:  # noqa: N803
        """OpenCV's ``CAP_PROP_`` FRAME_WIDTH, FRAME_HEIGHT, FPS, POS_MSEC, POS_FRAMES, FRAME_COUNT; 0 for others.

        Size and rate wait for the first picture; `read` gives it then.
        """
        ask = {
            FRAME_WIDTH: lambda: self._size()[0],
            FRAME_HEIGHT: lambda: self._size()[1],
            FPS: self._fps,
            FRAME_COUNT: lambda: self._about_film().frames if self._film is not None else -1,
            POS_FRAMES: lambda: self._number,
            POS_MSEC: self._position_ms,
        }.get(propId)
        return float(ask()) if ask is not None and self.isOpened() else 0.0

    def set(self, propId: int, value: float) -> bool:  # noqa: N803
        """Ask the browser's camera for another width, height or rate; False where that can't be."""
        name = _CONSTRAINTS.get(propId)
        if name is None or not isinstance(self._stream, CameraStream):
            return False
        constraints: dict[str, Any] = dict(self._stream.constraints)
        video = constraints.get("video")
        constraints["video"] = {**(video if isinstance(video, dict) else {}), name: value}
        self._stream.constraints = constraints
        self._ahead = None
        return True

    def release(self) -> None:
        """Stop reading; the camera that this object opened goes out. Idempotent."""
        frames, self._frames = self._frames, None
        if frames is not None:
            cast("Any", frames).close()
        if self._own and self._stream is not None:
            self._stream.close()
        self._stream, self._own, self._film = None, False, None
        self._grabbed = self._ahead = self._first_s = None
        self._number = 0

    def getBackendName(self) -> str:  # noqa: N802
        """Who reads."""
        return "IPYMEDIA"

    def __del__(self) -> None:
        frames = getattr(self, "_frames", None)
        if frames is not None:
            frames.close()

    def _next(self) -> VideoFrame | None:
        if self._frames is None:
            self._frames = self._open_frames()
        return next(self._frames, None)

    def _open_frames(self) -> Iterator[VideoFrame]:
        if self._film is not None:
            from ..frames.codec.media_reader import read_media
            from ..frames.video_frame import VideoFrame

            pictures = read_media(self._film, loop=False, timeout_s=TIMEOUT_S, options={})
            return (picture for picture, _ in pictures if isinstance(picture, VideoFrame))
        assert self._stream is not None
        return iter(self._stream.frames(format="frame", timeout=TIMEOUT_S))

    def _seen(self) -> VideoFrame | None:
        """The last picture, or the next one, which is kept for `read`."""
        if self._grabbed is None and self._ahead is None:
            self._ahead = self._next()
        return self._grabbed or self._ahead

    def _size(self) -> tuple[int, int]:
        frame = self._seen()
        return (0, 0) if frame is None else frame.size

    def _position_ms(self) -> float:
        if self._grabbed is None or self._first_s is None:
            return 0.0
        return 1000 * (self._grabbed.time - self._first_s)

    def _fps(self) -> float:
        if self._film is not None:
            return self._about_film().fps
        assert self._stream is not None
        self._seen()
        return round(self._stream.stats.kernel_fps, 1) or _UNKNOWN_FPS

    def _about_film(self) -> AboutFilm:
        from ..frames.codec.media_reader import about_film

        assert self._film is not None
        return about_film(self._film, TIMEOUT_S)


def _camera(number: int) -> CameraStream:
    camera = CameraStream(constraints={"audio": False, "video": True})
    if number > 0:
        # The browser tells its cameras once one of them was allowed.
        for _ in camera.frames(timeout=TIMEOUT_S):
            break
        cameras = [device for device in camera.devices if device["kind"] == "videoinput"]
        if number >= len(cameras):
            camera.close()
            names = ", ".join(f"{place}: {device['label']}" for place, device in zip(count(), cameras))
            raise CaptureError(
                f"VideoCapture({number}): the browser has no such camera. There are {names}.",
                Reason.NO_DEVICE,
            )
        camera.device = cameras[number]["id"]
    return camera
