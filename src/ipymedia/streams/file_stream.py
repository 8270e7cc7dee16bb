"""The base of streams whose page plays a file: a film, a sound, a picture.

The file stays in the kernel, and the page plays it by ranges from the kernel's server (`link.files`); where only the
comm leads to the kernel it comes part by part. What the player's own state holds the page reads there.
"""

from __future__ import annotations

import mimetypes
import shutil
import tempfile
import threading
import urllib.error
import urllib.request
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from ipywidgets import DOMWidget
from traitlets import TraitError

from ..errors import HostError, Reason
from ..frames.hub import get_hub
from ..protocol.messages import MediaSource
from .file_backed import FileBacked
from .page_stream import PageStream

if TYPE_CHECKING:
    from ..link.page import Page
    from ..protocol.messages import MediaAsk

S = TypeVar("S", bound="FileStream")

_DOWNLOAD_SILENCE_S = 30.0
"""How long a server may say nothing in the middle of a download."""


class FileStream(PageStream):
    """Base of `VideoStream`, `AudioStream` and `ImageStream`."""

    _player_name: ClassVar[str] = ""
    """The trait that holds ipywidgets' player, which is also the first part of the media's type."""
    _player_class: ClassVar[type[DOMWidget]]

    _watched: DOMWidget | None = None
    _served: _Served | None = None
    _reads_model = True

    def __init__(self, **kwargs: Any) -> None:
        if self._watched is None:
            self._serving = threading.Lock()  # before anything may fail: close() takes it
        player = kwargs.get(self._player_name)
        if not isinstance(player, self._player_class):
            raise TraitError(
                f"{type(self).__name__} needs {self._player_name}=, an ipywidgets.{self._player_class.__name__}. "
                f"Or make it by {type(self).__name__}.from_file(), from_url() or from_download()."
            )
        before = self._watched
        if isinstance(player, FileBacked) and isinstance(before, FileBacked) and player.file == before.file:
            kwargs[self._player_name] = before  # the cell was run again: it goes on
        super().__init__(**kwargs)
        if self._watched is None:
            self.observe(self._player_changed, self._player_name)
        self._watch(self.player)

    @property
    def player(self) -> Any:
        """The ipywidgets player of the file."""
        return getattr(self, self._player_name)

    @classmethod
    def from_file(cls: type[S], filename: Any, **kwargs: Any) -> S:
        """Make a stream of a file on the kernel's machine, or of an opened binary file.

        Raises
        ------
        HostError
            ``no_file``: it is not there, or can't be read.
        """
        return cls(**{cls._player_name: cls._player_of_file(filename)}, **kwargs)

    @classmethod
    def from_url(cls: type[S], url: str | bytes, **kwargs: Any) -> S:
        """Make a stream of what the *browser* finds at an address, a relative one included.

        A server of another origin must allow it (CORS): what a page may not read it can't stream.
        """
        player = cls._player_class.from_url(url, **cls._player_settings())
        return cls(**{cls._player_name: player}, **kwargs)

    @classmethod
    def from_download(cls: type[S], url: str, **kwargs: Any) -> S:
        """Make a stream of what the *kernel* downloads from an address (http or https). Blocks until it is there.

        Raises
        ------
        HostError
            ``no_file``: it could not be downloaded.
        """
        folder = Path(tempfile.mkdtemp(prefix="ipymedia-"))
        try:
            player = cls._player_of_file(_download(url, folder))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(player, shutil.rmtree, folder, ignore_errors=True)
        return cls(**{cls._player_name: player}, **kwargs)

    @classmethod
    def _player_settings(cls) -> dict[str, Any]:
        return {}

    @classmethod
    def _player_of_file(cls, filename: Any) -> DOMWidget:
        """The player of a file."""
        raise NotImplementedError

    def close(self) -> None:
        """End the stream, and hand its file out no more. Idempotent."""
        super().close()
        if self._watched is not None:
            self._watched.unobserve(self._value_changed, ["value", "format"])
            self._watched = None
        with self._serving:
            served, self._served = self._served, None
        if served is not None:
            served.close()

    def page_asks_media(self, page: Page, message: MediaAsk) -> None:
        """The page that plays it asks what to play."""
        if self._may_speak(page):
            self._reads_model = message.reads_model
            self._answer(page)

    def _answer(self, page: Page) -> None:
        # A thread: what the player's state holds may have to be written to a file, on a disk that takes its time.
        threading.Thread(target=self._send_source, args=(page,), daemon=True).start()

    def _send_source(self, page: Page) -> None:
        with self._serving:
            if self.comm is not None:  # closed meanwhile
                page.send(self._source())

    def _source(self) -> MediaSource:
        player = self.player
        if isinstance(player, FileBacked):
            return MediaSource(stream=self.stream_id, file=self._serve(player.file, lambda: player.value))
        if player.format == "url":
            return MediaSource(stream=self.stream_id, url=bytes(player.value).decode())
        if self._reads_model:
            return MediaSource(stream=self.stream_id, size=len(player.value))
        return MediaSource(stream=self.stream_id, file=self._serve(None, lambda: player.value))

    def _serve(self, file: Path | None, value: Callable[[], memoryview]) -> Any:
        """Hand a file out, or bytes as one. The same file keeps its name: a reloaded page finds it in its cache."""
        served = self._served
        if served is None or file is None or not served.is_of(file):
            if served is not None:
                served.close()
            served = self._served = _Served(file, value, self._mime_type())
        return served.describe()

    def _mime_type(self) -> str:
        kind, format = self._player_name, str(self.player.format)
        return mimetypes.guess_type(f"file.{format}")[0] or f"{kind}/{format or '*'}"

    def _watch(self, player: Any) -> None:
        if player is self._watched:
            return
        if self._watched is not None:
            self._watched.unobserve(self._value_changed, ["value", "format"])
        self._watched = player
        player.observe(self._value_changed, ["value", "format"])

    def _player_changed(self, change: Any) -> None:
        self._watch(change["new"])
        self._value_changed(change)

    def _value_changed(self, _: Any) -> None:
        page = self.capturing_page()
        if page is not None and self._watched is not None:
            self._answer(page)

    def _settings(self) -> set[str]:
        return {self._player_name}


