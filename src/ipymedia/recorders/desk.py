"""Where messages meet recorders: takes what pages send to the recorder that it is for."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Protocol

from ..errors import error_of
from ..frames.hub import get_hub
from ..link.link import PageEvent
from ..protocol.messages import RecorderChunk, RecorderFailed, RecorderHello, RecorderStarted

if TYPE_CHECKING:
    from ..errors import MediaError
    from ..link.page import Page
    from ..protocol.framing import Buffer
    from .take import Take


class DeskRecorder(Protocol):
    """What the desk needs of a recorder; called on the link's threads, so these only enqueue or set traits."""

    def take_named(self, take: str) -> Take | None:
        """The recording of this name, if it goes on."""

    def page_failed(self, take: str, error: MediaError) -> None:
        """A page can't record."""

    def page_hello(self, page: Page) -> None:
        """The recorder is there in a page, or is heard again."""

    def page_event(self, page: Page, event: PageEvent) -> None:
        """A page came, changed its carrier, or is gone."""


class Desk:
    """Recorders by id, held weakly."""

    def __init__(self) -> None:
        self._recorders: weakref.WeakValueDictionary[str, DeskRecorder] = weakref.WeakValueDictionary()
        link = get_hub().link
        link.on(RecorderHello, self._hello)
        link.on(RecorderStarted, self._started)
        link.on(RecorderChunk, self._chunk)
        link.on(RecorderFailed, self._failed)
        link.on_page(self._page_event)

    def add(self, recorder_id: str, recorder: DeskRecorder) -> None:
        """Register a recorder."""
        self._recorders[recorder_id] = recorder

    def remove(self, recorder_id: str) -> None:
        """A recorder was closed."""
        self._recorders.pop(recorder_id, None)

    def _take(self, page: Page, recorder_id: str, take_id: str) -> Take | None:
        recorder = self._recorders.get(recorder_id)
        take = recorder.take_named(take_id) if recorder is not None else None
        # Another page than the one that was asked has no say.
        return take if take is not None and take.page.id == page.id else None

    def _hello(self, page: Page, message: RecorderHello, _: Buffer) -> None:
        recorder = self._recorders.get(message.recorder)
        if recorder is not None:
            recorder.page_hello(page)

    def _started(self, page: Page, message: RecorderStarted, _: Buffer) -> None:
        take = self._take(page, message.recorder, message.take)
        if take is not None:
            take.started(message)

    def _chunk(self, page: Page, message: RecorderChunk, buffer: Buffer) -> None:
        take = self._take(page, message.recorder, message.take)
        if take is not None:
            take.receive(message, bytes(buffer))

    def _failed(self, page: Page, message: RecorderFailed, _: Buffer) -> None:
        if self._take(page, message.recorder, message.take) is not None:
            self._recorders[message.recorder].page_failed(
                message.take, error_of(message.reason, message.message)
            )

    def _page_event(self, page: Page, event: PageEvent) -> None:
        for recorder in list(self._recorders.values()):
            recorder.page_event(page, event)


@functools.cache
def get_desk() -> Desk:
    """The desk of this kernel process."""
    return Desk()
