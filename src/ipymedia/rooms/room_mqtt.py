"""Rooms that meet by an MQTT broker: that of the Jupyter server, or any other."""

from __future__ import annotations

import warnings
from typing import Any

from ipywidgets import DOMWidget
from traitlets import Unicode

from .broker import Broker, find_broker, find_invited, own_home
from .doors import Doors
from .invite import Invite, check_room_name
from .keys import secret_of_name
from .room import WebRTCRoom

_USERS_LEVEL = 4
"""Frames from a warning here to the line that made the room."""


class WebRTCRoomMqtt(WebRTCRoom):
    """A room whose participants find each other by an MQTT broker. Joins when it is made. Blocks until it is joined.

    Parameters
    ----------
    room
        A name, or an invite (`room.invite` of somebody who is there).
    stream
        What this side shows.
    server
        The broker: ``mqtt://``, ``mqtts://``, ``ws://`` or ``wss://``. Empty: that of the invite, else that of the
        environment variable ``IPYMEDIA_BROKER``, else the one that the Jupyter server runs for its user.
    username, password
        For the broker. They stay in the kernel, and are in no invite.
    ca
        Path of a file with the certificates of authorities to trust, where the broker's is not a public one.
    new_secret
        Whether a name without an invite gets a new secret, so that only the invite lets others in; else everybody who
        knows the name, and may use the broker, comes in.
    nickname, ice_servers, turn_secret, relay_only
        As `WebRTCRoom`.

    Raises
    ------
    RoomError
        ``bad_invite``, ``bad_name``, ``no_broker``, ``broker_unreachable``, ``broker_refused``, ``bad_certificate``.

    Notes
    -----
    Whatever goes through the broker is sealed with a key of the invite's secret (see SECURITY.md).
    """

    server = Unicode("").tag(sync=False)

    def __init__(
        self,
        room: str = "room",
        stream: DOMWidget | None = None,
        *,
        server: str = "",
        username: str = "",
        password: str = "",
        ca: str = "",
        new_secret: bool = False,
        **kwargs: Any,
    ) -> None:
        if not self._made:
            self._credentials = {"username": username, "password": password, "ca": ca}
            self._invited = Invite.parse(room) if Invite.looks_like(room) else None
            self._new_secret = new_secret
            kwargs["server"] = server
        name = self._invited.room if self._invited is not None else check_room_name(room)
        super().__init__(name, stream, **kwargs)

    def _doors(self) -> Doors:
        broker = self._find_broker()
        invite = self._invited
        if invite is not None:
            return Doors(invite.secret, str(invite), broker)
        if self._new_secret:
            made = Invite.new(own_home() if broker.embedded else broker.url, self.room)
            return Doors(made.secret, str(made), broker)
        if not broker.embedded:
            warnings.warn(
                f"The room {self.room!r} is known by its name alone: everybody who may use the broker and guesses the "
                "name comes in, and hears and sees all. Use chat() without a name, and send its invite.",
                UserWarning,
                stacklevel=_USERS_LEVEL,
            )
        return Doors(secret_of_name(self.room), self.room, broker, name_only=True)

    def _find_broker(self) -> Broker:
        if self.server or self._invited is None:
            return find_broker(self.server, **self._credentials)
        return find_invited(self._invited.broker, **self._credentials)
