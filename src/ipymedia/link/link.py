"""The link: every page of this kernel, the carriers to them, and who wants which message.

One for each kernel process, made when the first stream is. Handlers run on the thread that received the message (the
socket server's, a subshell's, or the main thread) and therefore only enqueue.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

import msgspec

from ..errors import MediaError, ProtocolError
from ..protocol.framing import Buffer, parse_object
from ..protocol.messages import (
    PROTOCOL_VERSION,
    Capabilities,
    FileRead,
    LinkBye,
    LinkChunk,
    LinkHello,
    LinkKeepalive,
    LinkMismatch,
    LinkOffer,
    LinkPiece,
    LinkPing,
    LinkPong,
    LinkUse,
    LinkWantChunk,
    LinkWantOffer,
    LinkWelcome,
    Message,
)
from ..widget import chunk_text
from .channel import LinkChannel
from .files import Files
from .offers import Offers
from .page import Page
from .server import LinkServer
from .socket import PageSocket

logger = logging.getLogger("ipymedia.link")

Handler = Callable[[Page, Any, Buffer], None]
M = TypeVar("M", bound=Message)


class PageEvent(Enum):
    """What happened to a page."""

    LOADED = "loaded"
    """It said hello: it is new, was reloaded, or had been lost; it knows nothing of what went before."""
    CARRIER = "carrier"
    """Another carrier leads to it."""
    LOST = "lost"
    """It left, or does not answer."""
    LEFT = "left"
    """It said that it goes: it was closed, or is being reloaded. Told after `LOST`."""


_MOST_PAGES = 64
_LONGEST_ID = 256
_NO_ORIGIN = frozenset({"", "null"})
_UNKNOWN_PAGE = "This page is not known to the kernel: it says hello again."
_OTHER_VERSION = (
    "This page runs version {page} of ipymedia's messages, the kernel runs {kernel}: reload the page (and restart the "
    "kernel if the package was upgraded while it ran)."
)


class Link:
    """All pages of this kernel."""

    def __init__(self, capabilities: Callable[[], Capabilities]) -> None:
        self.session = uuid.uuid4().hex
        self.offers = Offers()
        self.files = Files()
        self.refused = 0
        """Messages that were malformed, too large, out of order, or for somebody else."""
        self._capabilities = capabilities
        self._pages: dict[str, Page] = {}
        self._handlers: dict[type[Message], list[Handler]] = {}
        self._page_listeners: list[Callable[[Page, PageEvent], None]] = []
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._channel: LinkChannel | None = None
        self._server: LinkServer | None = None
        self.on(FileRead, self.files.answer)
        self.on(LinkWantChunk, _send_chunk)

    # --- who is there ---------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Make sure that the runtime is there; `Widget.close_all()` may have closed the last one."""
        with self._lock:
            if self._channel is None or not self._channel.alive:
                self._channel = LinkChannel(self.session, self._receive_comm)

    @property
    def pages(self) -> list[Page]:
        """The pages that said hello and did not leave."""
        with self._lock:
            return list(self._pages.values())

    def page(self, page_id: str) -> Page | None:
        """A page by its id, or None."""
        with self._lock:
            return self._pages.get(page_id)

    def page_of_client(self, client: str) -> Page | None:
        """The page whose Jupyter client session this is, or None."""
        with self._lock:
            return next((page for page in self._pages.values() if page.client == client), None)

    def wait_for_page(self, accept: Callable[[Page], bool], timeout_s: float) -> Page | None:
        """Block until a page that `accept` takes is there, or the time is over (then None)."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            while True:
                for page in self._pages.values():
                    if accept(page):
                        return page
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    return None
                # In slices: an untimed wait can't be interrupted on Windows.
                self._changed.wait(min(left_s, 0.5))

    def on(self, kind: type[M], handler: Callable[[Page, M, Buffer], None]) -> None:
        """Call `handler(page, message, buffer)` for each message of a kind."""
        self._handlers.setdefault(kind, []).append(handler)

    def on_page(self, listener: Callable[[Page, PageEvent], None]) -> None:
        """Call `listener(page, event)` when a page came, changed its carrier, or is gone."""
        self._page_listeners.append(listener)

    @property
    def port(self) -> int:
        """Of the server; 0 before the first page was offered a socket."""
        return self._server.port if self._server is not None else 0

    def lose(self, page: Page) -> None:
        """A page does not answer any more: forget it. When it speaks again it is asked to say hello."""
        with self._lock:
            gone = self._pages.pop(page.id, None)
        if gone is not None:
            gone.use_comm()
            self._tell(gone, PageEvent.LOST)

    # --- what arrives over the comm -------------------------------------------------------------------------------

    def _receive_comm(self, client: str, content: object, buffers: list[Buffer], off_main: bool) -> None:
        try:
            page_id, message = _unwrap(content)
            buffer = buffers[0] if buffers else b""
            if isinstance(message, LinkHello):
                self._hello(message, client, off_main)
                return
            page = self.page(page_id)
            if page is None:
                self._hear_stranger(page_id, message)
                return
            page.during_cells = page.during_cells or off_main
            if isinstance(message, LinkPiece):
                whole = page.pieces.add(message, buffer)
                if whole is None:
                    return
                message, buffer = whole
            self._dispatch(page, message, buffer, over="comm")
        except ProtocolError as error:
            self.count_refused(error)

    def _hello(self, hello: LinkHello, client: str, off_main: bool) -> None:
        hello.client = hello.client or client
        assert self._channel is not None
        if hello.version != PROTOCOL_VERSION:
            text = _OTHER_VERSION.format(page=hello.version, kernel=PROTOCOL_VERSION)
            self._channel.send_to(hello.page, _plain(LinkMismatch(version=PROTOCOL_VERSION, message=text)))
            return
        with self._lock:
            silent = min(self._pages.values(), key=lambda page: page.heard_s, default=None)
            full = hello.page not in self._pages and len(self._pages) >= _MOST_PAGES
        if full and silent is not None:
            self.lose(silent)
        with self._changed:
            page = self._pages.get(hello.page)
            fresh = page is None or page.load != hello.load
            if page is None:
                page = self._pages[hello.page] = Page(hello, self._channel)
            else:
                page.renew(hello, self._channel)
            page.during_cells = page.during_cells or off_main
            page.heard_s = time.monotonic()
            self._changed.notify_all()
        page.send_over_comm(
            LinkWelcome(
                version=PROTOCOL_VERSION, capabilities=self._capabilities(), during_cells=page.during_cells
            )
        )
        if fresh:
            self._tell(page, PageEvent.LOADED)
            if hello.origin:
                self.offer(page, hello.origin)

    def _hear_stranger(self, page_id: str, message: Message) -> None:
        """A page that is not known: it may load parts of itself while it still finds out what it can."""
        if isinstance(message, LinkWantChunk) and self._channel is not None:
            self._channel.send_to(page_id, _plain(LinkChunk(name=message.name)), _chunk(message))
        elif not isinstance(message, LinkBye):
            self._ask_hello(page_id)

    def _ask_hello(self, page_id: str) -> None:
        if self._channel is not None:
            self._channel.send_to(
                page_id, _plain(LinkMismatch(version=PROTOCOL_VERSION, message=_UNKNOWN_PAGE))
            )

    def knows_origin(self, origin: str) -> bool:
        """Whether a page that is there has this origin."""
        return origin not in _NO_ORIGIN and any(page.origin == origin for page in self.pages)

    # --- what arrives over a socket (on the server's thread) ------------------------------------------------------

    def socket_opened(self, socket: PageSocket) -> None:
        """A socket proved its offer."""
        page = self.page(socket.page)
        if page is None:
            socket.end()
            return
        with self._changed:
            page.use_socket(socket)
            self._changed.notify_all()
        self._tell(page, PageEvent.CARRIER)

    def socket_message(self, socket: PageSocket, message: Message, buffer: Buffer) -> None:
        """A message came over a socket."""
        page = self.page(socket.page)
        if page is not None:
            self._dispatch(page, message, buffer, over="socket")

    def socket_closed(self, socket: PageSocket) -> None:
        """A socket is gone: the comm carries, until the page dials again."""
        page = self.page(socket.page)
        if page is not None and page.use_comm(only_if=socket):
            self._tell(page, PageEvent.CARRIER)

    def count_refused(self, error: MediaError) -> None:
        """Count a message that was refused, and log why; ever more seldom, since the log is the user's notebook."""
        with self._lock:
            self.refused += 1
            count = self.refused
        if count & (count - 1) == 0:
            logger.warning("%s (%d refused by now)", error, count)

    # --- both -----------------------------------------------------------------------------------------------------

    def _dispatch(self, page: Page, message: Message, buffer: Buffer, over: str) -> None:
        page.heard_s = time.monotonic()
        match message:
            case LinkPing(time_us=time_us):
                page.send(LinkPong(time_us=time_us), lazy=True)
            case LinkUse(carrier="comm") if over == "comm":
                if page.use_comm():
                    self._tell(page, PageEvent.CARRIER)
            case LinkWantOffer(origin=origin):
                self.offer(page, origin)
            case LinkBye():
                self.lose(page)
                self._tell(page, PageEvent.LEFT)
            case LinkKeepalive() | LinkUse():
                pass
            case _:
                handlers = self._handlers.get(type(message))
                if not handlers:
                    raise ProtocolError(f"A message {type(message).__name__} is none that a page may send.")
                for handler in handlers:
                    self._call(handler, page, message, buffer)

    def offer(self, page: Page, origin: str) -> None:
        """Offer the socket to a page, over the comm; one without an origin of its own could be anybody."""
        if origin in _NO_ORIGIN:
            return
        with self._lock:
            if self._server is None:
                try:
                    self._server = LinkServer(self)
                except OSError as error:
                    logger.warning(
                        "The socket is not offered, the comm carries: the kernel can't listen: %s", error
                    )
                    return
        offer = self.offers.make(page.id, origin)
        page.send_over_comm(LinkOffer(offer=offer.id, port=self._server.port, token=offer.token))

    def _tell(self, page: Page, event: PageEvent) -> None:
        for listener in self._page_listeners:
            self._call(listener, page, event)

    def _call(self, handler: Callable[..., None], *arguments: object) -> None:
        try:
            handler(*arguments)
        except Exception:
            # Whoever called (Tornado, ipykernel) would end the connection, or drop what other handlers wait for.
            logger.exception("a message could not be worked on")


def _send_chunk(page: Page, message: LinkWantChunk, _: Buffer) -> None:
    page.send(LinkChunk(name=message.name), _chunk(message))


def _chunk(message: LinkWantChunk) -> bytes:
    return (chunk_text(message.name) or "").encode()


def _unwrap(content: object) -> tuple[str, Message]:
    """The sender's id and the message of one comm message."""
    page = content.get("page") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(page, str) or len(page) > _LONGEST_ID:
        raise ProtocolError("A message was refused: it does not say which page sent it. Reload the page.")
    return page, parse_object(content.get("message"))


def _plain(message: Message) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(message)
    return plain
