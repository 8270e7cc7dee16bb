"""Sound that Python makes: given in pieces of any length, played one after the other in real time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import ProcessingError, Reason
from ..protocol.messages import SOUND_FRAME_SAMPLES, SOUND_RATE
from .sound import SoundBlock, SoundSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .codec.sound import Resampler

MOST_WAITING_S = 60.0
"""More sound than that may not wait to be played."""

_LEAD_S = 0.04
"""Frames are given out so much before they are due: two of them, so that a late thread is not heard."""
_JUMP_S = 0.12
"""Sound that has a time of its own, and is off by more than that, is not joined to what was before."""


class PushedSound(SoundSource):
    """Plays what is pushed, from any thread. Time goes on whether or not anybody listens."""

    def __init__(self, on_played: Callable[[], None] = lambda: None) -> None:
        """Call `on_played` from the thread when all that was pushed is played."""
        super().__init__()
        self._on_played = on_played
        self._waiting: deque[tuple[float | None, NDArray[np.float32]]] = deque()
        self._held = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._resampler: Resampler | None = None
        self._over = False

    @property
    def waiting_s(self) -> float:
        """How much is still to be played."""
        with self._changed:
            return self._held / SOUND_RATE

    def push(self, samples: NDArray[np.float32], rate: int, at_s: float | None = None) -> None:
        """Add ``(channels, samples)`` float32. Does not block.

        Parameters
        ----------
        at_s
            When it is due, by `time.monotonic`; None: right after what was pushed before.

        Raises
        ------
        ProcessingError
            ``too_large``: more than `MOST_WAITING_S` would wait.
        """
        samples = self._at_48_khz(samples, rate)
        with self._changed:
            if (self._held + samples.shape[1]) / SOUND_RATE > MOST_WAITING_S:
                raise ProcessingError(
                    f"The sound was not taken: more than {MOST_WAITING_S:g} s would wait to be played. Push shorter "
                    "pieces, and call drained() between them.",
                    Reason.TOO_LARGE,
                )
            self._waiting.append((at_s, samples))
            self._held += samples.shape[1]
            if self._thread is None and not self._over:
                self._thread = threading.Thread(target=self._run, name="ipymedia-pushed-sound", daemon=True)
                self._thread.start()

    def clear(self) -> None:
        """Play no more of what waits."""
        with self._changed:
            self._waiting.clear()
            self._held = 0
            self._changed.notify_all()

    def close_outlets(self) -> None:
        """The stream is closed."""
        self._over = True
        self.clear()
        super().close_outlets()

    def _at_48_khz(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        from .codec.sound import Resampler

        if rate == SOUND_RATE:
            return samples
        channels = samples.shape[0]
        known = self._resampler
        if known is None or (known.rate, known.channels) != (rate, channels):
            known = self._resampler = Resampler(rate, channels)
        return known.resample(samples)

    def _run(self) -> None:
        """Give frames out when they are due; ends when nothing waits."""
        due_s = time.monotonic()
        while True:
            with self._changed:
                if not self._waiting:
                    self._thread = None
                    break
                at_s, samples = self._waiting.popleft()
            if at_s is not None and abs(at_s - due_s) > _JUMP_S:
                due_s = at_s
            for at in range(0, samples.shape[1], SOUND_FRAME_SAMPLES):
                part = samples[:, at : at + SOUND_FRAME_SAMPLES]
                if not self._wait(due_s - _LEAD_S):
                    break
                self.emit(SoundBlock(part, SOUND_RATE, time.time()))
                due_s = max(due_s, time.monotonic() - _JUMP_S) + part.shape[1] / SOUND_RATE
                with self._changed:
                    self._held = max(0, self._held - part.shape[1])
        self._on_played()

    def _wait(self, until_s: float) -> bool:
        """Wait for a time; False when all was cleared meanwhile."""
        with self._changed:
            while (left_s := until_s - time.monotonic()) > 0:
                if self._held == 0:
                    return False
                self._changed.wait(left_s)
            return self._held > 0

    def _start(self) -> None:
        """It runs with what is pushed."""

    def _stop(self) -> None:
        """It runs with what is pushed."""
