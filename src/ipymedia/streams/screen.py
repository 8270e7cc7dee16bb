"""The user's screen, one of its windows, or a tab."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, CaselessStrEnum, Dict

from .page_stream import PageStream


class ScreenStream(PageStream):
    """What the person who looks at the notebook shares of their screen; the browser asks them what.

    Browsers let a page ask only right after a click or a key: running the cell counts; where it was longer ago, the
    view shows a button. When the user stops sharing, `state` is ``stopped`` and loops over the pictures end; the view
    offers to share again.

    Parameters
    ----------
    surface
        What the browser's question offers first: ``"monitor"``, ``"window"``, ``"browser"`` (a tab), or ``""``.
    audio
        Whether to ask for the sound too. Browsers give that of a tab, some that of the whole screen.
    constraints
        W3C MediaTrackConstraints for the picture, such as ``{"frameRate": 15, "width": 1280}``. Changed later, they act
        on the running stream.

    Attributes
    ----------
    needs_click : bool
        True while the browser waits for a click on the view's button.

    Notes
    -----
    Source: W3C Screen Capture, https://www.w3.org/TR/screen-capture/.
    """

    _frame_kind = "screen"

    surface = CaselessStrEnum(["", "monitor", "window", "browser"], default_value="").tag(sync=True)
    audio = Bool(True).tag(sync=True)
    constraints = Dict().tag(sync=True)
    muted = Bool(False, help="True turns the shared sound off.").tag(sync=True, page_may_set=True)

    def __init__(self, surface: str = "", **kwargs: Any) -> None:
        super().__init__(surface=surface, **kwargs)

    def _settings(self) -> set[str]:
        return {"surface", "audio", "constraints"}
