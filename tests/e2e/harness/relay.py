"""A TCP relay in front of a Jupyter server: a slow, thin or broken connection between a page and its server.

What is limited is one line that all connections share, in each direction; what waits for it waits in small buffers, so
that a sender feels the back pressure soon. The relay ends TCP on both sides: the delay is in the bytes, not in the
acknowledgements, so that the congestion control of a long line is not imitated.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, TypeVar

CutMode = Literal["drop", "stall"]
T = TypeVar("T")

CHUNK_BYTES = 4096
SOCKET_BUFFER_BYTES = 16 * 1024
LINE_BUFFER_BYTES = 32 * 1024
#: What may be under way on a line without a rate limit.
UNLIMITED_IN_FLIGHT_BYTES = 4 * 1024 * 1024
#: What a line makes up for when it was offered data late: a timer wakes up to a millisecond late.
BURST_S = 0.005


class _Line:
    """One direction of the shared line: so many bits a second, so many seconds long."""

    def __init__(self) -> None:
        self.rate_bps: float | None = None
        self.delay_s = 0.0
        self.carried_bytes = 0
        self._free_at = 0.0
        self._turn = asyncio.Lock()

    async def send(self, size: int) -> float:
        """Wait until the line has taken `size` bytes; give when they arrive at its other end."""
        loop = asyncio.get_running_loop()
        async with (
            self._turn
        ):  # first come, first served: one connection's flood delays the others, as it would
            now = loop.time()
            if self.rate_bps is not None:
                self._free_at = max(now - BURST_S, self._free_at) + size * 8 / self.rate_bps
                if self._free_at - now > 0.001:
                    await asyncio.sleep(self._free_at - now)
            self.carried_bytes += size
        return max(loop.time(), self._free_at if self.rate_bps else 0.0) + self.delay_s

    @property
    def in_flight_limit(self) -> int:
        """How many bytes of a connection may be on the line: what fits into its length, and a router's small buffer."""
        if self.rate_bps is None:
            return UNLIMITED_IN_FLIGHT_BYTES
        return LINE_BUFFER_BYTES + int(self.delay_s * self.rate_bps / 8)


@dataclass(eq=False)
class _Connection:
    path: str
    websocket: bool
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    flowing: asyncio.Event = field(default_factory=asyncio.Event)

    def abort(self) -> None:
        """Reset both sides, without sending what waits."""
        for writer in (self.client, self.server):
            if writer is not None and not writer.is_closing():
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()

    def close(self) -> None:
        for writer in (self.client, self.server):
            if writer is not None:
                writer.close()


