"""Streams that live in a page: which page captures, and when another one takes over (rule 4).

The page in which the cell was run captures, also after its own reload; another page takes over only by a click there.
Where cells are run by no page (Voila), the first page that comes does.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from traitlets import Unicode

from ..frames.capabilities import check_codec
from ..frames.flow import FrameSource
from ..frames.hub import get_hub
from ..frames.sound_tap import SoundTap
from ..frames.tap import Tap
from ..link.link import PageEvent
from .cell import Cell, current_cell
from .remade import RemadeByCell

if TYPE_CHECKING:
    from ..frames.downlink import Downlink
    from ..link.page import Page
    from ..protocol.framing import Buffer
    from ..protocol.messages import SoundData, SoundStop, StatsKernel

_EXECUTOR_PATIENCE_S = 2.0
"""How long the page that ran the cell may take to say hello before another one captures."""


class PageStream(RemadeByCell):
    """A stream whose pictures a page makes. Made again by the same cell, it is the same object, with new settings."""

    _capture_client = Unicode(help="The client session that ran the cell.").tag(sync=True)
    _capture_page = Unicode(help="The page that captures; empty until it is known.").tag(sync=True)

    _tap: Tap | None = None
    _sound_tap: SoundTap | None = None

    def __init__(self, *, codec: str = "auto", **settings: Any) -> None:
        check_codec(codec)
        cell = current_cell()
        if self._tap is not None:
            self._make_again(cell, codec, settings)
            return
        self._tap = Tap(self)
        super().__init__(codec=codec, _capture_client=cell.client, **settings)
        self._find_page()

    def root(self) -> PageStream:
        """The stream itself: it comes from no other one."""
        return self

    def needs_page(self) -> bool:
        """Frames come only from a page."""
        return True

    def source(self) -> FrameSource:
        """The tap."""
        assert self._tap is not None
        return self._tap

    def sound(self) -> SoundTap | None:
        """The tap of the page's sound."""
        if self._sound_tap is None:
            self._sound_tap = SoundTap(self)
        return self._sound_tap

    def page_sound(self, page: Page, message: SoundData, data: Buffer) -> None:
        """A packet of the page's sound."""
        if self._sound_tap is not None:
            self._sound_tap.receive(page, message, data)

    def page_silent(self, page: Page, message: SoundStop) -> None:
        """The page has no sound to give."""
        if self._sound_tap is not None:
            self._sound_tap.refuse(page, message)

    def capturing_page(self) -> Page | None:
        """The page that captures, if it is there."""
        return get_hub().link.page(self._capture_page) if self._capture_page else None

    def kernel_stats(self, downlink: Downlink | None) -> StatsKernel:
        """The kernel's figures."""
        stats = super().kernel_stats(downlink)
        assert self._tap is not None
        stats.received_bytes = self._tap.received_bytes
        stats.dropped += self._tap.lost
        return stats

    def page_event(self, page: Page, event: PageEvent) -> None:
        """Give the capture to the page that ran the cell, and ask for frames again after its reload."""
        if event is PageEvent.LOADED:
            if not self._capture_page:
                if page.client == self._capture_client:
                    self._capture_in(page)
                else:
                    timer = threading.Timer(_EXECUTOR_PATIENCE_S, self._capture_if_free, [page])
                    timer.daemon = True
                    timer.start()
            elif self._capture_page == page.id:
                self._restart_taps()
        elif event is PageEvent.LOST and page.id == self._capture_page and self.state in ("live", "starting"):
            self.state = "idle"

    def page_take(self, page: Page) -> None:
        """The user clicked in this page."""
        self._capture_in(page)

    def _may_speak(self, page: Page) -> bool:
        return page.id == self._capture_page

    def _make_again(self, cell: Cell, codec: str, settings: dict[str, Any]) -> None:
        """The same cell was run again: settings as in a new one, the track goes on."""
        changed = codec != self.codec
        self.codec = codec
        for name in self._settings():
            value = settings.get(name, self.traits()[name].default())
            if name in settings or name in self._reset_when_made_again():
                setattr(self, name, value)
        for name in settings.keys() - self._settings():
            setattr(self, name, settings[name])
        self.set_error(None)
        if cell.client and cell.client != self._capture_client:
            self._capture_client, self._capture_page = cell.client, ""
            self._find_page()
        elif changed and self._tap is not None:
            self._tap.restart()

    def _settings(self) -> set[str]:
        return set()

    def _reset_when_made_again(self) -> set[str]:
        return self._settings()

    def _find_page(self) -> None:
        page = get_hub().link.page_of_client(self._capture_client)
        if page is not None:
            self._capture_in(page)

    def _capture_if_free(self, page: Page) -> None:
        if not self._capture_page and self.comm is not None:
            self._capture_in(page)

    def _capture_in(self, page: Page) -> None:
        self._capture_page = page.id
        self._restart_taps()

    def _restart_taps(self) -> None:
        for tap in (self._tap, self._sound_tap):
            if tap is not None:
                tap.restart()
