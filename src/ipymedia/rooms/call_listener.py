"""What a call stands between: who carries its signals, and who hears of it."""

from __future__ import annotations

from typing import Protocol

from ..errors import RoomError
from ..protocol.messages import RoomSignal
from .participants import Other
from .signals import Credit, Say, Signal, Want


class Mail(Protocol):
    """What carries signals: `Signalling`."""

    def send(self, to: str, signal: Signal) -> None:
        """Send to one participant; does not block."""


class CallListener(Protocol):
    """Who hears of the call."""

    def met(self, other: Other) -> None:
        """Somebody came."""

    def changed(self, other: Other) -> None:
        """Something of somebody is different."""

    def gone(self, other: Other) -> None:
        """Somebody is not in the room any more."""

    def negotiated(self, message: RoomSignal) -> None:
        """A signal for the own page."""

    def said(self, other: Other, say: Say) -> None:
        """A text or data came."""

    def relaying(self, other: Other, signal: Want | Credit) -> None:
        """Something about relayed media."""

    def refused(self, error: RoomError) -> None:
        """The room can't be joined."""

    def is_page_alive(self) -> bool:
        """Whether the own page was heard lately."""
