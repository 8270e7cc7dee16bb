"""What participants' kernels tell each other, sealed: no broker reads it, and nobody without the invite.

Directed signals are sealed with a key of both participants' ids, which are new with each join: what was recorded of an
earlier call opens nothing.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from ..protocol.messages import RoomCandidate, RoomDescription
from ..protocol.messages.base import Count, Short
from ..protocol.messages.rooms import Name, Said

ROOM_VERSION = 1
"""Raised with every change that an older participant would misunderstand."""


class Signal(Struct, tag_field="type", kw_only=True, forbid_unknown_fields=False):
    """Base of all signals; unknown fields are a newer participant's, and ignored."""


class Presence(Signal, tag="presence", kw_only=True):
    """Retained by the broker while a participant is there. Only a hint: old ones can be replayed."""

    version: Count = ROOM_VERSION


class Greet(Signal, tag="greet", kw_only=True):
    """To one participant: who this side is, and how; told anew when it changed. That it opens proves it fresh."""

    version: Count = ROOM_VERSION
    reply: bool = False
    """Whether it answers a greeting, and so wants no answer."""
    nickname: Name
    call: Short = ""
    microphone: bool = True
    camera: bool = True
    screen: bool = False
    decode: Annotated[list[Short], Meta(max_length=16)] = []
    """What the page decodes, for relayed pictures."""


class Full(Signal, tag="full", kw_only=True):
    """To one who greeted: the room is full."""


class Bye(Signal, tag="bye", kw_only=True):
    """The sender leaves."""


class Negotiate(Signal, tag="negotiate", kw_only=True):
    """From one page to the other."""

    own_call: Short
    call: Short
    attempt: Count = 0
    description: RoomDescription | None = None
    candidate: RoomCandidate | None = None


class Renew(Signal, tag="renew", kw_only=True):
    """Make the connection anew, as this attempt."""

    attempt: Count


class Probe(Signal, tag="probe", kw_only=True):
    """Asks whether the other kernel is there."""

    number: Count
    reply: bool = False


class Say(Signal, tag="say", kw_only=True):
    """A text of the chat, or, as JSON, what `room.send` was given."""

    id: Short
    time_ms: Count
    text: Said | None = None
    data: Annotated[str, Meta(max_length=200_000)] | None = None


class Want(Signal, tag="want", kw_only=True):
    """Relay your media to this side, or no longer; the codecs that its page decodes."""

    wanted: bool
    decode: Annotated[list[Short], Meta(max_length=16)] = []


class Credit(Signal, tag="credit", kw_only=True):
    """A relayed picture is there; or a key frame is needed."""

    epoch: Count
    sequence: Count = 0
    key: bool = False


AnySignal = Presence | Greet | Full | Bye | Negotiate | Renew | Probe | Say | Want | Credit
