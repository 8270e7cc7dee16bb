"""One recording, as its chunks come: written in order, acknowledged, and closed in every way that a recording ends.

``starting --RecorderStarted--> recording <--> paused --stop--> stopping --last chunk--> done``; from every state before
`done` also to ``cut``: the page left, or was silent for `RECORDER_PATIENCE_S`; what was written stays.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MediaError, Reason, RecordingError
from ..protocol.messages import (
    RECORDER_PATIENCE_S,
    RecorderAck,
    RecorderChunk,
    RecorderPause,
    RecorderResume,
    RecorderStart,
    RecorderStarted,
    RecorderStop,
)

if TYPE_CHECKING:
    from ..link.page import Page

logger = logging.getLogger("ipymedia.recorders")

_MOST_WAITING = 64
"""Chunks between the link's thread and the disk; a page sends no more than `RECORDER_WINDOW_BYTES` without a word."""


class State(Enum):
    """Where a recording stands."""

    STARTING = "starting"
    RECORDING = "recording"
    PAUSED = "paused"
    STOPPING = "stopping"
    DONE = "done"
    CUT = "cut"


class Take:
    """Writes one recording to `path`, on a thread of its own.

    Parameters
    ----------
    recorder
        The id of the recorder's model.
    page
        Which records.
    path
        Of the file as it comes; it plays up to the last chunk at any time.
    changed
        Called from the thread, and from others, when the state or the size changed.
    ended
        Called once, from the thread, with the error that ended the take early, or None.
    """

    def __init__(
        self,
        recorder: str,
        page: Page,
        path: Path,
        request: RecorderStart,
        changed: Callable[[Take], None],
        ended: Callable[[Take, MediaError | None], None],
    ) -> None:
        self.id = request.take
        self.page = page
        self.path = path
        self.state = State.STARTING
        self.mime_type = ""
        self.picture_size = (0, 0)
        self.size = 0
        self._recorder = recorder
        self._request = request
        self._changed = changed
        self._ended = ended
        self._next = 0
        self._began_s = time.monotonic()
        self._recorded_s = 0.0
        self._page_lost = False
        self._chunks: queue.Queue[tuple[RecorderChunk, bytes] | MediaError] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="ipymedia-take", daemon=True)
        self._thread.start()
        page.send(request)

    @staticmethod
    def new_id() -> str:
        """A name for a take."""
        return uuid.uuid4().hex

    @property
    def over(self) -> bool:
        """Whether nothing is written any more."""
        return self.state in (State.DONE, State.CUT)

    @property
    def lasts(self) -> bool:
        """Whether it has a duration; a still has none."""
        return self._request.what != "still"

    @property
    def seconds(self) -> float:
        """How long it recorded, without the pauses, by the kernel's clock."""
        running = self.state in (State.RECORDING, State.STOPPING)
        return self._recorded_s + (time.monotonic() - self._began_s if running else 0.0)

    # --- what is asked of the page --------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask for the last chunk."""
        if not self.over and self.state is not State.STOPPING:
            self._enter(State.STOPPING)
            self.page.send(RecorderStop(recorder=self._recorder, take=self.id))

    def pause(self, paused: bool) -> None:
        """Pause, or go on."""
        wanted = State.PAUSED if paused else State.RECORDING
        if self.state in (State.RECORDING, State.PAUSED) and self.state is not wanted:
            self._enter(wanted)
            self.page.send(RecorderPause(recorder=self._recorder, take=self.id, paused=paused))

    def resume(self, page: Page) -> None:
        """The page is heard again after a loss, or had not been there yet when it was asked to record."""
        if self.state is State.STARTING:
            page.send(self._request)
        self.page, self._page_lost = page, False
        page.send(RecorderResume(recorder=self._recorder, take=self.id, sequence=self._next))

    def page_lost(self) -> None:
        """The page does not answer: it has `RECORDER_PATIENCE_S` to come back."""
        self._page_lost = True

    def cut(self, error: MediaError) -> None:
        """End now, with what was written."""
        try:
            self._chunks.put_nowait(error)
        except queue.Full:
            threading.Thread(target=self._chunks.put, args=(error,), daemon=True).start()

    # --- what comes from the page, on the link's threads ----------------------------------------------------------

    def started(self, message: RecorderStarted) -> None:
        """The page records."""
        if self.state is State.STARTING:
            self.mime_type = message.mime_type
            self.picture_size = (message.width, message.height)
            self._enter(State.RECORDING)

    def receive(self, message: RecorderChunk, data: bytes) -> None:
        """Take a chunk; only enqueues. One that finds no room is not acknowledged, and comes again."""
        try:
            self._chunks.put_nowait((message, data))
        except queue.Full:
            logger.debug("a chunk found no room: the disk is slower than the page")

    # --- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        error: MediaError | None = None
        try:
            with self.path.open("wb") as file:

                def write(data: bytes) -> None:
                    file.write(data)
                    file.flush()  # a kernel that dies leaves what was acknowledged

                error = self._write(write)
        except OSError as failure:
            error = disk_error(self.path, failure)
        self._enter(State.DONE if error is None else State.CUT)
        self._ended(self, error)

    def _write(self, write: Callable[[bytes], object]) -> MediaError | None:
        while True:
            try:
                item = self._chunks.get(timeout=RECORDER_PATIENCE_S)
            except queue.Empty:
                if self.state is State.PAUSED and not self._page_lost:
                    continue
                return cut_error("its page was silent for too long")
            if isinstance(item, MediaError):
                return item
            message, data = item
            if message.sequence == self._next:
                write(data)
                self.size += len(data)
                self._next += 1
                self._changed(self)
            if self._next > 0:
                self.page.send(RecorderAck(recorder=self._recorder, take=self.id, sequence=self._next - 1))
            if message.last and message.sequence < self._next:
                return None

    def _enter(self, state: State) -> None:
        if self.state in (State.RECORDING, State.STOPPING) and state not in (State.RECORDING, State.STOPPING):
            self._recorded_s = self.seconds
        elif state is State.RECORDING:
            self._began_s = time.monotonic()
        self.state = state
        self._changed(self)


def cut_error(why: str) -> RecordingError:
    """The error of a recording that ended early."""
    return RecordingError(
        f"The recording was cut short: {why}. What came until then is kept, and plays.", Reason.RECORDING_CUT
    )


def disk_error(path: Path, failure: OSError) -> RecordingError:
    """What to say of a file that could not be written."""
    import errno

    where = f"{path.parent}" if str(path.parent) != "." else "the working folder"
    known = {
        errno.ENOENT: (Reason.NO_FILE, f"the folder {where} is not there. Make it, then save again"),
        errno.EACCES: (Reason.NOT_WRITABLE, f"{where} may not be written to. Choose another folder"),
        errno.EPERM: (Reason.NOT_WRITABLE, f"{where} may not be written to. Choose another folder"),
        errno.EROFS: (Reason.NOT_WRITABLE, f"{where} may not be written to. Choose another folder"),
        errno.EISDIR: (Reason.NOT_WRITABLE, "there is a folder of this name. Choose another name"),
        errno.ENOSPC: (Reason.DISK_FULL, f"the disk of {where} is full. Make room, then save again"),
        errno.EDQUOT: (Reason.DISK_FULL, f"the quota of {where} is used up. Make room, then save again"),
        errno.EFBIG: (Reason.DISK_FULL, "the file would be larger than allowed here"),
    }
    reason, text = known.get(failure.errno or 0, (Reason.NOT_WRITABLE, str(failure)))
    return RecordingError(f"{path.name} was not written: {text}.", reason, str(failure))