class Relay:
    """A relay on a free loopback port; a context manager.

    ``server.through(relay.port)`` gives the server as pages should address it. All methods may be called from any
    thread and take effect before they return.

    Parameters
    ----------
    target_port : int
        The Jupyter server's, on 127.0.0.1.
    delay_ms : float
        Added to a round trip, half of it each way.
    rate_bps : float, optional
        Bits a second, each way; None is no limit. JupyterLab itself is some megabytes: open the page first, then
        call `shape`.
    """

    def __init__(self, target_port: int, *, delay_ms: float = 0.0, rate_bps: float | None = None) -> None:
        self._target_port = target_port
        self._settings = (delay_ms, rate_bps)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._cut: tuple[CutMode, str | None] | None = None
        self.port = 0

    def __enter__(self) -> Relay:
        self._thread.start()
        self._call(self._open())
        self.shape(delay_ms=self._settings[0], rate_bps=self._settings[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def shape(self, *, delay_ms: float = 0.0, rate_bps: float | None = None) -> None:
        """Change the line, for what is sent from now on."""
        self._call(self._shape(delay_ms, rate_bps))

    def cut(self, mode: CutMode = "drop", *, only: str | None = None) -> None:
        """Break the line until `restore`.

        Parameters
        ----------
        mode : {"drop", "stall"}
            "drop" resets the connections and refuses new ones; "stall" keeps them open and carries nothing, as a
            vanished network does.
        only : str, optional
            Touch only WebSockets whose path contains this, such as ``"/proxy/"``; by default everything.
        """
        self._call(self._set_cut((mode, only)))

    def restore(self) -> None:
        """Carry again: stalled connections go on where they were."""
        self._call(self._set_cut(None))

    @property
    def websocket_paths(self) -> list[str]:
        """The paths of the WebSockets that are open through the relay."""
        return sorted(connection.path for connection in list(self._connections) if connection.websocket)

    @property
    def carried_bytes(self) -> tuple[int, int]:
        """How many bytes went up to the server, and down to the pages."""
        return self._up.carried_bytes, self._down.carried_bytes

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _open(self) -> None:
        self._up, self._down = _Line(), _Line()
        listener = _small_socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=SOCKET_BUFFER_BYTES)

    async def _close(self) -> None:
        self._server.close()
        self._cut = None
        for connection in list(self._connections):
            connection.flowing.set()
            connection.abort()
        await asyncio.gather(*self._tasks)

    async def _shape(self, delay_ms: float, rate_bps: float | None) -> None:
        for line in (self._up, self._down):
            line.delay_s, line.rate_bps = delay_ms / 2000, rate_bps

    async def _set_cut(self, cut: tuple[CutMode, str | None] | None) -> None:
        self._cut = cut
        for connection in list(self._connections):
            self._apply_cut(connection)

    def _apply_cut(self, connection: _Connection) -> None:
        mode = self._mode_for(connection)
        if mode is None:
            connection.flowing.set()
        elif mode == "stall":
            connection.flowing.clear()
        else:
            connection.abort()

    def _mode_for(self, connection: _Connection) -> CutMode | None:
        if self._cut is None:
            return None
        mode, only = self._cut
        return mode if only is None or (connection.websocket and only in connection.path) else None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = _Connection("", False, writer)
        self._connections.add(connection)
        try:
            await self._carry(connection, reader)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one side went away, which ends the other below
        finally:
            if self._mode_for(connection) == "drop":
                connection.abort()
            connection.close()
            self._connections.discard(connection)
            self._tasks.discard(task)

    async def _carry(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        # A WebSocket's handshake is the first request of its connection, so that the head says what it is.
        head = await reader.readuntil(b"\r\n\r\n")
        connection.path = head.split(b" ", 2)[1].decode("latin-1")
        connection.websocket = b"\r\nupgrade: websocket" in head.lower()
        self._apply_cut(connection)
        if self._mode_for(connection) == "drop":
            return
        upstream = _small_socket()
        upstream.setblocking(False)
        await asyncio.get_running_loop().sock_connect(upstream, ("127.0.0.1", self._target_port))
        server_reader, connection.server = await asyncio.open_connection(
            sock=upstream, limit=SOCKET_BUFFER_BYTES
        )
        for writer in (connection.client, connection.server):
            writer.transport.set_write_buffer_limits(high=SOCKET_BUFFER_BYTES)
        up = _Direction(self._up, reader, connection.server, connection.flowing, head)
        down = _Direction(self._down, server_reader, connection.client, connection.flowing, b"")
        await _all(up.put_on(), up.take_off(), down.put_on(), down.take_off())


class _Direction:
    """Carries one connection's bytes one way: on to the line as it takes them, off it when they arrive."""

    def __init__(
        self,
        line: _Line,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        flowing: asyncio.Event,
        first: bytes,
    ) -> None:
        self._line = line
        self._reader = reader
        self._writer = writer
        self._flowing = flowing
        self._first = first
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._under_way_bytes = 0
        self._changed = asyncio.Condition()

    async def put_on(self) -> None:
        """Read, and put on the line as it takes it."""
        data = self._first or await self._reader.read(CHUNK_BYTES)
        while True:
            await self._flowing.wait()
            arrives = (
                await self._line.send(len(data))
                if data
                else asyncio.get_running_loop().time() + self._line.delay_s
            )
            async with self._changed:
                await self._changed.wait_for(lambda: self._under_way_bytes < self._line.in_flight_limit)
                self._under_way.append((arrives, data))
                self._under_way_bytes += len(data)
                self._changed.notify_all()
            if not data:
                return
            data = await self._reader.read(CHUNK_BYTES)

    async def take_off(self) -> None:
        """Write what has arrived."""
        loop = asyncio.get_running_loop()
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._under_way))
                arrives, data = self._under_way[0]
            if arrives > loop.time():
                await asyncio.sleep(arrives - loop.time())
            await self._flowing.wait()
            if not data:
                # A side that reset its connection meanwhile has no end left to be told of.
                with contextlib.suppress(OSError):
                    if self._writer.can_write_eof():
                        self._writer.write_eof()
                return
            self._writer.write(data)
            await self._writer.drain()
            async with self._changed:
                self._under_way.popleft()
                self._under_way_bytes -= len(data)
                self._changed.notify_all()


async def _all(*work: Coroutine[Any, Any, None]) -> None:
    """Run all; the first that fails ends the others and is raised (`asyncio.TaskGroup` came with Python 3.11)."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _small_socket() -> socket.socket:
    """Make a socket with small buffers, and segments of a real network: a loopback segment would fill them at once."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1448)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made
