"""The sound of streams."""

from __future__ import annotations

from typing import Any

from ipywidgets import Audio, widget_serialization
from traitlets import Instance, default

from ..streams.file_backed import FileAudio
from .coded import CodedRecorder


class AudioRecorder(CodedRecorder):
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
    _sound_only = True

    audio = Instance(Audio).tag(sync=True, **widget_serialization)

    @default("audio")
    def _make_audio(self) -> Audio:
        return FileAudio(format=self.format, controls=True)

    def _media(self) -> Any:
        return self.audio
