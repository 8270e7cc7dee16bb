"""OpenCV's windows as pictures below the cell: `imshow`, `waitKey` and their kin."""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets import Bool, Unicode

from ..errors import HostError, ProcessingError, Reason
from ..frames.hub import get_hub
from ..protocol.messages import KeyTyped
from ..streams.array import ArrayStream
from ..streams.cell import current_cell, in_running_cell
from ..streams.media_stream import MediaStream
from .keys import Keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PATIENCE_S = 10.0
_keys = Keys()
_windows: dict[str, Window] = {}
_lock = threading.RLock()


class Window(ArrayStream):
    """What `imshow` shows: pictures from Python, and the keys typed on them.

    Attributes
    ----------
    title : str
        Shown on the picture.
    """

    title = Unicode().tag(sync=True)
    _takes_keys = Bool(True).tag(sync=True)

    def __new__(cls, *args: Any, **kwargs: Any) -> Window:
        """A window is known by its name, not by its cell."""
        window: Window = MediaStream.__new__(cls, *args, **kwargs)
        return window

    def __init__(self, name: str) -> None:
        self.shown_in: object = None
        super().__init__(format="bgr24", title=name)


@functools.cache
def _listen() -> None:
    """Take keys from the pages, once for this kernel."""
    get_hub().link.on(KeyTyped, lambda _page, message, _buffer: _typed(message))


def _typed(message: KeyTyped) -> None:
    if any(window.stream_id == message.stream for window in list(_windows.values())):
        _keys.typed(message.key)


def namedWindow(winname: str, flags: int = 1) -> None:  # noqa: ARG001, N802 (OpenCV's names and arguments)
    """Show a window, still without a picture, below the cell that runs; once for each run of the cell."""
    _window(winname)


def imshow(winname: str, mat: Any) -> None:
    """Show a picture in the window of this name, below the cell that called first. Does not block.

    Parameters
    ----------
    winname
        The window; made when it is not there.
    mat
        As OpenCV takes it: ``(height, width)`` gray, ``(height, width, 3)`` BGR or ``(height, width, 4)`` BGRA; uint8,
        uint16 (divided by 256), or floats (0 is black, 1 is white; what is beyond is cut off); bool.

    Raises
    ------
    ProcessingError
        ``bad_result``: not a picture; such as None where a file was not read.
    """
    picture = displayable(mat)
    _window(winname).push(picture)


def waitKey(delay: int = 0) -> int:  # noqa: N802
    """Wait for a key typed on a window's picture (click it first); its number & 255, or -1 after `delay` ms.

    Parameters
    ----------
    delay
        Milliseconds; 0 or less waits for ever, but not where no key can come: without a window the answer is -1.

    Raises
    ------
    HostError
        Only where it would wait for ever: ``no_page``, when no page of the notebook is there;
        ``blocked_while_running``, when the host delivers no messages while a cell runs.
    """
    code = waitKeyEx(delay)
    return code if code < 0 else code & 0xFF


def waitKeyEx(delay: int = 0) -> int:  # noqa: N802
    """As `waitKey`, with the whole number: arrows, function keys and letters beyond ASCII have more than eight bits."""
    if delay > 0:
        return _keys.take(delay / 1000, lambda: False)
    if _windows:
        _check_that_keys_can_come()
    return _keys.take(None, lambda: not _windows)


def pollKey() -> int:  # noqa: N802
    """The number & 255 of a key that was typed already, or -1. Does not wait."""
    code = _keys.take(0, lambda: True)
    return code if code < 0 else code & 0xFF


def destroyWindow(winname: str) -> None:  # noqa: N802
    """Take a window away; nothing happens where there is none."""
    with _lock:
        window = _windows.pop(winname, None)
    if window is not None:
        window.close()
    _keys.wake()


def destroyAllWindows() -> None:  # noqa: N802
    """Take all windows away, and forget the keys that were typed on them."""
    for name in list(_windows):
        destroyWindow(name)
    _keys.forget()


def resizeWindow(winname: str, width: int, height: int) -> None:  # noqa: ARG001, N802
    """Make the window this wide; the picture keeps its shape."""
    _window(winname).layout.width = f"{int(width)}px"


def moveWindow(winname: str, x: int, y: int) -> None:  # noqa: N802
    """Nothing: the window stays below its cell."""


def setWindowTitle(winname: str, title: str) -> None:  # noqa: N802
    """Change what stands on the picture."""
    _window(winname).title = title


def getWindowProperty(winname: str, prop_id: int) -> float:  # noqa: N802
    """1 for ``WND_PROP_VISIBLE`` (4) while the window is there, else 0; -1 for other properties of no window."""
    there = winname in _windows
    return float(there) if prop_id == 4 else (0.0 if there else -1.0)


def setWindowProperty(winname: str, prop_id: int, prop_value: float) -> None:  # noqa: N802
    """Nothing: the player has a button for full screen."""


def startWindowThread() -> int:  # noqa: N802
    """Nothing is needed: 0."""
    return 0


def displayable(mat: Any) -> NDArray[Any]:
    """The picture as OpenCV shows it.

    Raises
    ------
    ProcessingError
        ``bad_result``, when it is none.
    """
    if mat is None or getattr(mat, "size", 0) == 0:
        raise ProcessingError(
            "imshow() was given no picture (None, or an empty array). Was the file, or the frame, not read?",
            Reason.BAD_RESULT,
        )
    picture: NDArray[Any] = np.asarray(mat)
    if picture.dtype == np.uint16:
        return (picture >> 8).astype(np.uint8)
    if picture.dtype.kind == "f":
        picture = np.clip(np.nan_to_num(picture), 0, 1)
    return picture


def _window(name: str) -> Window:
    """The window of this name, shown below the cell that runs now if this run has not shown it."""
    _listen()
    with _lock:
        window = _windows.get(name)
        if window is None or window.comm is None:
            window = _windows[name] = Window(str(name))
        execution = current_cell().execution
        first = window.shown_in != execution
        window.shown_in = execution
    if first and "IPython" in sys.modules:
        from IPython.display import display

        display(window)  # type: ignore[no-untyped-call]
    return window


def _check_that_keys_can_come() -> None:
    link = get_hub().link
    if not link.pages and link.wait_for_page(lambda _: True, _PATIENCE_S) is None:
        raise HostError(
            "waitKey() would wait for ever: no page of this notebook is connected, where keys could be typed. Open it "
            "in a browser, or give waitKey() a time.",
            Reason.NO_PAGE,
        )
    if not in_running_cell():
        return
    if link.wait_for_page(lambda page: page.during_cells or page.carrier == "socket", _PATIENCE_S) is None:
        raise HostError(
            "waitKey() would wait for ever: this host delivers no messages to the kernel while a cell runs. Use "
            "JupyterLab 4.4 or later with ipykernel 7 or later.",
            Reason.BLOCKED_WHILE_RUNNING,
        )
