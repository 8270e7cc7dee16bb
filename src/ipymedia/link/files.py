"""Files that pages may fetch: registered by the kernel, named by 128 random bits, read over HTTP with ranges.

A path is never a page's to choose: it names what was registered, or gets nothing.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tornado.web import HTTPError, StaticFileHandler

from ..protocol.messages import FILE_PART_BYTES, FilePart, FileRead, ServedFile

if TYPE_CHECKING:
    from .page import Page

FILE_PATH = r"/ipymedia/file/([0-9a-f]{32})"

MAX_RANGE_BYTES = 2 << 20
"""The most that one answer to a request for a range carries: jupyter-server-proxy holds an answer until it is whole,
and refuses one of over 100 MB. Browsers ask on."""

_MOST_PARTS = 8
"""Parts that are read at once; a page that asks for more asks again."""


_RANGE = re.compile(r"bytes=([0-9]{1,18})-([0-9]{0,18})")


@dataclass(frozen=True)
class _Registered:
    path: Path
    mime_type: str
    name: str


class Files:
    """What is handed out now; safe for threads."""

    def __init__(self) -> None:
        self._files: dict[str, _Registered] = {}
        self._lock = threading.Lock()
        self._reading = threading.BoundedSemaphore(_MOST_PARTS)

    def add(self, path: Path, mime_type: str, name: str) -> str:
        """Hand a file out until `remove`; gives its id."""
        file = secrets.token_hex(16)
        with self._lock:
            self._files[file] = _Registered(path, mime_type, name)
        return file

    def remove(self, file: str) -> None:
        """Hand it out no more. Idempotent."""
        with self._lock:
            self._files.pop(file, None)

    def find(self, file: str) -> _Registered | None:
        """What is registered under an id, or None."""
        with self._lock:
            return self._files.get(file)

    def describe(self, file: str, port: int) -> ServedFile:
        """What a page is told of it."""
        found = self.find(file)
        if found is None:
            raise KeyError(file)
        size = found.path.stat().st_size
        return ServedFile(file=file, port=port, size=size, mime_type=found.mime_type, name=found.name)

    def answer(self, page: Page, message: FileRead, _: object) -> None:
        """Send a part over the link, for pages that the server's HTTP does not reach."""
        if not self._reading.acquire(blocking=False):
            return
        # A thread: a disk may take its time, and this is called where messages are handled.
        threading.Thread(target=self._send_part, args=(page, message), daemon=True).start()

    def _send_part(self, page: Page, message: FileRead) -> None:
        try:
            page.send(FilePart(file=message.file, offset=message.offset), self._part(message))
        finally:
            self._reading.release()

    def _part(self, message: FileRead) -> bytes:
        found = self.find(message.file)
        if found is None:
            return b""
        try:
            with found.path.open("rb") as file:
                file.seek(message.offset)
                return file.read(min(message.length, FILE_PART_BYTES))
        except (OSError, OverflowError):
            return b""  # the page says that the file ends too early


class FileHandler(StaticFileHandler):
    """Tornado's own handler for files (ranges, conditions), which finds them in the registry."""

    def initialize(self, files: Files, knows_origin: Callable[[str], bool]) -> None:  # type: ignore[override]
        """Called by Tornado before anything else."""
        super().initialize(path="")
        self._files = files
        self._knows_origin = knows_origin

    def set_default_headers(self) -> None:
        """What a file is, is the kernel's word; opened by itself it may do nothing on Jupyter's origin."""
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header(
            "Content-Security-Policy", "sandbox; default-src 'none'; media-src 'self'; img-src 'self'"
        )
        # An id names one state of one file: a page that is loaded again need not fetch it again.
        self.set_header("Cache-Control", "private, max-age=86400, immutable")

    def prepare(self) -> None:
        """A page that reaches the server straight is of another origin, which must be that of a page that is there."""
        self._bound_range()
        origin = self.request.headers.get("Origin")
        if origin is None:
            return
        if not self._knows_origin(origin):
            raise HTTPError(403)
        self.set_header("Access-Control-Allow-Origin", origin)
        self.set_header("Vary", "Origin")

    def _bound_range(self) -> None:
        """Answer a long range by its beginning; what is malformed is Tornado's to judge."""
        match = _RANGE.fullmatch(self.request.headers.get("Range", ""))
        if match is None:
            return
        first, last = int(match[1]), int(match[2] or 1 << 62)
        last = min(last, first + MAX_RANGE_BYTES - 1) if last >= first else last
        self.request.headers["Range"] = f"bytes={first}-{last}"

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:  # noqa: ARG003 (Tornado's signature)
        """The id as it is: `validate_absolute_path` knows what stands behind it."""
        return path

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:  # noqa: ARG002
        """The registered file's path."""
        found = self._files.find(absolute_path)
        if found is None or not found.path.is_file():
            raise HTTPError(404)
        self._found = found
        return str(found.path)

    def get_content_type(self) -> str:
        """The registered type."""
        return self._found.mime_type

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002
        """The name to save it under."""
        self.set_header("Content-Disposition", f"inline; filename*=UTF-8''{quote(self._found.name)}")

    def compute_etag(self) -> str | None:
        """By time and size: Tornado would read the whole file."""
        status = Path(self.absolute_path or "").stat()
        return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'

    def log_exception(self, *_: Any) -> None:
        """A file that is not there is no matter for the notebook's stderr."""
