"""A function over sound: its thread, what it is given, what it may return."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..errors import MediaError, ProcessingError, Reason
from .flow import OutletClosedError
from .function import failure_of, name_of
from .sound import SoundBlock, SoundOutlet, SoundSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST_RATE, _MOST_RATE = 4_000, 192_000

SoundFunction = Callable[[Any, int], Any]


class SoundProcessor(SoundSource):
    """What a function makes of another source's sound. After an error the sound goes on as silence."""

    def __init__(
        self,
        upstream: Callable[[], SoundSource],
        function: SoundFunction,
        seconds: float,
        report: Callable[[MediaError | None], None],
        surroundings: Callable[[], AbstractContextManager[None]],
    ) -> None:
        super().__init__()
        self._upstream = upstream
        self._report = report
        self._outlet: SoundOutlet | None = None
        self.replace(function, seconds, surroundings)

    def replace(
        self,
        function: SoundFunction,
        seconds: float,
        surroundings: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Call another function from the next block on."""
        self._task = function, seconds, surroundings

    def reconnect(self) -> None:
        """The upstream is another one."""
        with self._outlets_lock:
            if self.used:
                self._stop()
                self._start()

    def _start(self) -> None:
        self._outlet = self._upstream().subscribe()
        self._outlet.on_finish = self.finish
        threading.Thread(
            target=self._run, args=(self._outlet,), name="ipymedia-sound-function", daemon=True
        ).start()

    def _stop(self) -> None:
        outlet, self._outlet = self._outlet, None
        if outlet is not None:
            outlet.close()

    def _run(self, outlet: SoundOutlet) -> None:
        cutter = Cutter()
        while True:
            try:
                block = outlet.take(None)
            except OutletClosedError:
                if self._outlet is outlet:
                    self.close_outlets()
                return
            if block is None:
                continue
            cutter.put(block)
            while (cut := cutter.take(self._task[1])) is not None:
                self.emit(self._call(cut))

    def _call(self, block: SoundBlock) -> SoundBlock:
        import numpy as np

        function, _, surroundings = self._task
        try:
            with surroundings():
                result = function(block.samples.copy(), block.rate)
            samples = checked_sound(result, block, name_of(function))
            self._report(None)
        except ProcessingError as error:
            self._report(error)
            samples = np.zeros_like(block.samples)
        except Exception as error:  # noqa: BLE001 (the user's function may fail in any way)
            self._report(failure_of(error, function))
            samples = np.zeros_like(block.samples)
        return SoundBlock(samples, block.rate, block.time)


class Cutter:
    """Blocks of any length in, blocks of exactly one length out, in order."""

    def __init__(self) -> None:
        self._parts: list[SoundBlock] = []
        self._held = 0

    def put(self, block: SoundBlock) -> None:
        """Add some sound. Where the number of channels changes, what waits is adapted."""
        self._parts.append(block)
        self._held += block.samples.shape[1]

    def take(self, seconds: float) -> SoundBlock | None:
        """The next block of so many seconds, or None while there is less."""
        import numpy as np

        if not self._parts:
            return None
        rate = self._parts[0].rate
        wanted = max(1, round(seconds * rate))
        if self._held < wanted:
            return None
        channels = self._parts[-1].samples.shape[0]
        whole = np.concatenate([_with_channels(part.samples, channels) for part in self._parts], axis=1)
        first, rest = whole[:, :wanted], whole[:, wanted:]
        block = SoundBlock(np.ascontiguousarray(first), rate, self._parts[0].time)
        self._parts = [SoundBlock(rest, rate, block.time + wanted / rate)] if rest.shape[1] else []
        self._held = rest.shape[1]
        return block


def checked_sound(result: Any, block: SoundBlock, name: str) -> NDArray[np.float32]:
    """What a function returned, as ``(channels, samples)`` float32; None is silence.

    Raises
    ------
    ProcessingError
        ``bad_result``: it is no sound of the block's length.
    """
    import numpy as np

    if result is None:
        return np.zeros_like(block.samples)
    samples = as_sound(result)
    if samples is None or samples.shape[1] != block.samples.shape[1]:
        given = f"{type(result).__name__} of shape {np.shape(result)}"
        raise ProcessingError(
            f"{name} returned {given}. A function over sound returns float samples of the shape that it was given, "
            f"{block.samples.shape}, with one or two channels; or None for silence.",
            Reason.BAD_RESULT,
        )
    return samples


def as_sound(given: Any) -> NDArray[np.float32] | None:
    """Samples of 1 or 2 channels as ``(channels, samples)`` float32, NaN as silence; None where it is no sound."""
    import numpy as np

    try:
        samples = np.asarray(given)
    except (TypeError, ValueError):
        return None
    if samples.ndim == 1:
        samples = samples[np.newaxis]
    if samples.ndim != 2 or samples.shape[0] not in (1, 2):
        return None
    if samples.dtype == np.int16:
        return (samples.astype(np.float32) / 32768).astype(np.float32)
    if samples.dtype.kind != "f":
        return None
    return np.nan_to_num(samples.astype(np.float32, copy=False), posinf=1.0, neginf=-1.0).clip(-1, 1)


def checked_samples(samples: Any, rate: Any) -> NDArray[np.float32]:
    """What a user pushes, as ``(channels, samples)`` float32.

    Raises
    ------
    ProcessingError
        ``bad_argument``.
    """
    sound = as_sound(samples)
    if sound is None:
        import numpy as np

        raise ProcessingError(
            f"push_audio() takes float samples in [-1, 1] or int16, (samples,) or (channels, samples) with one or two "
            f"channels, and was given {type(samples).__name__} of shape {np.shape(samples)}"
            f"{f' and {samples.dtype}' if hasattr(samples, 'dtype') else ''}.",
            Reason.BAD_ARGUMENT,
        )
    if not (isinstance(rate, int) and _LEAST_RATE <= rate <= _MOST_RATE):
        raise ProcessingError(
            f"rate= is a whole number of samples a second, {_LEAST_RATE} to {_MOST_RATE}, and was {rate!r}.",
            Reason.BAD_ARGUMENT,
        )
    return sound


def _with_channels(samples: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    import numpy as np

    if samples.shape[0] == channels:
        return samples
    return samples.mean(axis=0, keepdims=True) if channels == 1 else np.repeat(samples[:1], channels, axis=0)
