"""Pages in a room without kernels: what is built, in real pages, with a script in the kernels' place.

The script is `mesh.js`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route

import ipymedia

_STATIC = Path(ipymedia.__file__).parent / "static"
_SCRIPT = Path(__file__).with_name("mesh.js")
_ORIGIN = "http://localhost"


class MeshPage:
    """One participant.

    Parameters
    ----------
    context : BrowserContext
        Those of one context meet.
    name : str
        Who it is; the later of two names in the alphabet is the polite one.
    stream : str
        What it shows: ``camera-model``, ``pattern-model``, or nothing.
    """

    def __init__(
        self, context: BrowserContext, name: str, *, stream: str = "camera-model", sound: bool = False
    ) -> None:
        self.name = name
        self._stream = stream
        self.page: Page = context.new_page()
        self.page.route(f"{_ORIGIN}/**", _answer)
        self.page.goto(f"{_ORIGIN}/mesh?id={name}{'&sound' if sound else ''}")
        self._start()

    def _start(self) -> None:
        self.page.evaluate("stream => __mesh.start(stream)", self._stream)
        self.page.wait_for_function("__mesh.live !== null")

    def reload(self) -> None:
        self.page.reload()
        self._start()

    def evaluate(self, expression: str, argument: Any = None) -> Any:
        return self.page.evaluate(expression, argument)

    def picture(self, other: MeshPage) -> Locator:
        """What shows the other's picture here."""
        return self.page.locator(f"#remote-{other.name} video")

    def state(self, other: MeshPage) -> str:
        return str(
            self.evaluate("peer => __mesh.live.people.find(one => one.peer === peer)?.state", other.name)
        )

    def wait_for_state(self, other: MeshPage, state: str, *, timeout_s: float = 15.0) -> None:
        self.page.wait_for_function(
            "([peer, state]) => __mesh.live.people.find(one => one.peer === peer)?.state === state",
            arg=[other.name, state],
            timeout=timeout_s * 1000,
        )

    def told(self, other: MeshPage) -> list[dict[str, Any]]:
        """Give what the page told its kernel of the connection, oldest first."""
        states: list[dict[str, Any]] = self.evaluate("peer => __mesh.kernel.states(peer)", other.name)
        return states


def _answer(route: Route) -> None:
    path = route.request.url.removeprefix(_ORIGIN).partition("?")[0]
    if path.startswith("/static/"):
        body = (_STATIC / path.removeprefix("/static/")).read_text()
        route.fulfill(body=body, content_type="text/javascript")
    elif path == "/mesh":
        page = f"<!doctype html><meta charset=utf-8><title>mesh</title><script>{_SCRIPT.read_text()}</script>"
        route.fulfill(body=page, content_type="text/html")
    else:
        route.fulfill(status=404)
