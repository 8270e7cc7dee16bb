"""A moving test card, for machines without a camera."""

from __future__ import annotations

from typing import Any

from traitlets import Float, Int, TraitError, validate

from ..protocol.messages import MAX_SIDE_PX
from .page_stream import PageStream


class PatternStream(PageStream):
    """A test card with a clock and a frame counter, drawn by the page.

    Parameters
    ----------
    width, height
        In pixels, 16 to 8192.
    fps
        Pictures a second, above 0, at most 120.
    """

    _frame_kind = "pattern"

    width = Int(640).tag(sync=True)
    height = Int(480).tag(sync=True)
    fps = Float(30.0).tag(sync=True)

    def __init__(self, width: int = 640, height: int = 480, fps: float = 30.0, **kwargs: Any) -> None:
        super().__init__(width=width, height=height, fps=fps, **kwargs)

    @validate("width", "height")
    def _check_side(self, proposal: Any) -> int:
        value: int = proposal["value"]
        if not 16 <= value <= MAX_SIDE_PX:
            raise TraitError(f"{proposal['trait'].name} must be 16 to {MAX_SIDE_PX} pixels, and is {value}.")
        return value

    @validate("fps")
    def _check_fps(self, proposal: Any) -> float:
        value: float = proposal["value"]
        if not 0 < value <= 120:
            raise TraitError(f"fps must be above 0 and at most 120, and is {value}.")
        return value

    def _settings(self) -> set[str]:
        return {"width", "height", "fps"}
