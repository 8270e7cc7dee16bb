"""The base of all rooms: what Python sees of one. What happens in it is in `session`, on the rooms' event loop.

A room that is run again by the same cell, with the same invite or name, is the same room: nobody leaves.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ipywidgets import DOMWidget, widget_serialization
from traitlets import Instance, List, Unicode, observe

from ..errors import Reason, RoomError
from ..frames.hub import get_hub
from ..streams.cell import MEMORY, current_cell
from ..widget import KernelWidget
from .attendance import Attendance
from .desk import get_desk
from .doors import Doors
from .ice import ice_servers_of
from .loop import rooms_loop
from .nickname import nickname_of
from .peer import WebRTCPeer
from .texts import Heard, Listeners, say_of

JOIN_TIMEOUT_S = 15.0
LEAVE_TIMEOUT_S = 3.0

H = TypeVar("H", bound=Heard)


class WebRTCRoom(KernelWidget):
    """People who see and hear each other. Shown in a cell, it is a grid of everyone, with controls and a chat.

    Use `chat`, or `WebRTCRoomMqtt` and `WebRTCRoomLocal`, which join when they are made.

    Attributes
    ----------
    room : str
        The room's name.
    stream : DOMWidget or None
        What this side shows: a camera, a film, what a function makes of one, a widget that gives a stream. May be
        exchanged at any time.
    nickname : str
        What this side calls itself, 64 characters at most.
    room_id : str
        Names this *participant* (ipywebrtc's name); new with each join. Read-only.
    peers : list of WebRTCPeer
        The others, in the order in which they came.
    streams : list of MediaStream
        What everyone shows, the own stream first.
    invite : str
        What others give to `chat`; empty for rooms within this kernel.
    state : str
        ``idle``, ``joining``, ``joined``, ``away`` (no page of this notebook is there), ``left`` or ``failed``.
    """

    room = Unicode("room").tag(sync=True)
    stream = Instance(DOMWidget, allow_none=True).tag(sync=True, **widget_serialization)
    room_id = Unicode("", read_only=True).tag(sync=True)
    nickname = Unicode("anonymous").tag(sync=True)
    peers = List(Instance(WebRTCPeer)).tag(sync=True, **widget_serialization)
    streams = List(Instance(DOMWidget)).tag(sync=True, **widget_serialization)
    invite = Unicode("").tag(sync=True)
    state = Unicode("idle").tag(sync=True)
    _room = Unicode().tag(sync=True)

    _made = False
    _shown_in = ""
    _wanted: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> WebRTCRoom:
        """Give the room back that the same cell made in an earlier run, if it is the same one and still open."""
        key = MEMORY.key(current_cell(), cls.__qualname__)
        made = MEMORY.get(key)
        wanted = (args, {name: kwargs.get(name) for name in ("room", "server", "invite")})
        if made is not None and made.comm is not None:
            if made.is_same(wanted):
                return made  # type: ignore[no-any-return]
            made.close()
        room: WebRTCRoom = super().__new__(cls)
        room._wanted = wanted
        MEMORY.put(key, room)
        return room

    def __init__(
        self,
        room: str = "room",
        stream: DOMWidget | None = None,
        *,
        ice_servers: Sequence[Mapping[str, Any] | str] = (),
        turn_secret: str = "",
        relay_only: bool = False,
        **kwargs: Any,
    ) -> None:
        """Make a room, and join it where the class says how.

        Parameters
        ----------
        room
            Its name.
        stream
            What this side shows.
        ice_servers
            STUN and TURN servers, as in W3C's ``RTCConfiguration``: ``["stun:host:3478"]``. None by default.
        turn_secret
            Shared with the TURN servers; the kernel makes short-lived passwords of it.
        relay_only
            Whether media may go over TURN servers alone.

        Raises
        ------
        RoomError
            The room can't be joined; see `Reason`.
        """
        if self._made:
            self._make_again(stream, kwargs)
            return
        self._made = True
        hub = get_hub()
        hub.link.open()
        self._lock = threading.RLock()
        self._listeners = Listeners()
        self._attendance: Attendance | None = None
        self._client = current_cell().client
        self._ice = ice_servers_of(ice_servers, turn_secret, uuid.uuid4().hex)
        self._relay_only = relay_only
        super().__init__(
            _kind="room",
            _room=uuid.uuid4().hex,
            _session=hub.link.session,
            room=room,
            stream=stream,
            **{**kwargs, "nickname": nickname_of(kwargs.get("nickname", "anonymous"))},
        )
        self._show_streams()
        doors = self._doors()
        if doors is not None:
            self._enter(doors)

    # --- what users do --------------------------------------------------------------------------------------------

    def send(self, message: str | dict[str, Any]) -> None:
        """Say something to everyone: a text, which the chat shows, or a dict, which only `on_message` hears.

        Parameters
        ----------
        message
            10,000 characters at most; a dict, as JSON, 200,000. Does not block.

        Raises
        ------
        RoomError
            ``bad_name``: too long, or nothing that JSON carries; ``not_in_room``: the room was left.
        """
        say = say_of(message)
        rooms_loop.post(self._inside("The message was not sent").say, say)

    def on_message(self, function: H) -> H:
        """Call ``function(message, peer)`` with each message of others. Also a decorator.

        It is called on a thread of its own; what it prints appears below the cell that runs now. `message` is what was
        given to `send`, a str or a dict; `peer` is the sender's `WebRTCPeer`.
        """
        self._listeners.add(function)
        return function

    def leave(self) -> None:
        """Leave the room; `join` comes back. Idempotent. Blocks until the others were told, some milliseconds."""
        attendance = self._attendance
        if attendance is not None:
            rooms_loop.call(attendance.leave(), LEAVE_TIMEOUT_S, "The others' goodbye")

    def join(self) -> None:
        """Come back after `leave`. Blocks until the room is joined.

        Raises
        ------
        RoomError
            The room can't be joined.
        """
        attendance = self._attendance
        if attendance is None:
            raise RoomError(
                "The room was not joined: it was closed, or is a WebRTCRoom alone, which does not say where people "
                "meet. Use chat(), WebRTCRoomMqtt or WebRTCRoomLocal.",
                Reason.NOT_IN_ROOM,
            )
        rooms_loop.call(attendance.join(), JOIN_TIMEOUT_S, "The broker's answer")

    def close(self) -> None:
        """Leave, and end all that belongs to the room. Idempotent."""
        if self.comm is not None:
            MEMORY.forget(self)
            get_desk().remove(self.room_key)
            attendance, self._attendance = self._attendance, None
            if attendance is not None:
                try:
                    rooms_loop.call(attendance.end(), LEAVE_TIMEOUT_S, "The others' goodbye")
                finally:
                    rooms_loop.release()
            self._listeners.close()
        super().close()

    def __enter__(self) -> WebRTCRoom:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def shown_by_chat(self) -> None:
        """Note that `chat` showed it: as the last line of the same cell it is not shown again."""
        self._shown_in = current_cell().execution

    def _ipython_display_(self) -> None:  # IPython asks it first
        if self._shown_in and self._shown_in == current_cell().execution:
            self._shown_in = ""
            return
        raise NotImplementedError  # IPython goes on as with other widgets

    def connect_to(self, peer: str, timeout_s: float) -> None:
        """Negotiate anew with a participant, and wait until media comes; `WebRTCPeer.connect` does so."""
        attendance = self._inside("The peer was not connected")
        rooms_loop.call(attendance.connect(peer, timeout_s), timeout_s + LEAVE_TIMEOUT_S, "The peer's answer")

    @property
    def room_key(self) -> str:
        """The id that page and kernel use for this object."""
        return str(self._room)

    @property
    def refused(self) -> dict[str, int]:
        """How many messages on the room's topics were refused, and why: ``forged``, ``replayed``, ``malformed``."""
        attendance = self._attendance
        return {} if attendance is None else attendance.refused()

    def is_same(self, wanted: Any) -> bool:
        """Whether a cell that asks for this gets this room back: it was made so, and nobody left it."""
        return self._wanted == wanted and self.state in ("joining", "joined", "away")

    # --- what classes say -----------------------------------------------------------------------------------------

    def _doors(self) -> Doors | None:
        """How this room is entered; None: it is not."""
        return None

    def _enter(self, doors: Doors) -> None:
        self.invite = doors.invite
        rooms_loop.acquire()
        try:
            self._attendance = rooms_loop.call(self._attend(doors), LEAVE_TIMEOUT_S)
        except BaseException:
            rooms_loop.release()
            raise
        get_desk().add(self.room_key, self._attendance)
        try:
            self.join()
        except BaseException:
            self.close()
            raise

    async def _attend(self, doors: Doors) -> Attendance:
        return Attendance(self, doors, self._client, self._ice, relay_only=self._relay_only)

    def _make_again(self, stream: DOMWidget | None, settings: dict[str, Any]) -> None:
        """The same cell was run again: the call goes on."""
        if stream is not None:
            self.stream = stream
        if "nickname" in settings:
            self.nickname = nickname_of(settings["nickname"])
        attendance, client = self._attendance, current_cell().client
        if attendance is not None and client and client != self._client:
            self._client = client
            rooms_loop.post(attendance.ran_in, client)

    def _inside(self, failed: str) -> Attendance:
        attendance = self._attendance
        if attendance is None or self.state != "joined":
            raise RoomError(
                f"{failed}: this side is not in the room. Join it with room.join().", Reason.NOT_IN_ROOM
            )
        return attendance

    def heard(self, message: Any, peer: WebRTCPeer) -> None:
        """Somebody said something; on the rooms' loop."""
        self._listeners.hear(message, peer)

    # --- what changed ---------------------------------------------------------------------------------------------

    @observe("stream", "peers")
    def _show_streams(self, _: Any = None) -> None:
        """Own first."""
        with self._lock:
            remote = [peer.stream_remote for peer in self.peers if peer.stream_remote is not None]
            self.streams = [*([] if self.stream is None else [self.stream]), *remote]
            for peer in self.peers:
                peer.stream_local = self.stream
        self._post(Attendance.call_changed)

    @observe("nickname")
    def _renamed(self, _: Any) -> None:
        self._post(Attendance.renamed)

    def _post(self, call: Callable[[Attendance], None]) -> None:
        attendance = self._attendance
        if attendance is not None:
            rooms_loop.post(call, attendance)
