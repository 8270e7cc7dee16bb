"""Pages that can really be hidden.

Playwright emulates focus in every page, which keeps all of them visible to themselves. That one command of its protocol
is answered here instead of by the browser; everything else passes. A page is then hidden when another page of its
browser's default context is brought to the front, as a tab is.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, WebSocketHandler, websocket_connect

from tests.e2e.harness.browser import Camera, chromium_arguments, chromium_path

_KEPT_BACK = "Emulation.setFocusEmulationEnabled"
_LARGEST_MESSAGE_BYTES = 256 * 1024 * 1024
_ANNOUNCEMENT = b"DevTools listening on "


@contextmanager
def chromium_with_true_visibility(
    playwright: Playwright, directory: Path, *, camera: Camera | None, extra_args: Sequence[str] = ()
) -> Iterator[Browser]:
    """Start Chromium so that a page behind another one is hidden; close it at exit.

    Use ``browser.contexts[0]``, the default context: the pages of one window are its tabs. Grant the camera by
    ``context.grant_permissions(["camera", "microphone"])``. See `hide`.

    Parameters
    ----------
    directory : Path
        An empty folder, for the profile.
    """
    command = [
        chromium_path(), "--headless", "--remote-debugging-port=0", f"--user-data-dir={directory}",
        *chromium_arguments(camera, extra_args), "about:blank",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        with _filtered(_endpoint(process)) as address:
            browser = playwright.chromium.connect_over_cdp(address)
            yield browser
            browser.close()
    finally:
        process.terminate()
        process.wait(10)


def hide(page: Page) -> Page:
    """Open a tab in front of the page; give that tab. Closing it, or `page.bring_to_front()`, shows the page."""
    front = page.context.new_page()
    front.bring_to_front()
    page.wait_for_function("document.visibilityState === 'hidden'", polling=50)
    return front


def _endpoint(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line.decode(errors="replace"))
        if line.startswith(_ANNOUNCEMENT):
            # Somebody has to go on reading, or the browser blocks on a full pipe.
            threading.Thread(target=process.stderr.read, name="chromium-stderr", daemon=True).start()
            return line.removeprefix(_ANNOUNCEMENT).decode().strip()
    raise RuntimeError("Chromium ended before it listened:\n" + "".join(said))


@contextmanager
def _filtered(endpoint: str) -> Iterator[str]:
    """Serve the endpoint on a port of our own, without the command that is kept back."""
    loop = asyncio.new_event_loop()
    sockets = bind_sockets(0, "127.0.0.1")

    async def serve() -> HTTPServer:
        application = Application(
            [("/", _Filter, {"endpoint": endpoint})], websocket_max_message_size=_LARGEST_MESSAGE_BYTES
        )
        server = HTTPServer(application)
        server.add_sockets(sockets)
        return server

    thread = threading.Thread(target=loop.run_forever, name="devtools-filter", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(serve(), loop).result()
    try:
        yield f"ws://127.0.0.1:{sockets[0].getsockname()[1]}/"
    finally:
        loop.call_soon_threadsafe(server.stop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Filter(WebSocketHandler):
    def initialize(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._browser: WebSocketClientConnection | None = None

    async def open(self) -> None:
        self._browser = await websocket_connect(
            self._endpoint, on_message_callback=self._from_browser, max_message_size=_LARGEST_MESSAGE_BYTES
        )

    async def on_message(self, message: str | bytes) -> None:
        assert self._browser is not None
        if _KEPT_BACK in str(message):
            command = json.loads(message)
            if command["method"] == _KEPT_BACK:
                answer = {"id": command["id"], "result": {}, "sessionId": command.get("sessionId")}
                await self.write_message(json.dumps(answer))
                return
        await self._browser.write_message(message)

    def on_close(self) -> None:
        if self._browser is not None:
            self._browser.close()

    def _from_browser(self, message: str | bytes | None) -> None:
        if message is None:
            self.close()
        elif self.ws_connection is not None:
            self.write_message(message)
