"""Films of streams, with their sound."""

from __future__ import annotations

from typing import Any

from ipywidgets import Video, widget_serialization
from traitlets import Instance, default

from ..streams.file_backed import FileVideo
from .coded import CodedRecorder


class VideoRecorder(CodedRecorder):
    """Records a stream as a film, with its sound.

    Chunks go to a file in the kernel while it records. When `recording` falls back to False the file is finished: it
    has its duration, and seeks. What the browser can't record itself is converted.

    Parameters
    ----------
    stream
        What to record.
    format
        ``webm``, ``mp4``, ``mkv`` or ``gif``.
    codecs
        Such as ``"vp9, opus"``; empty leaves them to the format.

    Attributes
    ----------
    video : ipywidgets.Video
        Shows the recording; its `value` are the file's bytes, read when asked for.

    Examples
    --------
    >>> recorder = VideoRecorder(stream=camera)
    >>> recorder.recording = True
    """

    _recorder_kind = "video_recorder"

    video = Instance(Video).tag(sync=True, **widget_serialization)

    @default("video")
    def _make_video(self) -> Video:
        return FileVideo(format=self.format, controls=True)

    def _media(self) -> Any:
        return self.video
