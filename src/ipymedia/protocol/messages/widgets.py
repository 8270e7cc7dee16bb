"""Widgets as streams: one picture on request, and how the pictures are made."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .base import Message, Short


class WidgetCapture(Message, tag="widget.capture", kw_only=True):
    """Take one picture of what the kernel told the page before. Answered by `SnapshotPicture` or `ErrorReport`.

    It travels as the stream's own widget message, so that it comes after the changes of the widgets that it is to show.
    """

    request: Short
    picture: bool
    """Whether the answer is to hold the picture; else it is only given out by the stream."""


class WidgetMethod(Message, tag="widget.method", kw_only=True):
    """How the page takes the pictures of a widget, and why so."""

    stream: Short
    method: Short
    """``model``, ``compositor`` or ``tab``."""
    why: Annotated[str, Meta(max_length=500)]
