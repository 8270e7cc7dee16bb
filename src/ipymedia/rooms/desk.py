"""Where messages of pages meet rooms: takes what a page says of a room from the link's threads to the rooms' loop."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any, Protocol

from ..frames.hub import get_hub
from ..link.link import PageEvent
from ..protocol.framing import Buffer
from ..protocol.messages import (
    FrameCredit,
    FrameData,
    FrameKeyRequest,
    Message,
    RoomHello,
    RoomPeerState,
    RoomQuit,
    RoomRename,
    RoomSay,
    RoomSignal,
    RoomSwitches,
    RoomTake,
    SoundData,
)
from .loop import rooms_loop

if TYPE_CHECKING:
    from ..link.page import Page


class DeskRoom(Protocol):
    """What the desk needs of a room: its `Attendance`. All but media are handed over on the rooms' loop."""

    def page_says(self, page: Page, message: Message) -> None:
        """A page said something of this room."""

    def page_event(self, page: Page, event: PageEvent) -> None:
        """A page came, changed its carrier, or is gone."""

    def page_media(self, page: Page, message: FrameData | SoundData, buffer: Buffer) -> None:
        """A page sends media that are to be relayed. On the link's threads: they are to wait nowhere."""

    def page_credit(self, page: Page, message: FrameCredit | FrameKeyRequest) -> None:
        """A page took relayed media in."""


class Desk:
    """Rooms by id, held weakly."""

    def __init__(self) -> None:
        self._rooms: weakref.WeakValueDictionary[str, DeskRoom] = weakref.WeakValueDictionary()
        link = get_hub().link
        for kind in (
            RoomHello,
            RoomTake,
            RoomSignal,
            RoomPeerState,
            RoomSwitches,
            RoomSay,
            RoomRename,
            RoomQuit,
        ):
            link.on(kind, self._say)
        link.on(FrameData, self._media)
        link.on(SoundData, self._media)
        link.on(FrameCredit, self._credit)
        link.on(FrameKeyRequest, self._credit)
        link.on_page(self._page_event)

    def add(self, room_id: str, room: DeskRoom) -> None:
        """Register a room."""
        self._rooms[room_id] = room

    def remove(self, room_id: str) -> None:
        """A room was closed."""
        self._rooms.pop(room_id, None)

    def take(self, room_id: str, page: Page) -> None:
        """The user clicked in a page to have the call there."""
        room = self._rooms.get(room_id)
        if room is not None:
            rooms_loop.post(room.page_says, page, RoomTake(room=room_id))

    def _say(self, page: Page, message: Any, _: Buffer) -> None:
        room = self._rooms.get(message.room)
        if room is not None:
            rooms_loop.post(room.page_says, page, message)

    def _media(self, page: Page, message: FrameData | SoundData, buffer: Buffer) -> None:
        if not message.stream.startswith("relay-"):
            return
        for room in list(self._rooms.values()):
            room.page_media(page, message, buffer)

    def _credit(self, page: Page, message: FrameCredit | FrameKeyRequest, _: Buffer) -> None:
        if not message.stream.startswith("relay-"):
            return
        for room in list(self._rooms.values()):
            rooms_loop.post(room.page_credit, page, message)

    def _page_event(self, page: Page, event: PageEvent) -> None:
        for room in list(self._rooms.values()):
            rooms_loop.post(room.page_event, page, event)


@functools.cache
def get_desk() -> Desk:
    """The desk of this kernel process."""
    return Desk()
