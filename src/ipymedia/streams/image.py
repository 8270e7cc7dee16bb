"""Pictures as streams: a file, or what an ipywidgets Image shows."""

from __future__ import annotations

from typing import Any

from ipywidgets import Image, widget_serialization
from traitlets import Instance

from .file_stream import FileStream, readable


class ImageStream(FileStream):
    """A picture as a stream. Made by `from_file`, `from_url`, `from_download`, or of an ipywidgets Image.

    When the image's `value` changes, the stream shows the new picture: Python may push pictures through it. (For many a
    second there is `ArrayStream`.)

    Parameters
    ----------
    image : ipywidgets.Image
        The picture.

    Examples
    --------
    >>> stream = ImageStream.from_file("picture.png")
    >>> stream.image.value = other_png
    """

    _frame_kind = "image"
    _player_name = "image"
    _player_class = Image

    image = Instance(Image).tag(sync=True, **widget_serialization)

    @classmethod
    def _player_of_file(cls, filename: Any) -> Any:
        return Image.from_file(filename if hasattr(filename, "read") else str(readable(filename)))
