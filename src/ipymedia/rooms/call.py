"""One participant's side of a room: who was met, whose page is where, who is gone. No widgets here.

A presence is a hint: it makes this side greet. Who greets back is *met*, since what is sealed to this side's id, which
is new with each join, can't be an old message. Who is met stays until they say goodbye, or until nothing is heard of
them any more on either way: neither from page to page nor, when their kernel is asked, through the broker.

Everything here runs on the rooms' event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..errors import Reason, RoomError
from ..protocol.messages import ROOM_MOST_PEOPLE, RoomPeerState, RoomSignal
from .call_listener import CallListener, Mail
from .participants import Other, Own
from .signals import (
    ROOM_VERSION,
    Bye,
    Credit,
    Full,
    Greet,
    Negotiate,
    Probe,
    Renew,
    Say,
    Signal,
    Want,
)

PROBE_PATIENCE_S = 1.5
"""How long a kernel may take to say that it is there: with `ROOM_SILENT_S` it makes less than the 5 s of a drop."""


class Call:
    """Who is in the room, as this side knows it."""

    def __init__(
        self,
        room: str,
        own_id: str,
        own: Own,
        mail: Mail,
        listener: CallListener,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.own = own
        self.others: dict[str, Other] = {}
        self._room = room
        self._id = own_id
        self.mail = mail
        self._listener = listener
        self._loop = loop
        self._doubts: dict[str, asyncio.TimerHandle] = {}
        self._probes = 0
        self._ended = False
        self._hears: dict[type[Signal], Callable[[Other, Any], None]] = {
            Bye: lambda other, _: self._drop(other),
            Negotiate: self._hear_negotiate,
            Renew: self._hear_renew,
            Probe: self._hear_probe,
            Say: listener.said,
            Want: listener.relaying,
            Credit: listener.relaying,
        }

    # --- what comes by the broker ---------------------------------------------------------------------------------

    def presence(self, other_id: str, there: bool) -> None:
        """A hint that somebody is there, or is not any more."""
        if self._ended or other_id == self._id:
            return
        other = self.others.get(other_id)
        if there and other is None:
            self._greet(other_id)
        elif not there and other is not None:
            self.doubt(other)

    def signal(self, sender: str, signal: Signal) -> None:
        """A signal that is authentic, fresh, and for this side."""
        if self._ended:
            return
        if isinstance(signal, Greet):
            self._hear_greet(sender, signal)
            return
        if isinstance(signal, Full):
            self._listener.refused(
                RoomError(
                    f"The room was not joined: it is full. In it everybody sends to everybody, so {ROOM_MOST_PEOPLE} "
                    "people are the most; for more use a conference server, such as LiveKit or Jitsi.",
                    Reason.ROOM_FULL,
                )
            )
            return
        other = self.others.get(sender)
        hear = self._hears.get(type(signal))
        if other is not None and hear is not None:
            hear(other, signal)
        elif isinstance(signal, Probe) and not signal.reply:
            self._greet(sender)  # dropped here while the way between was cut, and not there

    def _hear_greet(self, sender: str, greet: Greet) -> None:
        if greet.version != ROOM_VERSION:
            if not greet.reply:
                self._greet(sender, reply=True)
            self._listener.refused(
                RoomError(
                    f"{greet.nickname or 'Somebody'} could not be met: their ipymedia speaks version {greet.version} "
                    f"of the rooms' signals, this one {ROOM_VERSION}. Install the same version on both sides.",
                    Reason.OTHER_VERSION,
                )
            )
            return
        other = self.others.get(sender)
        if other is None and len(self.others) >= ROOM_MOST_PEOPLE - 1:
            self.mail.send(sender, Full())
            return
        if not greet.reply:
            self._greet(sender, reply=True)
        self._settle(sender)
        if other is None:
            other = self.others[sender] = Other(sender, polite=self._id < sender)
            self._take_over(other, greet)
            self._listener.met(other)
        else:
            self._take_over(other, greet)
            self._listener.changed(other)

    def _take_over(self, other: Other, greet: Greet) -> None:
        if greet.call != other.call:
            other.attempt, other.state, other.way = 0, "connecting", ""
        other.nickname, other.call, other.decode = greet.nickname, greet.call, greet.decode
        other.microphone, other.camera, other.screen = greet.microphone, greet.camera, greet.screen

    def _hear_negotiate(self, other: Other, signal: Negotiate) -> None:
        # Of a page that was loaded anew since, here or there: not of this connection.
        if (signal.own_call, signal.call, signal.attempt) != (other.call, self.own.call, other.attempt):
            return
        self._listener.negotiated(
            RoomSignal(
                room=self._room,
                peer=other.id,
                own_call=signal.own_call,
                call=signal.call,
                attempt=signal.attempt,
                description=signal.description,
                candidate=signal.candidate,
            )
        )

    def _hear_renew(self, other: Other, signal: Renew) -> None:
        if signal.attempt > other.attempt:
            self._begin(other, signal.attempt)

    def _hear_probe(self, other: Other, signal: Probe) -> None:
        if signal.reply:
            self._settle(other.id)
        elif self._listener.is_page_alive():
            self.mail.send(other.id, Probe(number=signal.number, reply=True))

    # --- what the own page, or the user, does ---------------------------------------------------------------------

    def page(self, call: str, decode: list[str]) -> None:
        """The own page came, with a call of its own; or, with an empty one, it is away."""
        self.own.call, self.own.decode = call, decode
        for other in self.others.values():
            other.attempt, other.state, other.way = 0, "connecting", ""
        self.greet_all()

    def greet_all(self) -> None:
        """Tell everybody what this side is like now."""
        for other_id in self.others:
            self._greet(other_id, reply=True)

    def page_signal(self, message: RoomSignal) -> None:
        """The own page negotiates."""
        other = self.others.get(message.peer)
        if other is None or (message.own_call, message.call) != (self.own.call, other.call):
            return
        self.mail.send(
            other.id,
            Negotiate(
                own_call=message.own_call,
                call=message.call,
                attempt=message.attempt,
                description=message.description,
                candidate=message.candidate,
            ),
        )

    def page_state(self, message: RoomPeerState) -> Other | None:
        """The own page tells how a connection is; gives the other, where the connection is the one that counts."""
        other = self.others.get(message.peer)
        if other is None or (message.call, message.attempt) != (other.call, other.attempt):
            return None
        other.state, other.way = message.state, message.way
        if message.state == "lost":
            self.doubt(other)
        elif message.state == "connected":
            self._settle(other.id)
        self._listener.changed(other)
        return other

    def renew(self, other: Other) -> None:
        """Make the connection anew."""
        self.mail.send(other.id, Renew(attempt=other.attempt + 1))
        self._begin(other, other.attempt + 1)

    def leave(self) -> None:
        """Say goodbye; nothing is heard any more."""
        for other_id in self.others:
            self.mail.send(other_id, Bye())
        self.end()

    def end(self) -> None:
        """Without a goodbye: the broker is not there."""
        self._ended = True
        for timer in self._doubts.values():
            timer.cancel()
        self._doubts.clear()
        others, self.others = self.others, {}
        for other in others.values():
            self._listener.gone(other)

    # --- who is still there ---------------------------------------------------------------------------------------

    def doubt(self, other: Other) -> None:
        """Something says that they are gone: ask their kernel, unless their media says otherwise."""
        if other.id in self._doubts or self._is_heard(other):
            return
        self._probes += 1
        self.mail.send(other.id, Probe(number=self._probes))
        self._doubts[other.id] = self._loop.call_later(PROBE_PATIENCE_S, self._give_up, other)

    def _is_heard(self, other: Other) -> bool:
        return other.state == "connected" or self._loop.time() - other.relayed_s < PROBE_PATIENCE_S

    def _give_up(self, other: Other) -> None:
        self._doubts.pop(other.id, None)
        if self.others.get(other.id) is other and not self._is_heard(other):
            self._drop(other)

    def _settle(self, other_id: str) -> None:
        """They are there."""
        timer = self._doubts.pop(other_id, None)
        if timer is not None:
            timer.cancel()

    def _drop(self, other: Other) -> None:
        self._settle(other.id)
        if self.others.pop(other.id, None) is not None:
            self._listener.gone(other)

    def _begin(self, other: Other, attempt: int) -> None:
        other.attempt, other.state, other.way = attempt, "connecting", ""
        self._listener.changed(other)

    def _greet(self, other_id: str, *, reply: bool = False) -> None:
        own = self.own
        self.mail.send(
            other_id,
            Greet(
                reply=reply,
                nickname=own.nickname,
                call=own.call,
                microphone=own.microphone,
                camera=own.camera,
                screen=own.screen,
                decode=own.decode,
            ),
        )
