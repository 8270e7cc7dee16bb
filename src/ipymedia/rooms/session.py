"""One stay in a room, from joining to leaving: puts signalling, call and relay together, and says it to pages.

Everything here runs on the rooms' event loop. The room, a widget, lives longer: it may be left and joined again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from ..errors import Reason, RoomError
from ..protocol.messages import (
    FrameCredit,
    FrameKeyRequest,
    IceServer,
    RoomCall,
    RoomPeer,
    RoomPeerState,
    RoomSignal,
)
from .call import Call
from .exchange import open_exchange
from .keys import new_id
from .participants import Other, Own
from .relay import Relay
from .signalling import Signalling, will_of
from .signals import Credit, Say, Signal, Want

if TYPE_CHECKING:
    from ..link.page import Page
    from .doors import Doors
    from .exchange import Exchange

BROKER_AWAY = "The broker is away. Calls go on; who joins is seen when it is back, and texts are sent then."
PAGE_ALIVE_S = 5.0
"""A page that said nothing for so long is none that others should wait for."""


class SessionHost(Protocol):
    """The room's object, as a session needs it."""

    @property
    def room_id(self) -> str:
        """The id that pages know."""

    def page(self) -> Page | None:
        """The page that the call is in."""

    def meet(self, other: Other) -> str:
        """Somebody came; gives the model id of the stream that is made for them."""

    def follow(self, other: Other, relayed: bool) -> None:
        """Something of somebody is different."""

    def part(self, other: Other) -> None:
        """Somebody is gone."""

    def hear(self, other: Other, say: Say) -> None:
        """Somebody said something."""

    def refuse(self, error: RoomError) -> None:
        """The room can't be joined, or somebody not be met."""

    def remark(self, text: str) -> None:
        """Something for the user; an empty text takes it back."""

    def call_changed(self) -> None:
        """Pages are to be told of the call."""


