"""The widget without a view that carries the bundle to a page, and messages where there is no socket.

On this comm only the link sends. ipykernel 7.4 routes what a page sends on a comm to the shell that last *sent* on
it; a send from a running cell would move the page's messages to the busy main shell (measured: 30 to 10 fps).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from traitlets import Unicode

from ..protocol.framing import Buffer
from ..widget import MediaWidget, static_text


class LinkChannel(MediaWidget):
    """The runtime of the front end and the comm carrier, one for each kernel."""

    _view_name = None  # type: ignore[assignment]  # no view: ipywidgets' own way to say so
    _session = Unicode(help="Tells the kernels apart that one page may have.").tag(sync=True)

    def __init__(self, session: str, receive: Callable[[str, object, list[Buffer], bool], None]) -> None:
        type(self)._esm = static_text("runtime.js")  # noqa: SLF001 (anywidget's name)
        self._receive = receive
        self._send_lock = threading.Lock()
        super().__init__(_kind="runtime", _session=session)

    @property
    def alive(self) -> bool:
        """False after `close()`, which `Widget.close_all()` calls too."""
        return self.comm is not None

    def open(self) -> None:
        """Open the comm, and leave the page's messages on the shell that the page chooses."""
        super().open()
        self._keep_routing()

    def send_to(self, page: str, message: dict[str, Any], buffer: Buffer | None = None) -> None:
        """Send to one page (all pages of the notebook get it, the others drop it); from any thread."""
        with self._send_lock:
            if self.comm is None:
                return
            self.send({"page": page, "message": message}, [buffer] if buffer is not None else None)
            self._keep_routing()

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        """Take custom messages before ipywidgets does: it would capture output and swallow errors."""
        data = msg["content"]["data"]
        if data.get("method") != "custom":
            super()._handle_msg(msg)
            return
        client = str(msg.get("header", {}).get("session", ""))
        off_main = threading.current_thread() is not threading.main_thread()
        self._receive(client, data.get("content"), list(msg.get("buffers") or []), off_main)

    def _keep_routing(self) -> None:
        self.comm.__dict__.pop("_reply_subshell_id", None)
