"""What is measured: data."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.functions import LOADS
from benchmarks.stage import Setting

SMALL = Setting()


@dataclass(frozen=True)
class LiveCase:
    """Rates and latencies in one notebook.

    Attributes
    ----------
    setting : Setting
    functions : tuple of str
        Names in `functions.SOURCES`, each in view alone.
    preview : bool
        Whether the camera itself is measured too.
    loads : tuple of str
        Names in `functions.LOADS`: another cell's work while the first function is shown.
    minute : bool
        Whether the first function is watched for a minute, to see whether its latency grows.
    """

    setting: Setting
    functions: tuple[str, ...] = ("identity",)
    preview: bool = False
    loads: tuple[str, ...] = ()
    minute: bool = False


LIVE = {
    "socket": LiveCase(SMALL, ("identity", "canny", "overlay"), preview=True, loads=tuple(LOADS)),
    "comm": LiveCase(Setting(carrier="comm"), ("identity", "canny", "overlay"), loads=tuple(LOADS)),
    "socket-720": LiveCase(Setting(1280, 720), ("identity", "canny", "overlay"), preview=True),
    "socket-1080": LiveCase(Setting(1920, 1080), ("identity", "canny", "overlay"), preview=True, minute=True),
    "socket-60": LiveCase(Setting(fps=60), ("identity", "canny", "overlay"), preview=True),
    "comm-720": LiveCase(Setting(1280, 720, carrier="comm")),
    "comm-1080": LiveCase(Setting(1920, 1080, carrier="comm")),
    "comm-60": LiveCase(Setting(fps=60, carrier="comm")),
}


@dataclass(frozen=True)
class CutCase:
    """A socket that breaks: how, and for how long (None: for good)."""

    name: str
    mode: str
    seconds: float | None


CUTS = (
    CutCase("dropped for 3 s", "drop", 3.0),
    CutCase("silent for 3 s", "stall", 3.0),
    CutCase("dropped for good", "drop", None),
)


@dataclass(frozen=True)
class ThinCase:
    """A thin line: the round trip's delay and the rate each way; how long it takes to settle, and whether a minute is
    watched."""

    name: str
    delay_ms: float
    rate_bps: float
    settle_s: float
    minute: bool = False


THIN = (
    ThinCase("80 ms, 4 Mbit/s", 80, 4e6, 8.0),
    ThinCase("1 Mbit/s", 0, 1e6, 8.0, minute=True),
)

COST = (Setting(), Setting(1280, 720))
