"""What a recorder recorded last: a file in a folder of its own, handed out to pages, replaced by the next.

The folder goes with the recorder, but for a recording that the kernel's end interrupted: it stays, and the page says
where.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
import weakref
from pathlib import Path

from ..frames.hub import get_hub
from ..protocol.messages import ServedFile

_PART = ".part"


def _clean_up(folder: Path) -> None:
    if not any(part.stat().st_size for part in folder.glob(f"*{_PART}")):
        shutil.rmtree(folder, ignore_errors=True)


class Kept:
    """The file of one recorder; goes with it, and with the process at the latest.

    Attributes
    ----------
    file : Path or None
        None before there is a recording.
    """

    def __init__(self) -> None:
        self.file: Path | None = None
        self._served = ""
        self._folder: Path | None = None

    def new_path(self) -> Path:
        """Where the next recording is written while it comes."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="ipymedia-"))  # its owner's alone: mode 0700
            weakref.finalize(self, _clean_up, self._folder)
        return self._folder / f"{uuid.uuid4().hex}{_PART}"

    def keep(self, file: Path, mime_type: str, name: str) -> None:
        """Let another file take the place of the one before."""
        before, self.file = self.file, file
        files = get_hub().link.files
        files.remove(self._served)
        self._served = files.add(file, mime_type, name)
        if before is not None:
            before.unlink(missing_ok=True)

    def served(self) -> ServedFile | None:
        """What a page is told of it; None where there is none (any more)."""
        link = get_hub().link
        try:
            return link.files.describe(self._served, link.port) if self._served else None
        except (KeyError, FileNotFoundError):
            return None  # it was replaced at this moment: the page is told of the next one

    def close(self) -> None:
        """Hand it out no more, and remove it. Idempotent."""
        get_hub().link.files.remove(self._served)
        self._served, self.file = "", None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
