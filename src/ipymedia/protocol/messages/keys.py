"""Keys that are typed on a picture."""

from __future__ import annotations

from .base import Message, Short


class KeyTyped(Message, tag="key.typed", kw_only=True):
    """The user typed a key while the picture of `stream` had the focus."""

    stream: Short
    key: Short
    """`KeyboardEvent.key`: the character, or a name such as ``Escape``."""
