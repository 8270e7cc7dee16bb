"""`WidgetStream`: whatever a notebook shows is a stream, and looks as it does in the page."""

from __future__ import annotations

from tests.e2e.harness import browser_context, chromium
from tests.widgets.likeness import AS_TEXT, from_text, likeness, true_picture, view_of

ALIKE = 0.97

CONTROLS = """
import ipywidgets as W
from ipymedia import WidgetStream
slider = W.IntSlider(30, description="Level:")
box = W.VBox([
    slider, W.Dropdown(options=["one", "two"], description="Number:"), W.Text("some text"),
    W.HBox([W.Button(description="Run", icon="play", button_style="primary"), W.Checkbox(True, description="on")]),
    W.HTML("<b>bold</b> and <i>italic</i>"),
])
"""

LAYERS = """
import anywidget, traitlets
class Layers(anywidget.AnyWidget):
    _esm = '''
    function render({ model, el }) {
      el.innerHTML = `
        <div style="position:relative; width:360px; height:240px; overflow:hidden; border-radius:24px;
            background:linear-gradient(#fee, #99c)">
          <h3 style="margin:8px">Below</h3>
          <div style="transform:rotate(12deg) scale(1.1); position:absolute; left:60px; top:40px; opacity:0.8">
            <canvas width="200" height="140" style="width:200px; height:140px"></canvas></div>
          <div style="position:absolute; left:90px; top:70px; font:bold 30px sans-serif; color:#fff">Above <i>it</i>
          </div>
          <div style="position:absolute; left:150px; top:120px; width:160px; height:60px;
            background:rgba(0,120,0,0.5)"></div>
        </div>`;
      const canvas = el.querySelector("canvas");
      const context = canvas.getContext("2d");
      const draw = () => {
        context.fillStyle = model.get("color");
        context.fillRect(0, 0, 200, 140);
        context.clearRect(130, 20, 40, 40);
        context.fillStyle = "navy";
        context.beginPath(); context.arc(70, 70, 40, 0, 7); context.fill();
      };
      model.on("change:color", draw);
      draw();
    }
    export default { render };'''
    color = traitlets.Unicode("gold").tag(sync=True)
from ipymedia import WidgetStream
w = Layers()
"""

# Draws once, and again only when it is asked to; what it drew is gone after the frame.
WEBGL = """
import anywidget, traitlets
class Scene(anywidget.AnyWidget):
    _esm = '''
    function render({ model, el }) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [200, 100];
      el.append(canvas);
      const gl = canvas.getContext("webgl2", { preserveDrawingBuffer: false });
      const draw = () => requestAnimationFrame(() => {
        gl.enable(gl.SCISSOR_TEST);
        gl.scissor(0, 0, 200, 100); gl.clearColor(...model.get("color"), 1); gl.clear(gl.COLOR_BUFFER_BIT);
        gl.scissor(20, 20, 60, 60); gl.clearColor(1, 1, 1, 1); gl.clear(gl.COLOR_BUFFER_BIT);
      });
      window.addEventListener("resize", draw);
      model.on("change:color", draw);
      draw();
    }
    export default { render };'''
    color = traitlets.List([1, 0, 0]).tag(sync=True)
from ipymedia import WidgetStream
w = Scene()
"""


def captured(notebook, expression: str):
    return from_text(notebook.evaluate(f"{AS_TEXT}({expression})"))


def test_controls_look_as_in_the_page(open_notebook) -> None:
    notebook = open_notebook([CONTROLS, "box", "stream = WidgetStream(box)"])
    notebook.run_all()
    view = view_of(notebook.output(1))
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE
    assert notebook.evaluate("(stream.method, bool(stream.method.why))") == ["compositor", True]
    # As the kernel changes it; as the user does; and in the dark.
    notebook.run("slider.value = 80")
    after = captured(notebook, "stream.picture()")
    assert likeness(true_picture(view), after) > ALIKE
    view.get_by_role("textbox").last.fill("typed")
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE
    notebook.set_dark()
    dark = captured(notebook, "stream.picture()")
    assert likeness(true_picture(view), dark) > ALIKE
    assert dark.mean() < 100 < after.mean()


