"""The socket carrier's kernel end: one WebSocket of one page, from the dial to the close.

``dialling --LinkDial--> proving --LinkProof--> open``; anything out of that order, malformed or oversized, and a page
that says nothing for 5 s, closes it. Nothing is dispatched before `open`.
"""

from __future__ import annotations

import logging
import socket
import time
from enum import Enum
from typing import TYPE_CHECKING, Any

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamBufferFullError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..errors import ProtocolError
from ..protocol.framing import Assembler, Buffer, join, pieces, split
from ..protocol.messages import (
    IDLE_SOCKET_TIMEOUT_S,
    MAX_ASSEMBLED_BYTES,
    MAX_MESSAGE_BYTES,
    SILENT_PAGE_TIMEOUT_S,
    LinkDial,
    LinkPiece,
    LinkProof,
    LinkReady,
    Message,
)
from .handshake import KERNEL, PAGE, new_nonce, proof_of, proves

if TYPE_CHECKING:
    from .offers import Offer
    from .server import SocketOwner

logger = logging.getLogger("ipymedia.link")

_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)

LAZY_DELAY_S = 0.025
"""How long a message may wait for a larger one to follow; see `PageSocket.send`.

Less than what `frames.pace` takes for a queue: acknowledgements that waited 50 ms made the pictures that go to a slow
function smaller, and never larger again.
"""

_POLICY_VIOLATION = 1008
_NORMAL = 1000


class Phase(Enum):
    """Where the handshake stands."""

    DIALLING = "dialling"
    PROVING = "proving"
    OPEN = "open"
    CLOSED = "closed"


