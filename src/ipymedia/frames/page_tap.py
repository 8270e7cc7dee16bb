"""What the taps of pictures and of sound share: asking the page that captures, and a thread for what it sends."""

from __future__ import annotations

import itertools
import threading
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from ..link.page import Page
    from ..protocol.messages import Message

_epochs = itertools.count(1)

Item = TypeVar("Item")


class TapOwner(Protocol):
    """What a tap needs to know of its stream."""

    @property
    def stream_id(self) -> str:
        """The name of the stream on the wire."""

    @property
    def codec(self) -> str:
        """The codec that the user wants, or ``"auto"``."""

    @property
    def state(self) -> str:
        """``failed`` when the page could not start it."""

    def capturing_page(self) -> Page | None:
        """The page that captures, if it is there."""


class PageTap(ABC, Generic[Item]):
    """A part of a source: it asks one page at a time, each time under a new epoch, while the source has outlets."""

    used: bool
    _outlets_lock: threading.RLock
    _thread_name: str

    def __init__(self, owner: TapOwner) -> None:
        super().__init__()
        self._owner = owner
        self._page: Page | None = None
        self._epoch = 0
        self._queue: deque[Item] = deque()
        self._arrived = threading.Condition()
        self._thread: threading.Thread | None = None

    def restart(self) -> None:
        """Ask the (new, reloaded) capturing page again."""
        with self._outlets_lock:
            if self.used:
                self._leave_page()
                self._ask_page()

    def _start(self) -> None:
        self._ask_page()
        self._thread = threading.Thread(target=self._run, name=self._thread_name, daemon=True)
        self._thread.start()

    def _stop(self) -> None:
        self._leave_page()
        with self._arrived:
            self._thread = None
            self._queue.clear()
            self._arrived.notify_all()

    def _ask_page(self) -> None:
        page = self._owner.capturing_page()
        if page is None:
            return
        with self._arrived:
            self._page, self._epoch = page, next(_epochs)
            self._queue.clear()
        self._ask(page)

    def _leave_page(self) -> None:
        page, self._page = self._page, None
        if page is not None:
            page.send(self._stop_message())

    def _wait(self) -> Item | None:
        """The next that arrived; None when the thread that asks is to end."""
        me = threading.current_thread()
        with self._arrived:
            self._arrived.wait_for(lambda: self._queue or self._thread is not me)
            return self._queue.popleft() if self._thread is me else None

    @abstractmethod
    def _ask(self, page: Page) -> None:
        """Ask a page for the first time in this epoch."""

    @abstractmethod
    def _stop_message(self) -> Message:
        """What a page is told that is not asked any more."""

    @abstractmethod
    def _run(self) -> None:
        """The thread: work on what `_wait` gives."""
