"""Films, sounds and pictures from files: what a page plays, and where it is."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .base import Count, Message, Short
from .files import ServedFile

Seconds = Annotated[float, Meta(ge=0, le=1e9)]


class MediaAsk(Message, tag="media.ask", kw_only=True):
    """The page that plays a stream asks what to play."""

    stream: Short
    reads_model: bool
    """Whether the page reads bytes that are in the player's own state; else the kernel hands them out as a file."""


class MediaSource(Message, tag="media.source", kw_only=True):
    """What to play: a file, an address, or, with neither, what is in the player's own state."""

    stream: Short
    file: ServedFile | None = None
    url: Annotated[str, Meta(max_length=20_000)] = ""
    size: Count = 0
    """How many bytes there are in the player's own state: it takes another way to the page, and may come later."""


class MediaTime(Message, tag="media.time", kw_only=True):
    """Where the page is in the film."""

    stream: Short
    time: Seconds
    duration: Seconds
    """0 while it is not known, or where there is no end."""
