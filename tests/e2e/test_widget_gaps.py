"""Widgets that can't be captured, or not wholly: an error that says why, or a part that is marked."""

from __future__ import annotations

import numpy as np

from tests.e2e.harness import NotebookPage
from tests.widgets.likeness import AS_TEXT, from_text, likeness, true_picture, view_of

ALIKE = 0.97
STRIPES = ((221, 221, 221), (187, 187, 187))

MAKE = """
import ipywidgets as W, traitlets
from ipymedia import WidgetStream, screenshot
class Nowhere(W.DOMWidget):
    _view_module = traitlets.Unicode("nowhere-at-all").tag(sync=True)
    _view_module_version = traitlets.Unicode("1.0.0").tag(sync=True)
    _view_name = traitlets.Unicode("NowhereView").tag(sync=True)
"""


TALL = """
tall = W.HTML('<div style="background:linear-gradient(red, blue); height:9000px"></div>')
tall.layout = {"width": "300px", "height": "9000px", "margin": "0"}
tall
"""


def captured(notebook: NotebookPage, expression: str = "stream.picture()") -> np.ndarray:
    return from_text(notebook.evaluate(f"{AS_TEXT}({expression})"))


def is_marked(part: np.ndarray) -> bool:
    """Whether it is grey and lighter grey in stripes."""
    shares = [(np.abs(part.astype(int) - grey).max(axis=-1) < 12).mean() for grey in STRIPES]
    return min(shares) > 0.1 and sum(shares) > 0.7


def test_nothing_to_see(open_notebook) -> None:
    notebook = open_notebook([MAKE])
    notebook.run_cell(0)
    for layout in ({"width": "0", "height": "0"}, {"width": "0px"}, {"height": "0"}, {"display": "none"}):
        cell = notebook.add_cell(f"stream = WidgetStream(W.HTML('text', layout={layout}))\nstream")
        notebook.run_cell(cell)
        notebook.output(cell)
        notebook.wait_for("stream.state in ('failed', 'live')")
        assert "it has no size" in notebook.evaluate("str(stream.error)"), layout
        notebook.output(cell).get_by_text("it has no size").wait_for()
    said = notebook.run("stream.picture()", expect_error=True)
    assert "CaptureError" in said
    assert "it has no size" in said
    # Where it has a size only by the stream's wish, there is still nothing to be seen.
    said = notebook.run("screenshot(stream.widget, width=300, height=200)", expect_error=True)
    assert "it has no size" in said
    # It had one, and lost it.
    notebook.run("w = W.HTML('text')\nstream = WidgetStream(w)")
    cell = notebook.add_cell("stream")
    notebook.run_cell(cell)
    notebook.output(cell)
    notebook.wait_for("stream.state == 'live'")
    notebook.run("w.layout.width = '0'")
    notebook.output(cell).get_by_text("it has no size").wait_for()


def test_what_the_host_shows_of_a_broken_widget_is_captured(open_notebook, page_log) -> None:
    notebook = open_notebook([MAKE, "w = Nowhere()\nw", "stream = WidgetStream(w)\nstream"])
    notebook.run_all()
    notebook.output(2)
    notebook.wait_for("stream.state == 'live'")
    assert "error" in view_of(notebook.output(1)).inner_text().lower()
    assert likeness(true_picture(view_of(notebook.output(1))), captured(notebook)) >= ALIKE
    page_log.forget_errors()


def test_a_widget_that_is_too_large_is_made_smaller(open_notebook) -> None:
    notebook = open_notebook(
        [
            MAKE,
            TALL,
            "stream = WidgetStream(tall)\nstream",
        ]
    )
    notebook.run_all()
    notebook.output(2).get_by_text("made smaller, to 8192 px").wait_for()
    picture = captured(notebook)
    assert picture.shape[0] == 8192
    assert 270 <= picture.shape[1] <= 274
    assert picture[40, 100, 0] > 240 > 20 > picture[40, 100, 2]
    assert picture[-40, 100, 2] > 240 > 20 > picture[-40, 100, 0]
    notebook.run("print(stream.snapshot().shape)")
    notebook.run("tall.layout.height = '400px'\ntall.value = 'short'")
    notebook.output(2).get_by_text("made smaller").wait_for(state="detached")
    assert captured(notebook).shape[0] == 400


