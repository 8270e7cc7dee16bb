"""The base of streams that play: films and sounds, which have a time, a length and an end."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from traitlets import Bool, Float, HasTraits

from .file_backed import FileBacked
from .file_stream import FileStream, readable

if TYPE_CHECKING:
    from ..link.page import Page
    from ..protocol.messages import MediaTime


class PlayedStream(FileStream):
    """Base of `VideoStream` and `AudioStream`."""

    time = Float(0.0, min=0.0, help="Seconds from the beginning; may be set.").tag(
        sync=True, page_may_set=True
    )
    duration = Float(0.0, read_only=True, help="Seconds; 0 while it is not known.").tag(sync=True)
    rate = Float(1.0, min=0.1, max=10.0, help="How fast it plays; 1 is as it was made.").tag(
        sync=True, page_may_set=True
    )
    loop = Bool(True, help="Whether it begins again at its end.").tag(sync=True, page_may_set=True)
    muted = Bool(False, help="True turns the sound off.").tag(sync=True, page_may_set=True)

    _backed_class: ClassVar[type[FileBacked]]
    _page_time = -1.0

    def __init__(self, **kwargs: Any) -> None:
        player = kwargs.get(self._player_name)
        if player is not None:
            kwargs.setdefault("loop", bool(getattr(player, "loop", True)))
        super().__init__(**kwargs)

    def page_time(self, page: Page, message: MediaTime) -> None:
        """The page tells where it is; it is not told so back."""
        if self._may_speak(page):
            self.set_trait("duration", message.duration)
            self._page_time = message.time
            self.time = message.time

    def notify_change(self, change: Any) -> None:
        """As every widget's, but a time that came from the page does not go back to it."""
        if change["name"] == "time" and change["new"] == self._page_time:
            HasTraits.notify_change(self, change)
        else:
            super().notify_change(change)

    def _make_again(self, *arguments: Any) -> None:
        over = self.state == "stopped"
        super()._make_again(*arguments)
        if over:
            self.time = 0.0

    @classmethod
    def _player_settings(cls) -> dict[str, Any]:
        return {"autoplay": False, "controls": False}

    @classmethod
    def _player_of_file(cls, filename: Any) -> Any:
        settings = cls._player_settings()
        format = cls._player_class._guess_format(cls._player_name, filename)  # noqa: SLF001 (ipywidgets' rule)
        if format is not None:
            settings["format"] = format
        player: Any = cls._backed_class(**settings)
        if hasattr(filename, "read"):
            folder = Path(tempfile.mkdtemp(prefix="ipymedia-"))
            weakref.finalize(player, shutil.rmtree, folder, ignore_errors=True)
            path = folder / "file"
            with path.open("wb") as file:
                shutil.copyfileobj(filename, file)
        else:
            path = readable(filename)
        player.show_file(path)
        return player

    def _settings(self) -> set[str]:
        return super()._settings() | {"playing", "rate", "loop", "muted"}
