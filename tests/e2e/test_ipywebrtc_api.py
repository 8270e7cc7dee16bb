"""The idioms of ipywebrtc's public notebooks, in a page: each runs as written, with `from ipymedia import …`.

The old live loop (`rec.image.observe`) and the recorders' `.value` are in `test_recorders.py`.
"""

from __future__ import annotations

from tests.e2e.harness import shows

NOTEBOOK = """
import io, ipywidgets, PIL.Image
from IPython.display import display
from ipywidgets import HBox, ToggleButton, jslink
from ipymedia import *
video = VideoStream(video=Video.from_file({film!r}, autoplay=False, controls=False), muted=True)
rec = ImageRecorder(stream=video)
play, record = ToggleButton(value=True, description="play it"), ToggleButton(description="shoot it")
jslink((play, "value"), (video, "playing"))
film = VideoRecorder(stream=video, format="webm")
jslink((record, "value"), (film, "recording"))
display(play, record, HBox([video, rec, rec.image], layout={{"width": "600px"}}), film)
"""
# Another library's widget: its model gives a stream, as pythreejs' Renderer and ipyvolume's Figure do.
FOREIGN = """
import anywidget
class Renderer(anywidget.AnyWidget):
    _esm = '''
    function paint() {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [120, 80];
      const context = canvas.getContext("2d");
      setInterval(() => { context.fillStyle = "rgb(0, 0, 255)"; context.fillRect(0, 0, 120, 80); }, 30);
      return canvas.captureStream(30);
    }
    export default {
      async initialize({ model }) {
        const own = await model.widget_manager.get_model(model.get("own_id"));
        if (model.get("kind") === "stream") own.stream = Promise.resolve(paint());
        else own.captureStream = (fps) => paint();
      },
      render({ el }) { el.textContent = "a renderer"; },
    };'''
    own_id = traitlets.Unicode().tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    def open(self):
        import uuid
        if self.comm is None:
            self.own_id = self._model_id = uuid.uuid4().hex
        super().open()
"""


def test_links_and_boxes(open_notebook, film) -> None:
    notebook = open_notebook([NOTEBOOK.format(film=str(film))])
    notebook.run_cell(0)
    view = notebook.output(0)
    shows(view.locator("video").first)
    notebook.wait_for("video.state == 'live' and video.time > 0.2")
    # A button that is linked to `playing` in the page.
    view.get_by_role("button", name="play it").click()
    notebook.wait_for("video.playing is False")
    at = notebook.evaluate("video.time")
    assert notebook.evaluate("(__import__('time').sleep(0.5), video.time)[1]") - at < 0.2
    view.get_by_role("button", name="play it").click()
    notebook.wait_for(f"video.playing and video.time > {at} + 0.3")
    # And one that is linked to `recording`.
    view.get_by_role("button", name="shoot it").click()
    notebook.wait_for("film.recording and film.seconds > 1")
    view.get_by_role("button", name="shoot it").click()
    notebook.wait_for("film.state == 'done' and not film.recording and len(film.video.value) > 1000")
    # One shot, and PIL.Image.open(io.BytesIO(rec.image.value)).
    notebook.run("rec.recording = True")
    notebook.wait_for("len(rec.image.value) > 0 and not rec.recording")
    size = notebook.evaluate("PIL.Image.open(io.BytesIO(rec.image.value)).size")
    assert size == notebook.evaluate("[int(rec.image.width), int(rec.image.height)]")
    # Widget.close_all() leaves nothing running.
    notebook.run("ipywidgets.Widget.close_all()")
    assert notebook.evaluate("(video.state, video.comm, film.comm)") == ["stopped", None, None]
    view.get_by_role("group", name="Film").wait_for(state="detached")


def test_other_libraries_widgets_are_recorded(open_notebook) -> None:
    notebook = open_notebook(
        [
            "import io, traitlets, ipywidgets, PIL.Image\nfrom ipymedia import ImageRecorder\n"
            + FOREIGN
            + "captured, streamed = Renderer(kind='capture'), Renderer(kind='stream')\n"
            "shots = [ImageRecorder(stream=widget) for widget in (captured, streamed)]\n"
            "ipywidgets.VBox([captured, streamed, *shots])"
        ]
    )
    notebook.run_cell(0)
    notebook.output(0).get_by_text("a renderer").first.wait_for()
    notebook.run("for shot in shots: shot.recording = True")
    notebook.wait_for("all(len(shot.image.value) > 0 for shot in shots)")
    pixels = "[PIL.Image.open(io.BytesIO(s.image.value)).convert('RGB').getpixel((60, 40)) for s in shots]"
    assert notebook.evaluate(pixels) == [[0, 0, 255]] * 2
    # One that gives none says so.
    notebook.run("wrong = ImageRecorder(stream=ipywidgets.Button())\nwrong.recording = True")
    notebook.wait_for("wrong.error is not None")
    assert notebook.evaluate("(wrong.error.reason.value, wrong.recording)") == ["no_stream", False]
