"""`WidgetStream` in motion: rates beside those of the widgets without capture, and films frame by frame."""

from __future__ import annotations

import os
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

FILM_FRAMES = 120
MOVES_FPS = 3
"""A stream gives two pictures a second of what stands still."""
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

# From Python, as fast as the page's display; the kernel's own thread, so that no cell is busy.
_LOOP = """
import threading, time
def _loop(step):
    n = 0
    while w.comm is not None:
        n += 1
        step(n)
        time.sleep(1 / 60)
def move(step):
    threading.Thread(target=_loop, args=(step,), daemon=True).start()
"""
_CANVAS_STEP = """
from ipycanvas import hold_canvas
def step(n):
    with hold_canvas(w):
        w.fill_style = "white"
        w.fill_rect(0, 0, 300, 200)
        w.fill_style = "navy"
        w.fill_rect(n * 4 % 300, 60, 40, 40)
move(step)
"""

_TURN_IPYVOLUME = """
move(lambda n: setattr(fig.camera, "position", [2 * np.sin(n / 50), 0, 2 * np.cos(n / 50)]))
"""

#: name, Python that makes `w`, Python or JavaScript that lets it move
MOVING = (
    ("2-D canvas", _FLAT, "", ""),
    ("WebGL, not preserved", _WEBGL, "", ""),
    ("pythreejs", GRAPH["pythreejs"].make, GRAPH["pythreejs"].animate, ""),
    ("plotly 3-D", _TURNING, "", _TURN_PLOTLY),
    ("ipyvolume", GRAPH["ipyvolume"].make, _LOOP + _TURN_IPYVOLUME, ""),
    ("k3d", GRAPH["k3d"].make, GRAPH["k3d"].animate, ""),
    ("nglview", GRAPH["nglview"].make, GRAPH["nglview"].animate, ""),
    ("ipycanvas", GRAPH["ipycanvas"].make, _LOOP + _CANVAS_STEP, ""),
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


def measure_widget_motion(stage: Stage) -> None:
    """Rows of rates, and of a film."""
    with jupyter_server(stage.folder / "widget_motion", python=PYTHON) as server:
        for name, make, python, script in MOVING:
            stage.row(
                f"widget in motion: {name}",
                lambda row, make=make, python=python, script=script: _rate(
                    stage, server, row, make, python, script
                ),
            )
        stage.row("widget filmed", lambda row: _film(stage, server, row))


@contextmanager
def shown(
    stage: Stage, server: JupyterServer, make: str, settle_ms: int
) -> Iterator[tuple[NotebookPage, Locator]]:
    """A notebook that shows `w`, settled, and what shows it."""
    with widget_notebook(stage, server, make) as notebook:
        notebook.page.wait_for_timeout(settle_ms)
        yield notebook, view_of(notebook.output(1))


def capture(notebook: NotebookPage) -> Locator:
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
    with shown(stage, server, make, 4000) as (notebook, view):
        notebook.page.evaluate(_COUNT)
        if python:
            notebook.run(python)
        if script:
            view.evaluate(script)
        alone = _count(notebook.page, seconds, view)
        if alone["drawn"] < MOVES_FPS:
            raise RuntimeError(
                f"it moves too seldom to be measured: {alone['drawn']:.1f} pictures/s without a stream"
            )
        video = capture(notebook)
        streamed = "v => v.getVideoPlaybackQuality().totalVideoFrames"
        before = video.evaluate(streamed)
        captured = _count(notebook.page, seconds, view)
        stream_fps = (video.evaluate(streamed) - before) / seconds
        row.figures.update(
            fps=round(stream_fps, 1),
            own_fps=round(alone["drawn"], 1),
            ratio=round(stream_fps / alone["drawn"], 2),
            page_ratio=round(captured["page"] / alone["page"], 2),
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
