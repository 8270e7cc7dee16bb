"""Streams straight to a file: the part of `MediaStream` that hands over to the recorders, which are a folder above."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, overload

from .hooks import hook


class Recordable:
    """What can be recorded by one call."""

    @overload
    def record(
        self, path: str | os.PathLike[str], *, seconds: float, timeout: float = 10.0, codecs: str = ""
    ) -> Path: ...

    @overload
    def record(
        self, path: str | os.PathLike[str], *, seconds: None = None, timeout: float = 10.0, codecs: str = ""
    ) -> Any: ...

    def record(
        self,
        path: str | os.PathLike[str],
        *,
        seconds: float | None = None,
        timeout: float = 10.0,
        codecs: str = "",
    ) -> Any:
        """Record to a file on the kernel's machine; its ending says the format.

        ::

            with camera.record("film.mp4"):
                ...                                  # recorded while the body runs, written at its end
            camera.record("sound.wav", seconds=10)   # blocks until the file is written

        ``.webm .mp4 .mkv .gif`` are films with their sound (of a stream without a picture: the sound), ``.wav .mp3
        .ogg`` the sound alone, ``.png .jpeg .jpg .webp`` one still, written when the call returns.

        Parameters
        ----------
        path
            A file that is there is replaced, when the recording has ended.
        seconds
            Records so long and blocks until the file is written, also in a running cell; an interrupt, or the Stop
            button, ends it earlier and writes it. None gives a `Recording` at once: for ``with``, or to `stop()`.
        timeout
            Seconds to wait at most until the recording begins.
        codecs
            As in `VideoRecorder`.

        Returns
        -------
        pathlib.Path or Recording
            The path, with `seconds`. A `Recording` is usable as a path too, and shown it has a Stop button.

        Raises
        ------
        RecordingError
            Before anything is recorded: ``bad_argument`` (the ending), ``no_file`` (the folder is not there),
            ``not_writable``, ``disk_full``. At the end: ``recording_cut``; what came until then is in the file.
        CaptureError, HostError
            As `snapshot`.
        """
        return hook("record")(self, path, seconds=seconds, timeout=timeout, codecs=codecs)
