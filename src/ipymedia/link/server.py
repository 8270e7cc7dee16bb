"""The kernel's own HTTP and WebSocket server, on loopback, on a loop and a thread of its own.

It is reached by the page through jupyter-server-proxy. A thread of its own, since the kernel's main thread runs cells.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Protocol

from ..errors import ProtocolError
from ..protocol.framing import Buffer
from ..protocol.messages import MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, Message
from .files import FILE_PATH, FileHandler, Files
from .offers import Offers
from .socket import PageSocket

logger = logging.getLogger("ipymedia.link")

SOCKET_PATH = "/ipymedia/link"


class SocketOwner(Protocol):
    """What a socket needs of whoever made the server; called on the server's thread."""

    offers: Offers
    files: Files

    def knows_origin(self, origin: str) -> bool:
        """Whether a page that is there has this origin."""

    def socket_opened(self, socket: PageSocket) -> None:
        """A socket proved its offer."""

    def socket_message(self, socket: PageSocket, message: Message, buffer: Buffer) -> None:
        """A message came over an open socket."""

    def socket_closed(self, socket: PageSocket) -> None:
        """An open socket is gone."""

    def count_refused(self, error: ProtocolError) -> None:
        """A message was refused."""


class LinkServer:
    """A Tornado server on 127.0.0.1 and a free port; started with the first offer, ended with the process.

    Attributes
    ----------
    port : int
        Known once the constructor returned (it blocks until the server listens, some milliseconds).
    """

    def __init__(self, owner: SocketOwner) -> None:
        self._owner = owner
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self.port = 0
        self._thread = threading.Thread(target=self._run, name="ipymedia-link", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End the server and its thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        try:
            self._listen()
        except OSError as error:
            self._failure = error
            return
        finally:
            self._started.set()
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def _listen(self) -> None:
        from tornado.httpserver import HTTPServer
        from tornado.netutil import bind_sockets
        from tornado.web import Application

        application = Application(
            [
                (SOCKET_PATH, PageSocket, {"owner": self._owner}),
                (
                    FILE_PATH,
                    FileHandler,
                    {"files": self._owner.files, "knows_origin": self._owner.knows_origin},
                ),
            ],
            websocket_max_message_size=MAX_MESSAGE_BYTES + MAX_HEADER_BYTES,
            log_function=_log_request,
        )
        sockets = bind_sockets(0, address="127.0.0.1")
        self._http = HTTPServer(application)
        self._http.add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._http.stop()
        await self._http.close_all_connections()


def _log_request(handler: object) -> None:
    """Tornado would write each request to the notebook's stderr."""
    logger.debug("request: %s", handler)
