"""Rooms: what a page and its kernel tell each other of a call.

Media goes from page to page; what they need to find each other goes through their kernels.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from .base import Count, Message, Rate, Short, Side, Text

ROOM_MOST_PEOPLE = 6
"""In a mesh everybody sends to everybody: six people already are five uploads each."""

ROOM_RELAY_AFTER_S = 4.0
"""How long two pages may look for a way between them before the kernels relay."""

ROOM_PULSE_S = 1.0
"""How often a page says on a peer's data channel that it is there."""

ROOM_SILENT_S = 2.5
"""After so long without a pulse a peer is reported as lost; the kernels then ask each other."""

ROOM_KEPT_TEXTS = 200
"""Texts of the chat that the kernel keeps for pages that come, or come back."""

Sdp = Annotated[str, Meta(max_length=100_000)]
Said = Annotated[str, Meta(max_length=10_000)]
Name = Annotated[str, Meta(max_length=64)]


class IceServer(Struct, kw_only=True):
    """A STUN or TURN server (W3C `RTCIceServer`)."""

    urls: Annotated[list[Short], Meta(max_length=8)]
    username: Short = ""
    credential: Short = ""


class RoomDescription(Struct, kw_only=True):
    """A session description (RFC 8866, 8829)."""

    kind: Short
    """``offer``, ``answer``, ``pranswer`` or ``rollback``."""
    sdp: Sdp = ""


class RoomCandidate(Struct, kw_only=True):
    """An ICE candidate (RFC 8839); an empty text ends the candidates."""

    candidate: Annotated[str, Meta(max_length=2000)]
    mid: Short | None = None
    line: int | None = None
    fragment: Short | None = None


class RoomPeer(Struct, kw_only=True):
    """Somebody else in the room, as the kernel knows them."""

    peer: Short
    """Names the participant; random, new with each join."""
    call: Short
    """Names the participant's page load: after a reload it is another one, and the connection is made anew. Empty while
    their page is away."""
    attempt: Count = 0
    """Raised where the connection is to be made anew though nobody's page changed."""
    polite: bool
    """Whether this side gives way when both offer at once; the other side makes the first offer."""
    nickname: Name
    widget: Short
    """The model id of the stream that the kernel made for them."""
    microphone: bool = True
    camera: bool = True
    screen: bool = False
    relayed: bool = False
    """Their media comes over the kernels, as a stream that the page watches as `relay`."""
    relay: Short = ""


class RoomText(Struct, kw_only=True):
    """A line of the room's chat."""

    id: Short
    peer: Short
    """Who said it; empty: this side."""
    nickname: Name
    time_ms: Count
    text: Said


class RoomHello(Message, tag="room.hello", kw_only=True):
    """The room is there in a page, or the page is heard again; the kernel answers with `RoomCall` and `RoomTexts`."""

    room: Short


class RoomTake(Message, tag="room.take", kw_only=True):
    """The user clicked "bring it here" in this page."""

    room: Short


class RoomCall(Message, tag="room.call", kw_only=True):
    """All that a page needs to know of the room; told anew, whole, whenever some of it changed."""

    room: Short
    participant: Short
    """Who this side is; empty before it joined and after it left."""
    call: Short
    """Names this page's load where this page is the one in the call; empty in all others."""
    stream: Short = ""
    """The model id of what this side shows; empty: nothing."""
    microphone: bool = True
    camera: bool = True
    """What the user switched off stays off when the page is loaded anew: what `RoomSwitches` told last."""
    ice_servers: Annotated[list[IceServer], Meta(max_length=16)] = field(default_factory=list)
    relay_only: bool = False
    """Whether only TURN servers may be used (W3C `iceTransportPolicy`)."""
    peers: Annotated[list[RoomPeer], Meta(max_length=ROOM_MOST_PEOPLE)] = field(default_factory=list)


class RoomSignal(Message, tag="room.signal", kw_only=True):
    """To, or from, the peer's page: a description or a candidate; `call`, `attempt`: of which connection."""

    room: Short
    peer: Short
    own_call: Short
    """The call of the page that sends."""
    call: Short
    """The call of the page that receives."""
    attempt: Count = 0
    description: RoomDescription | None = None
    candidate: RoomCandidate | None = None


class RoomPeerState(Message, tag="room.peer_state", kw_only=True):
    """How a page's connection to a peer is."""

    room: Short
    peer: Short
    call: Short
    """The peer's."""
    attempt: Count = 0
    state: Short
    """``connecting``, ``connected``, ``blocked`` (no way was found in time; it is still tried) or ``lost`` (nothing
    comes any more)."""
    way: Short = ""
    """The chosen pair's candidate types, such as ``host/srflx`` or ``relay/host``."""


class RoomSwitches(Message, tag="room.switches", kw_only=True):
    """What this side sends, as its user set it in the page."""

    room: Short
    microphone: bool
    camera: bool
    screen: bool = False


class RoomSay(Message, tag="room.say", kw_only=True):
    """The user wrote a line of chat."""

    room: Short
    text: Said


class RoomTexts(Message, tag="room.texts", kw_only=True):
    """Lines of the chat: all that are kept, for a page that came, or new ones."""

    room: Short
    whole: bool
    texts: Annotated[list[RoomText], Meta(max_length=ROOM_KEPT_TEXTS)]


class RoomRename(Message, tag="room.rename", kw_only=True):
    """The user chose another name in the page."""

    room: Short
    nickname: Name


class RoomQuit(Message, tag="room.quit", kw_only=True):
    """The user left, or comes back, in the page."""

    room: Short
    again: bool = False


class RoomRelay(Message, tag="room.relay", kw_only=True):
    """Send this side's media to the kernel, as frames and sound of the stream `relay`, or no longer."""

    room: Short
    call: Short
    relay: Short
    epoch: Count = 0
    codec: Short = ""
    """Of the pictures; empty: none are wanted."""
    sound: Short = ""
    """Codec of the sound; empty: none is wanted."""
    width: Side = 0
    height: Side = 0
    """The largest picture that the way carries, in pixels; 0: the page chooses."""
    max_fps: Rate = 0
    bitrate_bps: Count = 0
    """0: the page chooses."""


class RoomTold(Message, tag="room.told", kw_only=True):
    """Something for the user of the page, such as that the broker is away; an empty text takes it back."""

    room: Short
    text: Text
