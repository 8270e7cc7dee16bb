"""Streams of what a Python function makes of another stream's sound."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Unicode

from ..errors import MediaError, ProcessingError, Reason
from ..frames.array_source import ArraySource
from ..frames.flow import FrameSource
from ..frames.function import name_of
from ..frames.sound import SoundOutlet, SoundSource
from ..frames.sound_processor import SoundProcessor
from .cell import MEMORY, current_cell, prints_below
from .media_stream import MediaStream

if TYPE_CHECKING:
    from ..link.page import Page


class MappedAudioStream(MediaStream):
    """What `MediaStream.map_audio` gives: a stream of sound, which is heard, recorded, and mapped again.

    Attributes
    ----------
    name : str
        By default the function's.
    muted : bool
        True turns the sound off.
    """

    _frame_kind = "mapped_audio"

    name = Unicode().tag(sync=True)
    muted = Bool(False).tag(sync=True, page_may_set=True)

    def __init__(self, source: MediaStream, processor: SoundProcessor, name: str) -> None:
        self._upstream = source
        self._processor = processor
        self._pictures = ArraySource()  # that there are none
        self._always: SoundOutlet | None = None
        super().__init__(name=name)

    @property
    def upstream(self) -> MediaStream:
        """The stream that this one was made of."""
        return self._upstream

    def root(self) -> MediaStream:
        """The stream that the sound comes from in the first place."""
        return self._upstream.root()

    def has_picture(self) -> bool:
        """There is none."""
        return False

    def needs_page(self) -> bool:
        """Whether the sound comes only from a page."""
        return self._upstream.needs_page()

    def source(self) -> FrameSource:
        """A source without pictures."""
        return self._pictures

    def sound(self) -> SoundSource | None:
        """What the function returns."""
        return self._processor

    def capturing_page(self) -> Page | None:
        """The page at the chain's root."""
        return self._upstream.capturing_page()

    def close(self) -> None:
        """End the worker too."""
        self.keep(False)
        super().close()

    def replace(
        self,
        source: MediaStream,
        function: Callable[[Any, int], Any],
        seconds: float,
        surroundings: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """The same cell was run again: another function in the running stream."""
        moved = source is not self._upstream
        self._upstream = source
        self._processor.replace(function, seconds, surroundings)
        if moved:
            self._processor.reconnect()
        self.set_error(None)

    def keep(self, always: bool) -> None:
        """Run also while nobody listens, or no longer."""
        if always and self._always is None:
            self._always = self._processor.subscribe(kept_s=0.0)
        elif not always and self._always is not None:
            outlet, self._always = self._always, None
            outlet.close()


def mapped_audio_stream(
    source: MediaStream,
    function: Callable[[Any, int], Any],
    *,
    seconds: float,
    name: str | None,
    always: bool,
) -> MappedAudioStream:
    """The stream of `function` over the sound: the one that the same cell made under the same name, or a new one."""
    _check_function(function)
    cell = current_cell()
    known_as = name or name_of(function)
    key = MEMORY.key(cell, "map_audio", known_as, source.stream_id)
    made = MEMORY.get(key)
    surroundings = prints_below(cell)
    if isinstance(made, MappedAudioStream) and made.comm is not None:
        made.replace(source, function, seconds, surroundings)
        made.keep(always)
        return made
    stream: MappedAudioStream | None = None

    def report(error: MediaError | None) -> None:
        if stream is None or stream.comm is None:
            return
        known = stream.error
        if error is None and known is None:
            return
        if error is None or known is None or known.message != error.message:
            stream.set_error(error)

    def upstream() -> SoundSource:
        sound = (stream.upstream if stream is not None else source).sound()
        assert sound is not None  # map_audio() asked before
        return sound

    processor = SoundProcessor(upstream, function, seconds, report, surroundings)
    stream = MappedAudioStream(source, processor, known_as)
    MEMORY.put(key, stream)
    stream.keep(always)
    return stream


def _check_function(function: object) -> None:
    if not callable(function):
        raise ProcessingError(
            f"map_audio() needs a function of samples and rate, and was given {type(function).__name__}.",
            Reason.BAD_ARGUMENT,
        )
    try:
        inspect.signature(function).bind(object(), 48000)
    except TypeError as error:
        raise ProcessingError(
            f"map_audio() calls {name_of(function)}(samples, rate), which it does not take: {error}.",
            Reason.BAD_ARGUMENT,
        ) from error
    except ValueError:
        return  # a function of C that tells nothing of its arguments
