"""A widget goes on as a stream wherever it is: scrolled away, collapsed, behind a tab, in a panel, on two pages."""

from __future__ import annotations

import pytest

from tests.e2e.harness import NotebookPage
from tests.widgets.likeness import view_of

SIGN = """
import time
import ipywidgets as W
from ipymedia import VideoRecorder, WidgetStream
COLORS = {"red": (255, 0, 0), "blue": (0, 0, 255), "lime": (0, 255, 0), "cyan": (0, 255, 255)}
sign = W.HTML(layout={"height": "100px", "margin": "0"})
stream = WidgetStream(sign)
def paint(color):
    sign.value = f'<div style="background:{color}; height:100px"></div>'
def comes(color, seconds=15):
    "Whether a picture of the color comes after the widget was told it; and how wide it is."
    paint(color)
    began_s = time.monotonic()
    for image in stream.frames(timeout=seconds):
        if abs(image[50, 50].astype(int) - COLORS[color]).max() < 60:
            return image.shape[1]
        if time.monotonic() - began_s > seconds:
            return 0
paint("red")
"""
SPACE = "# " + "\n# ".join("space" for _ in range(60))


def comes(notebook: NotebookPage, color: str) -> int:
    """How wide the picture is that has the colour; no cell is run, so nothing is scrolled or activated."""
    width = int(notebook.evaluate(f"comes({color!r})", timeout_s=40))
    assert width > 0, f"no picture became {color}"
    return width


def off_screen(notebook: NotebookPage) -> bool:
    return "off the screen" in notebook.evaluate("stream.method.why")


def command(notebook: NotebookPage, name: str, cell: int) -> None:
    """Execute one of JupyterLab's commands on a cell."""
    notebook.page.evaluate(
        """async ([name, index]) => {
          const { content } = jupyterapp.shell.currentWidget;
          content.deselectAll();
          content.activeCellIndex = index;
          await jupyterapp.commands.execute(name);
        }""",
        [name, cell],
    )


def set_windowing(notebook: NotebookPage, mode: str) -> None:
    """As the setting does: in mode ``full`` JupyterLab takes cells that are scrolled away out of the page."""
    notebook.page.evaluate(
        """mode => {
          const { content } = jupyterapp.shell.currentWidget;
          content.notebookConfig = { ...content.notebookConfig, windowingMode: mode };
        }""",
        mode,
    )


def watch(notebook: NotebookPage) -> int:
    """A running cell that holds the stream open, so that it follows where the widget is shown."""
    return notebook.start("for _ in stream.frames(timeout=100):\n    pass")


@pytest.mark.parametrize("windowing", ["contentVisibility", "full", "defer"])
def test_scrolled_away(open_notebook, windowing: str) -> None:
    notebook = open_notebook([SIGN, "sign", "stream", *[SPACE] * 8, "stream"])
    set_windowing(notebook, windowing)
    for cell in (0, 1, 2):
        notebook.run_cell(cell)
    notebook.wait_for("stream.state == 'live'")
    assert not off_screen(notebook)
    notebook.run_cell(11)  # scrolls there; its view shows the stream on
    picture = notebook.output(11).locator("video")
    picture.wait_for()
    view = notebook.page.locator(".jp-Cell .widget-html-content")
    if windowing == "full":
        view.wait_for(state="hidden")
    for color in ("blue", "lime"):
        comes(notebook, color)
    notebook.output(1)
    view.first.wait_for()
    comes(notebook, "cyan")
    notebook.wait_for("'off the screen' not in stream.method.why")


def test_collapsed_and_closed(open_notebook) -> None:
    notebook = open_notebook([SIGN, "sign", "stream"])
    notebook.page.evaluate(
        """() => jupyterapp.shell.currentWidget.content.model.sharedModel.insertCell(
             1, { cell_type: "markdown", source: "# A heading" })"""
    )
    notebook.run_cell(0)
    command(notebook, "notebook:run-cell", 1)
    for cell in (2, 3):
        notebook.run_cell(cell)
    shown = view_of(notebook.output(2))
    shown.wait_for()
    notebook.wait_for("stream.state == 'live'")
    wide = comes(notebook, "blue")
    # The output; the input, which takes nothing away; all below the heading, the stream's own view too.
    command(notebook, "notebook:hide-cell-outputs", 2)
    shown.wait_for(state="hidden")
    comes(notebook, "lime")
    command(notebook, "notebook:show-cell-outputs", 2)
    shown.wait_for()
    command(notebook, "notebook:hide-cell-code", 2)
    notebook.wait_for("'off the screen' not in stream.method.why")
    assert comes(notebook, "red") == wide
    command(notebook, "notebook:toggle-heading-collapse", 1)
    shown.wait_for(state="hidden")
    comes(notebook, "blue")
    command(notebook, "notebook:toggle-heading-collapse", 1)
    shown.wait_for()
    comes(notebook, "cyan")
    notebook.clear_output(2)
    comes(notebook, "lime")
    assert notebook.evaluate("stream.error is None")


