"""`ArrayStream`: what Python pushes is what the page shows, at once, and at the display's rate."""

from __future__ import annotations

from tests.e2e.harness import shows

CENTER = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1);
  return [data[0], data[1], data[2]];
}"""
PUSH = """
import time
import numpy as np
from ipymedia import ArrayStream, Box
stream = ArrayStream()
def plain(*color, size=(240, 320)):
    return np.full((*size, 3), color, np.uint8)
stream.push(plain(200, 40, 90))
stream
"""


def near(seen: list[int], expected: list[int]) -> bool:
    return all(abs(a - b) <= 6 for a, b in zip(seen, expected, strict=True))


def test_pushed_pictures_are_shown(open_notebook) -> None:
    notebook = open_notebook([PUSH])
    notebook.run_cell(0)
    canvas = notebook.output(0).locator("canvas")
    # The view came after the picture.
    notebook.page.wait_for_function(
        "canvas => canvas.width === 320 && canvas.getContext('2d').getImageData(9, 9, 1, 1).data[0] > 150",
        arg=canvas.element_handle(),
    )
    assert near(canvas.evaluate(CENTER), [200, 40, 90])

    # In a running cell: each is shown when `drained` returns.
    for color, push in (
        ([30, 160, 220], "plain(30, 160, 220)"),
        ([220, 160, 30], "plain(30, 160, 220), format='bgr24'"),
        ([128, 128, 128], "np.full((240, 320), 128 / 255)"),
        ([255, 255, 255], "np.ones((100, 100), bool)"),
    ):
        notebook.run(f"stream.push({push}); stream.drained()")
        assert near(canvas.evaluate(CENTER), color)
    notebook.run("stream.push((plain(0, 0, 0), Box(0, 0, 320, 240, fill='#00ff00'))); stream.drained()")
    assert near(canvas.evaluate(CENTER), [0, 255, 0])

    # A function over it; and the same cell run again: the same stream.
    mapped = notebook.start(
        "last = stream.map(lambda image: 255 - image)\nstream.push(plain(255, 0, 0))\nlast"
    )
    inverted = notebook.output(mapped).locator("canvas")
    notebook.page.wait_for_function(
        "canvas => canvas.width === 320 && canvas.getContext('2d').getImageData(9, 9, 1, 1).data[2] > 200",
        arg=inverted.element_handle(),
    )
    assert near(inverted.evaluate(CENTER), [0, 255, 255])
    # Who waits for what was pushed waits for what was made of it too.
    notebook.run("stream.push(plain(0, 0, 255)); stream.drained()")
    assert near(inverted.evaluate(CENTER), [255, 255, 0])
    notebook.run(
        "for n in range(100):\n    stream.push(plain(n, n, n)); stream.drained(ahead=1)\nstream.drained()"
    )
    assert near(canvas.evaluate(CENTER), [99, 99, 99])
    before = notebook.evaluate("stream.stream_id")
    notebook.run_cell(0)
    assert notebook.evaluate("stream.stream_id") == before
    refused = notebook.run("try:\n    stream.push('x')\nexcept Exception as e:\n    print(e.reason.value)")
    assert refused == "bad_result\n"


def test_a_generator_runs_while_it_is_seen_and_keeps_the_rate(open_notebook) -> None:
    notebook = open_notebook(
        [
            PUSH.replace("stream.push(plain(200, 40, 90))", "")
            + """
pictures = [np.roll(np.arange(480 * 640 * 3, dtype=np.uint8).reshape(480, 640, 3), 8 * n, 1) for n in range(16)]
def movie():
    for n in range(100_000):
        yield pictures[n % 16]
stream = ArrayStream.from_iterable(movie(), fps=60)
stream
"""
        ]
    )
    notebook.run_cell(0)
    assert shows(notebook.output(0).locator("canvas")) == (640, 480)
    notebook.wait_for("stream.stats.fps > 45")  # the benchmark has the figure of a quiet machine
    assert notebook.evaluate("stream.stats.latency_ms") < 500
    notebook.clear_output(0)
    notebook.wait_for("not stream.source().used")
    first = notebook.evaluate("stream.source().index")
    assert notebook.evaluate("(time.sleep(0.5), stream.source().index)[1]") <= first + 1

    notebook.run("def broken():\n    yield pictures[0]\n    raise ValueError('no more paper')")
    said = notebook.start("ArrayStream.from_iterable(broken())")
    notebook.wait_cell(said)
    notebook.output(said).get_by_text("broken failed in line 3").wait_for()
    assert notebook.evaluate("(time.sleep(0.3), stream.state)[1]") == "live"  # though no view is left
