"""Frames that Python itself makes: pushed one by one, the newest one for whoever comes later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .flow import Bounds, Flowing, FrameSource, Outlet

if TYPE_CHECKING:
    from .overlays import Overlay
    from .video_frame import VideoFrame


class ArraySource(FrameSource):
    """Emits what it is given, from any thread; keeps the last frame for outlets that come later.

    Attributes
    ----------
    index : int
        The number of the last frame, counted from 0; -1 before the first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.index = -1
        self._last: Flowing | None = None
        self._changed = threading.Condition()

    def push(self, picture: VideoFrame, overlays: tuple[Overlay, ...] = ()) -> None:
        """Emit a picture. Does not block."""
        with self._changed:
            self.index += 1
            # Kernel and page are not asked for each other's clocks: where theirs differ, so do the latencies.
            frame = self._last = Flowing(picture, self.index, time.time_ns() // 1000, None, overlays)
        self.emit(frame)

    def subscribe(self, bounds: Bounds | None = None) -> Outlet:
        """A new outlet, with the last frame in it."""
        outlet = super().subscribe(bounds)
        with self._changed:
            if self._last is not None:
                outlet.put(self._last)
        return outlet

    def shown(self) -> None:
        """A page showed a frame."""
        with self._changed:
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Block until the condition holds, looked at whenever a page showed a frame or an outlet came or left."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            while not condition():
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    return False
                # In slices: an untimed wait can't be interrupted on Windows.
                self._changed.wait(min(left_s, 0.5))
        return True

    def wait_until_used(self, stopped: threading.Event) -> bool:
        """Block until somebody looks; False when `stopped` was set (and `shown()` called) meanwhile."""
        with self._changed:
            while not self.used and not stopped.is_set():
                self._changed.wait(0.5)
        return not stopped.is_set()

    def _start(self) -> None:
        self.shown()

    def _stop(self) -> None:
        self.shown()

    def _bounds_changed(self) -> None:
        self.shown()
