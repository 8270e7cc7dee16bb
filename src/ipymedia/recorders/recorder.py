"""The base of all recorders: what starts, stops, keeps and saves a recording.

The page that makes the stream's pictures records, and sends numbered chunks (`take`); when the last one is written the
file is finished on a thread (`container.convert`), and its player told.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
import uuid
import weakref
from pathlib import Path
from typing import Any, ClassVar

from ipywidgets import DOMWidget, widget_serialization
from traitlets import Bool, Dict, Float, Instance, Int, TraitError, Unicode, observe, validate

from ..errors import HostError, MediaError, Reason, RecordingError, error_of
from ..frames.hub import get_hub
from ..link.link import PageEvent
from ..link.page import Page
from ..protocol.messages import RecorderResult, RecorderStart, ServedFile
from ..streams.cell import current_cell
from ..streams.media_stream import MediaStream
from ..widget import MediaWidget
from .desk import get_desk
from .formats import with_ending
from .media import FileBacked
from .take import State, Take, cut_error, disk_error

logger = logging.getLogger("ipymedia.recorders")

STATES = ("idle", "starting", "recording", "paused", "stopping", "saving", "done", "failed")
_TOLD_EVERY_S = 0.25
_NO_PAGE = (
    "The recording was not started: no page of this notebook is connected. "
    "Open the notebook in a browser and show the stream."
)


class Recorder(MediaWidget):
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
    _error = Dict(help="What went wrong: reason, message, detail.").tag(sync=True)
    _recorder = Unicode().tag(sync=True)
    _session = Unicode(help="The kernel process that this recorder belongs to.").tag(sync=True)
    _media_id = Unicode(help="The model of the recording's player.").tag(sync=True)

    _recorder_kind: ClassVar[str] = ""
    _what: ClassVar[str] = "film"

    def __init__(self, **kwargs: Any) -> None:
        hub = get_hub()
        hub.link.open()
        self._take: Take | None = None
        self._folder: Path | None = None
        self._file: Path | None = None
        self._served = ""
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
    def error(self) -> MediaError | None:
        """What went wrong last, or None."""
        if not self._error:
            return None
        return error_of(self._error["reason"], self._error["message"], self._error.get("detail", ""))

    @property
    def file(self) -> Path | None:
        """The finished recording in a temporary folder, which goes with the recorder; None before there is one."""
        return self._file

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
        if self._file is None:
            raise ValueError("No data, did you record anything?")
        target = with_ending(str(filename or self.filename), self.format)
        ending = target.suffix.lstrip(".").lower()
        try:
            if ending == self._file.suffix.lstrip("."):
                shutil.copyfile(self._file, target)
            else:
                self._convert(self._file, target, ending)
        except OSError as error:
            raise disk_error(target, error) from error

    def download(self) -> None:
        """Let the browser save the recording.

        Raises
        ------
        ValueError
            Nothing was recorded.
        """
        if self._file is None:
            raise ValueError("No data, did you record anything?")
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

    def close(self) -> None:
        """End the recording, and let go of its file. Idempotent."""
        take, self._take = self._take, None
        if take is not None:
            take.stop()
            take.cut(cut_error("the recorder was closed"))
        if self.comm is not None:
            get_desk().remove(self._recorder)
            get_hub().link.files.remove(self._served)
            media = self._media()
            if isinstance(media, FileBacked):
                media.close()
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

    def page_event(self, page: Page, event: PageEvent) -> None:
        """A page came back: go on where it was, tell it of the result; or it is gone for good."""
        take = self._take
        if event is PageEvent.LOADED:
            if take is not None and take.page.id == page.id:
                take.resume(page)
            if self._file is not None:
                self._tell_result(page)
        elif event is PageEvent.LEFT and take is not None and take.page.id == page.id:
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
            page = self._page()
            assert self.stream is not None  # or `_page` would have raised
            request = self._request(Take.new_id(), self.stream.model_id)
        except MediaError as error:
            self._fail(error)
            return
        self._set_error(None)
        self.state = "starting"
        path = self._raw_path()
        self._take = Take(self._recorder, page, path, request, self._take_changed, self._take_ended)

    def _request(self, take: str, widget: str) -> RecorderStart:
        raise NotImplementedError

    def _page(self) -> Page:
        """Which page records: the one that makes the pictures, else one that shows them, else that of the cell."""
        link, stream = get_hub().link, self.stream
        if stream is None:
            raise RecordingError(
                "The recording was not started: the recorder has no stream. Set its `stream`.",
                Reason.NO_STREAM,
            )
        found: Page | None = None
        if isinstance(stream, MediaStream):
            watching = get_hub().downlinks(stream.stream_id)
            found = stream.capturing_page() or (watching[0].page if watching else None)
        pages = link.pages
        found = found or link.page_of_client(self._client) or (pages[0] if pages else None)
        if found is None:
            raise HostError(_NO_PAGE, Reason.NO_PAGE)
        return found

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
        try:
            finished = self._finish(take) if take.size else None
        except OSError as failure:
            finished, error = None, error or disk_error(take.path, failure)
        except MediaError as failure:
            finished, error = None, error or failure
        if finished is not None:
            self._file = finished
        # Before the value: who observes it may set `recording` again at once.
        self._take = None
        self._set_error(error)
        self.paused = False
        self.recording = False
        if finished is None:
            self._fail(error or cut_error("nothing came"))
        else:
            self._publish(finished, error)

    def _publish(self, finished: Path, error: MediaError | None) -> None:
        get_hub().link.files.remove(self._served)
        self.size = finished.stat().st_size
        media = self._media()
        self._served = get_hub().link.files.add(finished, self._mime_type(), self._download_name())
        for page in get_hub().link.pages:
            self._tell_result(page)
        if self.autosave:
            try:
                self.save()
            except MediaError as failure:
                error = failure
                self._set_error(failure)
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
        hub = get_hub()
        file: ServedFile | None = None
        if self._served:
            file = hub.link.files.describe(self._served, hub.link.port)
        page.send(RecorderResult(recorder=self._recorder, file=file, download=download))

    def _raw_path(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="ipymedia-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder / f"{uuid.uuid4().hex}.part"

    def _fail(self, error: MediaError) -> None:
        self._set_error(error)
        self.state = "failed"
        self.recording = False
        with self._changed:
            self._changed.notify_all()

    def _set_error(self, error: MediaError | None) -> None:
        self._error = (
            {}
            if error is None
            else {"reason": error.reason.value, "message": error.message, "detail": error.detail[-20_000:]}
        )
