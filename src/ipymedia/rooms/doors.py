"""How a room is entered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .broker import Broker


@dataclass(frozen=True)
class Doors:
    """How a room is entered."""

    secret: bytes = field(repr=False)
    invite: str = field(repr=False)
    """What others need to come in; empty for rooms within this kernel."""
    broker: Broker | None
    """None: within this kernel."""
    name_only: bool = False
    """Whether the secret is made of the room's name alone."""
