"""What streams can be asked for their sound: the part of `MediaStream` that is about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from ..errors import CaptureError, MediaError, ProcessingError, Reason
from ..frames.flow import OutletClosedError
from ..frames.sound import KEPT_S, SoundBlock, SoundOutlet, SoundSource
from ..frames.sound_processor import Cutter
from ..frames.sound_tap import SoundTap

if TYPE_CHECKING:
    from ..link.page import Page
    from ..protocol.framing import Buffer
    from ..protocol.messages import SoundData, SoundStop
    from .mapped_audio import MappedAudioStream
    from .media_stream import MediaStream

_SLICE_S = 0.5
_LONGEST_BLOCK_S = 60.0


class Sounding:
    """Sound of a stream: as blocks in a loop, and through a function."""

    def map_audio(
        self,
        function: Callable[[Any, int], Any] | None = None,
        *,
        seconds: float = 0.02,
        name: str | None = None,
        always: bool = False,
    ) -> MappedAudioStream | Callable[[Callable[[Any, int], Any]], MappedAudioStream]:
        """Give the sound to a function, block by block, and get a stream of what it returns: heard, and shown as a bar.

        Also a decorator. Does not block. Where the microphone hears the loudspeaker it howls: use headphones.

        Parameters
        ----------
        function
            Gets ``(channels, samples)`` float32 in [-1, 1], its own copy, and the rate (48000 samples a second).
            Returns float samples of the same length, in one or two channels; or None for silence. What it keeps
            between blocks (a filter's state) is its own to keep.
        seconds
            Length of a block. Longer ones are later.
        name
            Tells functions apart that have the same name; by default the function's qualified name.
        always
            Run also while nobody listens.

        Raises
        ------
        ProcessingError
            The function is not callable with two arguments.
        CaptureError
            ``no_stream``: the stream has no sound.
        """
        from .mapped_audio import mapped_audio_stream

        checked_seconds(seconds)
        self._need_sound("map_audio")

        def make(given: Callable[[Any, int], Any]) -> MappedAudioStream:
            return mapped_audio_stream(self._as_stream(), given, seconds=seconds, name=name, always=always)

        return make if function is None else make(function)

    def audio_blocks(self, *, seconds: float = 0.5, timeout: float = 10.0) -> AudioBlocks:
        """Iterate over the sound, in a running cell or not: ``for block in stream.audio_blocks()`` or ``async for``.

        The blocks follow each other without a gap, as long as the loop's body is not slower than the sound; what is
        more than two seconds (and two blocks) old is left out. Ends on `break`, on `close()` of the stream, at a film's
        end, and on an interrupt.

        Parameters
        ----------
        seconds
            Length of each block.
        timeout
            Seconds to wait for each block at most, its own length not counted.

        Returns
        -------
        iterator of SoundBlock
            ``block.samples`` is ``(channels, samples)`` float32 in [-1, 1], ``block.rate`` 48000,
            ``block.time`` the Unix time of the first sample.

        Raises
        ------
        CaptureError, HostError
            As `MediaStream.snapshot`; ``no_stream``: the stream has no sound.
        """
        self._need_sound("audio_blocks")
        return AudioBlocks(self._as_stream(), checked_seconds(seconds), timeout)

    def sound(self) -> SoundSource | None:
        """The stream's sound inside of the kernel; None where it never has any."""
        return None

    def page_sound(self, page: Page, message: SoundData, data: Buffer) -> None:
        """A packet of a page's sound; only streams of a page take it."""

    def page_silent(self, page: Page, message: SoundStop) -> None:
        """A page has no sound to give; only streams of a page care."""

    def finish_sound(self) -> None:
        """The stream came to its end."""
        source = self.sound()
        if source is not None:
            source.finish()

    def close_sound(self) -> None:
        """The stream is closed."""
        source = self.sound()
        if source is not None:
            source.close_outlets()

    def _as_stream(self) -> MediaStream:
        return cast("MediaStream", self)

    def _need_sound(self, method: str) -> None:
        if self.sound() is None:
            raise _no_sound(f"{method}() needs sound, and this {type(self).__name__} has none.")


class AudioBlocks:
    """The sound of a stream, in blocks; iterate with ``for`` or ``async for``."""

    def __init__(self, stream: MediaStream, seconds: float, timeout_s: float) -> None:
        self._stream = stream
        self._seconds = seconds
        self._timeout_s = timeout_s

    def __iter__(self) -> Iterator[SoundBlock]:
        self._find_page()
        outlet, cutter = self._subscribe(), Cutter()
        try:
            while True:
                began_s = time.monotonic()
                while (block := cutter.take(self._seconds)) is None:
                    try:
                        part = outlet.take(_SLICE_S)
                    except OutletClosedError:
                        return
                    if part is not None:
                        cutter.put(part)
                    else:
                        self._check(began_s)
                yield block
        finally:
            outlet.close()

    async def __aiter__(self) -> AsyncIterator[SoundBlock]:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._find_page)
        outlet, cutter = self._subscribe(), Cutter()
        ready = asyncio.Event()

        def tell() -> None:
            loop.call_soon_threadsafe(ready.set)

        outlet.listen(tell)
        try:
            while True:
                began_s = time.monotonic()
                while (block := cutter.take(self._seconds)) is None:
                    ready.clear()
                    try:
                        part = outlet.take(0)
                    except OutletClosedError:
                        return
                    if part is not None:
                        cutter.put(part)
                        continue
                    self._check(began_s)
                    timer = loop.call_later(_SLICE_S, ready.set)
                    try:
                        await ready.wait()
                    finally:
                        timer.cancel()
                yield block
        finally:
            outlet.close()

    def _find_page(self) -> None:
        from .pull import page_that_answers

        root = self._stream.root()
        if root.needs_page():
            page_that_answers(root, "Sound", self._timeout_s)

    def _subscribe(self) -> SoundOutlet:
        source = self._stream.sound()
        assert source is not None  # audio_blocks() asked before
        outlet = source.subscribe(max(KEPT_S, 2 * self._seconds))
        outlet.on_finish = outlet.end
        return outlet

    def _check(self, began_s: float) -> None:
        """Nothing came for a moment: raise where nothing ever will."""
        from .pull import timed_out

        root = self._stream.root()
        source = root.sound()
        if isinstance(source, SoundTap) and source.silent:
            raise _no_sound("The stream has no sound: its source gave pictures only.")
        failure: MediaError | None = self._stream.error or root.error
        if root.state == "failed" and failure is not None:
            raise failure
        if time.monotonic() - began_s > self._timeout_s + self._seconds:
            raise failure or timed_out("The sound", began_s)


def checked_seconds(seconds: float) -> float:
    """A block's length that makes sense.

    Raises
    ------
    ProcessingError
        ``bad_argument``.
    """
    if not 0.001 <= seconds <= _LONGEST_BLOCK_S:
        raise ProcessingError(
            f"seconds={seconds!r} is no length of a block of sound: 0.001 to {_LONGEST_BLOCK_S:g} is.",
            Reason.BAD_ARGUMENT,
        )
    return float(seconds)


def _no_sound(message: str) -> CaptureError:
    return CaptureError(
        f"{message} A camera has it with constraints={{'audio': True}}, a microphone always.",
        Reason.NO_STREAM,
    )
