"""The objects that the room makes for the others: a peer and a stream each, for as long as they are there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .peer import WebRTCPeer
from .remote_stream import RemoteStream
from .texts import content_of

if TYPE_CHECKING:
    from .participants import Other
    from .place import Place
    from .room import WebRTCRoom
    from .signals import Say

logger = logging.getLogger("ipymedia.rooms")


@dataclass(frozen=True)
class Guest:
    """What was made for somebody who came."""

    peer: WebRTCPeer
    stream: RemoteStream


class Guests:
    """Those who are there, by participant. On the rooms' event loop."""

    def __init__(self, room: WebRTCRoom, place: Place) -> None:
        self._room = room
        self._place = place
        self._guests: dict[str, Guest] = {}

    def meet(self, other: Other, own_id: str) -> str:
        """Somebody came; gives the model id of their stream."""
        room, place = self._room, self._place
        stream = RemoteStream(
            room=room.room_key,
            peer=other.id,
            nickname=other.nickname,
            client=place.client,
            page=place.page_id,
        )
        peer = WebRTCPeer(
            room=room,
            id_local=own_id,
            id_remote=other.id,
            stream_local=room.stream,
            stream_remote=stream,
            nickname=other.nickname,
        )
        self._guests[other.id] = Guest(peer, stream)
        room.peers = [*room.peers, peer]
        return str(stream.model_id)

    def follow(self, other: Other, relayed: bool) -> None:
        """Something of somebody is different."""
        guest = self._guests.get(other.id)
        if guest is not None:
            guest.peer.follow(other, relayed)
            guest.stream.nickname = other.nickname

    def part(self, other: Other) -> None:
        """Somebody is gone, and with them what was made for them."""
        guest = self._guests.pop(other.id, None)
        if guest is None:
            return
        self._room.peers = [peer for peer in self._room.peers if peer is not guest.peer]
        guest.peer.part()
        for widget in (guest.stream, guest.peer):
            layout = widget.layout
            widget.close()
            layout.close()  # made with each widget, and not closed with it

    def hear(self, other: Other, say: Say) -> None:
        """Somebody said something; the room's listeners are told who."""
        guest = self._guests.get(other.id)
        if guest is None:
            return
        try:
            self._room.heard(content_of(say), guest.peer)
        except ValueError:
            logger.warning("a message of %s was dropped: it is no JSON", other.nickname)

    def move(self) -> None:
        """The call is in another page."""
        for guest in self._guests.values():
            guest.stream.come_in(self._place.page_id)
