"""One page of a notebook, as its kernel sees it: what it can, and over which carrier it is reached now."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import msgspec

from ..protocol.framing import Assembler, Buffer, join, pieces
from ..protocol.messages import MAX_MESSAGE_BYTES, LinkHello, Message

if TYPE_CHECKING:
    from .channel import LinkChannel
    from .socket import PageSocket


class Page:
    """A page that said hello. `send` may be called from any thread and never blocks on the network."""

    def __init__(self, hello: LinkHello, channel: LinkChannel) -> None:
        self.id = hello.page
        self.client = hello.client
        self.origin = hello.origin
        self.load = hello.load
        self.capabilities = hello.capabilities
        self.during_cells = False
        self.dialled = False
        """A socket led here once; the way for one is there, and an idle one that was closed may come back."""
        self.heard_s = time.monotonic()
        self.pieces = Assembler()
        """Of a large message that comes over the comm."""
        self._channel = channel
        self._socket: PageSocket | None = None
        self._pieced = 0
        self._lock = threading.Lock()

    @property
    def carrier(self) -> str:
        """``socket`` or ``comm``."""
        return "socket" if self._socket is not None else "comm"

    def is_alive(self, patience_s: float) -> bool:
        """Whether it said something in the last `patience_s` seconds; while live on the socket it always does."""
        return time.monotonic() - self.heard_s < patience_s

    def renew(self, hello: LinkHello, channel: LinkChannel) -> None:
        """The same page said hello again: after a reload, or to a new channel."""
        self.client, self.load, self.capabilities = hello.client, hello.load, hello.capabilities
        self.origin = hello.origin
        self._channel = channel
        self.pieces = Assembler()

    def use_socket(self, socket: PageSocket) -> None:
        """Send over this socket from now on."""
        self.dialled = True
        with self._lock:
            old, self._socket = self._socket, socket
        if old is not None and old is not socket:
            old.end()

    def use_comm(self, only_if: PageSocket | None = None) -> bool:
        """Send over the comm from now on; with `only_if`, only when that socket was in use. Says whether any was."""
        with self._lock:
            if only_if is not None and self._socket is not only_if:
                return False
            old, self._socket = self._socket, None
        if old is not None and only_if is None:
            old.end()
        return old is not None

    def send(self, message: Message, buffer: Buffer | None = None, *, lazy: bool = False) -> None:
        """Send over the carrier in use; a lazy message may wait a moment (see `PageSocket.send`)."""
        socket = self._socket
        if socket is not None:
            socket.send(message, buffer, lazy=lazy)
        else:
            self.send_over_comm(message, buffer)

    def send_over_comm(self, message: Message, buffer: Buffer | None = None) -> None:
        """Send over the comm, whatever the carrier in use: offers, and the way there and back."""
        if buffer is None or len(buffer) < MAX_MESSAGE_BYTES:
            self._channel.send_to(self.id, msgspec.to_builtins(message), buffer)
            return
        self._pieced += 1
        for piece, part in pieces(self._pieced, join(message, buffer)):
            self._channel.send_to(self.id, msgspec.to_builtins(piece), part)
