"""What all messages share: the base, and bounds for what a page may say."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

MAX_SIDE_PX = 8192
"""The widest or highest picture that the live path takes; H.264's level 6.2 ends there."""

Short = Annotated[str, Meta(max_length=256)]
Text = Annotated[str, Meta(max_length=20_000)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Side = Annotated[int, Meta(ge=0, le=MAX_SIDE_PX)]
Rate = Annotated[float, Meta(ge=0, le=1000)]


class Message(Struct, tag_field="type", kw_only=True, forbid_unknown_fields=True):
    """Base of all messages."""
