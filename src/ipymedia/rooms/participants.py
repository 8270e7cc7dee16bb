"""What is known of the people in a room, on this side of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Own:
    """What this side tells of itself."""

    nickname: str
    call: str = ""
    microphone: bool = True
    camera: bool = True
    screen: bool = False
    decode: list[str] = field(default_factory=list)


@dataclass
class Other:
    """Somebody who was met."""

    id: str
    polite: bool
    nickname: str = ""
    call: str = ""
    attempt: int = 0
    microphone: bool = True
    camera: bool = True
    screen: bool = False
    decode: list[str] = field(default_factory=list)
    state: str = "connecting"
    """Of the connection, as the own page sees it: see `RoomPeerState`."""
    way: str = ""
    relayed_s: float = -1e9
    """When relayed media of theirs came last, by the loop's clock."""
