"""Rooms within one kernel: for trying, for teaching, and for two pages of one notebook's widgets."""

from __future__ import annotations

from .doors import Doors
from .keys import secret_of_name
from .room import WebRTCRoom


class WebRTCRoomLocal(WebRTCRoom):
    """A room in which rooms of the same name in the same kernel meet. Joins when it is made.

    No broker is needed, and nobody from outside can come in. Parameters and attributes are those of `WebRTCRoom`.
    """

    def _doors(self) -> Doors:
        return Doors(secret_of_name(self.room), "", None, name_only=True)
