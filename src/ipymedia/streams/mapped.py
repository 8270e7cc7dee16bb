"""Streams of what a Python function makes of another stream's pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from traitlets import Unicode

from ..errors import MediaError
from ..frames.capabilities import check_codec
from ..frames.flow import Bounds, FrameSource, Outlet
from ..frames.formats import check_format
from ..frames.function import Caller, as_executor, check_function, name_of
from ..frames.hub import get_hub
from ..frames.processor import Processor
from ..frames.sound import SoundSource
from .cell import MEMORY, current_cell, prints_below
from .media_stream import MediaStream

if TYPE_CHECKING:
    from ..frames.downlink import Downlink
    from ..link.page import Page
    from ..protocol.messages import StatsKernel


class MappedStream(MediaStream):
    """What `MediaStream.map` gives: a stream like any other, which can be shown, mapped again, and pulled from.

    The worker runs while somebody looks (or with ``always=True``). Calling it calls the function: a decorated function
    stays a function.

    Attributes
    ----------
    name : str
        Shown in the view's messages; by default the function's.
    """

    _frame_kind = "mapped"

    name = Unicode().tag(sync=True)
    _source = Unicode(help="The stream whose frames the overlays are drawn on.").tag(sync=True)
    _sound_of = Unicode(help="The stream whose sound belongs to the pictures; empty for none.").tag(sync=True)

    def __init__(self, source: MediaStream, processor: Processor, task: Task) -> None:
        self._upstream = source
        self._processor = processor
        self._task = task
        self._always: Outlet | None = None
        super().__init__(
            codec=task.codec, name=task.name, _source=source.stream_id, _sound_of=self._sounds_like(task)
        )

    def _sounds_like(self, task: Task) -> str:
        return self._upstream.root().stream_id if task.audio else ""

    @property
    def function(self) -> Callable[[Any], Any]:
        """The function that runs now."""
        return self._task.caller.function

    def __call__(self, image: Any) -> Any:
        """Call the function itself, as if it had not been decorated."""
        return self.function(image)

    @property
    def upstream(self) -> MediaStream:
        """The stream that this one was made of."""
        return self._upstream

    def root(self) -> MediaStream:
        """The stream that the pictures come from in the first place."""
        return self._upstream.root()

    def needs_page(self) -> bool:
        """Whether frames come only from a page."""
        return self._upstream.needs_page()

    def source(self) -> FrameSource:
        """The worker."""
        return self._processor

    def sound(self) -> SoundSource | None:
        """The sound that belongs to the pictures: that of the root."""
        return self._upstream.sound() if self._task.audio else None

    def finish_sound(self) -> None:
        """It is the root's to end."""

    def close_sound(self) -> None:
        """It is the root's to end."""

    def capturing_page(self) -> Page | None:
        """The page at the chain's root."""
        return self._upstream.capturing_page()

    def download_bounds(self) -> Bounds:
        """What the way back may take."""
        return Bounds(bitrate_bps=self._task.bounds.bitrate_bps)

    def kernel_stats(self, downlink: Downlink | None) -> StatsKernel:
        """The kernel's figures, the function's own time among them."""
        stats = super().kernel_stats(downlink)
        upstream = self._upstream.kernel_stats(None)
        stats.function_ms = 1000 * self._processor.function_s
        stats.received_bytes = upstream.received_bytes
        stats.dropped += self._processor.dropped + upstream.dropped
        return stats

    def close(self) -> None:
        """End the worker too."""
        always, self._always = self._always, None
        if always is not None:
            always.close()
        super().close()

    def replace(self, source: MediaStream, task: Task) -> None:
        """The same cell was run again: another function in the running stream."""
        before = self.download_bounds(), self.codec
        self._task, self.codec = task, task.codec
        moved = source is not self._upstream
        self._upstream, self._source = source, source.stream_id
        self._sound_of = self._sounds_like(task)
        self._processor.replace(task.caller, task.format, task.bounds, task.surroundings)
        if moved:
            self._processor.reconnect()
        self.set_error(None)
        if (self.download_bounds(), self.codec) != before:
            get_hub().renew_downlinks(self.stream_id)
        self.keep(task.always)

    def keep(self, always: bool) -> None:
        """Run also while nobody looks, or no longer."""
        if always and self._always is None:
            self._always = self._processor.subscribe()
        elif not always and self._always is not None:
            outlet, self._always = self._always, None
            outlet.close()


class Task:
    """What one call of `map` asked for."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        *,
        format: str,
        name: str | None,
        executor: object,
        bounds: Bounds,
        always: bool,
        audio: bool,
        codec: str,
    ) -> None:
        check_format(format)
        self.caller = Caller(check_function(function), as_executor(executor))
        self.format = format
        self.name = name or name_of(function)
        self.bounds = bounds
        self.always = always
        self.audio = audio
        self.codec = check_codec(codec)
        self.surroundings = prints_below(current_cell())


def mapped_stream(source: MediaStream, function: Callable[[Any], Any], **options: Any) -> MappedStream:
    """The stream of `function` over `source`: the one that the same cell made under the same name, or a new one."""
    if isinstance(function, MappedStream):
        function = function.function
    task = Task(function, **options)
    cell = current_cell()
    key = MEMORY.key(cell, "map", task.name, source.stream_id)
    made = MEMORY.get(key)
    if isinstance(made, MappedStream) and made.comm is not None:
        made.replace(source, task)
        return made
    stream: MappedStream | None = None

    def report(error: MediaError | None) -> None:
        # The same failure for each frame is told once: setting a trait costs a message.
        if stream is None or stream.comm is None:
            return
        known = stream.error
        if error is None:
            stream.set_error(None)
        elif known is None or known.message != error.message:
            stream.set_error(error)

    def upstream() -> FrameSource:
        return (stream.upstream if stream is not None else source).source()

    processor = Processor(
        upstream,
        task.caller,
        task.format,
        task.bounds,
        report,
        task.surroundings,
    )
    stream = MappedStream(source, processor, task)
    MEMORY.put(key, stream)
    stream.keep(task.always)
    return stream
