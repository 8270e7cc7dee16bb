"""Ten minutes of running: what grows."""

from __future__ import annotations

from benchmarks.cases import SMALL
from benchmarks.functions import IDENTITY
from benchmarks.rows import Figure, Row, figures_of
from benchmarks.stage import Notebook, Stage
from tests.e2e.harness import collect_garbage

WARM_UP_S = 60.0
UNCLOSED = "was garbage collected without being closed"
"""What Chromium says of a VideoFrame that was forgotten."""

_COUNT_URLS = """(() => {
  const [create, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
  window.__objectUrls = new Set();
  URL.createObjectURL = (object) => { const url = create.call(URL, object); __objectUrls.add(url); return url; };
  URL.revokeObjectURL = (url) => { __objectUrls.delete(url); revoke.call(URL, url); };
})()"""


def measure_endurance(stage: Stage) -> None:
    """Look at the memory after a minute, and after the rest of the time."""
    stage.row(f"{SMALL}: {'ten' if stage.long else 'two'} minutes", lambda row: _endure(stage, row))


def _endure(stage: Stage, row: Row) -> None:
    endurance_s = 540.0 if stage.long else 60.0
    with stage.notebook(SMALL, init_script=_COUNT_URLS) as notebook:
        meter = notebook.show_function(IDENTITY, "identity")
        # The meter's record would grow in the page: it is taken away every ten seconds.
        _run(notebook, WARM_UP_S, meter.take)
        first = _look(notebook)
        _run(notebook, endurance_s, meter.take)
        last = _look(notebook)
        row.figures.update(figures_of(meter.measure(stage.durations.watch_s)))
        row.figures["seconds"] = round(endurance_s)
        for name in first:
            row.figures[f"{name}_first"], row.figures[f"{name}_last"] = first[name], last[name]
        for name in ("kernel_rss_bytes", "page_heap_bytes"):
            row.figures[f"{name}_ratio"] = round(float(last[name]) / float(first[name]), 3)
        counted = ("kernel_threads", "kernel_files", "object_urls", "open_cameras", "canvases")
        row.figures["counts_changed"] = sum(first[name] != last[name] for name in counted)
        row.figures["frames_not_closed"] = sum(UNCLOSED in line for line in notebook.log.console)


def _run(notebook: Notebook, seconds: float, forget) -> None:
    for _ in range(round(seconds / 10)):
        notebook.pass_time(10)
        forget()


def _look(notebook: Notebook) -> dict[str, Figure]:
    page = notebook.page.page
    return {
        "page_heap_bytes": collect_garbage(page),
        "kernel_rss_bytes": notebook.kernel.memory_info().rss,
        "kernel_threads": notebook.kernel.num_threads(),
        "kernel_files": notebook.kernel.num_fds(),
        "object_urls": page.evaluate("__objectUrls.size"),
        "open_cameras": page.evaluate("__barcode.openCameras()"),
        "canvases": page.evaluate("document.querySelectorAll('canvas').length"),
    }
