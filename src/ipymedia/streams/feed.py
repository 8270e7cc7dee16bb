"""Pictures from an iterator, each shown when it is due: what runs behind `ArrayStream.from_iterable` and its like."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..errors import MediaError
from ..frames.function import failure_of
from ..frames.sound import SoundBlock

if TYPE_CHECKING:
    from ..frames.array_source import ArraySource

_SOUND_LEAD_S = 0.2
"""Sound is handed on so much before it is due: its source plays it in time."""

Timed = tuple[Any, "float | None"]
"""A picture (whatever `push` takes) or sound, and when it is due in seconds from the beginning; None means at once."""

_TOO_LATE_S = 0.5
"""A source that is later than this is not hurried: its beginning moves."""


class Feed:
    """A thread that pushes while somebody looks, and pauses while nobody does.

    Parameters
    ----------
    pictures
        Taken one ahead of none: the next one is asked for when the last was pushed.
    push
        Called with each picture, and when it is due by `time.monotonic`, or None.
    ended
        Called once from the thread, with the error that ended it, or None at the iterator's end.
    surroundings
        Entered by the thread: where prints go.
    name
        What the pictures come from, for messages.
    """

    def __init__(
        self,
        pictures: Iterator[Timed],
        source: ArraySource,
        push: Callable[[Any, float | None], None],
        ended: Callable[[Feed, MediaError | None], None],
        surroundings: Callable[[], AbstractContextManager[None]],
        name: str,
    ) -> None:
        self._name = name
        self._pictures = pictures
        self._source = source
        self._push = push
        self._ended = ended
        self._surroundings = surroundings
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ipymedia-feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, after the picture that is at work. Idempotent; does not block."""
        self._stopped.set()
        self._source.shown()

    def _run(self) -> None:
        error: MediaError | None = None
        try:
            with self._surroundings():
                self._feed()
        except MediaError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 (the user's iterator may raise anything; the view shows it)
            error = failure_of(failure, self._name)
        finally:
            _close(self._pictures)
        if not self._stopped.is_set():
            self._ended(self, error)

    def _feed(self) -> None:
        began_s: float | None = None
        while self._source.wait_until_used(self._stopped):
            try:
                picture, due_s = next(self._pictures)
            except StopIteration:
                return
            if due_s is not None:
                lead_s = _SOUND_LEAD_S if isinstance(picture, SoundBlock) else 0.0
                began_s = self._wait(began_s, due_s - lead_s)
            if self._stopped.is_set():
                return
            self._push(picture, None if due_s is None or began_s is None else began_s + due_s)
            if not self._source.used:
                began_s = None  # time stands still while nobody looks

    def _wait(self, began_s: float | None, due_s: float) -> float:
        """Wait until a picture is due; gives when the beginning was."""
        now_s = time.monotonic()
        if began_s is None:
            began_s = now_s - due_s
        late_s = now_s - began_s - due_s
        if late_s > _TOO_LATE_S:
            return began_s + late_s
        if late_s < 0:
            self._stopped.wait(-late_s)
        return began_s


def _close(pictures: Iterator[Timed]) -> None:
    """A generator lets go of what it holds now, not when it is collected."""
    close = getattr(pictures, "close", None)
    if close is not None:
        close()
