"""Overlays drawn into a picture by Pillow, where no browser does it: in films that are written.

`frontend/src/frames/shapes.ts` is what they look like in the page; this follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from ..errors import ProcessingError, Reason
from ..protocol.messages import BoxShape, LabelShape, MaskShape, PointsShape, PolylineShape, Shape
from .overlays import Overlay, to_shapes
from .video_frame import VideoFrame

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

    Draw = ImageDraw.ImageDraw

ACCENT: Final = "#ff9f1c"
DARK: Final = "#111111"
LIGHT: Final = "#ffffff"
LIGHT_CHIP: Final = "#ffffffcc"
DARK_CHIP: Final = "#000000a6"
BOX_LABEL_PX: Final = 14.0


def drawn(frame: VideoFrame, overlays: Sequence[Overlay]) -> VideoFrame:
    """The frame with the overlays in it.

    Raises
    ------
    ProcessingError
        ``bad_result``: Pillow is missing; too many overlays.
    """
    if not overlays:
        return frame
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise ProcessingError(
            "Overlays are drawn into a film by Pillow, which is not installed: pip install pillow. Or let the function "
            "return a picture.",
            Reason.BAD_RESULT,
        ) from error
    shapes, masks = to_shapes(overlays, frame.size)
    image = Image.fromarray(frame.to_array("rgb24"))
    draw = ImageDraw.Draw(image, "RGBA")
    for shape in shapes.items:
        if isinstance(shape, MaskShape):
            _mask(image, shape, masks)
        else:
            _DRAW[type(shape)](draw, shape)
    return VideoFrame(np.asarray(image), frame.time, frame.index)


def _box(draw: Draw, box: BoxShape) -> None:
    color = box.color or ACCENT
    corners = [box.x, box.y, box.x + box.width, box.y + box.height]
    if box.fill:
        draw.rectangle(corners, fill=box.fill)
    if box.line_width > 0:
        # Pillow's line lies inside of the corners, a canvas's on both sides.
        half = box.line_width / 2
        outer = [corners[0] - half, corners[1] - half, corners[2] + half, corners[3] + half]
        draw.rectangle(outer, outline=color, width=max(1, round(box.line_width)))
    if box.label:
        width, height = _measure(draw, box.label, BOX_LABEL_PX)
        above = box.y - box.line_width / 2 - height
        x = _within(box.x - box.line_width / 2, draw.im.size[0] - width)
        y = _within(above if above >= 0 else box.y + box.line_width / 2, draw.im.size[1] - height)
        _chip(draw, (x, y), box.label, BOX_LABEL_PX, DARK if _is_light(color) else LIGHT, color)


def _label(draw: Draw, label: LabelShape) -> None:
    if not label.text or label.size <= 0:
        return
    background = label.background or (LIGHT_CHIP if label.color and not _is_light(label.color) else DARK_CHIP)
    contrasting = DARK if label.background and _is_light(label.background) else LIGHT
    _chip(draw, (label.x, label.y), label.text, label.size, label.color or contrasting, background)


def _polyline(draw: Draw, line: PolylineShape) -> None:
    points = [(x, y) for x, y in line.points]
    if line.fill and len(points) > 2:
        draw.polygon(points, fill=line.fill)
    if line.closed and len(points) > 1:
        points.append(points[0])
    if line.line_width > 0 and len(points) > 1:
        draw.line(points, fill=line.color or ACCENT, width=max(1, round(line.line_width)), joint="curve")


def _points(draw: Draw, dots: PointsShape) -> None:
    r = dots.radius
    if r > 0:
        for x, y in dots.points:
            draw.ellipse([x - r, y - r, x + r, y + r], fill=dots.color or ACCENT)


def _mask(image: Image.Image, mask: MaskShape, masks: bytes) -> None:
    from PIL import Image, ImageColor

    row = (mask.width + 7) // 8
    packed = np.frombuffer(masks, np.uint8, row * mask.height, mask.offset).reshape(mask.height, row)
    opacity = np.uint8(round(255 * mask.opacity))
    stencil = Image.fromarray(np.unpackbits(packed, axis=1, count=mask.width) * opacity)
    # A mask has edges, not shades.
    stencil = stencil.resize(image.size, Image.Resampling.NEAREST)
    image.paste(ImageColor.getrgb(mask.color or ACCENT)[:3], (0, 0, *image.size), stencil)


_DRAW: Final = cast(
    "dict[type[Shape], Callable[[Any, Any], None]]",
    {BoxShape: _box, LabelShape: _label, PolylineShape: _polyline, PointsShape: _points},
)


def _font(size: float) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(max(9.0, size))


def _measure(draw: Draw, text: str, size: float) -> tuple[float, float]:
    pixels = max(9.0, size)
    lines = text.split("\n")
    width = max(draw.textlength(line, font=_font(size)) for line in lines) + 0.6 * pixels
    return width, len(lines) * 1.25 * pixels + 0.15 * pixels


def _chip(draw: Draw, at: tuple[float, float], text: str, size: float, color: str, background: str) -> None:
    pixels = max(9.0, size)
    width, height = _measure(draw, text, size)
    x, y = at
    draw.rounded_rectangle([x, y, x + width, y + height], radius=0.18 * pixels, fill=background)
    for index, line in enumerate(text.split("\n")):
        middle = y + 0.075 * pixels + 1.25 * pixels * (index + 0.5)
        draw.text((x + 0.3 * pixels, middle), line, fill=color, font=_font(size), anchor="lm")


def _is_light(color: str) -> bool:
    from PIL import ImageColor

    red, green, blue = ImageColor.getrgb(color)[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


def _within(value: float, most: float) -> float:
    return max(0.0, min(value, most))
