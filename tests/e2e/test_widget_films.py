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
    cell = notebook.add_cell("print(film(counter, update, range(40), fps=24, filename='out.mp4'))")
    assert "out.mp4: 40 pictures" in notebook.run_cell(cell)
    progress = notebook.output(cell)
    progress.get_by_text("40 pictures in").first.wait_for()
    progress.locator(".progress-bar-success").wait_for()
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
    # Of how many nobody knows, so there is no bar; and it says what there is.
    notebook.output(cell).get_by_text("the film ends there").wait_for()
    assert not notebook.output(cell).locator(".widget-hprogress").is_visible()
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


SIZED = """
import ipywidgets as W
from ipymedia import film, screenshot
box = W.HTML(layout={"width": "301px", "height": "201px", "margin": "0"})
def fill(n):
    box.value = f'<div style="background:rgb({n},0,0); width:500px; height:500px"></div>'
def grow(n):
    fill(200)
    box.layout.width, box.layout.height = {0: ("301px", "201px"), 1: ("401px", "101px"), 2: ("101px", "301px")}[n]
"""


def test_a_film_that_nobody_sees_of_an_odd_size(open_notebook) -> None:
    notebook = open_notebook([SIZED, "box", "1"])
    notebook.run_all()
    root = notebook.server.root
    # Another tab is in front; no cell is run, which would bring the notebook back.
    notebook.page.evaluate("() => jupyterapp.commands.execute('launcher:create').then(() => undefined)")
    view_of(notebook.page.locator(".jp-OutputArea").first).wait_for(state="hidden")
    made = "film(box, fill, (n for n in (50, 150, 250)), fps=10, filename={name!r}, progress=False).frames"
    for name in ("hidden.mp4", "hidden.webm", "hidden.gif"):
        assert notebook.evaluate(made.format(name=name), timeout_s=60) == 3
        with av.open(str(root / name)) as file:
            pictures = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
        # Codecs want even sides: the odd pixel at the right and at the bottom is left out.
        assert [picture.shape for picture in pictures] == [(200, 300, 3)] * 3
        reds = [int(picture[100, 100, 0]) for picture in pictures]
        assert np.abs(np.array(reds) - (50, 150, 250)).max() < 12


def test_a_widget_that_changes_its_size_is_cut_or_set_on_black(open_notebook) -> None:
    notebook = open_notebook([SIZED, "box"])
    notebook.run_all()
    notebook.run("film(box, grow, range(3), fps=10, filename='sizes.mp4')")
    with av.open(str(notebook.server.root / "sizes.mp4")) as file:
        pictures = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    assert [picture.shape for picture in pictures] == [(200, 300, 3)] * 3
    red = [picture[..., 0] > 120 for picture in pictures]
    assert red[0].mean() > 0.99
    assert red[1][:98].mean() > 0.99 > 0.01 > red[1][102:].mean()
    assert red[2][:, :98].mean() > 0.99 > 0.01 > red[2][:, 102:].mean()


def test_screenshots_of_what_is_not_shown(open_notebook) -> None:
    notebook = open_notebook([SIZED, "fill(200)"])
    notebook.run_all()
    shapes = notebook.run("print(*[screenshot(box, f'shot.{end}').shape for end in ('png', 'jpg', 'jpeg')])")
    assert shapes == "(200, 300, 3) (200, 300, 3) (200, 300, 3)\n"
    for name, container in (("shot.png", "png_pipe"), ("shot.jpg", "jpeg_pipe"), ("shot.jpeg", "jpeg_pipe")):
        with av.open(str(notebook.server.root / name)) as file:
            assert file.format.name in (container, "image2")
            picture = next(file.decode(video=0)).to_ndarray(format="rgb24")
        assert np.abs(picture[100, 100].astype(int) - (200, 0, 0)).max() < 6
    said = notebook.run("screenshot(box, 'shot.bmp')", expect_error=True)
    assert "ends in .png, .jpg, .jpeg" in said
    assert not (notebook.server.root / "shot.bmp").exists()
    wide = notebook.run("print(screenshot(W.HTML('text'), width=320, height=100).shape)")
    assert wide == "(100, 320, 3)\n"
