"""The harness itself: what it says of a page, a notebook, a connection is so."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator

from tests.e2e.harness import CellError, JupyterServer, NotebookPage, browser_context

SLIDER = "import ipywidgets; ipywidgets.IntSlider(description='hello')"
OPEN_CAMERA = """async () => {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const { width, height } = stream.getVideoTracks()[0].getSettings();
    for (const track of stream.getTracks()) track.stop();
    return `${width}x${height}`;
  } catch (error) { return error.name; }
}"""


def slider_in(output: Locator) -> Locator:
    return output.get_by_text("hello")


def test_a_cell_runs_and_is_read(open_notebook) -> None:
    notebook = open_notebook(["print(1 + 1)", "1 / 0"])
    assert notebook.run_cell(0) == "2\n"
    with pytest.raises(CellError, match="ZeroDivisionError"):
        notebook.run_cell(1)
    assert "division by zero" in notebook.run_cell(1, expect_error=True)
    assert notebook.run("x = 20; x + 1") == "21\n"
    assert notebook.evaluate("[x, {'a': None}]") == [20, {"a": None}]
    with pytest.raises(AssertionError, match="was to raise"):
        notebook.run("print('fine')", expect_error=True)


def test_a_widget_shows_and_survives_a_reload(open_notebook, tmp_path: Path) -> None:
    notebook = open_notebook([SLIDER])
    notebook.run_cell(0)
    slider_in(notebook.output(0)).wait_for()
    notebook.set_dark()
    assert notebook.screenshot(tmp_path / "slider.png", 0).stat().st_size > 0
    notebook.reload()
    slider_in(notebook.output(0)).wait_for()
    notebook.clear_output(0)
    assert notebook.outputs(0) == []


def test_a_busy_kernel_is_asked_interrupted_and_restarted(open_notebook) -> None:
    notebook = open_notebook()
    notebook.run("x = 5")
    busy = notebook.start("import time\nwhile True: time.sleep(0.05)")
    assert notebook.is_running(busy)
    assert notebook.evaluate("x", subshell=True) == 5
    notebook.interrupt()
    assert "KeyboardInterrupt" in notebook.wait_cell(busy, expect_error=True)
    notebook.restart()
    with pytest.raises(CellError, match="NameError"):
        notebook.evaluate("x")


def test_a_second_page_shares_the_kernel(open_notebook) -> None:
    notebook: NotebookPage = open_notebook(["x = 7"])
    notebook.run_cell(0)
    second = notebook.second()
    assert second.evaluate("x") == 7
    second.page.close()


def test_notebook_7(open_notebook, notebook7: JupyterServer) -> None:
    notebook = open_notebook([SLIDER], server=notebook7)
    notebook.run_cell(0)
    slider_in(notebook.output(0)).wait_for()
    notebook.reload()
    slider_in(notebook.output(0)).wait_for()


def test_voila(open_voila) -> None:
    page = open_voila(["print('text')", SLIDER])
    assert page.output_text(0) == "text"
    slider_in(page.output(1)).wait_for()


def test_the_camera_is_the_film(lab: JupyterServer, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{lab.url}api")
    width, _ = page.evaluate(OPEN_CAMERA).split("x")
    assert int(width) == 640


def test_the_user_denies(lab: JupyterServer, denying_context: BrowserContext) -> None:
    page = denying_context.new_page()
    page.goto(f"{lab.url}api")
    assert page.evaluate(OPEN_CAMERA) == "NotAllowedError"


def test_a_machine_without_camera(lab: JupyterServer, browser_without_camera: Browser) -> None:
    with browser_context(browser_without_camera) as context:
        page = context.new_page()
        page.goto(f"{lab.url}api")
        assert page.evaluate(OPEN_CAMERA) == "NotFoundError"
