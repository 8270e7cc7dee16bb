"""Stills of streams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ipywidgets import Image, widget_serialization
from traitlets import Instance, TraitError, Unicode, default, observe, validate

from ..protocol.messages import RecorderStart
from ..streams.file_backed import FileImage
from .formats import PICTURES
from .recorder import Recorder
from .take import Take


class ImageRecorder(Recorder):
    """Takes stills of a stream: `recording = True` is one shot, and falls back to False.

    Parameters
    ----------
    stream
        What to take.
    format
        ``png``, ``jpeg`` or ``webp``.

    Attributes
    ----------
    image : ipywidgets.Image
        Shows the still; its `value` are the file's bytes. It is set when `recording` has fallen back, so that who
        observes it may set `recording` again, for a live loop.
    """

    _recorder_kind = "image_recorder"

    format = Unicode("png").tag(sync=True)
    image = Instance(Image).tag(sync=True, **widget_serialization)

    @default("image")
    def _make_image(self) -> Image:
        return FileImage(format=self.format)

    @validate("format")
    def _check_format(self, proposal: Any) -> str:
        format = str(proposal["value"]).lower()
        if format not in PICTURES:
            raise TraitError(f"format must be one of {', '.join(PICTURES)}, and is {format!r}.")
        return format

    @observe("format")
    def _format_changed(self, change: Any) -> None:
        self.image.format = change["new"]

    def _request(self, take: str, widget: str) -> RecorderStart:
        return RecorderStart(
            recorder=self._recorder,
            take=take,
            widget=widget,
            what="still",
            mime_types=[PICTURES[self.format], "image/png"],
        )

    def _finish(self, take: Take) -> Path:
        width, height = take.picture_size
        if width and height:
            self.image.width, self.image.height = str(width), str(height)
        if take.mime_type == PICTURES[self.format]:
            target = take.path.with_name(f"{take.id}.{self.format}")
            take.path.replace(target)
            return target
        return super()._finish(take)

    def _convert(self, source: Path, target: Path, format: str) -> None:
        from .container.picture import convert_picture

        convert_picture(source, target, format)

    def _media(self) -> Any:
        return self.image

    def _mime_type(self) -> str:
        return PICTURES[self.format]
