"""Somebody else in a room, as an object of the notebook."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Protocol

from ipywidgets import DOMWidget, widget_serialization
from traitlets import Bool, Instance, Unicode

from ..errors import Reason, RoomError
from ..frames.hub import get_hub
from ..widget import KernelWidget

if TYPE_CHECKING:
    from .participants import Other

_CONNECT_TIMEOUT_S = 10.0


class PeerRoom(Protocol):
    """The room that a peer is in."""

    def connect_to(self, peer: str, timeout_s: float) -> None:
        """Negotiate anew, and wait until media comes."""


class WebRTCPeer(KernelWidget):
    """A participant. Made by the room. Shown in a cell, it is the player of what they show.

    Attributes
    ----------
    stream_local, stream_remote : MediaStream or None
        What this side shows, and what they show.
    id_local, id_remote : str
        The participants; new with each join.
    nickname : str
        What they call themselves.
    connected : bool
        Whether media comes, from page to page or relayed. Read-only.
    failed : bool
        Whether no way was found, or it is lost; it goes on trying. Read-only.
    relayed : bool
        Whether media comes over the kernels, as no way leads from page to page. Read-only.
    way : str
        How: the chosen pair of ICE candidates, such as ``host/srflx``; ``relay/…`` is a TURN server's. Read-only.
    """

    stream_local = Instance(DOMWidget, allow_none=True).tag(sync=True, **widget_serialization)
    stream_remote = Instance(DOMWidget, allow_none=True).tag(sync=True, **widget_serialization)
    id_local = Unicode("").tag(sync=True)
    id_remote = Unicode("").tag(sync=True)
    nickname = Unicode("").tag(sync=True)
    connected = Bool(False, read_only=True).tag(sync=True)
    failed = Bool(False, read_only=True).tag(sync=True)
    relayed = Bool(False, read_only=True).tag(sync=True)
    way = Unicode("", read_only=True).tag(sync=True)

    def __init__(self, *, room: PeerRoom | None = None, **kwargs: Any) -> None:
        self._in = room
        hub = get_hub()
        hub.link.open()
        super().__init__(
            _kind="peer",
            _session=hub.link.session,
            id_local=kwargs.pop("id_local", "") or uuid.uuid4().hex,
            **kwargs,
        )

    def connect(self, *, timeout: float = _CONNECT_TIMEOUT_S) -> None:
        """Negotiate anew with `id_remote`. Blocks until media comes.

        Parameters
        ----------
        timeout
            Seconds to wait at most.

        Raises
        ------
        RoomError
            ``not_in_room``: the peer is in no room; ``peer_gone``: nobody of this id is there; ``not_connected``: no
            way was found in time.
        """
        if self._in is None:
            raise RoomError(
                "The peer was not connected: it is in no room. Join one with chat(), and take its room.peers.",
                Reason.NOT_IN_ROOM,
            )
        self._in.connect_to(self.id_remote, timeout)

    def follow(self, other: Other, relayed: bool) -> None:
        """Take over how the room knows the participant."""
        self.nickname = other.nickname
        self.set_trait("relayed", relayed)
        self.set_trait("way", other.way)
        self.set_trait("connected", relayed or other.state == "connected")
        self.set_trait("failed", not relayed and other.state in ("blocked", "lost"))

    def part(self) -> None:
        """They are gone."""
        self._in = None
        self.set_trait("connected", False)
        self.set_trait("failed", True)