class _Served:
    """A file as the kernel's server hands it out."""

    def __init__(self, file: Path | None, value: Callable[[], memoryview], mime_type: str) -> None:
        self._link = get_hub().link
        self._own = file is None
        if file is None:
            with tempfile.NamedTemporaryFile(prefix="ipymedia-", delete=False) as made:
                made.write(value())
            file = Path(made.name)
            self._remove = weakref.finalize(self, file.unlink, missing_ok=True)
        self._file = file
        self._state = _state_of(file)
        self._id = self._link.files.add(file, mime_type, file.name)

    def is_of(self, file: Path) -> bool:
        """Whether this is the file, unchanged."""
        return not self._own and file == self._file and _state_of(file) == self._state

    def describe(self) -> Any:
        """What the page is told; None where the file went away."""
        try:
            return self._link.files.describe(self._id, self._link.port)
        except (KeyError, OSError):
            return None

    def close(self) -> None:
        """Hand it out no more."""
        self._link.files.remove(self._id)
        if self._own:
            self._remove()


def _state_of(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def readable(filename: Any) -> Path:
    """The path of a file that can be read.

    Raises
    ------
    HostError
        ``no_file``.
    """
    path = Path(filename).expanduser().absolute()
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise HostError(
            f"The file {str(filename)!r} was not opened: {error.strerror or error}. Paths are those of the kernel's "
            f"machine, relative to {str(Path.cwd())!r}.",
            Reason.NO_FILE,
        ) from error


def _download(url: str, folder: Path) -> Path:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise HostError(
            f"{url!r} was not downloaded: it is no address that begins with http:// or https://. For a file on the "
            "kernel's machine there is from_file(); for what the browser finds, from_url().",
            Reason.NO_FILE,
        )
    target = folder / (Path(parts.path).name or "download")
    try:
        with urllib.request.urlopen(url, timeout=_DOWNLOAD_SILENCE_S) as answer, target.open("wb") as file:
            shutil.copyfileobj(answer, file)
    except (OSError, ValueError) as error:  # urllib's and http's errors are OSErrors
        raise HostError(
            f"{url!r} was not downloaded: {getattr(error, 'reason', error)}. Does the kernel's machine reach it?",
            Reason.NO_FILE,
        ) from error
    return target
