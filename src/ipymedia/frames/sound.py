"""Sound inside of the kernel: sources, and outlets that keep the order.

Sound is not dropped as pictures are: a gap is heard. An outlet keeps some seconds; what its consumer is later than
that is dropped at its old end, and counted.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .flow import OutletClosedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT_S = 2.0
"""What an outlet keeps by default."""


@dataclass(frozen=True)
class SoundBlock:
    """Some sound.

    Attributes
    ----------
    samples : ndarray
        ``(channels, samples)`` float32 in [-1, 1].
    rate : int
        Samples a second.
    time : float
        When the first sample was captured: Unix time in seconds, by the clock of the page.
    """

    samples: NDArray[np.float32]
    rate: int
    time: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return float(self.samples.shape[1] / self.rate)


class SoundOutlet:
    """A queue of blocks, in order. `put` never blocks; `take` does."""

    def __init__(self, kept_s: float, on_close: Callable[[SoundOutlet], None]) -> None:
        self.dropped_s = 0.0
        self.on_finish: Callable[[], None] | None = None
        """Called when the source came to its end; by default the outlet waits, as the source may begin again."""
        self._kept_s = kept_s
        self._on_close = on_close
        self._blocks: deque[SoundBlock] = deque()
        self._held_s = 0.0
        self._closed = False
        self._ready = threading.Condition()
        self._listener: Callable[[], None] | None = None

    def put(self, block: SoundBlock) -> None:
        """Add a block; what is too old goes."""
        with self._ready:
            if self._closed:
                return
            self._blocks.append(block)
            self._held_s += block.seconds
            while self._held_s > self._kept_s and len(self._blocks) > 1:
                gone = self._blocks.popleft()
                self._held_s -= gone.seconds
                self.dropped_s += gone.seconds
            self._ready.notify()
            listener = self._listener
        if listener is not None:
            listener()

    def take(self, timeout_s: float | None) -> SoundBlock | None:
        """The next block, or None when none came in time.

        Raises
        ------
        OutletClosedError
            There will be none any more.
        """
        with self._ready:
            self._ready.wait_for(lambda: self._blocks or self._closed, timeout_s)
            if self._blocks:
                block = self._blocks.popleft()
                self._held_s -= block.seconds
                return block
            if self._closed:
                raise OutletClosedError
            return None

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever something comes; from any thread."""
        self._listener = listener

    def wake(self) -> None:
        """Let who listens look again: something else than sound is to be known."""
        listener = self._listener
        if listener is not None:
            listener()

    def end(self) -> None:
        """No more will come; what is there can still be taken."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
            listener = self._listener
        if listener is not None:
            listener()

    def close(self) -> None:
        """The consumer leaves. Idempotent."""
        self.end()
        with self._ready:
            self._blocks.clear()
        self._on_close(self)


class SoundSource:
    """Where sound comes from; runs while it has an outlet."""

    def __init__(self) -> None:
        self._outlets: list[SoundOutlet] = []
        self._outlets_lock = threading.RLock()

    @property
    def used(self) -> bool:
        """Whether anybody listens."""
        return bool(self._outlets)

    def subscribe(self, kept_s: float = KEPT_S) -> SoundOutlet:
        """A new outlet; the first one starts the source."""
        outlet = SoundOutlet(kept_s, self._closed)
        with self._outlets_lock:
            self._outlets.append(outlet)
            if len(self._outlets) == 1:
                self._start()
        return outlet

    def emit(self, block: SoundBlock) -> None:
        """Give a block to all."""
        for outlet in list(self._outlets):
            outlet.put(block)

    def finish(self) -> None:
        """The source came to its end, and may begin again."""
        for outlet in list(self._outlets):
            if outlet.on_finish is not None:
                outlet.on_finish()

    def close_outlets(self) -> None:
        """There will be no more: the stream was closed."""
        for outlet in list(self._outlets):
            outlet.end()

    def _closed(self, outlet: SoundOutlet) -> None:
        with self._outlets_lock:
            if outlet not in self._outlets:
                return
            self._outlets.remove(outlet)
            if not self._outlets:
                self._stop()

    def _start(self) -> None:
        """The first outlet is there."""

    def _stop(self) -> None:
        """The last one left."""