class PageSocket(WebSocketHandler):
    """One connection; all its methods run on the link's thread but `send`, which any thread may call."""

    def initialize(self, owner: SocketOwner) -> None:
        """Called by Tornado before anything else."""
        self._owner = owner
        self._phase = Phase.DIALLING
        self._offer: Offer | None = None
        self._page_nonce = ""
        self._kernel_nonce = new_nonce()
        self._assembler = Assembler()
        self._pieced = 0
        self._last_used_s = time.monotonic()
        self._loop = IOLoop.current()
        self._origin = ""
        self._lazy: list[bytes] = []
        self._lazy_timeout: object = None
        self._deadline: object = None
        self.page = ""

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002 (see `get`)
        """Checked in `get`: Tornado 6.6 asks only where it takes a request for a cross-origin one."""
        return True

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Take only a page that named its origin over the comm; a connection without `Origin` is no browser's."""
        self._origin = self.request.headers.get("Origin", "")
        if not self._owner.offers.knows_origin(self._origin):
            logger.warning("a socket from the origin %r was refused", self._origin)
            self.set_status(403)
            self.finish("This origin is not known.")
            return
        await super().get(*args, **kwargs)

    def open(self, *_args: str, **_kwargs: str) -> None:
        """The HTTP part is done; the page has the word."""
        self.set_nodelay(True)
        if self.ws_connection is not None and isinstance(self.ws_connection.stream, IOStream):
            self.ws_connection.stream.max_write_buffer_size = MAX_ASSEMBLED_BYTES
        self._deadline = self._loop.call_later(SILENT_PAGE_TIMEOUT_S, self._too_silent)

    def on_message(self, frame: str | bytes) -> None:
        """Take one frame; a bad one ends the connection."""
        self._last_used_s = time.monotonic()
        if self._phase is Phase.CLOSED:
            return
        self._acknowledge()
        try:
            if isinstance(frame, str):
                raise ProtocolError("A text frame was refused: all messages are binary.")
            message, buffer = split(frame)
            if self._phase is Phase.OPEN:
                self._receive(message, buffer)
            else:
                self._shake_hands(message)
        except ProtocolError as error:
            self._refuse(str(error))

    def send(self, message: Message, buffer: Buffer | None = None, *, lazy: bool = False) -> None:
        """Send from any thread; what is sent after the close is dropped.

        A lazy message is written right after the next one that is not, or after `LAZY_DELAY_S`. Jupyter's server leaves
        Nagle's algorithm on towards the browser: a small message just before a frame would make the frame wait up to
        40 ms for the browser's delayed acknowledgement (measured: median 12 ms became 53 ms).
        """
        frame = join(message, buffer)
        if lazy:
            self._loop.add_callback(self._write_lazily, frame)
        elif len(frame) <= MAX_MESSAGE_BYTES:
            self._loop.add_callback(self._write, frame)
        else:
            self._loop.add_callback(self._write_pieces, frame)

    def end(self) -> None:
        """Close in order, from any thread."""
        self._loop.add_callback(self.close, _NORMAL)

    def on_close(self) -> None:
        """The connection is gone, whoever ended it."""
        self._leave()

    def _shake_hands(self, message: Message) -> None:
        if self._phase is Phase.DIALLING and isinstance(message, LinkDial):
            offer = self._owner.offers.take(message.offer, self._origin)
            if offer is None or offer.page != message.page:
                self._refuse("no such offer")
                return
            self._offer, self._page_nonce, self._phase = offer, message.nonce, Phase.PROVING
            proof = proof_of(KERNEL, offer.token, self._page_nonce, self._kernel_nonce)
            self._write(join(LinkProof(nonce=self._kernel_nonce, proof=proof)))
        elif self._phase is Phase.PROVING and isinstance(message, LinkProof) and self._offer is not None:
            if not proves(message.proof, PAGE, self._offer.token, self._page_nonce, self._kernel_nonce):
                self._refuse("wrong proof")
                return
            self._cancel_deadline()
            self._phase, self.page, self._offer = Phase.OPEN, self._offer.page, None
            self._write(join(LinkReady()))
            self._owner.socket_opened(self)
            self._watch_idleness()
        else:
            self._refuse("out of order")

    def _acknowledge(self) -> None:
        """Acknowledge at once what TCP has received.

        jupyter-server-proxy leaves Nagle's algorithm on towards us: a frame that follows a small message waits for our
        acknowledgement, which Linux delays by up to 40 ms (measured: median 12 ms became 43 ms). The option does not
        stick, so it is set for each message; elsewhere than on Linux it does not exist.
        """
        stream = self.ws_connection.stream if self.ws_connection is not None else None
        if _QUICK_ACK is not None and isinstance(stream, IOStream) and stream.socket is not None:
            stream.socket.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)

    def _receive(self, message: Message, buffer: memoryview) -> None:
        if isinstance(message, LinkPiece):
            whole = self._assembler.add(message, buffer)
            if whole is None:
                return
            message, buffer = whole
        self._owner.socket_message(self, message, buffer)

    def _write(self, frame: bytes) -> None:
        self._write_one(frame)
        if self._lazy:
            self._flush_lazy()

    def _write_lazily(self, frame: bytes) -> None:
        self._lazy.append(frame)
        if self._lazy_timeout is None:
            self._lazy_timeout = self._loop.call_later(LAZY_DELAY_S, self._flush_lazy)

    def _flush_lazy(self) -> None:
        if self._lazy_timeout is not None:
            self._loop.remove_timeout(self._lazy_timeout)
            self._lazy_timeout = None
        lazy, self._lazy = self._lazy, []
        for frame in lazy:
            self._write_one(frame)

    def _write_one(self, frame: bytes) -> None:
        if self._phase is Phase.CLOSED:
            return
        self._last_used_s = time.monotonic()
        try:
            # The returned future is not awaited: credits bound what is under way.
            self.write_message(frame, binary=True)
        except WebSocketClosedError:
            logger.debug("a message was dropped: the socket is closed")
        except StreamBufferFullError:
            self._refuse("the page does not read what it is sent")

    def _write_pieces(self, frame: bytes) -> None:
        self._pieced += 1
        for piece, part in pieces(self._pieced, frame):
            self._write(join(piece, part))

    def _watch_idleness(self) -> None:
        if self._phase is not Phase.OPEN:
            return
        left_s = self._last_used_s + IDLE_SOCKET_TIMEOUT_S - time.monotonic()
        if left_s <= 0:
            self.close(_NORMAL, "idle")
            return
        self._deadline = self._loop.call_later(left_s, self._watch_idleness)

    def _too_silent(self) -> None:
        self._refuse(f"nothing was said for {SILENT_PAGE_TIMEOUT_S:.0f} s")

    def _refuse(self, why: str) -> None:
        self._owner.count_refused(ProtocolError(f"A socket was closed: {why}"))
        # At once: Tornado goes on delivering what arrives until the other end has closed too.
        self._leave()
        self.close(_POLICY_VIOLATION, why.encode()[:100].decode(errors="ignore"))

    def _leave(self) -> None:
        was_open, self._phase = self._phase is Phase.OPEN, Phase.CLOSED
        self._cancel_deadline()
        if self._lazy_timeout is not None:
            self._loop.remove_timeout(self._lazy_timeout)
            self._lazy_timeout = None
        if was_open:
            self._owner.socket_closed(self)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._loop.remove_timeout(self._deadline)
            self._deadline = None
