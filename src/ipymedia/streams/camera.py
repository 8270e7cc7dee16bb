"""The browser's camera and microphone."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, List, TraitError, Unicode, validate

from ..protocol.messages import StreamDevices
from .page_stream import PageStream

if TYPE_CHECKING:
    from ..link.page import Page


class CameraStream(PageStream):
    """The camera (and microphone) of the person who looks at the notebook.

    Parameters
    ----------
    constraints
        W3C MediaStreamConstraints (https://www.w3.org/TR/mediacapture-streams/#mediastreamconstraints), such as
        ``{"audio": False, "video": {"width": 1280, "height": 720}}``. Changed later, they act on the running stream.
    device, microphone
        Label or id of the one to use; empty leaves it to the user's last choice, then to the browser.
    codec
        For the way to the kernel: ``"auto"``, or one of ``h264``, ``vp9``, ``vp8``, ``av1``, ``jpeg``.

    Attributes
    ----------
    devices : list of dict
        What the browser has: ``kind`` (``videoinput`` or ``audioinput``), ``id``, ``label``. Filled by the page.
    muted, mirrored : bool
        As the controls on the picture set them; may be set from Python too.

    Notes
    -----
    The camera starts when somebody looks at the stream, records it, or asks for its pictures, and its light goes out
    about a second after the last one stopped.
    """

    _frame_kind = "camera"

    constraints = Dict(default_value={"audio": True, "video": True}).tag(sync=True)
    device = Unicode("").tag(sync=True, page_may_set=True)
    microphone = Unicode("").tag(sync=True, page_may_set=True)
    devices = List(Dict(), read_only=True).tag(sync=True)
    muted = Bool(False, help="True turns the sound off.").tag(sync=True, page_may_set=True)
    mirrored = Bool(
        False, help="True shows the picture flipped, as in a mirror; Python gets it as it is."
    ).tag(sync=True, page_may_set=True)

    @validate("constraints")
    def _check_constraints(self, proposal: Any) -> dict[str, Any]:
        constraints = proposal["value"]
        unknown = constraints.keys() - {"audio", "video"}
        for kind in ("audio", "video"):
            if not isinstance(constraints.get(kind, True), (bool, dict)):
                raise TraitError(
                    f"constraints[{kind!r}] must be True, False or a dict such as {{'width': 1280}}, "
                    f"and is {constraints[kind]!r}."
                )
        if unknown - {"facing_mode"}:
            raise TraitError(
                f"constraints has the keys 'audio' and 'video' only; {sorted(unknown)} belong inside of one of them."
            )
        return _translated(constraints)

    @classmethod
    def facing_user(cls, audio: bool | dict[str, Any] = True, **kwargs: Any) -> CameraStream:
        """The camera that looks at the user (a phone's front camera)."""
        return cls._facing("user", audio, **kwargs)

    @classmethod
    def facing_environment(cls, audio: bool | dict[str, Any] = True, **kwargs: Any) -> CameraStream:
        """The camera that looks away from the user (a phone's back camera)."""
        return cls._facing("environment", audio, **kwargs)

    @classmethod
    def _facing(cls, mode: str, audio: bool | dict[str, Any], **kwargs: Any) -> CameraStream:
        constraints = copy.deepcopy(kwargs.pop("constraints", {}))
        constraints.setdefault("audio", audio)
        video = constraints.get("video", {})
        video = {} if video is True or not video else video
        video["facingMode"] = mode
        constraints["video"] = video
        return cls(constraints=constraints, **kwargs)

    def page_devices(self, page: Page, message: StreamDevices) -> None:
        """The page listed its devices."""
        if self._may_speak(page):
            listed = [{"kind": d.kind, "id": d.id, "label": d.label} for d in message.devices]
            self.set_trait("devices", listed)

    def _settings(self) -> set[str]:
        return {"constraints", "device", "microphone"}

    def _reset_when_made_again(self) -> set[str]:
        return {"constraints"}


def _translated(constraints: dict[str, Any]) -> dict[str, Any]:
    """Constraints with the top-level ``facing_mode``, which many notebooks have, in its right place."""
    if "facing_mode" not in constraints:
        return constraints
    warnings.warn(
        "constraints={'facing_mode': ...} is no W3C constraint: use {'video': {'facingMode': ...}} or "
        "CameraStream.facing_user().",
        stacklevel=2,
    )
    translated = {key: value for key, value in constraints.items() if key != "facing_mode"}
    video = translated.get("video", {})
    translated["video"] = {
        **(video if isinstance(video, dict) else {}),
        "facingMode": constraints["facing_mode"],
    }
    return translated
