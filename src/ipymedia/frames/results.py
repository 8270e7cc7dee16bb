"""What a function of the user's may return, and what becomes of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeGuard

import numpy as np

from ipymedia.errors import ProcessingError, Reason
from ipymedia.frames.codec.convert import from_array
from ipymedia.frames.overlays import OVERLAY_TYPES, Overlay
from ipymedia.frames.video_frame import VideoFrame
from ipymedia.protocol.messages import MAX_SIDE_PX

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

FLOAT_TOLERANCE: Final = 0.05
"""How far a float picture may leave [0, 1], as interpolation makes it do; it is clipped."""

_RETURNED: Final = "The function returned"
_MAY_RETURN: Final = "A function may return"

ALLOWED: Final = (
    f"{_MAY_RETURN} a uint8 picture, (height, width) gray or (height, width, 3 or 4) colour; a "
    "float picture in [0, 1]; a bool mask; a PIL.Image; overlays (Box, Label, Polyline, Points, Mask), "
    "alone, in a list, or in a tuple with a picture; or None for the input."
)


_NO_FRAME: Final = VideoFrame(np.zeros((1, 1), np.uint8))
"""What a pushed picture is made from: nothing; its time and number are its source's."""


@dataclass(frozen=True, slots=True)
class Result:
    """What is shown for one frame.

    Attributes
    ----------
    picture
        What to show; None means the input.
    overlays
        What to draw over it.
    """

    picture: VideoFrame | None
    overlays: tuple[Overlay, ...] = ()


def to_pushed(value: Any, format: str) -> Result:
    """Check what was pushed, and convert it: as what a function returns, but that there must be a picture.

    Raises
    ------
    ProcessingError
        ``bad_result``, as `to_result`.
    """
    try:
        result = to_result(value, format, _NO_FRAME)
    except ProcessingError as error:
        message = error.message.replace(_RETURNED, "push() was given", 1).replace(
            _MAY_RETURN, "push() takes", 1
        )
        raise ProcessingError(message.replace("; or None for the input", ""), error.reason) from None
    if result.picture is None:
        raise ProcessingError(
            f"push() was given {_described(value)}: there is no picture in it.", Reason.BAD_RESULT
        )
    return result


def to_result(value: Any, format: str, given: VideoFrame) -> Result:
    """Check what a function returned, and convert it.

    Parameters
    ----------
    value
        A uint8 picture (h, w), (h, w, 1), (h, w, 3) or (h, w, 4) of any size up to 8192 px a side and any
        strides, its channels in the order of `format`: BGR and BGRA for ``bgr24``, else RGB and RGBA
        (transparency is not shown); a float picture of the same shapes in [0, 1]; a bool mask (white where
        true); a `PIL.Image`; a `VideoFrame`, shown as it is; overlays, one, or a list or tuple of them,
        nested or empty; a list or tuple of one picture and overlays; None.
    format : str
        What the function was given (`ipymedia.frames.formats.FORMATS`).
    given : VideoFrame
        The frame it was given; the result keeps its time and index.

    Raises
    ------
    ProcessingError
        ``bad_result``: anything else; the message says what was returned, what is allowed, and how to
        convert.
    """
    if isinstance(value, (tuple, list)):
        overlays: list[Overlay] = []
        pictures: list[Any] = []
        _sort(value, pictures, overlays)
        if len(pictures) > 1:
            raise _refused(value, "One picture can be shown for one frame.")
        picture = _picture(pictures[0], format, given, value) if pictures else None
        return Result(picture, tuple(overlays))
    if isinstance(value, OVERLAY_TYPES):
        return Result(None, (value,))
    return Result(_picture(value, format, given, value), ())


def _sort(values: list[Any] | tuple[Any, ...], pictures: list[Any], overlays: list[Overlay]) -> None:
    for value in values:
        if isinstance(value, OVERLAY_TYPES):
            overlays.append(value)
        elif isinstance(value, (tuple, list)):
            _sort(value, pictures, overlays)
        elif value is None or isinstance(value, (np.ndarray, VideoFrame)) or _is_pil(value):
            pictures.append(value)
        else:
            raise _refused(values, f"There is {_article(type(value).__name__)} in it.")


