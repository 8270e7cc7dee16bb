"""Whatever a notebook shows as a stream: a scene, a map, a chart, a slider, or a box of all of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any

import msgspec
from ipywidgets import DOMWidget, widget_serialization
from traitlets import CaselessStrEnum, Float, Instance, Int, TraitError, Unicode, validate

from ..errors import CaptureError, HostError, Reason
from ..frames.hub import get_hub
from ..protocol.messages import WidgetCapture
from .page_stream import PageStream
from .pull import page_that_answers, timed_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..link.page import Page
    from ..protocol.messages import WidgetMethod

LARGEST_PX = 8192
"""The longest side of a picture; the page makes smaller what is larger."""

_ASK_AGAIN_S = 2.0
"""A page that was still loading did not hear."""


class CaptureMethod(str):
    """How a widget is captured: ``"auto"`` before it runs, then ``"model"``, ``"compositor"`` or ``"tab"``.

    Attributes
    ----------
    why : str
        Why this one.
    """

    __slots__ = ("why",)
    why: str

    def __new__(cls, method: str, why: str = "") -> CaptureMethod:
        """Make one."""
        self = super().__new__(cls, method)
        self.why = why
        return self

    def __repr__(self) -> str:
        return f"{str(self)!r} ({self.why})" if self.why else repr(str(self))


class WidgetStream(PageStream):
    """The picture of a widget, as it changes.

    It is captured whether it is shown or not, and goes on when its view is scrolled away or closed: then it is drawn
    off the screen.

    Parameters
    ----------
    widget : ipywidgets.DOMWidget
        Any library's. One whose model gives a stream of its own (``captureStream(fps)`` or ``stream``) is taken at its
        word.
    max_fps : float or None
        None gives a picture whenever something new is to be seen; a number is an upper bound; with 0 there is one
        only when `capture` asks for it.
    method : str
        ``"auto"`` never asks the user. ``"compositor"`` composes the picture in the page, of its DOM and its live
        canvases. ``"tab"`` lets the browser capture the element (Element Capture): exact, but the user is asked, and
        the widget must be in sight.
    width, height : int
        CSS pixels of a widget that is not shown anywhere; 0 lets it choose, at most 8192.

    Raises
    ------
    TraitError
        Something that is no widget, or a widget without a view; a negative `max_fps`; an unknown `method`.
    CaptureError
        ``closed``: the widget was closed.

    Attributes
    ----------
    method : CaptureMethod
        What is used, and `method.why`. Setting it chooses another one.

    Notes
    -----
    Source of ``"tab"``: W3C Element Capture, https://screen-share.github.io/element-capture/.
    """

    _frame_kind = "widget"

    widget = Instance(DOMWidget, allow_none=False).tag(sync=True, **widget_serialization)
    max_fps = Float(None, allow_none=True, help="Pictures a second at most; 0: on request.").tag(sync=True)
    width = Int(0, min=0, max=LARGEST_PX, help="CSS pixels, where the widget is not shown.").tag(sync=True)
    height = Int(0, min=0, max=LARGEST_PX, help="CSS pixels, where the widget is not shown.").tag(sync=True)
    _wish = CaselessStrEnum(["auto", "compositor", "tab"], default_value="auto").tag(sync=True)
    _used = Unicode()
    _why = Unicode()

    def __init__(self, widget: DOMWidget | None = None, *, method: str = "auto", **kwargs: Any) -> None:
        if not isinstance(widget, DOMWidget):
            raise TraitError(
                f"WidgetStream needs widget=, something that ipywidgets shows; got {type(widget).__name__}."
            )
        if not getattr(widget, "_view_name", None):
            raise TraitError(
                f"A {type(widget).__name__} is never shown: it has no view, so there is no picture of it."
            )
        if widget.comm is None:
            raise CaptureError(
                f"The {type(widget).__name__} can't be captured: it was closed. Make it again.", Reason.CLOSED
            )
        super().__init__(widget=widget, _wish=method, **kwargs)

    @property
    def method(self) -> CaptureMethod:
        """How the widget is captured, and why."""
        return CaptureMethod(self._used or self._wish, self._why)

    @method.setter
    def method(self, wish: str) -> None:
        self._wish, self._used, self._why = wish, "", ""

    def capture(self, *, timeout: float = 10.0) -> None:
        """Give out one picture of the widget as it is now, after all that Python told it. Blocks until it is out.

        Parameters
        ----------
        timeout
            Seconds to wait at most.

        Raises
        ------
        CaptureError, HostError
            As `snapshot`.
        """
        self._take(False, timeout)

    def picture(self, *, timeout: float = 10.0) -> NDArray[Any]:
        """Take one picture of the widget as it is now, after all that Python told it. Blocks.

        Returns
        -------
        ndarray
            (height, width, 3) uint8 RGB, in pixels of the screen: a CSS pixel may be several.
        """
        from ..frames.codec.still import decode_still

        return decode_still(self._take(True, timeout))[..., :3]

    def page_method(self, page: Page, message: WidgetMethod) -> None:
        """A page tells how it captures."""
        if self._may_speak(page):
            self._used, self._why = message.method, message.why

    def _take(self, picture: bool, timeout_s: float) -> bytes:
        began_s = time.monotonic()
        if self.widget.comm is None:
            raise CaptureError("No picture was taken: the widget was closed.", Reason.CLOSED)
        page_that_answers(self, "A picture of the widget", timeout_s)
        request = uuid.uuid4().hex
        answer = get_hub().expect(request, self.stream_id)
        message = msgspec.to_builtins(WidgetCapture(request=request, picture=picture))
        try:
            return self._wait(answer, lambda: self.send(message), began_s, timeout_s)
        finally:
            get_hub().forget(request)

    def _wait(self, answer: Any, ask: Callable[[], None], began_s: float, timeout_s: float) -> bytes:
        while True:
            # By the widget's own comm, and on the caller's thread: so it arrives after what was told before.
            ask()
            left_s = began_s + timeout_s - time.monotonic()
            if left_s <= 0:
                raise self.error or timed_out("The picture of the widget", began_s)
            try:
                data: bytes = answer.result(min(left_s, _ASK_AGAIN_S))[1]
                return data
            except FutureTimeout:
                continue
            except CancelledError as error:  # the stream was closed meanwhile
                raise HostError("No picture was taken: the stream was closed.", Reason.CLOSED) from error

    @validate("max_fps")
    def _check_max_fps(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is not None and not value >= 0:
            raise TraitError(
                "max_fps attribute must be a positive integer, 0 for pictures on request, or None"
            )
        return value

    def _settings(self) -> set[str]:
        return {"widget", "max_fps", "width", "height", "_wish"}
