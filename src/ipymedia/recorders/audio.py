"""The sound of streams."""

from __future__ import annotations

from typing import Any

from ipywidgets import Audio, widget_serialization
from traitlets import Instance, Unicode, default, observe, validate

from ..protocol.messages import RecorderStart
from .formats import format_of, mime_types
from .media import RecordedAudio
from .recorder import Recorder


class AudioRecorder(Recorder):
    """Records the sound of a stream, also of one that has a picture too.

    Parameters
    ----------
    stream
        What to record.
    format
        ``webm``, ``wav``, ``mp3`` or ``ogg``.
    codecs
        Such as ``"opus"``; empty leaves them to the format.

    Attributes
    ----------
    audio : ipywidgets.Audio
        Plays the recording; its `value` are the file's bytes, read when asked for.
    """

    _recorder_kind = "audio_recorder"
    _what = "sound"

    audio = Instance(Audio).tag(sync=True, **widget_serialization)
    codecs = Unicode("").tag(sync=True)

    @default("audio")
    def _make_audio(self) -> Audio:
        return RecordedAudio(format=self.format, controls=True)

    @validate("format")
    def _check_format(self, proposal: Any) -> str:
        format_of(proposal["value"])
        return str(proposal["value"]).lower()

    @observe("format")
    def _format_changed(self, change: Any) -> None:
        self.audio.format = change["new"]

    def _request(self, take: str, widget: str) -> RecorderStart:
        types = mime_types(self.format, self.codecs, sound_only=True)
        return RecorderStart(
            recorder=self._recorder, take=take, widget=widget, what="sound", mime_types=types
        )

    def _media(self) -> Any:
        return self.audio

    def _mime_type(self) -> str:
        return format_of(self.format).mime_type.replace("video/", "audio/")
