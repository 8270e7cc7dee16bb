"""How frames flow inside of the kernel: sources emit, outlets hold the newest one for whoever takes it.

Nothing queues: an outlet has one slot, and a newer frame takes the place of one that nobody took (rule 5 of the live
path: never older than needed).
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .overlays import Overlay
    from .video_frame import VideoFrame


@dataclass(frozen=True)
class Origin:
    """Names a frame that a page still has: overlays alone need not carry the picture back."""

    page: str
    stream: str
    epoch: int


@dataclass(frozen=True)
class Flowing:
    """A picture on its way."""

    picture: VideoFrame
    index: int
    time_us: int
    origin: Origin | None = None
    """Set while the picture is, unchanged, the page's own frame `index`."""
    overlays: tuple[Overlay, ...] = ()

    def within(self, bounds: Bounds) -> Flowing:
        """With a picture of the size that was asked for: others may have asked for a larger one, or nobody could.

        One that carries overlays stays as it is: they are in its pixels.
        """
        if self.overlays:
            return self
        picture = self.picture.within(bounds.width, bounds.height)
        return self if picture is self.picture else replace(self, picture=picture)


@dataclass(frozen=True)
class Bounds:
    """What a consumer needs at most; 0 means as much as there is."""

    width: int = 0
    height: int = 0
    max_fps: float = 0.0
    bitrate_bps: int = 0

    @staticmethod
    def over(many: list[Bounds]) -> Bounds:
        """The bounds that satisfy all: a 0 wins, then the largest."""

        def widest(values: list[float]) -> float:
            return 0 if not values or 0 in values else max(values)

        return Bounds(
            int(widest([b.width for b in many])),
            int(widest([b.height for b in many])),
            widest([b.max_fps for b in many]),
            int(widest([b.bitrate_bps for b in many])),
        )


class OutletClosedError(Exception):
    """The outlet was closed; there will be no more frames."""


class Outlet:
    """One slot, newest wins. `put` never blocks; `take` does."""

    def __init__(self, bounds: Bounds, on_close: Callable[[Outlet], None]) -> None:
        self.bounds = bounds
        self.dropped = 0
        self._on_close = on_close
        self._slot: Flowing | None = None
        self._closed = False
        self._ended = False
        self._failure: Exception | None = None
        self._next_due_us = 0
        self._changed = threading.Condition()
        self._listener: Callable[[], None] | None = None
        self.on_finish: Callable[[], None] | None = None
        """Called when the source came to its end; by default the outlet waits, as the source may begin again."""

    def put(self, frame: Flowing) -> None:
        """Offer a frame; it replaces one that was not taken, unless `max_fps` leaves it out."""
        with self._changed:
            if self._closed or not self._due(frame.time_us):
                return
            if self._slot is not None:
                self.dropped += 1
            self._slot = frame
            self._changed.notify()
            listener = self._listener
        if listener is not None:
            listener()

    def put_again(self, frame: Flowing) -> None:
        """Offer a frame once more that was lost on its way, unless a newer one waits."""
        with self._changed:
            if self._slot is None and not self._closed:
                self._slot = frame
                self._changed.notify()

    def take(self, timeout_s: float | None = None) -> Flowing | None:
        """Wait for a frame; None when the time is over.

        Raises
        ------
        OutletClosedError
            When the outlet was closed.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._slot is not None or self._closed or self._ended or self._failure, timeout_s
            )
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            if self._closed:
                raise OutletClosedError
            frame, self._slot = self._slot, None
            if frame is None and self._ended:
                raise OutletClosedError
        return None if frame is None else frame.within(self.bounds)

    def end(self) -> None:
        """No more frames after the one that waits; then `take` raises as when it is closed."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            listener = self._listener
        if listener is not None:
            listener()

    def fail(self, error: Exception) -> None:
        """Let the next `take` raise `error`."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()
            listener = self._listener
        if listener is not None:
            listener()

    def finish(self) -> None:
        """The source came to its end: a film is over, the user stopped sharing."""
        if self.on_finish is not None:
            self.on_finish()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener()` (from the emitting thread) after each put, failure and close; for event loops."""
        self._listener = listener

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def check(self) -> None:
        """Raise `OutletClosedError` when the outlet was closed, without waiting."""
        if self._closed:
            raise OutletClosedError

    def close(self) -> None:
        """No more frames; a waiting `take` raises. Idempotent."""
        with self._changed:
            if self._closed:
                return
            self._closed, self._slot = True, None
            self._changed.notify_all()
            listener = self._listener
        self._on_close(self)
        if listener is not None:
            listener()

    def _due(self, time_us: int) -> bool:
        """Keep the mean rate at `max_fps`: a frame may come a quarter of an interval early."""
        if not self.bounds.max_fps:
            return True
        interval_us = int(1e6 / self.bounds.max_fps)
        if time_us + interval_us // 4 < self._next_due_us <= time_us + 2 * interval_us:
            return False
        late_us = time_us - self._next_due_us
        # An early frame does not bring the next one forward: the mean rate would be a third too high.
        in_step = -interval_us // 4 <= late_us < interval_us
        self._next_due_us = (self._next_due_us if in_step else time_us) + interval_us
        return True


