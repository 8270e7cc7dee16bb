"""Pixel formats and sizes: frames to arrays, arrays to frames, and any frame to what an encoder takes.

Costs on 2 cores at 640×480 and 1920×1080, in ms: YUV to RGB 0.1 and 0.4, RGB to YUV 0.3 and 1.5, gray to YUV
0.1 and 0.5. libswscale works without the GIL; the copy between an array and a frame (0.06 and 0.3 ms) holds
it.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from ipymedia.frames.codec import color

if TYPE_CHECKING:
    import av
    from av.video.plane import VideoPlane
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

SCALER_THREADS: Final = min(4, os.cpu_count() or 1)
"""Bounded, since each scaling context keeps that many threads of its own."""

_BILINEAR: Final = 2
_POINT: Final = 16
_AREA: Final = 32
_ACCURATE_ROUNDING: Final = 0x40000

_thread = threading.local()


def to_array(frame: av.VideoFrame, pixel_format: str) -> NDArray[np.uint8]:
    """Convert a frame to an array that nobody else holds.

    Parameters
    ----------
    frame : av.VideoFrame
        Of any pixel format, stamped with its colours (see `ipymedia.frames.codec.color.stamp`).
    pixel_format : str
        ``rgb24``, ``bgr24``, ``rgba``, ``bgra`` or ``gray``.

    Returns
    -------
    ndarray
        (height, width[, channels]) uint8, C-contiguous, writable.
    """
    converted = _reformatter(pixel_format).reformat(frame, format=pixel_format, threads=SCALER_THREADS)
    array = cast("NDArray[np.uint8]", converted.to_ndarray())
    # PyAV gives a view on the frame's own memory: it is the caller's alone where the conversion made that
    # memory, and contiguous where no padding follows the rows.
    if converted is frame or not array.flags.c_contiguous or not array.flags.writeable:
        return array.copy()
    return array


def from_array(array: NDArray[np.uint8], pixel_format: str) -> av.VideoFrame:
    """Copy an array of uint8 into a frame.

    Parameters
    ----------
    array : ndarray
        (height, width[, channels]) uint8; any strides.
    pixel_format : str
        ``rgb24``, ``bgr24``, ``rgba``, ``bgra`` or ``gray``.
    """
    import av

    # NumPy's copy, not PyAV's: the memory that FFmpeg takes for each large frame is new to the process, and costs a
    # page fault for every 4 kB of it (5 of 9 ms a frame at 1920×1080).
    return av.VideoFrame.from_numpy_buffer(np.array(array, order="C"), format=pixel_format)


def upright(frame: av.VideoFrame) -> av.VideoFrame:
    """Turn a film's picture as the film says that it is to be seen; itself where it says nothing."""
    quarters = round(frame.rotation / 90) % 4
    return from_array(np.rot90(to_array(frame, "rgb24"), quarters), "rgb24") if quarters else frame


def shrunk(frame: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """Make the frame smaller, so that it fits into so many pixels; itself where it does.

    Parameters
    ----------
    frame : av.VideoFrame
        It is not changed; pixel format and colours stay.
    width, height : int
        At most; 0 for any.
    """
    scale = min(1.0, (width or frame.width) / frame.width, (height or frame.height) / frame.height)
    if scale == 1:
        return frame
    converted = _reformatter("shrunk").reformat(
        frame,
        width=max(2, 2 * round(frame.width * scale / 2)),
        height=max(2, 2 * round(frame.height * scale / 2)),
        interpolation=_AREA,
        threads=SCALER_THREADS,
    )
    converted.colorspace, converted.color_range = frame.colorspace, frame.color_range
    return converted


def to_encodable(frame: av.VideoFrame, size: tuple[int, int], *, full_range: bool) -> av.VideoFrame:
    """Make the frame that an encoder takes: 4:2:0, BT.601, of the encoder's size, and nobody else's.

    Parameters
    ----------
    frame : av.VideoFrame
        Of any pixel format and size; it is not changed.
    size : (width, height)
        Even sides.
    full_range : bool
        For JPEG.
    """
    if frame.width * 4 <= size[0] or frame.height * 4 <= size[1]:
        interpolation = _POINT  # pictures of a few pixels keep their edges
    elif frame.format.name == "bgr24":
        # BGR's own converter rounds down: white comes out as 251. With accurate rounding the general one is
        # taken.
        interpolation = _BILINEAR | _ACCURATE_ROUNDING
    else:
        interpolation = _BILINEAR
    converted = _reformatter("encodable").reformat(
        frame,
        width=size[0],
        height=size[1],
        format="yuvj420p" if full_range else "yuv420p",
        interpolation=interpolation,
        dst_colorspace=color.SWS_BT601,
        dst_color_range=color.RANGE_FULL if full_range else color.RANGE_LIMITED,
        threads=SCALER_THREADS,
    )
    # A frame that needs nothing comes back itself. Others may hold it, and an encoder's frame is written on.
    if converted is frame:
        converted = _copy(frame)
    color.stamp_encoded(converted, full_range=full_range)
    return converted


def _copy(frame: av.VideoFrame) -> av.VideoFrame:
    import av

    copy = av.VideoFrame(frame.width, frame.height, frame.format.name)
    for source, target in zip(frame.planes, copy.planes, strict=True):
        _rows(target)[:] = _rows(source)
    return copy


def _rows(plane: VideoPlane) -> NDArray[np.uint8]:
    """Give the pixels of an 8-bit planar plane, without the padding after each row."""
    memory = np.frombuffer(cast("Any", plane), np.uint8)
    return memory[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)[:, : plane.width]


def _reformatter(purpose: str) -> VideoReformatter:
    """Give this thread's scaling context for `purpose`.

    A context is not thread-safe, and setting one up costs more than its use at 640×480.
    """
    from av.video.reformatter import VideoReformatter

    contexts: dict[str, VideoReformatter] | None = getattr(_thread, "contexts", None)
    if contexts is None:
        contexts = _thread.contexts = {}
    context = contexts.get(purpose)
    if context is None:
        context = contexts[purpose] = VideoReformatter()
    return context
