"""`chat()`: one line, and people see and hear each other."""

from __future__ import annotations

import secrets
from typing import Any

from IPython.display import display
from ipywidgets import DOMWidget

from ..streams.camera import CameraStream
from ..streams.cell import MEMORY, current_cell
from .room import WebRTCRoom
from .room_mqtt import WebRTCRoomMqtt

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_NAME_LETTERS = 6


def chat(room: str | None = None, stream: DOMWidget | None = None, **kwargs: Any) -> WebRTCRoom:
    """Meet other people: show a room, with everyone in it, below the cell. Blocks until the room is joined.

    Parameters
    ----------
    room
        An invite (`room.invite` of somebody who is there), or a name. None makes a new room, and prints the line that
        others run to come in.
    stream
        What this side shows: a camera, a film, what a function makes of one, a widget. None: the camera and the
        microphone.
    **kwargs
        ``nickname``, ``server``, ``username``, ``password``, ``ca``, ``ice_servers``, ``turn_secret``, ``relay_only``:
        as `WebRTCRoomMqtt`.

    Returns
    -------
    WebRTCRoom
        ``with chat() as room`` leaves at the end.

    Raises
    ------
    RoomError
        As `WebRTCRoomMqtt`.
    """
    if stream is None:
        stream = CameraStream()
    if room is None:
        joined: WebRTCRoom = _new_room(stream, kwargs)
        print(f'Others come in with: chat("{joined.invite}")')  # noqa: T201 (for the user)
    else:
        joined = WebRTCRoomMqtt(room=room, stream=stream, **kwargs)
    display(joined)  # type: ignore[no-untyped-call]
    joined.shown_by_chat()
    return joined


def _new_room(stream: DOMWidget, settings: dict[str, Any]) -> WebRTCRoom:
    """A room of a new name; the same cell run again stays in its room."""
    key = MEMORY.key(current_cell(), "chat")
    name = MEMORY.get(key)
    if name is None:
        letters = "".join(secrets.choice(_LETTERS) for _ in range(_NAME_LETTERS))
        name = f"room-{letters}"
        MEMORY.put(key, name)
    return WebRTCRoomMqtt(room=name, stream=stream, new_secret=True, **settings)
