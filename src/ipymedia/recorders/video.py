"""Films of streams, with their sound."""

from __future__ import annotations

from typing import Any

from ipywidgets import Video, widget_serialization
from traitlets import Instance, Unicode, default, observe, validate

from ..protocol.messages import RecorderStart
from .formats import format_of, mime_types
from .media import RecordedVideo
from .recorder import Recorder


class VideoRecorder(Recorder):
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
    codecs = Unicode("").tag(sync=True)

    @default("video")
    def _make_video(self) -> Video:
        return RecordedVideo(format=self.format, controls=True)

    @validate("format")
    def _check_format(self, proposal: Any) -> str:
        format_of(proposal["value"])
        return str(proposal["value"]).lower()

    @observe("format")
    def _format_changed(self, change: Any) -> None:
        self.video.format = change["new"]

    def _request(self, take: str, widget: str) -> RecorderStart:
        types = mime_types(self.format, self.codecs, sound_only=False)
        return RecorderStart(recorder=self._recorder, take=take, widget=widget, what="film", mime_types=types)

    def _media(self) -> Any:
        return self.video

    def _mime_type(self) -> str:
        return format_of(self.format).mime_type
