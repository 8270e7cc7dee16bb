"""A room's object on the rooms' event loop: its pages, its stay (`session`), and the objects made for the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ..errors import Reason, RoomError
from ..frames.hub import get_hub
from ..protocol.messages import (
    FrameCredit,
    FrameData,
    FrameKeyRequest,
    IceServer,
    Message,
    RoomCall,
    RoomHello,
    RoomPeerState,
    RoomQuit,
    RoomRename,
    RoomSay,
    RoomSignal,
    RoomSwitches,
    RoomTake,
    RoomText,
    RoomTexts,
    RoomTold,
    SoundData,
)
from .guests import Guests
from .nickname import nickname_of
from .participants import Own
from .place import Place
from .session import Session
from .texts import Texts, say_of

if TYPE_CHECKING:
    from ..link.link import PageEvent
    from ..link.page import Page
    from ..protocol.framing import Buffer
    from .doors import Doors
    from .participants import Other
    from .room import WebRTCRoom
    from .signals import Say

logger = logging.getLogger("ipymedia.rooms")


class Attendance:
    """What goes on in a room, for one room object."""

    def __init__(
        self, room: WebRTCRoom, doors: Doors, client: str, ice_servers: list[IceServer], *, relay_only: bool
    ) -> None:
        self._room = room
        self._doors = doors
        self._ice = ice_servers
        self._relay_only = relay_only
        self._own = Own(room.nickname)
        self._texts = Texts()
        self._session: Session | None = None
        self._joining = asyncio.Lock()
        self._told = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self.place = Place(client, self._moved, self._page_away)
        self._guests = Guests(room, self.place)

    @property
    def room_id(self) -> str:
        """The room object's id, which its pages know."""
        return str(self._room.room_key)

    # --- coming and going -----------------------------------------------------------------------------------------

    async def join(self) -> None:
        """Join, unless it is joined.

        Raises
        ------
        RoomError
            What hindered it; it is kept in the room's `error` too.
        """
        async with self._joining:
            if self._session is not None:
                return
            self._set_state("joining")
            try:
                self._session = await Session.open(self, self._doors, self._own)
                await self._session.join()
            except RoomError as error:
                await self._end_session()
                self._room.set_error(error)
                self._set_state("failed")
                raise
            self._room.set_trait("room_id", self._session.id)
            self._room.set_error(None)
            self._set_state("joined")

    async def leave(self, state: str = "left") -> None:
        """Leave; `join` comes back."""
        async with self._joining:
            await self._end_session()
            if self._room.state != "failed":
                self._set_state(state)

    async def end(self) -> None:
        """The room object is closed."""
        self.place.end()
        for task in self._tasks:
            task.cancel()
        await self.leave()

    async def _end_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.leave()
        self.call_changed()

    def _set_state(self, state: str) -> None:
        self._room.state = state
        self.call_changed()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if (
            not task.cancelled()
            and (error := task.exception()) is not None
            and not isinstance(error, RoomError)
        ):
            logger.error("a room's work failed", exc_info=error)

    # --- pages ----------------------------------------------------------------------------------------------------

    def page(self) -> Page | None:
        """The page that the call is in."""
        return self.place.page if self.place.call else None

    def page_says(self, page: Page, message: Message) -> None:
        """A page said something of this room."""
        match message:
            case RoomHello():
                self.place.hello(page)
                self._tell(page)
                page.send(RoomTexts(room=self.room_id, whole=True, texts=list(self._texts.lines)))
                page.send(RoomTold(room=self.room_id, text=self._told))
            case RoomTake():
                self.place.take(page)
            case RoomSay(text=text) if text.strip():
                self.say(say_of(text))
            case RoomRename(nickname=nickname):
                self._room.nickname = nickname_of(nickname)
            case RoomQuit(again=again):
                self._start(self.join() if again else self.leave())
            case _ if page.id == self.place.page_id and self._session is not None:
                self._call_page_says(self._session, message)

    def _call_page_says(self, session: Session, message: Message) -> None:
        match message:
            case RoomSignal():
                session.page_signal(message)
            case RoomPeerState():
                session.page_state(message)
            case RoomSwitches(microphone=microphone, camera=camera, screen=screen):
                own = self._own
                if (own.microphone, own.camera, own.screen) != (microphone, camera, screen):
                    own.microphone, own.camera, own.screen = microphone, camera, screen
                    session.call.greet_all()

    def page_event(self, page: Page, event: PageEvent) -> None:
        """A page came, changed its carrier, or is gone."""
        self.place.event(page, event)

    def page_media(self, page: Page, message: FrameData | SoundData, buffer: Buffer) -> None:
        """The call's page sends media that are to be relayed; on the link's threads."""
        session = self._session
        if session is not None and page.id == self.place.page_id and message.stream == session.relay.stream:
            session.relay.from_page(message, buffer)

    def page_credit(self, page: Page, message: FrameCredit | FrameKeyRequest) -> None:
        """The call's page took relayed media in."""
        if self._session is not None and page.id == self.place.page_id:
            self._session.page_credit(message)

    def ran_in(self, client: str) -> None:
        """The cell was run again, in another page."""
        self.place.client = client
        page = get_hub().link.page_of_client(client)
        if page is not None:
            self.place.take(page)

    def _moved(self) -> None:
        """The call's page came, was loaded anew, is another one, or is away."""
        page = self.page()
        self._guests.move()
        decode = page.capabilities.decode if page is not None else []
        if self._session is not None:
            self._session.call.page(self.place.call, decode)
            if page is not None:
                self._session.relay.tell_page()
        else:
            self._own.call, self._own.decode = self.place.call, decode
            if page is not None and self._room.state == "away":
                self._start(self.join())
        self.call_changed()

    def _page_away(self) -> None:
        if self._session is not None:
            self._start(self.leave("away"))

    def call_changed(self) -> None:
        """Tell every page in which the room is how the call is."""
        for page in self.place.pages():
            self._tell(page)

    def _tell(self, page: Page) -> None:
        here = page.id == self.place.page_id
        stream = self._room.stream
        model_id = "" if stream is None else str(stream.model_id or "")
        if self._session is None:
            own = self._own
            page.send(
                RoomCall(
                    room=self.room_id,
                    participant="",
                    call="",
                    stream=model_id,
                    microphone=own.microphone,
                    camera=own.camera,
                )
            )
        else:
            page.send(self._session.state_for(here, model_id, self._ice, self._relay_only))

    # --- the others -----------------------------------------------------------------------------------------------

    def meet(self, other: Other) -> str:
        """Somebody came: a stream and a peer are made for them."""
        assert self._session is not None
        return self._guests.meet(other, self._session.id)

    def follow(self, other: Other, relayed: bool) -> None:
        """Something of somebody is different."""
        self._guests.follow(other, relayed)

    def part(self, other: Other) -> None:
        """Somebody is gone."""
        self._guests.part(other)

    async def connect(self, peer: str, timeout_s: float) -> None:
        """Negotiate anew with a participant, and wait until media comes."""
        session = self._session
        other = session.call.others.get(peer) if session is not None else None
        if session is None or other is None:
            raise RoomError(
                "The peer was not connected: nobody of this id is in the room any more. room.peers lists who is.",
                Reason.PEER_GONE,
            )
        await session.connect(other, timeout_s)

    def renamed(self) -> None:
        """Tell the others this side's other name."""
        self._own.nickname = self._room.nickname
        if self._session is not None:
            self._session.call.greet_all()

    def refuse(self, error: RoomError) -> None:
        """The room can't be joined, or somebody not be met."""
        self._room.set_error(error)
        if error.reason is Reason.ROOM_FULL:
            self._room.state = "failed"
            self._start(self.leave("failed"))

    def refused(self) -> dict[str, int]:
        """How many messages were refused, by why."""
        session = self._session
        return {} if session is None else dict(session.signalling.refused)

    def remark(self, text: str) -> None:
        """Something for the user."""
        self._told = text
        self._to_pages(RoomTold(room=self.room_id, text=text))

    # --- texts ----------------------------------------------------------------------------------------------------

    def say(self, say: Say) -> None:
        """Say something to everyone."""
        if self._session is not None:
            self._session.send(say)
            self._show(say, "", self._room.nickname)

    def hear(self, other: Other, say: Say) -> None:
        """Somebody said something."""
        self._show(say, other.id, other.nickname)
        self._guests.hear(other, say)

    def _show(self, say: Say, peer: str, nickname: str) -> None:
        line: RoomText | None = self._texts.add(say, peer, nickname)
        if line is not None:
            self._to_pages(RoomTexts(room=self.room_id, whole=False, texts=[line]))

    def _to_pages(self, message: Message) -> None:
        for page in self.place.pages():
            page.send(message)
