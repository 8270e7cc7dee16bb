"""People in a room, each with a notebook and a page of their own."""

from __future__ import annotations

import time

from playwright.sync_api import Locator

from tests.e2e.harness import NotebookPage
from tests.e2e.harness.pixels import pixels, wait_for_pixels

SMALL_CAMERA = (
    "import time\nfrom ipymedia import *\n"
    "camera = CameraStream(constraints={'audio': True, "
    "'video': {'width': 320, 'height': 240, 'frameRate': 24}})"
)
PATTERN = "import time\nfrom ipymedia import *\ncamera = PatternStream(320, 240)"
OTHERS = ".ipymedia-tile[data-state]:not([data-own])"


class Person:
    """Somebody at a notebook; `room` in their kernel is the room."""

    def __init__(self, notebook: NotebookPage, name: str) -> None:
        self.notebook = notebook
        self.name = name
        self.cell = -1

    def join(self, room: str, more: str = "") -> Person:
        """Run the cell that joins; `room` is an expression of Python."""
        self.cell = self.notebook.add_cell(f"room = chat({room}, camera, nickname={self.name!r}{more})")
        self.notebook.run_cell(self.cell)
        return self

    @property
    def view(self) -> Locator:
        """The room, as it is shown."""
        return self.notebook.output(self.cell).locator(".ipymedia-room")

    @property
    def invite(self) -> str:
        """What others need."""
        return str(self.notebook.evaluate("room.invite"))

    def others(self) -> list[str]:
        """Who else is there, as Python knows it."""
        return sorted(self.notebook.evaluate("[peer.nickname for peer in room.peers]"))

    def waits_for(self, *names: str, connected: bool = True, timeout_s: float = 20.0) -> float:
        """Wait until exactly these are there, and connected; gives the seconds that it took."""
        began_s = time.monotonic()
        there = f"sorted(peer.nickname for peer in room.peers) == {sorted(names)!r}"
        all_connected = " and all(peer.connected for peer in room.peers)" if connected else ""
        self.notebook.wait_for(there + all_connected, timeout_s=timeout_s)
        return time.monotonic() - began_s

    def picture_of(self, name: str) -> Locator:
        """The picture of somebody else, in this one's page."""
        tile = self.view.locator(OTHERS).filter(has=self.notebook.page.get_by_text(name, exact=True))
        return tile.locator(".ipymedia-tile-picture").locator("video, canvas").first

    def sees(self, name: str, *, timeout_s: float = 20.0) -> None:
        """Wait until somebody's picture is there, and moves."""
        picture = self.picture_of(name)
        first = wait_for_pixels(
            picture, lambda seen: int(seen.max()) - int(seen.min()) > 60, timeout_s=timeout_s
        )
        wait_for_pixels(
            picture,
            lambda seen: seen.shape != first.shape or bool((seen != first).any()),
            timeout_s=timeout_s,
        )

    def brightness_of(self, name: str) -> float:
        """How light somebody's picture is."""
        return float(pixels(self.picture_of(name)).mean())
