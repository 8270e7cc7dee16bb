"""The examples, and the README's first one, run as a newcomer runs them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.harness import JupyterServer, NotebookPage, PageLog, browser_context
from tests.e2e.harness.pixels import pixels, wait_for_pixels

ROOT = Path(__file__).parents[2]
LIVE = ROOT / "examples" / "live.ipynb"
# The cells whose last line shows a stream.
STREAMS = {"camera", "edges", "movement", "features", "thick_edges"}


def first_example() -> str:
    """Give the first Python block of the README."""
    found = re.search(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found.group(1)


def open_example(
    server: JupyterServer, context: BrowserContext, name: str
) -> tuple[NotebookPage, dict[int, str]]:
    """Open a copy of the example, and give its code cells by their index."""
    shutil.copy(LIVE, server.root / name)
    cells = nbformat.read(LIVE, as_version=4).cells
    code = {index: cell.source for index, cell in enumerate(cells) if cell.cell_type == "code"}
    return NotebookPage(context, server, name, timeout_s=60), code


def assert_live(notebook: NotebookPage, index: int) -> None:
    """Assert that the cell's picture holds more than one colour, and others a moment later."""
    picture = notebook.output(index).locator(".ipymedia-picture")
    first = wait_for_pixels(picture, lambda seen: int(seen.max()) - int(seen.min()) > 100)
    wait_for_pixels(picture, lambda seen: seen.shape != first.shape or bool((seen != first).any()))
    assert notebook.output(index).locator(".ipymedia-message").count() == 0


def run_live_example(server: JupyterServer, context: BrowserContext, name: str) -> str:
    """Run every cell of the live example; give what its first cell printed."""
    notebook, code = open_example(server, context, name)
    printed = {index: notebook.run_cell(index, timeout_s=60) for index in code}
    shown = {index: source.splitlines()[-1] for index, source in code.items()}
    for index, stream in shown.items():
        if stream in STREAMS:
            assert_live(notebook, index)
    assert set(shown.values()) >= STREAMS
    assert any("mean brightness of 20 pictures" in text for text in printed.values())
    assert any(text.startswith("Stats(carrier='socket'") for text in printed.values())
    assert notebook.evaluate("[stream.error is None for stream in (edges, movement, features)]") == [True] * 3
    notebook.shut_down()
    return printed[min(printed)]


@pytest.mark.timeout(180)
def test_live_example(lab: JupyterServer, context: BrowserContext) -> None:
    assert "test card" not in run_live_example(lab, context, "live.ipynb")


@pytest.mark.timeout(180)
def test_live_example_without_a_camera(lab: JupyterServer, browser_without_camera, page_log: PageLog) -> None:
    with browser_context(browser_without_camera, log=page_log) as context:
        printed = run_live_example(lab, context, "live-without-camera.ipynb")
    assert "the browser finds none on this computer" in printed
    assert "a moving test card takes the camera's place" in printed


def test_the_first_example_of_the_readme(open_notebook) -> None:
    notebook = open_notebook([first_example()])
    notebook.run_cell(0)
    assert_live(notebook, 0)
    colours = pixels(notebook.output(0).locator(".ipymedia-picture"))
    # Canny gives black and white; what lies between comes from the codec.
    assert ((colours < 60) | (colours > 195)).mean() > 0.8


def test_the_first_example_where_the_camera_is_denied(open_notebook, denying_context) -> None:
    """The views of what functions make of the camera say why there is nothing, whenever they were opened."""
    second = "camera.map(lambda image: image, name='second')"
    notebook = open_notebook([first_example(), second], context=denying_context)
    for index in (0, 1):
        notebook.run_cell(index)
        message = notebook.output(index).locator(".ipymedia-message")
        message.get_by_text("The camera is not allowed").wait_for()
    assert notebook.evaluate("[camera.error.reason, edges.error.reason]") == ["permission_denied"] * 2
