"""What happens once: the first picture, the import, and the bundle's way into a page."""

from __future__ import annotations

import statistics
import subprocess
import sys
from importlib.resources import files

from playwright.sync_api import WebSocket

from benchmarks.cases import SMALL
from benchmarks.functions import IDENTITY, SLOW
from benchmarks.rows import Row, figures_of, growth_of
from benchmarks.stage import Stage
from tests.e2e.harness import FirstFrame, NotebookPage, PageLog, count_carried
from tests.media import film_path, long_film

FIRST_CELL = f"from ipymedia import CameraStream\ncamera = CameraStream()\n@camera.map\n{IDENTITY}\nidentity"
_TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
_BASE = "import anywidget, numpy"
_OURS = "import ipymedia"
_CAMERA = "from ipymedia import CameraStream"


def measure_first_picture(stage: Stage) -> None:
    """Time from executing the cell to the first mapped picture, in kernels that ran nothing before."""
    stage.row(f"{SMALL}: first mapped picture", lambda row: _first_picture(stage, row))


def _first_picture(stage: Stage, row: Row) -> None:
    taken = []
    for _ in range(stage.durations.repeats):
        with stage.context(SMALL, PageLog()) as context:
            page = NotebookPage(context, stage.server, stage.server.write_notebook([FIRST_CELL]))
            try:
                page.wait_idle()
                first = FirstFrame(page.page, ".jp-OutputArea canvas")
                page.run_cell(0, wait=False)
                taken.append((first.wait() - first.started_ms) / 1000)
            finally:
                page.shut_down()
    row.figures["taken_s"] = " ".join(f"{seconds:.2f}" for seconds in taken)
    row.figures["median_s"] = round(statistics.median(taken), 2)


def measure_large_film(stage: Stage) -> None:
    """A film of 500 MB: from executing its cell to its first picture, and what a page that is loaded again takes."""
    stage.row("film of 500 MB", lambda row: _large_film(stage, row))


def _large_film(stage: Stage, row: Row) -> None:
    film = long_film(film_path(stage.folder), stage.folder / "large.mp4", megabytes=500)
    source = (
        f"from ipymedia import VideoStream\nfilm = VideoStream.from_file({str(film)!r}, muted=True)\nfilm"
    )
    taken = []
    for _ in range(stage.durations.repeats):
        with stage.notebook(SMALL) as notebook:
            page = notebook.page
            cell = page.add_cell(source)
            shown = page.page.evaluate_handle(_FIRST_VIDEO_FRAME)
            page.run_cell(cell, wait=False)
            taken.append(float(shown.evaluate("({ taken }) => taken")) / 1000)
            page.wait_for("film.time > 1")
            page.save()
            carried = count_carried(page.page)
            page.reload()
            page.wait_for("film.state == 'live' and film.time > 1")
    row.figures["taken_s"] = " ".join(f"{seconds:.2f}" for seconds in taken)
    row.figures["median_s"] = round(statistics.median(taken), 2)
    row.figures["reload_kilobytes"] = round(carried["else"] / 1e3)
    row.figures["reload_film_kilobytes"] = round(carried["film"] / 1e3)


#: Milliseconds from now to the first frame of the first video in an output.
_FIRST_VIDEO_FRAME = """() => {
  const began = performance.now();
  return { taken: new Promise((resolve) => {
    const look = () => {
      const video = document.querySelector(".jp-OutputArea video");
      if (video === null) requestAnimationFrame(look);
      else video.requestVideoFrameCallback(() => resolve(performance.now() - began));
    };
    look();
  }) };
}"""


def measure_slow_function(stage: Stage) -> None:
    """Show a function of 200 ms: its delay must not grow."""
    stage.row(f"{SMALL}: function of 200 ms", lambda row: _slow_function(stage, row))


def _slow_function(stage: Stage, row: Row) -> None:
    with stage.notebook(SMALL) as notebook:
        meter = notebook.show_function(SLOW, "slow")
        seen = meter.measure(stage.durations.minute_s, settle_s=0)
        row.figures.update(figures_of(seen) | growth_of(seen, stage.durations.part_s))


def measure_import(stage: Stage) -> None:
    """Time `import ipymedia` against `import anywidget, numpy`, in fresh processes by turns."""
    stage.row("import ipymedia", lambda row: _import(stage, row))


def _import(stage: Stage, row: Row) -> None:
    taken: dict[str, list[float]] = {statement: [] for statement in (_BASE, _OURS, _CAMERA)}
    for _ in range(stage.durations.repeats + 2):
        for statement, times in taken.items():
            command = [sys.executable, "-c", _TIMED.format(statement)]
            times.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    base, ours, camera = (1000 * statistics.median(times) for times in taken.values())
    row.figures.update(
        base_ms=round(base),
        ipymedia_ms=round(ours),
        camera_stream_ms=round(camera),
        ratio=round(ours / base, 2),
        camera_stream_ratio=round(camera / base, 2),
    )


def measure_bundle(stage: Stage) -> None:
    """Weigh the bundle, and count how often it crosses to a page with ten streams."""
    stage.row("bundle", lambda row: _bundle(stage, row))


def _bundle(stage: Stage, row: Row) -> None:
    static = files("ipymedia") / "static"
    first = len((static / "runtime.js").read_bytes())
    chunks = static / "chunks"
    later = [len(chunk.read_bytes()) for chunk in chunks.iterdir()] if chunks.is_dir() else []
    row.figures["first_chunk_bytes"] = first
    row.figures["largest_later_chunk_bytes"] = max(later, default=0)
    large: list[int] = []

    def watch(socket: WebSocket) -> None:
        socket.on(
            "framereceived", lambda payload: large.append(len(payload)) if len(payload) > first / 2 else None
        )

    with stage.context(SMALL, PageLog()) as context:
        context.on("page", lambda page: page.on("websocket", watch))
        page = NotebookPage(context, stage.server, stage.server.write_notebook([]))
        try:
            streams = "[PatternStream(width=64, height=48, fps=1) for _ in range(10)]"
            shown = page.add_cell(
                f"import ipywidgets\nfrom ipymedia import PatternStream\nipywidgets.VBox({streams})"
            )
            page.run_cell(shown)
            page.page.wait_for_function(
                "document.querySelectorAll('.ipymedia-view').length === 10", timeout=20_000
            )
        finally:
            page.shut_down()
    row.figures["times_sent_for_ten_streams"] = len(large)
