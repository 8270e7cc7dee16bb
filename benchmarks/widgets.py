"""`WidgetStream` on widgets of many libraries, beside ipywebrtc's in the same page: likeness, first picture."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import Error, Locator

from benchmarks.rows import Row
from benchmarks.stage import Stage
from tests.e2e.harness import CellError, JupyterServer, NotebookPage, browser_context, jupyter_server
from tests.media import film_path
from tests.widgets.cases import CASES, PREPARE, WidgetCase
from tests.widgets.likeness import AS_TEXT, Picture, from_text, likeness, true_picture, view_of

PYTHON = os.environ.get("IPYMEDIA_WIDGETS_PYTHON", sys.executable)
"""Of an environment that has the libraries; `make bench` makes one."""

PROJECT = Path(__file__).parent.parent
SHEET = Path(__file__).parent / "results" / "widgets.png"
CHANGE_MS = 1500
GIVE_UP_S = 6.0
SHEET_WIDTH_PX = 420


@contextmanager
def widget_notebook(
    stage: Stage, server: JupyterServer, make: str, shown: str = "w", served: tuple[str, str] | None = None
) -> Iterator[NotebookPage]:
    """A notebook in which `w` is shown by its cell 1; `served` as in `WidgetCase`."""
    film = film_path(stage.folder)
    with browser_context(stage.browser) as context:
        if served is not None:
            address, file = served
            headers = {"access-control-allow-origin": "*"}
            context.route(address, lambda route: route.fulfill(path=PROJECT / file, headers=headers))
        name = server.write_notebook([PREPARE.format(film=str(film)), f"{make}\n{shown}"])
        notebook = NotebookPage(context, server, name)
        try:
            notebook.run_all(timeout_s=60)
            yield notebook
        finally:
            notebook.shut_down()


def measure_widgets(stage: Stage) -> None:
    """One row for each library, and the contact sheet."""
    sheet: list[tuple[str, list[Picture | None]]] = []
    with jupyter_server(stage.folder / "widgets", python=PYTHON) as server:
        for case in CASES:
            stage.row(
                f"widget: {case.name}", lambda row, case=case: _compare(stage, server, row, case, sheet)
            )
    if sheet:
        _write_sheet(sheet)


def _compare(
    stage: Stage,
    server: JupyterServer,
    row: Row,
    case: WidgetCase,
    sheet: list[tuple[str, list[Picture | None]]],
) -> None:
    with widget_notebook(stage, server, case.make, case.shown, case.served) as notebook:
        notebook.page.wait_for_timeout(case.settle_ms)
        view = _view(notebook, case)
        true = true_picture(view)
        index = notebook.add_cell("stream = WidgetStream(w)\nstream")
        first_ms = _first_picture_ms(notebook, index)
        ours = from_text(notebook.evaluate(f"{AS_TEXT}(stream.snapshot())"))
        row.figures.update(
            method=str(notebook.evaluate("stream.method")),
            likeness=round(likeness(true, ours), 3),
            first_picture_ms="never" if first_ms is None else round(first_ms),
        )
        if case.change:
            notebook.run(case.change)
            notebook.page.wait_for_timeout(CHANGE_MS)
            after = from_text(notebook.evaluate(f"{AS_TEXT}(stream.snapshot())"))
            changed = true_picture(view)
            row.figures["likeness_after"] = round(likeness(changed, after), 3)
            row.figures["changed"] = "yes" if likeness(true, changed) < 1 else "no"
            true = changed
        notebook.run("stream.close()")
        notebook.clear_output(index)
        theirs = _ipywebrtc(notebook, row, true)
        sheet.append((case.name, [true, after if case.change else ours, theirs]))


def _view(notebook: NotebookPage, case: WidgetCase) -> Locator:
    if case.shown == "w":
        view = view_of(notebook.output(1))
        return view.locator(case.element).first if case.element else view
    return notebook.page.locator(".widget-vbox").filter(visible=True).last


def _first_picture_ms(notebook: NotebookPage, index: int) -> float | None:
    """From the run of the cell to a picture in its output; None where none comes."""
    output = notebook.output(index)
    began_s = time.monotonic()
    notebook.run_cell(index)
    try:
        video = output.locator("video").first
        video.wait_for(state="attached", timeout=1000 * GIVE_UP_S)
        video.evaluate(
            """(video, ms) => new Promise((resolve, reject) => {
              setTimeout(() => reject(new Error("no picture")), ms);
              const look = () => video.readyState >= 2 && video.videoWidth > 2 ? resolve() : setTimeout(look, 5);
              look();
            })""",
            1000 * GIVE_UP_S,
        )
    except Error:
        return None
    return 1000 * (time.monotonic() - began_s)


def _ipywebrtc(notebook: NotebookPage, row: Row, true: Picture) -> Picture | None:
    """The same by the predecessor."""
    index = notebook.add_cell("import ipywebrtc\nold = ipywebrtc.WidgetStream(widget=w)\nold")
    try:
        first_ms = _first_picture_ms(notebook, index)
    except CellError:
        first_ms = None
    row.figures["ipywebrtc_first_picture_ms"] = "never" if first_ms is None else round(first_ms)
    if first_ms is None:
        return None
    data = (
        notebook.output(index)
        .locator("video")
        .first.evaluate(
            """video => {
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
          canvas.getContext("2d").drawImage(video, 0, 0);
          return canvas.toDataURL("image/png").split(",")[1];
        }"""
        )
    )
    theirs = from_text(data)
    row.figures["ipywebrtc_likeness"] = round(likeness(true, theirs), 3)
    return theirs


def _write_sheet(rows: list[tuple[str, list[Picture | None]]]) -> None:
    """True picture, ours and ipywebrtc's side by side, a line for each widget."""
    lines = []
    for name, pictures in rows:
        line = Image.new("RGB", (3 * SHEET_WIDTH_PX, 0), "#888")
        parts = [None if each is None else _small(each) for each in pictures]
        height = max((part.height for part in parts if part is not None), default=0) + 24
        line = Image.new("RGB", (3 * SHEET_WIDTH_PX, height), "#888")
        draw = ImageDraw.Draw(line)
        for column, (part, title) in enumerate(
            zip(parts, (name, "ipymedia", "ipywebrtc 0.6.0"), strict=True)
        ):
            draw.text(
                (column * SHEET_WIDTH_PX + 4, 4), title if part is not None else f"{title}: nothing", "white"
            )
            if part is not None:
                line.paste(part, (column * SHEET_WIDTH_PX, 22))
        lines.append(line)
    sheet = Image.new("RGB", (3 * SHEET_WIDTH_PX, sum(line.height for line in lines)))
    top = 0
    for line in lines:
        sheet.paste(line, (0, top))
        top += line.height
    SHEET.parent.mkdir(exist_ok=True)
    sheet.save(SHEET)


def _small(picture: Picture) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(picture))
    image.thumbnail((SHEET_WIDTH_PX - 8, 400))
    return image
