"""`WidgetStream` when a widget changes and when it does not: how late, how long a page is held up, what rest costs."""

from __future__ import annotations

import statistics

from playwright.sync_api import Locator, Page

from benchmarks.bars import RESTING_WIDGETS
from benchmarks.rows import Row
from benchmarks.stage import Stage
from benchmarks.widget_motion import GRAPH, capture, shown
from benchmarks.widgets import PYTHON
from tests.e2e.harness import JupyterServer, NotebookPage, jupyter_server

CHANGES = 7
CHANGE_MS = 700

#: of a widget, what is run for the n-th change
CHANGED = (
    ("IntSlider", "w.value = {n} * 9 + 5"),
    ("plotly 2-D", "w.data[0].y = np.sin(x + {n})"),
    ("bqplot", "mark.y = np.sin(x + {n})"),
)

# From the first change of the view's DOM to a picture in the stream's view that differs from the one before.
_LATENCY = """([view, video]) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const look = () => {
    context.drawImage(video, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const before = look();
  window.__late = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no changed picture came")), 10_000);
    let began = 0;
    const observer = new MutationObserver(() => { began ||= performance.now(); });
    observer.observe(view, { subtree: true, childList: true, attributes: true, characterData: true });
    const next = () => video.requestVideoFrameCallback(() => {
      const now = look();
      const same = now.every((value, at) => Math.abs(value - before[at]) < 24);
      if (began === 0 || same) return next();
      observer.disconnect();
      resolve(performance.now() - began);
    });
    next();
  });
}"""


# Counts the pictures of DOM that are made, and keeps how long the page was held up at most.
_WATCH = """() => {
  const watched = window.__watched = { rasters: 0, longest_ms: 0 };
  const { set, ...rest } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", { ...rest, set(source) {
    if (String(source).startsWith("data:image/svg+xml;charset")) watched.rasters += 1;
    set.call(this, source);
  } });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longest_ms = Math.max(watched.longest_ms, duration);
  }).observe({ type: "longtask" });
}"""


def measure_widget_changes(stage: Stage) -> None:
    """Rows of latencies, and of rest."""
    with jupyter_server(stage.folder / "widget_changes", python=PYTHON) as server:
        for name, change in CHANGED:
            stage.row(
                f"widget changed: {name}",
                lambda row, name=name, change=change: _latency(stage, server, row, name, change),
            )
        for name in RESTING_WIDGETS:
            stage.row(f"widget at rest: {name}", lambda row, name=name: _rest(stage, server, row, name))


def _latency(stage: Stage, server: JupyterServer, row: Row, name: str, change: str) -> None:
    case = GRAPH[name]
    with shown(stage, server, case.make, case.settle_ms) as (notebook, view):
        notebook.page.evaluate(_WATCH)
        for n in range(CHANGES, 2 * CHANGES):
            _change(notebook, change, n)
            notebook.page.wait_for_timeout(CHANGE_MS)
        own_longest_ms = _longest_ms(notebook.page)
        video = capture(notebook)
        first_longest_ms = _longest_ms(notebook.page)
        late_ms = [_late_ms(notebook, view, video, change, n) for n in range(1, CHANGES + 1)]
        row.figures.update(
            median_ms=round(statistics.median(late_ms)),
            max_ms=round(max(late_ms)),
            longest_task_ms=_longest_ms(notebook.page),
            longest_task_without_ms=own_longest_ms,
            longest_task_at_first_ms=first_longest_ms,
        )


def _late_ms(notebook: NotebookPage, view: Locator, video: Locator, change: str, n: int) -> float:
    notebook.page.evaluate(_LATENCY, [view.element_handle(), video.element_handle()])
    _change(notebook, change, n)
    late_ms: float = notebook.page.evaluate("window.__late")
    notebook.page.wait_for_timeout(CHANGE_MS)
    return late_ms


def _change(notebook: NotebookPage, change: str, n: int) -> None:
    # No cell is run: its output would move what is captured.
    notebook.evaluate(f"exec({change.format(n=n)!r}, globals())")


def _longest_ms(page: Page) -> int:
    """The longest task since it was last asked; 0 where none took 50 ms."""
    longest_ms: float = page.evaluate(
        "() => { const { longest_ms } = window.__watched; window.__watched.longest_ms = 0; return longest_ms; }"
    )
    return round(longest_ms)


def _rest(stage: Stage, server: JupyterServer, row: Row, name: str) -> None:
    case = GRAPH[name]
    with shown(stage, server, case.make, case.settle_ms) as (notebook, _):
        notebook.page.evaluate(_WATCH)
        video = capture(notebook)
        notebook.page.wait_for_timeout(2000)
        before = notebook.page.evaluate("window.__watched.rasters")
        captured = _busy(notebook.page, stage.durations.watch_s)
        row.figures["rasters"] = notebook.page.evaluate("window.__watched.rasters") - before
        assert video.is_visible()
        notebook.run("stream.close()")
        notebook.page.wait_for_timeout(1500)
        alone = _busy(notebook.page, stage.durations.watch_s)
        row.figures["core_share"] = round(max(0.0, captured - alone), 4)


def _busy(page: Page, seconds: float) -> float:
    """The share of a core that the page's main thread uses."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def total_s() -> float:
        metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        return float(metrics["TaskDuration"])

    began_s = total_s()
    page.wait_for_timeout(1000 * seconds)
    used_s = total_s() - began_s
    session.detach()
    return used_s / seconds
