"""Overlays: what a function may return instead of a picture; positions in pixels of the picture that it was given."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from .base import Count, Short, Side, Text


class BoxShape(Struct, tag="box", kw_only=True):
    """A rectangle with an optional text."""

    x: float
    y: float
    width: float
    height: float
    label: Short = ""
    color: Short = ""
    line_width: float = 2.0
    fill: Short = ""


class LabelShape(Struct, tag="label", kw_only=True):
    """A text at a point."""

    x: float
    y: float
    text: Text
    color: Short = ""
    background: Short = ""
    size: float = 16.0


class PolylineShape(Struct, tag="polyline", kw_only=True):
    """A line through points, closed and filled on request."""

    points: Annotated[list[tuple[float, float]], Meta(max_length=10_000)]
    closed: bool = False
    color: Short = ""
    line_width: float = 2.0
    fill: Short = ""


class PointsShape(Struct, tag="points", kw_only=True):
    """Dots."""

    points: Annotated[list[tuple[float, float]], Meta(max_length=10_000)]
    radius: float = 3.0
    color: Short = ""


class MaskShape(Struct, tag="mask", kw_only=True):
    """A bool mask stretched over the whole picture.

    Its bits (rows padded to bytes, most significant bit first) stand
    at `offset` of the message's last `Shapes.mask_bytes` bytes.
    """

    width: Side
    height: Side
    offset: Count
    color: Short = ""
    opacity: Annotated[float, Meta(ge=0, le=1)] = 0.5


Shape = BoxShape | LabelShape | PolylineShape | PointsShape | MaskShape


class Shapes(Struct, kw_only=True):
    """Overlays of one frame, and the size of the picture that their positions refer to."""

    width: Side
    height: Side
    items: Annotated[list[Shape], Meta(max_length=5_000)]
    mask_bytes: Count = 0
    """How many bytes at the end of the message's buffer are masks."""
