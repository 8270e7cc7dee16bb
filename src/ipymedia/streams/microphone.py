"""The browser's microphone alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, List, Unicode

from ..protocol.messages import StreamDevices
from .page_stream import PageStream

if TYPE_CHECKING:
    from ..link.page import Page


class MicrophoneStream(PageStream):
    """The microphone of the person who looks at the notebook; a stream without a picture.

    Parameters
    ----------
    device
        Label or id of the one to use; empty leaves it to the user's last choice, then to the browser.
    constraints
        W3C MediaTrackConstraints (https://www.w3.org/TR/mediacapture-streams/#dom-mediatrackconstraints).
        Browsers clean speech up by default; for sound as it is give ``{"echoCancellation": False,
        "noiseSuppression": False, "autoGainControl": False}``. Changed later, they act on the running stream.

    Attributes
    ----------
    devices : list of dict
        What the browser has: ``kind`` (``audioinput``), ``id``, ``label``. Filled by the page.
    muted : bool
        As the control on the view sets it; may be set from Python too.
    """

    _frame_kind = "microphone"

    device = Unicode("").tag(sync=True, page_may_set=True)
    constraints = Dict().tag(sync=True)
    devices = List(Dict(), read_only=True).tag(sync=True)
    muted = Bool(False, help="True turns the sound off.").tag(sync=True, page_may_set=True)

    def __init__(self, device: str = "", **kwargs: Any) -> None:
        super().__init__(device=device, **kwargs)

    def has_picture(self) -> bool:
        """There is none."""
        return False

    def page_devices(self, page: Page, message: StreamDevices) -> None:
        """The page listed its devices."""
        if self._may_speak(page):
            listed = [
                {"kind": d.kind, "id": d.id, "label": d.label}
                for d in message.devices
                if d.kind == "audioinput"
            ]
            self.set_trait("devices", listed)

    def _settings(self) -> set[str]:
        return {"constraints", "device"}

    def _reset_when_made_again(self) -> set[str]:
        return {"constraints"}
