"""What recorders of films and of sound share: a format that may be converted, and codecs."""

from __future__ import annotations

from typing import Any, ClassVar

from traitlets import Unicode, observe, validate

from ..protocol.messages import RecorderStart
from .formats import format_of, mime_types
from .recorder import Recorder


class CodedRecorder(Recorder):
    """Base of `VideoRecorder` and `AudioRecorder`."""

    codecs = Unicode("").tag(sync=True)

    _sound_only: ClassVar[bool] = False

    @validate("format")
    def _check_format(self, proposal: Any) -> str:
        format_of(proposal["value"])
        return str(proposal["value"]).lower()

    @observe("format")
    def _format_changed(self, change: Any) -> None:
        self._media().format = change["new"]

    def _request(self, take: str, widget: str) -> RecorderStart:
        return RecorderStart(
            recorder=self._recorder,
            take=take,
            widget=widget,
            what="sound" if self._sound_only else "film",
            mime_types=mime_types(self.format, self.codecs, sound_only=self._sound_only),
        )

    def _mime_type(self) -> str:
        found = format_of(self.format).mime_type
        return found.replace("video/", "audio/") if self._sound_only else found
