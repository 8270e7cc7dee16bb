"""The broker of a Jupyter server: on the loopback interface, with a random password, from its first use on.

Until a kernel comes there is a listening socket, watched by the server's own loop, and a file that tells kernels of it.
The first connection starts a thread with a loop of its own, which then does everything, that first connection
included: the server's loop never waits for the broker.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import platform
import secrets
import socket
import threading
from contextlib import suppress
from logging import Logger, LoggerAdapter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .broker_file import BrokerFile, process_created

if TYPE_CHECKING:
    from tornado.ioloop import IOLoop

_WAITING = 64
_STOP_S = 3.0
_UNREAD_BYTES = 128 * 1024


class EmbeddedBroker:
    """One broker; its socket listens once it was made.

    Attributes
    ----------
    file : BrokerFile
        Where it is, and its password.
    """

    def __init__(self, log: Logger | LoggerAdapter[Any]) -> None:
        self._log = log
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        # Inherited by each connection: what the broker has not read yet waits with who sent it, who may then send less.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UNREAD_BYTES)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(_WAITING)
        self.file = BrokerFile(
            pid=os.getpid(),
            created=process_created(os.getpid()),
            host=platform.node(),
            port=self._socket.getsockname()[1],
            username=secrets.token_hex(8),
            password=secrets.token_hex(16),
        )
        self._path: Path | None = None
        self._watching: IOLoop | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()
        self._lock = threading.Lock()
        self._is_stopped = False

    def announce(self) -> None:
        """Write the file by which kernels find it; it goes with the process.

        Raises
        ------
        OSError, RuntimeError
            It can't be written, or not so that others can't read it.
        """
        self._path = self.file.write()
        atexit.register(self.stop)

    def start_when_called(self, io_loop: IOLoop) -> None:
        """Start with the first connection, which `io_loop` is asked to watch for."""
        self._watching = io_loop
        io_loop.add_handler(self._socket, self._called, io_loop.READ)

    def start(self) -> None:
        """Start now."""
        with self._lock:
            if self._thread is not None or self._is_stopped:
                return
            self._thread = threading.Thread(target=self._run, name="ipymedia-broker", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End it, and remove its file; blocks until its thread is gone."""
        with self._lock:
            if self._is_stopped:
                return
            self._is_stopped = True
            thread, loop = self._thread, self._loop
        atexit.unregister(self.stop)
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        if thread is None:
            self._unwatch()
            self._socket.close()
            return
        if loop is not None:
            with suppress(RuntimeError):  # it ended by itself
                loop.call_soon_threadsafe(self._stopped.set)
        thread.join(_STOP_S)

    def _called(self, *_: object) -> None:
        # The connection stays in the socket's queue, for the thread to take.
        self._unwatch()
        self.start()

    def _unwatch(self) -> None:
        if self._watching is not None:
            with suppress(RuntimeError, KeyError, ValueError):  # its loop has ended
                self._watching.remove_handler(self._socket)
            self._watching = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:  # noqa: BLE001 (the server must go on, and this is said)
            self._log.exception("ipymedia: the broker for rooms ended; restart the server to have one again")
        finally:
            self._socket.close()

    async def _serve(self) -> None:
        from .door import Door

        with self._lock:
            if self._is_stopped:
                return
            self._loop = asyncio.get_running_loop()
        # Tasks of amqtt's that end with the connection that they were for.
        self._loop.set_exception_handler(lambda _, context: self._log.debug("broker for rooms: %s", context))
        door = Door(self.file.username, self.file.password)
        await door.open(self._socket)
        self._log.info("ipymedia: the broker for rooms runs, on the loopback interface")
        try:
            await self._stopped.wait()
        finally:
            await door.close()