def test_layers_clips_and_turns(open_notebook) -> None:
    notebook = open_notebook([LAYERS, "w", "stream = WidgetStream(w)"])
    notebook.run_all()
    view = view_of(notebook.output(1))
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE
    notebook.run("w.color = 'tomato'")
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE


def test_webgl_that_keeps_no_picture_is_seen_at_rest(open_notebook) -> None:
    notebook = open_notebook([WEBGL, "w", "stream = WidgetStream(w)"])
    notebook.run_all()
    notebook.page.wait_for_timeout(500)  # at rest: its drawing is over, and gone
    assert captured(notebook, "stream.picture()")[5, 5].tolist() == [255, 0, 0]
    notebook.run("w.color = [0, 0, 1]")
    picture = captured(notebook, "stream.picture()")
    assert picture[5, 5].tolist() == [0, 0, 255]
    assert picture[50, 50].tolist() == [255, 255, 255]


def test_what_is_not_shown_is_drawn_off_the_screen(open_notebook) -> None:
    notebook = open_notebook([CONTROLS, "stream = WidgetStream(box, width=400, height=240)"])
    notebook.set_dark(False)  # the server keeps what a test before chose
    notebook.run_all()
    picture = captured(notebook, "stream.picture()")
    assert picture.shape == (240, 400, 3)
    assert picture.min() < 100
    assert picture[-5, -5].tolist() == [255, 255, 255]  # what is behind it in a cell
    assert "off the screen" in notebook.evaluate("stream.method.why")
    # Shown, it is taken from there; its view closed, it goes on.
    cell = notebook.add_cell("box")
    notebook.run_cell(cell)
    view_of(notebook.output(cell)).wait_for()
    held = notebook.start("for image, _ in zip(stream.frames(), range(100)):\n    shape = image.shape")
    notebook.wait_for("'off the screen' not in stream.method.why", subshell=True)
    notebook.clear_output(cell)
    notebook.wait_for("'off the screen' in stream.method.why", subshell=True)
    notebook.interrupt()
    notebook.wait_cell(held, expect_error=True)


def test_a_widget_that_is_closed_ends_its_stream_with_a_reason(open_notebook) -> None:
    notebook = open_notebook([CONTROLS, "box", "stream = WidgetStream(box)\nstream"])
    notebook.run_all()
    notebook.wait_for("stream.state == 'live'")
    notebook.run("box.close()")
    notebook.wait_for("stream.state == 'failed' and stream.error.reason == 'closed'")
    notebook.output(2).get_by_text("it was closed").wait_for()


def test_pictures_on_request_only(open_notebook) -> None:
    notebook = open_notebook([CONTROLS, "box", "stream = WidgetStream(box, max_fps=0)\nstream"])
    notebook.run_all()
    notebook.run(
        "import threading, time\nseen = []\n"
        "thread = threading.Thread(target=lambda: [seen.append(f.mean()) for f in stream.frames(timeout=60)])\n"
        "thread.start()\nstream.capture()\ntime.sleep(1.5)\nbefore = len(seen)\n"
        "for value in (20, 50, 90):\n    slider.value = value\n    time.sleep(0.5)\nquiet = len(seen)\n"
        "for value in (20, 50, 90):\n    slider.value = value\n    stream.capture()\n    time.sleep(0.5)\n"
        "stream.close()\nthread.join()"
    )
    before, quiet, after = notebook.evaluate("(before, quiet, len(seen))")
    # A picture after which none comes is sent again by the link: each of them counts once or a few times.
    assert before >= 1
    assert quiet == before
    assert after >= quiet + 3


