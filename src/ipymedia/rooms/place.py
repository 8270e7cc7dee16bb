"""Which page a call is in: that in which the cell was run, also after its reload; another one only by a click there."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..frames.hub import get_hub
from ..link.link import PageEvent
from ..protocol.messages import ROOM_SILENT_S

if TYPE_CHECKING:
    from ..link.page import Page

FIRST_PAGE_PATIENCE_S = 2.0
"""How long the page that ran the cell may take to say hello before another one has the call."""

AWAY_S = 3.5
"""How long the call's page may be away, for a reload, before the room is left: others drop who is gone within 5 s."""

NEVER_CAME_S = 30.0
"""How long a room waits for its first page."""


class Place:
    """The call's page, and whether it is there. On the rooms' event loop."""

    def __init__(self, client: str, moved: Callable[[], None], away: Callable[[], None]) -> None:
        """`moved` is called when `call` is another one, `away` when the page stayed away."""
        self.client = client
        self.page_id = ""
        self.call = ""
        """Names the load of the page; empty while it is away."""
        self.listeners: set[str] = set()
        """Pages in which the room is."""
        self._load = ""
        self._moved = moved
        self._away = away
        self._timer: asyncio.TimerHandle | None = None
        self._others_turn: asyncio.TimerHandle | None = None
        self._leave_in(NEVER_CAME_S)

    @property
    def page(self) -> Page | None:
        """The call's page, while it is there."""
        return get_hub().link.page(self.page_id) if self.page_id else None

    def pages(self) -> list[Page]:
        """The pages in which the room is."""
        link = get_hub().link
        return [page for page in map(link.page, sorted(self.listeners)) if page is not None]

    def hello(self, page: Page) -> None:
        """The room is in this page."""
        self.listeners.add(page.id)
        if self.page_id == page.id or (not self.page_id and page.client == self.client):
            self.take(page)
        elif not self.page_id and self._others_turn is None:
            later = asyncio.get_running_loop().call_later
            self._others_turn = later(FIRST_PAGE_PATIENCE_S, self._take_if_free, page)

    def take(self, page: Page) -> None:
        """The call is in this page from now on."""
        self.listeners.add(page.id)
        if (self.page_id, self._load) == (page.id, page.load) and self.call:
            return
        self.page_id, self._load, self.call = page.id, page.load, uuid.uuid4().hex
        self._stay()
        self._moved()

    def event(self, page: Page, event: PageEvent) -> None:
        """A page came, changed its carrier, or is gone."""
        if event in (PageEvent.LOST, PageEvent.LEFT):
            self.listeners.discard(page.id)
        if page.id != self.page_id:
            return
        if event in (PageEvent.LOST, PageEvent.LEFT):
            self._go(AWAY_S)
        elif event is PageEvent.CARRIER and page.carrier == "comm" and self.call:
            # A socket that broke may mean a tab that crashed; one that is there is heard of soon.
            self._leave_in(AWAY_S, lambda: None if page.is_alive(ROOM_SILENT_S) else self._go(0))

    def end(self) -> None:
        """No timer goes on."""
        self._stay()
        if self._others_turn is not None:
            self._others_turn.cancel()

    def _take_if_free(self, page: Page) -> None:
        self._others_turn = None
        if not self.page_id and get_hub().link.page(page.id) is not None:
            self.take(page)

    def _go(self, wait_s: float) -> None:
        if self.call:
            self.call = ""
            self._moved()
        self._leave_in(wait_s)

    def _leave_in(self, wait_s: float, then: Callable[[], None] | None = None) -> None:
        self._stay()
        self._timer = asyncio.get_running_loop().call_later(wait_s, then or self._away)

    def _stay(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
