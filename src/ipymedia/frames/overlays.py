"""Shapes that a function may return instead of a picture, or with one; the browser draws them over the frame.

All positions are pixels of the picture that the function was given, from its upper left corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from ipymedia.errors import ProcessingError, Reason
from ipymedia.frames.colors import ColorLike, css_color
from ipymedia.frames.overlay_arguments import checked_number, checked_points, refused
from ipymedia.protocol.messages import (
    MAX_SIDE_PX,
    BoxShape,
    LabelShape,
    MaskShape,
    PointsShape,
    PolylineShape,
    Shape,
    Shapes,
)

MAX_OVERLAYS: Final = 5_000
MAX_LABEL: Final = 256
MAX_TEXT: Final = 20_000


class Box:
    """A rectangle with an optional text.

    Parameters
    ----------
    x, y : float
        The upper left corner in px.
    width, height : float
        In px, not negative.
    label : str
        A text at its upper edge.
    color, fill : colour, optional
        The line's, by default one accent, and the inside's, by default none: a CSS name, ``#rrggbb``,
        ``#rrggbbaa``, or (r, g, b[, a]) of 0 to 255.
    line_width : float
        In px of the picture.
    """

    __slots__ = ("_shape",)

    def __init__(
        self,
        x: SupportsFloat,
        y: SupportsFloat,
        width: SupportsFloat,
        height: SupportsFloat,
        label: object = "",
        *,
        color: ColorLike | None = None,
        line_width: SupportsFloat = 2.0,
        fill: ColorLike | None = None,
    ) -> None:
        self._shape = BoxShape(
            x=checked_number("Box: x", x),
            y=checked_number("Box: y", y),
            width=checked_number("Box: width", width, least=0),
            height=checked_number("Box: height", height, least=0),
            label=str(label)[:MAX_LABEL],
            color=css_color("Box: color", color),
            line_width=checked_number("Box: line_width", line_width, least=0),
            fill=css_color("Box: fill", fill),
        )

    @property
    def shape(self) -> BoxShape:
        """The message's part."""
        return self._shape


class Label:
    """A text at a point, on a background that keeps it readable.

    Parameters
    ----------
    x, y : float
        Where the text's upper left corner stands, in px.
    text : str
        Any text; it is shown as it is.
    color, background : colour, optional
        See `Box`.
    size : float
        The height of the letters in px of the picture.
    """

    __slots__ = ("_shape",)

    def __init__(
        self,
        x: SupportsFloat,
        y: SupportsFloat,
        text: object,
        *,
        color: ColorLike | None = None,
        background: ColorLike | None = None,
        size: SupportsFloat = 16.0,
    ) -> None:
        self._shape = LabelShape(
            x=checked_number("Label: x", x),
            y=checked_number("Label: y", y),
            text=str(text)[:MAX_TEXT],
            color=css_color("Label: color", color),
            background=css_color("Label: background", background),
            size=checked_number("Label: size", size, least=0),
        )

    @property
    def shape(self) -> LabelShape:
        """The message's part."""
        return self._shape


class Polyline:
    """A line through points.

    Parameters
    ----------
    points : array_like
        (n, 2) positions x, y in px; OpenCV's contours, (n, 1, 2), too.
    closed : bool
        Whether the last point is joined to the first.
    color, fill : colour, optional
        See `Box`.
    line_width : float
        In px of the picture.
    """

    __slots__ = ("_shape",)

    def __init__(
        self,
        points: ArrayLike,
        *,
        closed: bool = False,
        color: ColorLike | None = None,
        line_width: SupportsFloat = 2.0,
        fill: ColorLike | None = None,
    ) -> None:
        self._shape = PolylineShape(
            points=checked_points("Polyline: points", points),
            closed=bool(closed),
            color=css_color("Polyline: color", color),
            line_width=checked_number("Polyline: line_width", line_width, least=0),
            fill=css_color("Polyline: fill", fill),
        )

    @property
    def shape(self) -> PolylineShape:
        """The message's part."""
        return self._shape


class Points:
    """Dots.

    Parameters
    ----------
    points : array_like
        (n, 2) positions x, y in px; (n, 1, 2), as OpenCV finds corners, too.
    radius : float
        In px of the picture.
    color : colour, optional
        See `Box`.
    """

    __slots__ = ("_shape",)

    def __init__(
        self, points: ArrayLike, *, radius: SupportsFloat = 3.0, color: ColorLike | None = None
    ) -> None:
        self._shape = PointsShape(
            points=checked_points("Points: points", points),
            radius=checked_number("Points: radius", radius, least=0),
            color=css_color("Points: color", color),
        )

    @property
    def shape(self) -> PointsShape:
        """The message's part."""
        return self._shape


class Mask:
    """A bool mask, stretched over the whole picture and shown in one colour.

    Parameters
    ----------
    mask : array_like
        (height, width) bool, or uint8 where all but 0 counts; any size, sides up to 8192.
    color : colour, optional
        See `Box`.
    opacity : float
        0 to 1.
    """

    __slots__ = ("_bits", "_color", "_opacity", "_size")

    def __init__(
        self, mask: ArrayLike, *, color: ColorLike | None = None, opacity: SupportsFloat = 0.5
    ) -> None:
        array = np.asarray(mask)
        if array.ndim == 3 and array.shape[2] == 1:
            array = array[:, :, 0]
        if array.ndim != 2 or array.dtype not in (np.bool_, np.uint8):
            raise refused(
                f"Mask: an array of shape {array.shape} and dtype {array.dtype} is no mask; "
                "it must be (height, width) of bool, or of uint8 where all but 0 counts."
            )
        height, width = array.shape
        if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
            raise refused(f"Mask: its sides must have 1 to {MAX_SIDE_PX} px, not {width}×{height}.")
        self._bits = np.packbits(array.astype(np.bool_, copy=False), axis=1).tobytes()
        self._size = (width, height)
        self._color = css_color("Mask: color", color)
        self._opacity = checked_number("Mask: opacity", opacity, least=0, most=1)

    @property
    def bits(self) -> bytes:
        """The mask's rows, padded to bytes, most significant bit first."""
        return self._bits

    def shape_at(self, offset: int) -> MaskShape:
        """Give the message's part for bits that stand at `offset`."""
        width, height = self._size
        return MaskShape(width=width, height=height, offset=offset, color=self._color, opacity=self._opacity)


Overlay = Box | Label | Polyline | Points | Mask
OVERLAY_TYPES: Final = (Box, Label, Polyline, Points, Mask)


def to_shapes(overlays: Sequence[Overlay], size: tuple[int, int]) -> tuple[Shapes, bytes]:
    """Turn overlays into the part of a message, and the bytes of their masks.

    Parameters
    ----------
    overlays : sequence of Overlay
        At most 5000.
    size : (width, height)
        Of the picture that their positions refer to.

    Raises
    ------
    ProcessingError
        ``bad_result``: too many.
    """
    if len(overlays) > MAX_OVERLAYS:
        raise ProcessingError(
            f"The function returned {len(overlays)} overlays; at most {MAX_OVERLAYS} can be shown. "
            "Put dots into one Points, lines into one Polyline.",
            Reason.BAD_RESULT,
        )
    items: list[Shape] = []
    masks: list[bytes] = []
    offset = 0
    for overlay in overlays:
        if isinstance(overlay, Mask):
            items.append(overlay.shape_at(offset))
            masks.append(overlay.bits)
            offset += len(overlay.bits)
        else:
            items.append(overlay.shape)
    return Shapes(width=size[0], height=size[1], items=items, mask_bytes=offset), b"".join(masks)
