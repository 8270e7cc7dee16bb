"""`WidgetStream` in motion: rates, how late a change is seen, what rest costs, and films frame by frame."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager

import av
from playwright.sync_api import Locator, Page

from benchmarks.rows import Row
from benchmarks.stage import Stage
from benchmarks.widgets import PYTHON, widget_notebook
from tests.e2e.harness import JupyterServer, NotebookPage, jupyter_server
from tests.e2e.test_widget_films import COUNTER, numbers
from tests.widgets.cases import CASES
from tests.widgets.likeness import view_of

CHANGES = 7
FILM_FRAMES = 120
GRAPH = {case.name: case for case in CASES}

# Draws in each frame of the page, and counts that.
_ANIMATED = """
import anywidget
class Animated(anywidget.AnyWidget):
    _esm = '''
    function render({{ el }}) {{
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [640, 480];
      el.append(canvas);
      let n = 0;
      {context}
      const step = () => {{ n += 1; {draw} requestAnimationFrame(step); }};
      step();
    }}
    export default {{ render }};'''
w = Animated()
"""
_FLAT = _ANIMATED.format(
    context='const c = canvas.getContext("2d");',
    draw="c.fillStyle = `hsl(${n % 360} 80% 50%)`; c.fillRect(0, 0, 640, 480); "
    'c.fillStyle = "white"; c.fillRect(n * 4 % 600, 200, 40, 40);',
)
_WEBGL = _ANIMATED.format(
    context='const gl = canvas.getContext("webgl2"); gl.enable(gl.SCISSOR_TEST);',
    draw="gl.scissor(0, 0, 640, 480); gl.clearColor(n % 100 / 100, 0.3, 0.4, 1); gl.clear(gl.COLOR_BUFFER_BIT); "
    "gl.scissor(n * 4 % 600, 200, 40, 40); gl.clearColor(1, 1, 1, 1); gl.clear(gl.COLOR_BUFFER_BIT);",
)
_TURNING = GRAPH["plotly 3-D"].make
_TURN_PLOTLY = """view => {
  const graph = view.closest(".js-plotly-plot") ?? view.querySelector(".js-plotly-plot");
  const scene = graph._fullLayout.scene._scene;
  let n = 0;
  const step = () => {
    n += 1;
    scene.glplot.camera.rotate(performance.now(), 0.02, 0, 0);
    scene.glplot.redraw();
    requestAnimationFrame(step);
  };
  step();
}"""

#: name, Python that makes `w`, Python or JavaScript that lets it move
MOVING = (
    ("2-D canvas", _FLAT, "", ""),
    ("WebGL, not preserved", _WEBGL, "", ""),
    ("pythreejs", GRAPH["pythreejs"].make, GRAPH["pythreejs"].animate, ""),
    ("plotly 3-D", _TURNING, "", _TURN_PLOTLY),
    ("Video", GRAPH["Video"].make, "w.autoplay = True", "view => view.play()"),
)

# Counts the frames of the page, and those in which a canvas that is shown was drawn on.
_COUNT = """() => {
  const counts = window.__counts = { page: 0, drawn: 0 };
  let drawn = false;
  for (const type of [CanvasRenderingContext2D, WebGLRenderingContext, WebGL2RenderingContext]) {
    for (const name of ["fillRect", "drawImage", "clear", "drawElements", "drawArrays"]) {
      const original = type.prototype[name];
      if (typeof original !== "function") continue;
      type.prototype[name] = function (...given) {
        if (this.canvas.isConnected) drawn = true;
        return original.apply(this, given);
      };
    }
  }
  const step = () => {
    counts.page += 1;
    if (drawn) counts.drawn += 1;
    drawn = false;
    requestAnimationFrame(step);
  };
  step();
}"""

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
    setTimeout(() => reject(new Error("no changed picture came")), 5000);
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


def measure_widget_motion(stage: Stage) -> None:
    """Rows of rates, of latencies, of rest, of films."""
    with jupyter_server(stage.folder / "widget_motion", python=PYTHON) as server:
        for name, make, python, script in MOVING:
            stage.row(
                f"widget in motion: {name}",
                lambda row, make=make, python=python, script=script: _rate(
                    stage, server, row, make, python, script
                ),
            )
        for name, change in (
            ("IntSlider", "w.value = {n} * 9 + 5"),
            ("plotly 2-D", "w.data[0].y = np.sin(x + {n})"),
            ("bqplot", "mark.y = np.sin(x + {n})"),
        ):
            stage.row(
                f"widget changed: {name}",
                lambda row, name=name, change=change: _latency(stage, server, row, name, change),
            )
        stage.row("widget at rest", lambda row: _rest(stage, server, row))
        stage.row("widget filmed", lambda row: _film(stage, server, row))


@contextmanager
def _shown(
    stage: Stage, server: JupyterServer, make: str, settle_ms: int
) -> Iterator[tuple[NotebookPage, Locator]]:
    with widget_notebook(stage, server, make) as notebook:
        notebook.page.wait_for_timeout(settle_ms)
        yield notebook, view_of(notebook.output(1))


def _capture(notebook: NotebookPage) -> Locator:
    """Show the stream of `w`; give what shows it."""
    index = notebook.add_cell("stream = WidgetStream(w)\nstream")
    notebook.run_cell(index)
    video = notebook.output(index).locator("video")
    video.wait_for()
    notebook.wait_for("stream.state == 'live'")
    notebook.page.wait_for_timeout(1000)
    return video


def _rate(stage: Stage, server: JupyterServer, row: Row, make: str, python: str, script: str) -> None:
    seconds = stage.durations.watch_s
    with _shown(stage, server, make, 4000) as (notebook, view):
        notebook.page.evaluate(_COUNT)
        if python:
            notebook.run(python)
        if script:
            view.evaluate(script)
        alone = _count(notebook.page, seconds, view)
        video = _capture(notebook)
        streamed = "v => v.getVideoPlaybackQuality().totalVideoFrames"
        before = video.evaluate(streamed)
        captured = _count(notebook.page, seconds, view)
        stream_fps = (video.evaluate(streamed) - before) / seconds
        row.figures.update(
            fps=round(stream_fps, 1),
            own_fps=round(alone["drawn"], 1),
            ratio=round(stream_fps / max(0.1, alone["drawn"]), 2),
            page_ratio=round(captured["page"] / max(0.1, alone["page"]), 2),
            method=str(notebook.evaluate("stream.method")),
        )


def _count(page: Page, seconds: float, view: Locator) -> dict[str, float]:
    film = view.evaluate("v => v instanceof HTMLVideoElement")
    shown = "v => v.getVideoPlaybackQuality().totalVideoFrames"
    before = page.evaluate("window.__counts")
    frames = view.evaluate(shown) if film else 0
    page.wait_for_timeout(1000 * seconds)
    after = page.evaluate("window.__counts")
    counts = {name: (after[name] - before[name]) / seconds for name in ("page", "drawn")}
    if film:
        counts["drawn"] = (view.evaluate(shown) - frames) / seconds
    return counts


def _latency(stage: Stage, server: JupyterServer, row: Row, name: str, change: str) -> None:
    case = GRAPH[name]
    with _shown(stage, server, case.make, case.settle_ms) as (notebook, view):
        video = _capture(notebook)
        late_ms = []
        for n in range(1, CHANGES + 1):  # 0 is what is shown already
            notebook.page.evaluate(_LATENCY, [view.element_handle(), video.element_handle()])
            # No cell is run: its output would move what is captured.
            notebook.evaluate(f"exec({change.format(n=n)!r}, globals())")
            late_ms.append(notebook.page.evaluate("window.__late"))
            notebook.page.wait_for_timeout(700)
        row.figures.update(median_ms=round(statistics.median(late_ms)), max_ms=round(max(late_ms)))


def _rest(stage: Stage, server: JupyterServer, row: Row) -> None:
    seconds = stage.durations.watch_s
    case = GRAPH["bqplot"]
    with _shown(stage, server, case.make, case.settle_ms) as (notebook, _):
        video = _capture(notebook)
        session = notebook.page.context.new_cdp_session(notebook.page)
        session.send("Performance.enable")

        def busy() -> float:
            def total() -> float:
                return next(
                    m["value"]
                    for m in session.send("Performance.getMetrics")["metrics"]
                    if m["name"] == "TaskDuration"
                )

            began = total()
            notebook.page.wait_for_timeout(1000 * seconds)
            return (total() - began) / seconds

        captured = busy()
        assert video.is_visible()
        notebook.run("stream.close()")
        notebook.page.wait_for_timeout(1500)
        row.figures["core_share"] = round(max(0.0, captured - busy()), 4)


def _film(stage: Stage, server: JupyterServer, row: Row) -> None:
    with widget_notebook(stage, server, COUNTER, "counter") as notebook:
        notebook.run(
            f"filmed = film(counter, update, (n % 256 for n in range({FILM_FRAMES})), filename='film.mp4')",
            timeout_s=120,
        )
        with av.open(os.fspath(server.root / "film.mp4")) as file:
            shown = [numbers(frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)]
        right = sum(1 for n, seen in enumerate(shown) if seen == [n % 256] * 2)
        row.figures.update(
            frames=len(shown),
            lost=FILM_FRAMES - right,
            fps=round(FILM_FRAMES / notebook.evaluate("filmed.seconds"), 1),
        )
