"""The base of all recorders: what starts, stops, keeps and saves a recording.

The page that makes the stream's pictures records, and sends numbered chunks (`take`); when the last one is written the
file is finished on a thread (`container.convert`), and its player told.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
import uuid
from pathlib import Path
from typing import Any, ClassVar

from ipywidgets import DOMWidget, widget_serialization
from traitlets import Bool, Float, Instance, Int, TraitError, Unicode, observe, validate

from ..errors import HostError, MediaError, Reason, RecordingError
from ..frames.hub import get_hub
from ..link.link import PageEvent
from ..link.page import Page
from ..protocol.messages import RecorderResult, RecorderStart
from ..streams.cell import current_cell
from ..streams.file_backed import FileBacked
from ..widget import KernelWidget
from .desk import get_desk
from .formats import with_ending
from .kept import Kept
from .page_choice import page_for
from .take import State, Take, cut_error, disk_error

logger = logging.getLogger("ipymedia.recorders")

_TOLD_EVERY_S = 0.25


class Recorder(KernelWidget):
    """Base of the recorders. Shown in a cell, it has buttons, the time and the size.

    Attributes
    ----------
    stream : DOMWidget or None
        A stream of this package, or any widget that the browser can resolve to one.
    recording : bool
        True starts, False stops; from Python, from the page's button, or through a link.
    paused : bool
        True pauses the running recording.
    filename, format : str
        Where and as what `save()` writes; a name without a dot gets the format as its ending.
    autosave : bool
        Whether each recording is saved when it ends.
    state : str
        ``idle``, ``starting``, ``recording``, ``paused``, ``stopping``, ``saving``, ``done`` or ``failed``.
    seconds, size : float, int
        How long, and how many bytes, the recording is by now.
    progress : float
        How far converting is, 0 to 1.
    """

    stream = Instance(DOMWidget, allow_none=True).tag(sync=True, **widget_serialization)
    filename = Unicode("record").tag(sync=True)
    format = Unicode("webm").tag(sync=True)
    recording = Bool(False).tag(sync=True, page_may_set=True)
    paused = Bool(False).tag(sync=True, page_may_set=True)
    autosave = Bool(False).tag(sync=True)
    state = Unicode("idle").tag(sync=True)
    seconds = Float(0.0).tag(sync=True)
    size = Int(0).tag(sync=True)
    progress = Float(0.0).tag(sync=True)
    _recorder = Unicode().tag(sync=True)
    _part = Unicode(help="Where the recording is written while it comes, on the kernel's machine.").tag(
        sync=True
    )
    _media_id = Unicode(help="The model of the recording's player.").tag(sync=True)

    _recorder_kind: ClassVar[str] = ""

    def __init__(self, **kwargs: Any) -> None:
        hub = get_hub()
        hub.link.open()
        self._take: Take | None = None
        self._kept = Kept()
        self._told_s = 0.0
        self._client = current_cell().client
        self._changed = threading.Condition()
        super().__init__(
            _kind=self._recorder_kind, _recorder=uuid.uuid4().hex, _session=hub.link.session, **kwargs
        )
        get_desk().add(self._recorder, self)
        if self.recording:
            self._start()

    @property
    def file(self) -> Path | None:
        """The finished recording in a temporary folder, which goes with the recorder; None before there is one."""
        return self._kept.file

    def save(self, filename: str | None = None) -> None:
        """Write the recording to a file. Blocks; converts where the ending asks for another format.

        Parameters
        ----------
        filename
            By default the trait's. A name without a dot gets the format as its ending.

        Raises
        ------
        ValueError
            Nothing was recorded.
        RecordingError
            The file could not be written, or not converted. The recording is kept.
        """
        recorded = self._recorded()
        target = with_ending(str(filename or self.filename), self.format)
        ending = target.suffix.lstrip(".").lower()
        try:
            if ending == recorded.suffix.lstrip("."):
                shutil.copyfile(recorded, target)
            else:
                self._convert(recorded, target, ending)
        except OSError as error:
            raise disk_error(target, error) from error

    def download(self) -> None:
        """Let the browser save the recording.

        Raises
        ------
        ValueError
            Nothing was recorded.
        """
        self._recorded()
        for page in get_hub().link.pages:
            if page.client == self._client or len(get_hub().link.pages) == 1:
                self._tell_result(page, download=True)

    def wait(self, timeout: float | None = None) -> None:
        """Block until the recording that goes on is finished.

        Raises
        ------
        HostError
            ``timed_out``.
        RecordingError
            It failed, or was cut short.
        """
        deadline_s = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while self._take is not None or self.state == "saving":
                left_s = 0.5 if deadline_s is None else deadline_s - time.monotonic()
                if left_s <= 0:
                    raise HostError(f"The recording was not finished within {timeout:g} s.", Reason.TIMED_OUT)
                self._changed.wait(min(0.5, left_s))
        error = self.error
        if error is not None:
            raise error

    def until_started(self, timeout_s: float) -> bool:
        """Block until the page records, or it is clear that it won't; False after `timeout_s`."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            while self.state == "starting":
                if time.monotonic() > deadline_s:
                    return False
                self._changed.wait(0.1)
        return True

    def until_over(self, seconds: float) -> None:
        """Block until so much is recorded, the pauses not counted, or the recording ended before that."""
        with self._changed:
            while (take := self._take) is not None and not take.over and take.seconds < seconds:
                self._changed.wait(max(0.001, min(0.25, seconds - take.seconds)))

    def close(self) -> None:
        """End the recording, and let go of its file. Idempotent."""
        take, self._take = self._take, None
        if take is not None:
            take.stop()
            take.cut(cut_error("the recorder was closed"))
        if self.comm is not None:
            get_desk().remove(self._recorder)
            media = self._media()
            if isinstance(media, FileBacked):
                media.close()
            self._kept.close()
        super().close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # --- what the page says, on the link's threads ----------------------------------------------------------------

    def take_named(self, take: str) -> Take | None:
        """The recording of this name, if it goes on."""
        running = self._take
        return running if running is not None and running.id == take else None

    def page_failed(self, take: str, error: MediaError) -> None:
        """The page can't record."""
        running = self.take_named(take)
        if running is not None:
            running.cut(error)

    def page_hello(self, page: Page) -> None:
        """The recorder is there in a page: go on where it was, and tell it of the result."""
        take = self._take
        if take is not None and take.page.id == page.id:
            take.resume(page)
        if self._kept.file is not None:
            self._tell_result(page)

    def page_event(self, page: Page, event: PageEvent) -> None:
        """A page is silent, or gone for good."""
        take = self._take
        if take is not None and take.page.id == page.id:
            if event is PageEvent.LOST:
                take.page_lost()
            elif event is PageEvent.LEFT:
                take.cut(cut_error("its page was closed or reloaded"))

    # --- starting and stopping ------------------------------------------------------------------------------------

    @validate("stream")
    def _check_stream(self, proposal: Any) -> Any:
        if isinstance(proposal["value"], Recorder):
            raise TraitError("A recorder is no stream: give it the stream that it shall record.")
        return proposal["value"]

    @observe("recording")
    def _recording_changed(self, change: Any) -> None:
        if not getattr(self, "_recorder", ""):
            return  # in the constructor: it starts when all is there
        if change["new"]:
            self._start()
        elif self._take is not None:
            self._take.stop()

    @observe("paused")
    def _paused_changed(self, change: Any) -> None:
        if self._take is not None:
            self._take.pause(change["new"])

    def _start(self) -> None:
        if self._take is not None:
            return  # it is being finished; `recording` falls back, and may be set again
        try:
            page = page_for(self.stream, self._client)
            assert self.stream is not None  # or there would be no page for it
            request = self._request(Take.new_id(), self.stream.model_id)
        except MediaError as error:
            self._fail(error)
            return
        self.set_error(None)
        self.state = "starting"
        path = self._kept.new_path()
        self._part = str(path)
        self._take = Take(self._recorder, page, path, request, self._take_changed, self._take_ended)

    def _request(self, take: str, widget: str) -> RecorderStart:
        raise NotImplementedError

    # --- as it goes, on the take's thread -------------------------------------------------------------------------

    def _take_changed(self, take: Take) -> None:
        if take is not self._take or self.comm is None:
            return
        if not take.over:
            self.state = take.state.value
        now_s = time.monotonic()
        if now_s - self._told_s > _TOLD_EVERY_S or take.state is not State.RECORDING:
            self._told_s = now_s
            self.seconds, self.size = round(take.seconds, 2), take.size
        with self._changed:
            self._changed.notify_all()

    def _take_ended(self, take: Take, error: MediaError | None) -> None:
        if take is not self._take or self.comm is None:
            return
        self.state = "saving"
        self.seconds, self.size = round(take.seconds, 2), take.size
        finished: Path | None = None
        try:
            finished = self._finish(take) if take.size else None
            if finished is not None and take.lasts:
                self._take_over_length(finished)
        except OSError as failure:
            error = error or disk_error(take.path, failure)
        except MediaError as failure:
            error = error or failure
        except Exception as failure:  # a bug of ours must not leave it "saving" for ever
            logger.exception("a recording was not finished")
            error = error or RecordingError(
                f"The recording was not finished: {failure}. What came is in {take.path}.", Reason.UNKNOWN
            )
        # Before the value: who observes it may set `recording` again at once.
        self._take = None
        self.set_error(error)
        self.paused = False
        self.recording = False
        if finished is None:
            self._fail(error or cut_error("nothing came"))
        else:
            self._publish(finished, error)

    def _take_over_length(self, finished: Path) -> None:
        """While it recorded, the kernel's clock told; a busy machine starts a little later than it was told to."""
        from .container.duration import duration_s

        length_s = duration_s(finished)
        if length_s is not None:
            self.seconds = round(length_s, 2)

    def _publish(self, finished: Path, error: MediaError | None) -> None:
        self.size = finished.stat().st_size
        media = self._media()
        self._kept.keep(finished, self._mime_type(), self._download_name())
        for page in get_hub().link.pages:
            self._tell_result(page)
        if self.autosave:
            try:
                self.save()
            except MediaError as failure:
                error = failure
                self.set_error(failure)
        self.state = "done" if error is None else "failed"
        with self._changed:
            self._changed.notify_all()
        if isinstance(media, FileBacked):
            media.show_file(finished)
        else:
            media.value = finished.read_bytes()  # the user's own widget

    def _finish(self, take: Take) -> Path:
        """The finished file of a take that is over; on its thread."""
        target = take.path.with_name(f"{take.id}.{self.format}")
        self._convert(take.path, target, self.format)
        take.path.unlink(missing_ok=True)
        return target

    def _convert(self, source: Path, target: Path, format: str) -> None:
        from .container.convert import convert

        self.progress = 0.0
        told_s = time.monotonic()

        def progress(share: float) -> None:
            nonlocal told_s
            if time.monotonic() - told_s > _TOLD_EVERY_S:
                told_s = time.monotonic()
                self.progress = share

        convert(source, target, format, progress=progress)
        self.progress = 1.0

    # --- the rest -------------------------------------------------------------------------------------------------

    def _media(self) -> Any:
        """The player of the recording."""
        raise NotImplementedError

    def _mime_type(self) -> str:
        raise NotImplementedError

    def _download_name(self) -> str:
        return with_ending(Path(self.filename).name or "record", self.format).name

    def _tell_result(self, page: Page, *, download: bool = False) -> None:
        page.send(RecorderResult(recorder=self._recorder, file=self._kept.served(), download=download))

    def _recorded(self) -> Path:
        media, kept = self._media(), self._kept.file
        # What a user sets there is not a file's.
        data = b"" if isinstance(media, FileBacked) and media.file is not None else bytes(media.value)
        if kept is not None and not (isinstance(media, FileBacked) and data):
            return kept
        if not data:
            raise ValueError("No data, did you record anything?")
        path = self._kept.new_path().with_suffix(f".{self.format}")
        path.write_bytes(data)
        return path

    def _fail(self, error: MediaError) -> None:
        self.set_error(error)
        self.state = "failed"
        self.recording = False
        with self._changed:
            self._changed.notify_all()
