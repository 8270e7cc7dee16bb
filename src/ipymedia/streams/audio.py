"""Sounds as streams: a file, or what an ipywidgets Audio plays."""

from __future__ import annotations

from ipywidgets import Audio, widget_serialization
from traitlets import Instance

from .file_backed import FileAudio
from .played import PlayedStream


class AudioStream(PlayedStream):
    """A sound as a stream without a picture. Made by `from_file`, `from_url`, `from_download`, or of a player.

    Parameters
    ----------
    audio : ipywidgets.Audio
        The player whose sound it is.
    playing, time, duration, rate, loop, muted
        As those of a `VideoStream`.

    Examples
    --------
    >>> music = AudioStream.from_file("music.mp3")
    """

    _frame_kind = "audio"
    _player_name = "audio"
    _player_class = Audio
    _backed_class = FileAudio

    audio = Instance(Audio).tag(sync=True, **widget_serialization)

    def has_picture(self) -> bool:
        """There is none."""
        return False
