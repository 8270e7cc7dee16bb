"""How far a long work is: a bar below the cell, a function of the caller's, or silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .cell import in_running_cell

_EVERY_S = 0.2


class Progress:
    """Tells nobody."""

    def at(self, done: int) -> None:
        """So many are done."""

    def finish(self, done: int) -> None:
        """All are."""

    def close(self) -> None:
        """It ended, in whichever way."""


class _Told(Progress):
    def __init__(self, tell: Callable[[int, int], None], total: int) -> None:
        self._tell = tell
        self._total = total

    def at(self, done: int) -> None:
        self._tell(done, max(done, self._total))

    def finish(self, done: int) -> None:
        self._tell(done, done)


class _Bar(Progress):
    """An ipywidgets bar; a trait costs a message, so it is set five times a second at most."""

    def __init__(self, total: int, left: str) -> None:
        import ipywidgets
        from IPython.display import display

        self._total = total
        self._left = left
        self._began_s = self._told_s = time.monotonic()
        self._finished = False
        # Of how many is not known: then there is no bar, and the text tells how many are done.
        layout = {"width": "50%"} if total > 0 else {"display": "none"}
        self._bar: Any = ipywidgets.IntProgress(max=max(1, total), layout=layout)
        self._text: Any = ipywidgets.Label("starting")
        self._done = 0
        display(ipywidgets.HBox([self._bar, self._text]))  # type: ignore[no-untyped-call]

    def at(self, done: int) -> None:
        self._done = done
        now_s = time.monotonic()
        if now_s - self._told_s < _EVERY_S:
            return
        self._told_s = now_s
        took_s = now_s - self._began_s
        self._bar.value = done
        left_s = took_s * (self._total - done) / done
        rest = f", {left_s:.0f} s to go" if self._total > done else ""
        of = f" of {self._total}" if self._total > 0 else ""
        self._text.value = f"{done}{of} pictures, {_rate(done, took_s)} a second{rest}"

    def finish(self, done: int) -> None:
        self._finished = True
        took_s = time.monotonic() - self._began_s
        self._bar.max = self._bar.value = max(1, done)
        self._bar.bar_style = "success"
        self._text.value = f"{done} pictures in {took_s:.1f} s, {_rate(done, took_s)} a second"

    def close(self) -> None:
        if not self._finished:
            self._bar.bar_style = "danger"
            self._text.value = f"ended at picture {self._done}; {self._left}"


def _rate(done: int, took_s: float) -> str:
    rate = done / max(took_s, 1e-3)
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"


def progress_of(
    wanted: bool | Callable[[int, int], None], total: int, *, left: str = "nothing was written"
) -> Progress:
    """What `progress=` asks for; `left` says what there is when the work ends early."""
    if callable(wanted):
        return _Told(wanted, total)
    return _Bar(total, left) if wanted and in_running_cell() else Progress()
