"""ipywidgets' players of what is in a file of the kernel's: its bytes are never in the synced state.

A page that shows one of them is told where to fetch the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets
from traitlets import All, Bunch


class FileBacked(ipywidgets.DOMWidget):  # type: ignore[misc]
    """A `value` that is a file: read from its file when asked for; observers hear of a new one once.

    Instead of the trait of the same name: what is no trait is not synced, so a film does not cross the connection as
    a whole, a recording does not go back to the browser that made it, and neither is saved in the notebook.
    """

    _path: Path | None = None
    _data = b""
    _observed = False

    @property
    def value(self) -> memoryview:
        """The file's bytes, read anew each time; empty before there is one."""
        return memoryview(self._data if self._path is None else self._path.read_bytes())

    @value.setter
    def value(self, data: bytes | memoryview) -> None:
        self._path, self._data = None, bytes(data)
        self._tell()

    @property
    def file(self) -> Path | None:
        """The file; None where the bytes were set by hand, or there are none."""
        return self._path

    def show_file(self, path: Path | None) -> None:
        """Let `value` be the bytes of another file, and tell the observers."""
        self._path, self._data = path, b""
        self._tell()

    def observe(self, handler: Any, names: Any = All, type: Any = "change") -> None:  # noqa: A002 (traitlets' signature)
        """As every widget's; the file is read for a change only where somebody observes `value`."""
        if names is All or names == "value" or "value" in names:
            self._observed = True
        super().observe(handler, names, type)

    def _tell(self) -> None:
        if self._observed:
            self.notify_change(Bunch(name="value", old=b"", new=self.value, owner=self, type="change"))


class FileVideo(FileBacked, ipywidgets.Video):  # type: ignore[misc]
    """`ipywidgets.Video` of a file."""


class FileAudio(FileBacked, ipywidgets.Audio):  # type: ignore[misc]
    """`ipywidgets.Audio` of a file."""


class FileImage(FileBacked, ipywidgets.Image):  # type: ignore[misc]
    """`ipywidgets.Image` of a file."""