def test_behind_another_tab(open_notebook) -> None:
    notebook = open_notebook([SIGN, "sign", "stream"])
    notebook.run_all()
    notebook.wait_for("stream.state == 'live'")
    other = notebook.server.write_notebook(["1"])
    notebook.page.evaluate(
        """async (name) => {
          await jupyterapp.commands.execute("docmanager:open", { path: name, options: { mode: "tab-after" } });
        }""",
        other,
    )
    notebook.page.get_by_role("tab", name=other).wait_for()
    notebook.page.wait_for_function(
        "name => jupyterapp.shell.currentWidget?.context?.path === name", arg=other
    )
    for color in ("blue", "lime"):
        comes(notebook, color)
    notebook.page.get_by_role("tab", name=notebook.name).click()
    comes(notebook, "cyan")
    notebook.server.shut_down_kernel(other)


def test_of_several_views_the_one_in_sight_is_taken(open_notebook) -> None:
    small = "W.VBox([sign], layout={'width': '300px'})"
    notebook = open_notebook([SIGN, "sign", *[SPACE] * 3, small])
    notebook.run_all()
    notebook.output(1)
    held = watch(notebook)
    notebook.output(1)
    notebook.page.wait_for_timeout(1000)  # it looks four times a second
    assert notebook.evaluate("stream.picture().shape[1]", subshell=True) > 300
    notebook.output(5)
    notebook.page.wait_for_timeout(1000)
    assert notebook.evaluate("stream.picture().shape[1]", subshell=True) <= 300
    notebook.output(1)
    notebook.page.wait_for_timeout(1000)
    assert notebook.evaluate("stream.picture().shape[1]", subshell=True) > 300
    notebook.interrupt()
    notebook.wait_cell(held, expect_error=True)


def test_a_new_view_for_the_output(open_notebook) -> None:
    notebook = open_notebook([SIGN, "sign", "stream", *[SPACE] * 8])
    set_windowing(notebook, "full")
    for cell in (0, 1, 2):
        notebook.run_cell(cell)
    view_of(notebook.output(1)).wait_for()
    command(notebook, "notebook:create-output-view", 1)
    panel = notebook.page.locator(".jp-LinkedOutputView")
    panel.locator(".widget-html-content").wait_for()
    notebook.output(10)  # the cell's own is taken out of the page; the panel's stays
    comes(notebook, "blue")
    notebook.wait_for("'off the screen' not in stream.method.why")


def test_a_sidecar(open_notebook) -> None:
    show = "from sidecar import Sidecar\nwith (side := Sidecar(title='beside')):\n    display(sign)"
    notebook = open_notebook([SIGN, show, "stream"])
    notebook.run_all()
    notebook.page.locator(".jp-OutputArea-output .widget-html-content").first.wait_for()
    notebook.wait_for("stream.state == 'live'")
    assert not off_screen(notebook)
    comes(notebook, "blue")
    notebook.run("side.close()")
    comes(notebook, "lime")


def test_the_page_is_loaded_again(open_notebook) -> None:
    notebook = open_notebook([SIGN, "sign", "stream", "film = VideoRecorder(stream=stream)\nfilm"])
    notebook.run_all()
    notebook.run("film.recording = True")
    notebook.wait_for("film.state == 'recording' and film.seconds > 1")
    notebook.reload()
    # What was recorded until then is a film; the stream itself goes on.
    notebook.wait_for("film.state == 'failed' and film.error.reason.value == 'recording_cut'")
    notebook.output(2).locator("video").wait_for()
    notebook.wait_for("stream.state == 'live'")
    comes(notebook, "blue")
    notebook.wait_for("'off the screen' not in stream.method.why")


def test_two_pages(open_notebook) -> None:
    notebook = open_notebook([SIGN, "sign", "stream"])
    notebook.run_all()
    notebook.wait_for("stream.state == 'live'")
    second = notebook.second()
    try:
        view_of(second.output(1)).wait_for()
        comes(notebook, "blue")
        # It shows what the first page captures; and captures itself only by a click.
        output = second.output(2)
        note = output.get_by_text("Another page of this notebook has the widget.")
        note.wait_for()
        output.get_by_role("button", name="Use the widget of this page").click()
        note.wait_for(state="detached")
        comes(second, "lime")
        comes(notebook, "cyan")
    finally:
        second.page.close()
