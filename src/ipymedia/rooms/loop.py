"""The one event loop, on one thread, that all rooms of a kernel run on.

What belongs to a room is touched on this loop only, so that nothing needs a lock, and a running cell stops nothing.
The thread starts with the first user and ends with the last.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ..errors import HostError, Reason

T = TypeVar("T")

_END_S = 5.0


class RoomsLoop:
    """An event loop on a daemon thread, while anybody holds it.

    `acquire` and `release` come in pairs, from any thread; the other methods are for who holds it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def acquire(self) -> asyncio.AbstractEventLoop:
        """Hold the loop; start it for the first one."""
        with self._lock:
            self._users += 1
            if self._loop is None:
                # Not the platform's default: the MQTT client's sockets are watched by readers and writers, which
                # the loop that Windows defaults to has not.
                self._loop = asyncio.SelectorEventLoop()
                self._thread = threading.Thread(
                    target=_run, args=(self._loop,), name="ipymedia-rooms", daemon=True
                )
                self._thread.start()
            return self._loop

    def release(self) -> None:
        """Let go of the loop; with the last one the thread ends, and what still runs on it is cancelled.

        Blocks until the thread is gone, unless this is the loop's own thread.
        """
        with self._lock:
            self._users -= 1
            if self._users > 0:
                return
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join(timeout=_END_S)

    @property
    def here(self) -> bool:
        """Whether this is the loop's own thread."""
        return threading.current_thread() is self._thread

    def post(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function on the loop, soon; from any thread. Nothing happens once the loop ended."""
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # it was closed just now
            return

    def call(self, work: Coroutine[Any, Any, T], timeout_s: float, what: str = "The room's answer") -> T:
        """Run a coroutine on the loop, and wait for its result; from any thread but the loop's.

        Parameters
        ----------
        work
            What to run. It is cancelled when the time is up, or the wait is interrupted.
        timeout_s
            How long to wait at most, in seconds.
        what
            What is waited for, as the beginning of a sentence.

        Raises
        ------
        HostError
            ``timed_out``.
        RuntimeError
            On the loop's own thread, which would wait for itself, or when nobody holds the loop.
        """
        loop = self._loop
        if loop is None or self.here:
            work.close()
            raise RuntimeError("the rooms' loop is not running, or this is its own thread")
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            # The work's own time-out looks the same, since Python 3.11.
            if future.done() and not future.cancelled():
                raise
            future.cancel()
            raise HostError(
                f"{what} did not come within {timeout_s:g} seconds. Try again; if it stays so, restart the kernel.",
                Reason.TIMED_OUT,
            ) from None
        except BaseException:
            future.cancel()
            raise


rooms_loop = RoomsLoop()
"""The one of this kernel."""


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        try:
            remaining = asyncio.all_tasks(loop)
            for task in remaining:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*remaining, return_exceptions=True))
        finally:
            loop.close()
