"""`MediaStream.record`: a stream straight to a file, in one line."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import HostError, MediaError, Reason, RecordingError
from ..streams.cell import current_cell
from ..streams.pull import page_that_answers
from .audio import AudioRecorder
from .formats import FORMATS, PICTURES
from .image import ImageRecorder
from .page_choice import page_of
from .take import disk_error
from .video import VideoRecorder

if TYPE_CHECKING:
    from ..streams.media_stream import MediaStream
    from .recorder import Recorder

logger = logging.getLogger("ipymedia.recorders")

_STARTS_WITHIN_S = 10.0


def record(
    stream: MediaStream, path: str | os.PathLike[str], *, seconds: float | None, timeout: float, codecs: str
) -> Recording | Path:
    """See `MediaStream.record`."""
    target = Path(path).expanduser().absolute()
    kind, format = recorder_for(stream, target)
    if seconds is not None and (kind is ImageRecorder or not seconds > 0):
        raise RecordingError(
            f"record() was asked for {seconds!r} seconds of {target.name}: they are for films and sound, and above 0.",
            Reason.BAD_ARGUMENT,
        )
    check_writable(target)
    client = current_cell().client
    page_that_answers(stream, "A recording", timeout, lambda: page_of(stream, client))
    options: dict[str, Any] = {"codecs": codecs} if kind is not ImageRecorder else {}
    recorder = kind(stream=stream, format=format, filename=str(target), autosave=True, **options)
    recording = Recording(recorder, target, timeout)
    recorder.recording = True
    if kind is ImageRecorder:
        recording.finish()
    if seconds is None:
        return recording
    with recording:
        recorder.until_over(seconds)
    return target


def recorder_for(stream: MediaStream, target: Path) -> tuple[type[Recorder], str]:
    """Which recorder writes a file of this name, and as what.

    Raises
    ------
    RecordingError
        ``bad_argument``: there is no such format, or it is for pictures, and the stream has none.
    """
    format = target.suffix.lstrip(".").lower()
    about = FORMATS.get(format)
    if format not in PICTURES and about is None:
        raise RecordingError(
            f"{target.name} can't be recorded: its ending says the format, and may be "
            f"{', '.join('.' + name for name in (*FORMATS, *PICTURES))}.",
            Reason.BAD_ARGUMENT,
        )
    sound_only = about is not None and (not about.video_codecs or not stream.has_picture())
    if not stream.has_picture() and (about is None or not about.audio_codecs):
        raise RecordingError(
            f"{target.name} can't be recorded: the stream has no picture. Choose a format for sound, such as .wav.",
            Reason.BAD_ARGUMENT,
        )
    if about is None:
        return ImageRecorder, format
    return (AudioRecorder if sound_only else VideoRecorder), format


def check_writable(target: Path) -> None:
    """Find out before anything is recorded whether the file can be written.

    Raises
    ------
    RecordingError
        ``no_file``: the folder is not there; ``not_writable``.
    """
    try:
        if target.exists():
            with target.open("ab"):  # leaves what is there
                pass
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise disk_error(target, error) from error


class Recording:
    """What `MediaStream.record` started: a recording on its way into a file.

    With ``with``, the body begins when the page records, and at its end, also when it raises, the file is written.
    Shown in a cell, it is the recorder, with its Stop button; usable as a path.

    Attributes
    ----------
    path : Path
        Where the file will be.
    recorder : Recorder
        What records: its `seconds`, `size`, `paused` and `state` tell how it goes.
    """

    def __init__(self, recorder: Recorder, path: Path, timeout_s: float = _STARTS_WITHIN_S) -> None:
        self.recorder = recorder
        self.path = path
        self._timeout_s = timeout_s
        self._shown = False

    def stop(self) -> Path:
        """End the recording, and give the path when the file is written. Blocks. Idempotent.

        Raises
        ------
        RecordingError
            It was cut short (the file is there up to the cut), or the file could not be written.
        """
        self.recorder.recording = False
        return self.finish()

    def finish(self) -> Path:
        """Give the path when the recording has ended by itself, or by the button in the page. Blocks."""
        try:
            self.recorder.wait()
        finally:
            if not self._shown:
                self.recorder.close()
        return self.path

    def __enter__(self) -> Recording:
        try:
            self._wait_started()
        except BaseException:
            self.recorder.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None:
            self.stop()
            return
        try:
            self.stop()
        except MediaError as failure:  # the body's own error is the first, and goes on
            logger.warning("%s: %s", self.path.name, failure)

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"<Recording of {self.path.name}: {self.recorder.state}, {self.recorder.seconds:.1f} s>"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if self.recorder.comm is None:
            display({"text/plain": repr(self)}, raw=True)  # type: ignore[no-untyped-call]  # its recorder is closed
            return
        self._shown = True
        display(self.recorder)  # type: ignore[no-untyped-call]

    def _wait_started(self) -> None:
        if not self.recorder.until_started(self._timeout_s):
            raise HostError(
                f"The recording of {self.path.name} did not begin within {self._timeout_s:g} s. Is the "
                "browser waiting for your permission? Look at the stream's view.",
                Reason.TIMED_OUT,
            )
        if self.recorder.state == "failed":
            self.recorder.wait()  # raises what hindered it