@dataclass
class Rate:
    """Frames a second over the last two seconds, and a mean time; written by one thread."""

    total: int = 0
    _times: list[float] = field(default_factory=list)

    def count(self) -> None:
        """One more frame, now."""
        now = time.monotonic()
        self.total += 1
        self._times.append(now)
        while self._times and self._times[0] < now - 2.0:
            self._times.pop(0)

    @property
    def fps(self) -> float:
        """Frames a second."""
        times = [t for t in list(self._times) if t > time.monotonic() - 2.0]
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 2 and times[-1] > times[0] else 0.0


class FrameSource(ABC):
    """Whatever emits frames: started with its first outlet, stopped after its last."""

    def __init__(self) -> None:
        self.rate = Rate()
        self._outlets: list[Outlet] = []
        self._outlets_lock = threading.RLock()

    def subscribe(self, bounds: Bounds | None = None) -> Outlet:
        """A new outlet; close it when done."""
        outlet = Outlet(bounds or Bounds(), self._unsubscribe)
        with self._outlets_lock:
            self._outlets.append(outlet)
            first = len(self._outlets) == 1
            if first:
                self._start()
            else:
                self._bounds_changed()
        return outlet

    @property
    def used(self) -> bool:
        """Whether anybody listens."""
        return bool(self._outlets)

    def bounds(self) -> Bounds:
        """What all outlets together need."""
        with self._outlets_lock:
            return Bounds.over([outlet.bounds for outlet in self._outlets])

    def emit(self, frame: Flowing) -> None:
        """Give a frame to every outlet."""
        self.rate.count()
        for outlet in tuple(self._outlets):
            outlet.put(frame)

    def shown(self) -> None:  # noqa: B027 (not all sources care)
        """A page showed a frame that came from here."""

    def fail(self, error: Exception) -> None:
        """Tell every outlet."""
        for outlet in tuple(self._outlets):
            outlet.fail(error)

    def finish(self) -> None:
        """Tell every outlet that this is the end, for now: loops over the pictures end, views keep the last one."""
        for outlet in tuple(self._outlets):
            outlet.finish()

    def close_outlets(self) -> None:
        """Close all outlets: the source is gone."""
        for outlet in tuple(self._outlets):
            outlet.close()

    def _unsubscribe(self, outlet: Outlet) -> None:
        with self._outlets_lock:
            if outlet not in self._outlets:
                return
            self._outlets.remove(outlet)
            if self._outlets:
                self._bounds_changed()
            else:
                self._stop()

    @abstractmethod
    def _start(self) -> None:
        """The first outlet came."""

    @abstractmethod
    def _stop(self) -> None:
        """The last outlet left."""

    def _bounds_changed(self) -> None:  # noqa: B027 (not all sources can do with less)
        """Another outlet came or left; the bounds may be different."""