class Session:
    """A participant's stay in a room."""

    @classmethod
    async def open(cls, host: SessionHost, doors: Doors, own: Own) -> Session:
        """Reach the broker.

        Raises
        ------
        RoomError
            It is not reached, or refuses.
        """
        own_id = new_id()
        exchange = await open_exchange(
            doors.broker, will=will_of(doors.secret, own_id, name_only=doors.name_only)
        )
        return cls(host, exchange, doors, own, own_id)

    def __init__(self, host: SessionHost, exchange: Exchange, doors: Doors, own: Own, own_id: str) -> None:
        loop = asyncio.get_running_loop()
        self.id = own_id
        self.signalling = Signalling(exchange, doors.secret, self.id, name_only=doors.name_only)
        self.call = Call(host.room_id, self.id, own, self.signalling, self, loop)
        self.relay = Relay(
            host.room_id,
            self.call,
            send=self.signalling.send_media,
            listen=self._listen,
            page=host.page,
            loop=loop,
        )
        self._host = host
        self._loop = loop
        self._widgets: dict[str, str] = {}
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self.signalling.on_presence = self.call.presence
        self.signalling.on_signal = self._signal
        self.signalling.on_media = self._media
        self.signalling.on_online = self._online

    async def join(self) -> None:
        """Be seen by the others.

        Raises
        ------
        RoomError
            The broker is not reached, or refuses.
        """
        await self.signalling.join()

    async def leave(self) -> None:
        """Say goodbye, and end all."""
        self.call.leave()
        await self.signalling.leave()

    def state_for(self, here: bool, stream: str, ice_servers: list[IceServer], relay_only: bool) -> RoomCall:
        """What a page is told; `here` says whether the call is in that page."""
        return RoomCall(
            room=self._host.room_id,
            participant=self.id,
            call=self.call.own.call if here else "",
            stream=stream,
            microphone=self.call.own.microphone,
            camera=self.call.own.camera,
            ice_servers=ice_servers if here else [],
            relay_only=relay_only,
            peers=[self._peer(other) for other in self.call.others.values()],
        )

    def page_signal(self, message: RoomSignal) -> None:
        """The page negotiates."""
        self.call.page_signal(message)

    def page_state(self, message: RoomPeerState) -> None:
        """The page tells how a connection is: where there is no way, media is relayed until there is one."""
        other = self.call.page_state(message)
        if other is None:
            return
        if message.state == "blocked":
            self.relay.want(other, True)
        elif message.state == "connected":
            self.relay.want(other, False)
            for waiting in self._waiting.pop(other.id, []):
                if not waiting.done():
                    waiting.set_result(None)
        self.changed(other)

    def page_credit(self, message: FrameCredit | FrameKeyRequest) -> None:
        """The page took relayed media in."""
        self.relay.page_credit(message)

    async def connect(self, other: Other, timeout_s: float) -> None:
        """Negotiate anew, and wait until media comes.

        Raises
        ------
        RoomError
            ``not_connected``, ``peer_gone``.
        """
        waiting: asyncio.Future[None] = self._loop.create_future()
        self._waiting.setdefault(other.id, []).append(waiting)
        self.call.renew(other)
        try:
            await asyncio.wait_for(waiting, timeout_s)
        except asyncio.TimeoutError as error:
            raise RoomError(
                f"{other.nickname} was not connected within {timeout_s:.0f} s: no way was found from page to page. "
                "Give both sides a TURN server (ice_servers=…), or see whether their page is open.",
                Reason.NOT_CONNECTED,
            ) from error
        except asyncio.CancelledError as error:
            raise RoomError(f"{other.nickname} was not connected: they left.", Reason.PEER_GONE) from error

    def send(self, say: Say) -> None:
        """Send to everybody."""
        for other_id in self.call.others:
            self.signalling.send(other_id, say)

    # --- what the call says ---------------------------------------------------------------------------------------

    def met(self, other: Other) -> None:
        """Somebody came."""
        self._widgets[other.id] = self._host.meet(other)
        self.changed(other)

    def changed(self, other: Other) -> None:
        """Something of somebody is different."""
        if other.id in self._widgets:
            self._host.follow(other, bool(self.relay.stream_of(other)))
            self._host.call_changed()

    def gone(self, other: Other) -> None:
        """Somebody is not in the room any more."""
        self.relay.forget(other)
        self._widgets.pop(other.id, None)
        for waiting in self._waiting.pop(other.id, []):
            waiting.cancel()
        self._host.part(other)
        self._host.call_changed()

    def negotiated(self, message: RoomSignal) -> None:
        """A signal for the page."""
        page = self._host.page()
        if page is not None:
            page.send(message)

    def said(self, other: Other, say: Say) -> None:
        """Somebody said something."""
        self._host.hear(other, say)

    def relaying(self, other: Other, signal: Want | Credit) -> None:
        """Something about relayed media."""
        self.relay.heard(other, signal)

    def refused(self, error: RoomError) -> None:
        """The room is full, or somebody of another version."""
        self._host.refuse(error)

    def is_page_alive(self) -> bool:
        """Whether the page was heard lately."""
        page = self._host.page()
        return page is not None and page.is_alive(PAGE_ALIVE_S)

    # --- what signalling says -------------------------------------------------------------------------------------

    def _signal(self, sender: str, signal: Signal) -> None:
        before = self.call.others.get(sender)
        their_call = before.call if before is not None else ""
        self.call.signal(sender, signal)
        after = self.call.others.get(sender)
        if before is not None and after is before and after.call != their_call:
            self.relay.ask_again(after)

    def _media(self, sender: str, payload: bytes) -> None:
        other = self.call.others.get(sender)
        if other is not None:
            self.relay.media(other, payload)

    def _online(self, online: bool) -> None:
        self._host.remark("" if online else BROKER_AWAY)

    def _listen(self, other_id: str, wanted: bool) -> None:
        if wanted:
            self.signalling.listen_media(other_id)
        else:
            self.signalling.unlisten_media(other_id)

    def _peer(self, other: Other) -> RoomPeer:
        relay = self.relay.stream_of(other)
        return RoomPeer(
            peer=other.id,
            call=other.call,
            attempt=other.attempt,
            polite=other.polite,
            nickname=other.nickname,
            widget=self._widgets.get(other.id, ""),
            microphone=other.microphone,
            camera=other.camera,
            screen=other.screen,
            relayed=bool(relay),
            relay=relay,
        )