def test_at_rest_a_page_does_nothing(open_notebook) -> None:
    notebook = open_notebook([LAYERS, "w", "stream = WidgetStream(w)\nstream"])
    notebook.run_all()
    # What snapdom loads of a page's style sheets to look for fonts is no change of the page.
    notebook.page.evaluate(
        """() => {
          const style = document.createElement("style");
          style.textContent = "@import url('there-is-none.css');";
          document.head.append(style);
        }"""
    )
    notebook.output(2).locator("video").wait_for()
    notebook.wait_for("stream.state == 'live'")
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Performance.enable")

    def busy_s() -> float:
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"]

    notebook.page.wait_for_timeout(2000)
    began_s = busy_s()
    notebook.page.wait_for_timeout(5000)
    used = (busy_s() - began_s) / 5
    notebook.run("stream.close()")
    notebook.page.wait_for_timeout(1000)
    began_s = busy_s()
    notebook.page.wait_for_timeout(5000)
    assert used - (busy_s() - began_s) / 5 < 0.02


def test_what_another_site_does_not_let_be_read_is_marked(open_notebook, page_log) -> None:
    notebook = open_notebook([LAYERS, "w", "stream = WidgetStream(w)\nstream"])
    # The same server under another name: another origin, which allows nothing.
    other = notebook.server.known_as("localhost").url
    notebook.run_all()
    view = view_of(notebook.output(1))
    view.evaluate(
        """async (element, url) => {
          const image = new Image();
          image.src = url;
          await image.decode();
          element.querySelector("canvas").getContext("2d").drawImage(image, 0, 0, 200, 140);
        }""",
        f"{other}static/favicons/favicon.ico",
    )
    picture = captured(notebook, "stream.picture()")
    assert notebook.output(2).get_by_text("another site").is_visible()
    assert likeness(true_picture(view), picture) < ALIKE  # stripes, not what is there
    page_log.forget_errors()


BAD_INPUT = [
    ("WidgetStream('text')", "TraitError", "something that ipywidgets shows"),
    ("WidgetStream()", "TraitError", "needs widget="),
    ("WidgetStream(box, max_fps=-1)", "TraitError", "max_fps attribute must be a positive integer"),
    ("WidgetStream(box, method='magic')", "TraitError", "_wish"),
    ("WidgetStream(W.Layout())", "TraitError", "something that ipywidgets shows"),
    ("WidgetStream(type('Hidden', (W.DOMWidget,), {'_view_name': None})())", "TraitError", "it has no view"),
    ("WidgetStream(W.HTML(layout={'display': 'none'})).picture()", "CaptureError", "it has no size"),
    ("box.close()\nWidgetStream(box)", "CaptureError", "it was closed"),
]


def test_bad_input(open_notebook) -> None:
    notebook = open_notebook([CONTROLS])
    notebook.run_cell(0)
    for make, error, words in BAD_INPUT:
        text = notebook.run(make, expect_error=True)
        assert error in text, make
        assert words in text, make


def test_the_tab_itself_captures_the_element(open_notebook, playwright, page_log) -> None:
    accepting = ["--auto-accept-this-tab-capture"]
    with (
        chromium(playwright, camera=None, extra_args=accepting) as browser,
        browser_context(browser, log=page_log) as context,
    ):
        notebook = open_notebook(
            [CONTROLS, "box", "stream = WidgetStream(box, method='tab')\nstream"], context=context
        )
        notebook.run_all()
        view, output = view_of(notebook.output(1)), notebook.output(2)
        share = output.get_by_role("button", name="Share")
        if share.count() > 0:  # the click that ran the cell was too long ago
            share.click()
        notebook.wait_for("stream.state == 'live'")
        assert notebook.evaluate("stream.method") == "tab"
        # The browser needs a moment for the first picture that is restricted to the element.
        notebook.page.wait_for_timeout(1000)
        assert likeness(true_picture(view), captured(notebook, "stream.snapshot()")) > ALIKE
        # Out of sight it freezes without a word of the browser's; we have one.
        view.evaluate("element => { element.style.display = 'none'; }")
        output.get_by_text("out of sight").wait_for()


def test_a_tab_needs_a_widget_that_is_shown(open_notebook) -> None:
    notebook = open_notebook([CONTROLS, "stream = WidgetStream(box, method='tab')\nstream"])
    notebook.run_all()
    notebook.output(1).get_by_text("a tab shows only what is shown in it").wait_for()
    # Another way, without a new stream.
    notebook.run("stream.method = 'compositor'")
    notebook.wait_for("stream.state == 'live' and stream.method == 'compositor'")
