"""What the figures must reach: the one place where the bars stand."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.rows import Figure, Row
from tests.widgets.cases import CASES


@dataclass(frozen=True)
class Bar:
    """A bound of one figure of one row, which may depend on another row of the same run.

    Attributes
    ----------
    row, figure : str
    at_least, at_most : float, optional
        The bound; with `than`, what is added to (`at_most`) or multiplied with (`at_least`) the other row's figure.
    than : (row, figure), optional
    """

    row: str
    figure: str
    at_least: float | None = None
    at_most: float | None = None
    than: tuple[str, str] | None = None

    def limit(self, rows: dict[str, Row]) -> float | None:
        """Give the bound in this run; None when the other row was not measured."""
        bound = self.at_least if self.at_least is not None else self.at_most
        assert bound is not None
        if self.than is None:
            return bound
        other = _number(rows, *self.than)
        if other is None:
            return None
        return other * bound if self.at_least is not None else other + bound

    def judge(self, rows: dict[str, Row]) -> tuple[bool | None, str]:
        """Give whether it holds (None: not measured), and the bar in words."""
        value, limit = _number(rows, self.row, self.figure), self.limit(rows)
        sign = "≥" if self.at_least is not None else "≤"
        words = f"{self.figure} {sign} {'?' if limit is None else f'{limit:g}' if limit > 999 else f'{limit:.4g}'}"
        if value is None or limit is None:
            return None, words
        return (value >= limit if self.at_least is not None else value <= limit), words


def _number(rows: dict[str, Row], row: str, figure: str) -> float | None:
    found = rows.get(row)
    value: Figure | None = None if found is None else found.figures.get(figure)
    return float(value) if isinstance(value, (int, float)) else None


SOCKET, COMM = "640×480 @30, socket", "640×480 @30, comm"
HD, FULL_HD, SIXTY = "1280×720 @30, socket", "1920×1080 @30, socket", "640×480 @60, socket"
THICK, THIN = f"{SOCKET}: relay of 80 ms, 4 Mbit/s", f"{SOCKET}: relay of 1 Mbit/s"
SLOW, LONG = f"{SOCKET}: function of 200 ms", f"{SOCKET}: ten minutes"

MOVING_WIDGETS = (
    "2-D canvas",
    "WebGL, not preserved",
    "pythreejs",
    "plotly 3-D",
    "ipyvolume",
    "k3d",
    "nglview",
    "ipycanvas",
    "Video",
)
RESTING_WIDGETS = ("VBox", "bqplot", "plotly 2-D", "plotly 3-D", "ipyvolume", "ipyleaflet", "ipympl", "Image")

BARS = (
    Bar(f"{SOCKET}: identity", "fps", at_least=29.5),
    Bar(f"{SOCKET}: identity", "median_ms", at_most=10, than=(f"{SOCKET}: floor", "median_ms")),
    Bar(f"{SOCKET}: identity", "p95_ms", at_most=15, than=(f"{SOCKET}: floor", "p95_ms")),
    Bar(f"{HD}: identity", "fps", at_least=29),
    Bar(f"{HD}: identity", "median_ms", at_most=40, than=(f"{HD}: floor", "median_ms")),
    Bar(f"{HD}: identity", "width", at_least=1280),
    Bar(f"{SIXTY}: identity", "fps", at_least=57),
    Bar(f"{FULL_HD}: identity", "fps", at_least=27),
    Bar(f"{FULL_HD}: identity, a minute", "fps", at_least=27),
    Bar(f"{FULL_HD}: identity, a minute", "growth_ms", at_most=15),
    Bar(f"{COMM}: identity", "fps", at_least=28),
    Bar(f"{COMM}: identity", "median_ms", at_most=45, than=(f"{COMM}: floor", "median_ms")),
    *(
        Bar(f"{way}: identity, during {load}", "fps", at_least=share, than=(f"{way}: identity", "fps"))
        for way, share in ((SOCKET, 0.95), (COMM, 0.9))
        for load in ("time.sleep", "time.sleep and traits")
    ),
    Bar(f"{SOCKET}: identity, during a busy loop", "fps", at_least=18),
    *(
        Bar(f"{SOCKET}: socket {cut}", figure, at_most=limit)
        for cut in ("dropped for 3 s", "silent for 3 s")
        for figure, limit in (("live_again_s", 2), ("socket_back_s", 1), ("gap_at_return_ms", 1000))
    ),
    Bar(f"{SOCKET}: socket dropped for good", "live_again_s", at_most=2),
    Bar(f"{SOCKET}: socket dropped for good", "fps", at_least=28),
    Bar(THICK, "fps", at_least=28),
    Bar(THICK, "median_ms", at_most=150, than=(f"{SOCKET}: floor", "median_ms")),
    Bar(THIN, "fps", at_least=15),
    Bar(THIN, "p95_ms", at_most=600),
    Bar(THIN, "growth_ms", at_most=50),
    Bar(SLOW, "first_p95_ms", at_most=450),
    Bar(SLOW, "last_p95_ms", at_most=450),
    Bar(SLOW, "growth_ms", at_most=30),
    Bar(f"{SOCKET}: overlay", "fps", at_least=29.5),
    Bar(f"{SOCKET}: overlay", "overlay_right", at_least=0.999),
    Bar(f"{SOCKET}: kernel's cost of a frame", "ratio", at_most=1.5),
    Bar(f"{HD}: kernel's cost of a frame", "ratio", at_most=1.5),
    Bar("640×480, socket: ArrayStream", "fps", at_least=60),
    Bar("1280×720, socket: ArrayStream", "fps", at_least=30),
    Bar(f"{HD}: recording", "lost_percent", at_most=1),
    Bar(f"{HD}: recording", "kernel_rss_ratio", at_most=1.05),
    Bar(f"{HD}: recording", "stop_to_file_s", at_most=1),
    Bar(f"{SOCKET}: snapshot", "median_ms", at_most=60),
    Bar("sound: map_audio", "median_ms", at_most=150),
    Bar("sound: map_audio", "gaps", at_most=0),
    Bar("sound: map_audio", "jumps", at_most=0),
    Bar("recording: flashes and beeps", "film_apart_ms", at_most=40),
    Bar("recording: flashes and beeps", "mapped_apart_ms", at_most=60),
    Bar("recording: flashes and beeps", "slowly_apart_ms", at_most=60),
    Bar("process: identity", "ratio", at_least=0.7),
    Bar("process: canny", "ratio", at_least=0.7),
    *(Bar(f"widget: {case.name}", "likeness", at_least=0.97) for case in CASES),
    *(Bar(f"widget: {case.name}", "likeness_after", at_least=0.97) for case in CASES if case.change),
    *(Bar(f"widget: {case.name}", "first_picture_ms", at_most=1000) for case in CASES),
    *(Bar(f"widget in motion: {name}", "ratio", at_least=0.9) for name in MOVING_WIDGETS),
    *(Bar(f"widget in motion: {name}", "page_ratio", at_least=0.7) for name in MOVING_WIDGETS),
    Bar("widget changed: IntSlider", "median_ms", at_most=120),
    Bar("widget changed: plotly 2-D", "median_ms", at_most=250),
    Bar("widget changed: bqplot", "median_ms", at_most=700),
    *(Bar(f"widget at rest: {name}", "core_share", at_most=0.02) for name in RESTING_WIDGETS),
    *(Bar(f"widget at rest: {name}", "rasters", at_most=0) for name in RESTING_WIDGETS),
    Bar("widget filmed", "lost", at_most=0),
    Bar(f"{SOCKET}: first mapped picture", "median_s", at_most=1.5),
    Bar("film of 500 MB", "median_s", at_most=1),
    Bar("film of 500 MB", "reload_kilobytes", at_most=1000),
    Bar("room: first remote picture", "median_s", at_most=2),
    Bar("room: 640×480, two", "median_ms", at_most=120),
    Bar("room: 640×480, two", "fps", at_least=25),
    Bar("room: 320×240, four", "streams", at_least=12),
    Bar("room: 320×240, four", "fps", at_least=15),
    *(
        Bar(f"room: dropped, {how}", "dropped_s", at_most=5)
        for how in ("kernel killed", "tab closed", "all stand still")
    ),
    Bar("room: dropped, all stand still", "ghosts", at_most=0),
    Bar("room: page reload", "median_s", at_most=2),
    Bar("room: page reload", "same_name", at_least=1),
    Bar("room: broker restarts", "seen_s", at_most=5),
    Bar("room: broker restarts", "fps", at_least=20),
    Bar("room: strangers", "fps_ratio", at_least=0.9),
    Bar("room: strangers", "refused", at_least=1000),
    Bar("room: relayed, 320×240", "fps", at_least=12),
    Bar("room: relayed, 320×240", "median_ms", at_most=250),
    Bar("room: relayed, 320×240", "silent_frames", at_most=0),
    Bar("room: TURN only", "fps", at_least=15),
    Bar("import ipymedia", "ratio", at_most=1.3),
    Bar("bundle", "first_chunk_bytes", at_most=120_000),
    Bar("bundle", "largest_later_chunk_bytes", at_most=300_000),
    Bar("bundle", "times_sent_for_ten_streams", at_most=1),
    Bar(LONG, "kernel_rss_bytes_ratio", at_most=1.05),
    Bar(LONG, "page_heap_bytes_ratio", at_most=1.05),
    Bar(LONG, "counts_changed", at_most=0),
    Bar(LONG, "frames_not_closed", at_most=0),
)
