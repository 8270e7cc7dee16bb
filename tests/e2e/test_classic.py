"""Classic Notebook 6.5 with ipywidgets 7: what it shows is captured, and the main things work."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator

from tests.e2e.harness import JupyterServer, jupyter_server, shows
from tests.widgets.likeness import AS_TEXT, from_text, likeness, true_picture

ALIKE = 0.97

# Its own stream is the scene alone; a picture has the panel too.
ITK = """
import numpy as np
from itkwidgets import view
x = np.linspace(-1, 1, 24)
ball = np.exp(-4 * (x[:, None, None] ** 2 + x[:, None] ** 2 + x**2)) * 255
viewer = view(image=ball.astype("uint8"))
viewer.layout.width = "600px"
"""

BOX = """
import ipywidgets as W
from ipymedia import WidgetStream
slider = W.IntSlider(30, description="Level:")
box = W.VBox([
    slider, W.Dropdown(options=["one", "two"], description="Number:"), W.Text("some text"),
    W.HBox([W.Button(description="Run", icon="play", button_style="primary"), W.Checkbox(True, description="on")]),
])
"""


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Classic Notebook, in whose environment are ipywidgets 7, itkwidgets, and ipymedia."""
    python = os.environ.get("IPYMEDIA_CLASSIC_PYTHON")
    if not python:
        pytest.skip(
            "IPYMEDIA_CLASSIC_PYTHON names no interpreter with classic Notebook; `make test` makes one"
        )
    with jupyter_server(tmp_path_factory.mktemp("classic"), kind="classic", python=python) as server:
        yield server


def view_of(output: Locator) -> Locator:
    return output.locator(".output_subarea > *").first


def captured(notebook, expression: str):
    return from_text(notebook.evaluate(f"{AS_TEXT}({expression})", timeout_s=60))


def test_a_slider_and_a_box(classic: JupyterServer, open_notebook) -> None:
    notebook = open_notebook([BOX, "box", "stream = WidgetStream(box)\nstream", "slider"], server=classic)
    notebook.run_all()
    shown = view_of(notebook.output(1))
    notebook.wait_for("stream.state == 'live'")
    notebook.output(2).locator("video").wait_for()
    assert notebook.evaluate("(stream.method, stream.method.why)") == [
        "compositor",
        "the widget gives no stream of its own",
    ]
    assert likeness(true_picture(shown), captured(notebook, "stream.picture()")) >= ALIKE
    notebook.run("slider.value = 80\nalone = WidgetStream(slider)")
    assert likeness(true_picture(shown), captured(notebook, "stream.picture()")) >= ALIKE
    slider = view_of(notebook.output(3))
    assert likeness(true_picture(slider), captured(notebook, "alone.picture()")) >= ALIKE
    # Nowhere to be seen, it is drawn off the screen; shown again, taken from there.
    notebook.clear_output(1)
    notebook.wait_for("'off the screen' in stream.method.why")
    assert captured(notebook, "stream.picture()").min() < 100
    notebook.run_cell(1)
    notebook.wait_for("'off the screen' not in stream.method.why")


def test_itkwidgets(classic: JupyterServer, open_notebook, page_log) -> None:
    first = BOX + "warm = WidgetStream(slider)\nwarm"
    notebook = open_notebook([first, ITK, "viewer", "stream = WidgetStream(viewer)\nstream"], server=classic)
    # Before its scene keeps the page busy: anywidget gives each widget two seconds to begin, and the socket is dialled.
    notebook.run_cell(0)
    notebook.output(0).locator("video").wait_for()
    captured(notebook, "warm.picture()")
    for cell in (1, 2, 3):
        notebook.run_cell(cell, timeout_s=60)
    notebook.output(3)
    notebook.wait_for("stream.state == 'live'", timeout_s=60)
    assert notebook.evaluate("stream.method") == "model"
    shown = view_of(notebook.output(2))
    assert likeness(true_picture(shown), captured(notebook, "stream.picture(timeout=40)")) >= ALIKE
    page_log.forget_errors()  # its own, of an image with one channel


def test_a_camera_a_function_and_a_film(classic: JupyterServer, open_notebook) -> None:
    notebook = open_notebook(
        [
            "from ipymedia import CameraStream, film\ncamera = CameraStream()\ncamera",
            "negative = camera.map(lambda image: 255 - image)\nnegative",
            BOX,
        ],
        server=classic,
    )
    notebook.run_all()
    for cell in (0, 1):
        shows(notebook.output(cell).locator(".ipymedia-picture"))
    notebook.wait_for("negative.stats.carrier == 'socket'")
    assert notebook.run("print(camera.snapshot().shape)") == "(356, 640, 3)\n"
    made = notebook.run(
        "def update(level):\n    slider.value = level\n"
        "print(film(box, update, range(5), filename='out.mp4'))",
        timeout_s=60,
    )
    assert "out.mp4: 5 pictures" in made
