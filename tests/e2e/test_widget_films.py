"""`film` and `screenshot`: each picture is the right one, however slowly the widget draws."""

from __future__ import annotations

import av
import numpy as np

from tests.widgets.likeness import true_picture, view_of

# Shows its number as 8 squares, black or white, by DOM and by canvas, some frames after it was told.
COUNTER = """
import anywidget, traitlets
from ipymedia import film, screenshot
class Counter(anywidget.AnyWidget):
    _esm = '''
    function render({ model, el }) {
      el.innerHTML = '<div style="display:flex"></div><canvas width="128" height="16" style="display:block"></canvas>';
      const bits = [...Array(8)].map(() => {
        const square = document.createElement("div");
        square.style.cssText = "width:16px; height:16px";
        el.firstChild.append(square);
        return square;
      });
      const context = el.querySelector("canvas").getContext("2d");
      const show = (n) => bits.forEach((square, bit) => {
        const color = n >> bit & 1 ? "#fff" : "#000";
        square.style.background = color;
        context.fillStyle = color;
        context.fillRect(16 * bit, 0, 16, 16);
      });
      model.on("change:number", () => {
        const n = model.get("number");
        if (model.get("slow")) requestAnimationFrame(() => requestAnimationFrame(() => show(n)));
        else show(n);
      });
      show(model.get("number"));
    }
    export default { render };'''
    number = traitlets.Int(0).tag(sync=True)
    slow = traitlets.Bool(False).tag(sync=True)
counter = Counter()
def update(n):
    counter.number = n
"""


def numbers(picture) -> list[int]:
    rows = [picture[y, 8:128:16].mean(axis=-1) > 128 for y in (8, 24)]
    return [int(sum(1 << bit for bit, lit in enumerate(row) if lit)) for row in rows]


def read(path) -> list[list[int]]:
    with av.open(str(path)) as file:
        return [numbers(frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)]


def test_a_film_has_each_picture_once(open_notebook) -> None:
    notebook = open_notebook([COUNTER, "counter"])
    notebook.run_all()
    root = notebook.server.root
    made = notebook.run("print(film(counter, update, range(40), fps=24, filename='out.mp4'))")
    assert "out.mp4: 40 pictures" in made
    assert read(root / "out.mp4") == [[n, n] for n in range(40)]
    with av.open(str(root / "out.mp4")) as file:
        assert file.streams.video[0].average_rate == 24
    # One that draws late; and in another container.
    notebook.run(
        "counter.slow = True\nfilm(counter, update, [3, 200, 7, 7, 255], fps=10, filename='slow.webm')"
    )
    assert read(root / "slow.webm") == [[n, n] for n in (3, 200, 7, 7, 255)]


def test_a_gif(open_notebook) -> None:
    notebook = open_notebook([COUNTER])  # not shown
    notebook.run_cell(0)
    notebook.run("film(counter, update, range(0, 60, 5), fps=10, filename='out.gif', width=160, height=40)")
    path = notebook.server.root / "out.gif"
    assert read(path) == [[n, n] for n in range(0, 60, 5)]
    with av.open(str(path)) as file:
        assert abs(float(file.streams.video[0].average_rate) - 10) < 0.5


def test_an_interrupt_leaves_what_was_filmed(open_notebook) -> None:
    notebook = open_notebook([COUNTER, "counter"])
    notebook.run_all()
    cell = notebook.start("film(counter, update, (n % 256 for n in range(10**6)), filename='cut.mp4')")
    notebook.wait_for("counter.number > 10", subshell=True)
    notebook.interrupt()
    notebook.wait_cell(cell, expect_error=True)
    shown = read(notebook.server.root / "cut.mp4")
    assert len(shown) > 10
    assert shown == [[n, n] for n in range(len(shown))]


def test_an_error_of_the_users_names_its_line_and_leaves_the_film(open_notebook) -> None:
    notebook = open_notebook([COUNTER, "counter"])
    notebook.run_all()
    text = notebook.run(
        "film(counter, lambda n: update(n + 10 // (3 - n)), range(9), filename='half.mp4')", expect_error=True
    )
    assert "ZeroDivisionError" in text
    assert len(read(notebook.server.root / "half.mp4")) == 3
    text = notebook.run("film(counter, update, range(9), filename='out.avi')", expect_error=True)
    assert "must end in one of" in text


def test_a_screenshot(open_notebook) -> None:
    notebook = open_notebook(
        [COUNTER, "counter", "counter.number = 77\nscreenshot(counter, 'shot.png').shape"]
    )
    notebook.run_all()
    with av.open(str(notebook.server.root / "shot.png")) as file:
        picture = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert numbers(picture) == [77, 77]
    true = true_picture(view_of(notebook.output(1)))
    height, width = np.minimum(true.shape[:2], picture.shape[:2])
    assert np.abs(true[:height, :width].astype(int) - picture[:height, :width]).mean() < 1