def _picture(value: Any, format: str, given: VideoFrame, returned: Any) -> VideoFrame | None:
    if value is None or isinstance(value, VideoFrame):
        return value
    if _is_pil(value):
        mode = value.mode if value.mode in ("L", "RGB") else "RGB"
        # Transparency and palettes: Pillow knows what they mean.
        return _framed(np.asarray(value.convert(mode)), "rgb24", given, returned)
    if isinstance(value, np.ndarray):
        return _framed(value, format, given, returned)
    raise _refused(returned, "")


def _framed(array: NDArray[Any], format: str, given: VideoFrame, returned: Any) -> VideoFrame:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise _refused(returned, _shape_hint(array))
    height, width = array.shape[:2]
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        raise _refused(returned, f"Each side must have 1 to {MAX_SIDE_PX} px.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    pixels = _bytes_of(array, returned)
    bgr = format == "bgr24"
    if pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.strides[2] < 0:
        # `image[..., ::-1]`: reading the other order is free, copying backwards costs 0.9 ms at 640×480.
        pixels, bgr = pixels[..., ::-1], not bgr
    names = {3: "bgr24" if bgr else "rgb24", 4: "bgra" if bgr else "rgba"}
    pixel_format = "gray" if pixels.ndim == 2 else names[pixels.shape[2]]
    return VideoFrame(from_array(pixels, pixel_format), given.time, given.index)


def _bytes_of(array: NDArray[Any], returned: Any) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind != "f":
        raise _refused(returned, _dtype_hint(array))
    least, most = float(array.min()), float(array.max())
    if np.isnan(least) or np.isnan(most):
        raise _refused(returned, "There is NaN in it; use numpy.nan_to_num(picture).")
    if least < -FLOAT_TOLERANCE or most > 1 + FLOAT_TOLERANCE:
        raise _refused(
            returned,
            f"Its values go from {least:.3g} to {most:.3g}: a float picture must stay in [0, 1]. "
            + (
                "Use picture / 255."
                if least >= -1 and 2 < most <= 256
                else "Scale it, or use numpy.clip(picture, 0, 1)."
            ),
        )
    scaled = np.clip(array.astype(np.float32, copy=False), 0, 1) * np.float32(255) + np.float32(0.5)
    return scaled.astype(np.uint8)


def _is_pil(value: Any) -> TypeGuard[Image]:
    # Who returns a PIL.Image has imported Pillow; nobody else needs to.
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(value, module.Image)


def _shape_hint(array: NDArray[Any]) -> str:
    if array.ndim == 3 and array.shape[0] in (1, 3, 4):
        return "The channels must come last: use numpy.moveaxis(picture, 0, -1)."
    if array.ndim == 4 and array.shape[0] == 1:
        return "It is a batch of one: use picture[0]."
    return ""


def _dtype_hint(array: NDArray[Any]) -> str:
    if array.dtype == np.uint16:
        return "Use (picture / 257).astype('uint8') for a full range of 16 bits."
    if array.dtype.kind in "iu":
        return "Use picture.astype('uint8') for values of 0 to 255."
    if array.dtype.kind == "c":
        return "Use numpy.abs(picture), scaled to [0, 1]."
    return ""


def _refused(returned: Any, hint: str) -> ProcessingError:
    parts = [f"{_RETURNED} {_described(returned)}, which can't be shown.", hint, ALLOWED]
    return ProcessingError(" ".join(part for part in parts if part), Reason.BAD_RESULT)


def _described(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, (tuple, list)):
        inside = ", ".join(_described(item) for item in value[:4]) + (", …" if len(value) > 4 else "")
        return f"a {type(value).__name__} of {len(value)} ({inside})"
    if isinstance(value, (str, bytes, int, float, complex, np.generic)):
        text = repr(value)
        return f"{_article(type(value).__name__)}, {text if len(text) <= 40 else text[:40] + '…'}"
    if type(value).__module__.startswith(("torch", "tensorflow", "jax")):
        return (
            f"a {type(value).__module__.split('.')[0]} {type(value).__name__} (convert it with numpy.asarray)"
        )
    return _article(type(value).__name__)


def _article(name: str) -> str:
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