FRAMES = """
import ipywidgets as W
from ipymedia import WidgetStream
w = W.HTML(f'''<div style="display:flex; gap:10px; align-items:start">
  <div style="width:60px">Beside<br>it</div>
  <iframe {source} style="width:260px; height:120px; border:2px solid teal"></iframe></div>''',
  layout={{"width": "400px", "margin": "0"}})
"""


def test_a_frame_of_another_site_is_marked(open_notebook, page_log) -> None:
    notebook = open_notebook(["w", "stream = WidgetStream(w)\nstream"])
    other = notebook.server.known_as("localhost").url
    notebook.run(FRAMES.format(source=f'src="{other}static/favicons/favicon.ico"'))
    notebook.run_cell(0)
    view_of(notebook.output(0)).locator("iframe").wait_for()
    notebook.run_cell(1)
    notebook.output(1).get_by_text("another site").wait_for()
    picture = captured(notebook)
    box = view_of(notebook.output(0)).locator("iframe").evaluate(
        """frame => {
          const at = frame.closest(".widget-html").getBoundingClientRect();
          const { left, top, width, height } = frame.getBoundingClientRect();
          return [left - at.left, top - at.top, width, height].map(Math.round);
        }"""
    )  # fmt: skip
    left, top, width, height = box
    assert is_marked(picture[top + 4 : top + 40, left + 4 : left + width - 4])
    # Its border, and what is beside it, is as it is; and the notice goes with the frame.
    assert np.abs(picture[top + height // 2, left].astype(int) - (0, 128, 128)).max() < 40
    notebook.run("w.value = 'nothing of others'")
    notebook.output(1).get_by_text("another site").wait_for(state="detached")
    page_log.forget_errors()


def test_a_frame_of_this_site_is_drawn(open_notebook) -> None:
    inner = "<body style='margin:0; background:rgb(0,200,0); font:20px sans-serif'>Text in a frame</body>"
    notebook = open_notebook(
        [FRAMES.format(source=f'srcdoc="{inner}"'), "w", "stream = WidgetStream(w)\nstream"]
    )
    notebook.run_all()
    view = view_of(notebook.output(1))
    notebook.wait_for("stream.state == 'live'")
    assert likeness(true_picture(view), captured(notebook)) >= ALIKE
    view.locator("iframe").evaluate("frame => { frame.contentDocument.body.style.background = 'gold'; }")
    assert likeness(true_picture(view), captured(notebook)) >= ALIKE
    assert notebook.output(2).get_by_text("another site").count() == 0


def test_an_image_of_another_site_is_marked(open_notebook, page_log) -> None:
    notebook = open_notebook(["w", "stream = WidgetStream(w)\nstream"])
    other = notebook.server.known_as("localhost").url
    notebook.run(
        "import ipywidgets as W\nfrom ipymedia import WidgetStream\n"
        f"w = W.HTML('<img src=\"{other}static/favicons/favicon.ico\" width=300 height=100> and text',"
        " layout={'width': '400px', 'margin': '0'})"
    )
    notebook.run_cell(0)
    notebook.page.wait_for_function(
        "image => image.naturalWidth > 0", arg=view_of(notebook.output(0)).locator("img").element_handle()
    )
    notebook.run_cell(1)
    notebook.output(1).get_by_text("another site").wait_for()
    picture = captured(notebook)
    assert is_marked(picture[10:40, 20:280])
    assert picture[:, 310:].min() < 100  # the text beside it
    page_log.forget_errors()


def test_a_background_of_another_site_is_marked(open_notebook, page_log) -> None:
    notebook = open_notebook(["w", "stream = WidgetStream(w)\nstream"])
    other, own = notebook.server.known_as("localhost").url, notebook.server.url
    notebook.run(
        "import ipywidgets as W\nfrom ipymedia import WidgetStream\n"
        "page = '<div style=\"width:300px; height:60px; background:url({}static/favicons/favicon.ico)\"></div>'\n"
        f"w = W.HTML(page.format('{other}') + page.format('{own}'), layout={{'width': '400px', 'margin': '0'}})"
    )
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.output(1).get_by_text("another site").wait_for()
    picture = captured(notebook)
    view = view_of(notebook.output(0))
    assert is_marked(picture[10:50, 20:280])
    assert likeness(true_picture(view)[64:116], picture[64:116]) >= ALIKE  # this site's own
    notebook.run(f"w.value = page.format('{own}')")
    notebook.output(1).get_by_text("another site").wait_for(state="detached")
    page_log.forget_errors()
