"""Keys typed on the windows' pictures, with the numbers that OpenCV gives them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

MAX_WAITING: Final = 64
"""Keys that nobody asked for: older ones are forgotten."""
_SLICE_S: Final = 0.5

_NAMED: Final = {
    "Backspace": 8, "Tab": 9, "Enter": 13, "Escape": 27,
    "Home": 0xFF50, "ArrowLeft": 0xFF51, "ArrowUp": 0xFF52, "ArrowRight": 0xFF53, "ArrowDown": 0xFF54,
    "PageUp": 0xFF55, "PageDown": 0xFF56, "End": 0xFF57, "Insert": 0xFF63, "Delete": 0xFFFF,
    **{f"F{number}": 0xFFBD + number for number in range(1, 13)},
}  # fmt: skip
"""As OpenCV's windows on Linux number them (GTK's key symbols)."""


def code_of(key: str) -> int | None:
    """The number of a `KeyboardEvent.key`; None for keys that OpenCV does not tell, such as Shift."""
    return ord(key) if len(key) == 1 else _NAMED.get(key)


class Keys:
    """What was typed and not asked for yet; any thread types, any thread takes."""

    def __init__(self) -> None:
        self._codes: deque[int] = deque(maxlen=MAX_WAITING)
        self._changed = threading.Condition()

    def typed(self, key: str) -> None:
        """A page says that a key was typed."""
        code = code_of(key)
        if code is None:
            return
        with self._changed:
            self._codes.append(code)
            self._changed.notify()

    def wake(self) -> None:
        """Let those who wait look whether there is still something to wait for."""
        with self._changed:
            self._changed.notify_all()

    def take(self, timeout_s: float | None, hopeless: Callable[[], bool]) -> int:
        """Wait for a key; -1 when the time is over, or as soon as it is `hopeless` to wait."""
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        with self._changed:
            while not self._codes:
                left_s = _SLICE_S if deadline_s is None else deadline_s - time.monotonic()
                if left_s <= 0 or hopeless():
                    return -1
                # In slices: an untimed wait can't be interrupted on Windows.
                self._changed.wait(min(left_s, _SLICE_S))
            return self._codes.popleft()

    def forget(self) -> None:
        """The windows they were typed on are gone."""
        with self._changed:
            self._codes.clear()
