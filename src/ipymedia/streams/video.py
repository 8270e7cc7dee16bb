"""Films as streams: a file, or what an ipywidgets Video plays."""

from __future__ import annotations

from ipywidgets import Video, widget_serialization
from traitlets import Instance

from .file_backed import FileVideo
from .played import PlayedStream


class VideoStream(PlayedStream):
    """A film as a stream, with its sound. Made by `from_file`, `from_url`, `from_download`, or of a player.

    Parameters
    ----------
    video : ipywidgets.Video
        The player whose film it is.
    playing, loop, muted, rate
        As the attributes.

    Attributes
    ----------
    playing : bool
        False pauses.
    time : float
        Seconds from the beginning; set it to seek, also when the film was over.
    duration : float
        Seconds; 0 while it is not known.
    rate : float
        How fast it plays, 0.1 to 10.
    loop : bool
        Whether it begins again at its end (as its player says by default). Otherwise `state` is ``stopped`` then, and
        loops over the pictures end.
    muted : bool
        True turns the sound off.

    Examples
    --------
    >>> film = VideoStream.from_file("film.mp4")
    """

    _frame_kind = "video"
    _player_name = "video"
    _player_class = Video
    _backed_class = FileVideo

    video = Instance(Video).tag(sync=True, **widget_serialization)
