"""`ArrayStream`: how many pictures a second a tight loop in a cell gets onto the screen."""

from __future__ import annotations

from benchmarks.rows import Row, figures_of
from benchmarks.stage import Notebook, Setting, Stage
from tests.e2e.harness import Meter

#: Paints the harness's bar code (see `barcode_worker.js`) over a picture that moves.
PAINT = """import time
import numpy as np
from ipymedia import ArrayStream
WIDTH, HEIGHT = {width}, {height}
rows, columns = np.mgrid[0:HEIGHT, 0 : 2 * WIDTH] / HEIGHT
wide = np.stack([np.sin(9 * columns), np.cos(7 * rows + 3 * columns), np.sin(31 * rows * columns)], -1)
wide = (127 + 60 * wide).astype(np.uint8)
def crc(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 7) & 255 if value & 128 else value << 1
    return value
places = np.arange(WIDTH) * 26 // WIDTH
def picture(number):
    image = wide[:, 4 * number % WIDTH :][:, :WIDTH].copy()
    painted, counter = round(time.time() * 4000) & 0xFFFFFF, number & 0xFFFF
    code = counter << 8 | crc([*painted.to_bytes(3, "big"), *counter.to_bytes(2, "big")])
    strip = round(HEIGHT * 0.05)
    for row, bits in enumerate((painted, code)):
        blocks = np.array([1, *(bits >> place & 1 for place in range(23, -1, -1)), 0], np.uint8) * 219 + 16
        image[row * strip : (row + 1) * strip] = blocks[places][None, :, None]
    return image
stream = ArrayStream()
stream.push(picture(0))
stream"""
#: What another picture took the place of was not shown, and does not count.
LOOP = """from ipymedia.frames.hub import get_hub
(downlink,) = get_hub().downlinks(stream.stream_id)
number, began, before = 0, time.monotonic(), downlink.rate.total
while time.monotonic() - began < {seconds}:
    number += 1
    stream.push(picture(number))
    stream.drained(ahead={ahead})
stream.drained()
shown = downlink.rate.total - before
print(shown / (time.monotonic() - began), number - shown)"""

SETTINGS = (Setting(), Setting(1280, 720))
SETTLE_S = 1.0


def measure_arrays(stage: Stage) -> None:
    """A row for each size: all that was pushed was shown, and `seen_fps` is what a look at the pixels says."""
    for setting in SETTINGS:
        with stage.notebook(setting) as notebook:
            name = f"{setting.width}×{setting.height}, socket: ArrayStream"
            stage.row(
                name, lambda row, notebook=notebook, setting=setting: _loop(stage, notebook, row, setting)
            )


def _loop(stage: Stage, notebook: Notebook, row: Row, setting: Setting) -> None:
    source = PAINT.format(width=setting.width, height=setting.height)
    meter: Meter = notebook.show(source, "canvas", wait=False)
    notebook.wait_for_carrier("socket")
    watch_s = stage.durations.watch_s
    cell = notebook.page.start(LOOP.format(seconds=watch_s + SETTLE_S + 1, ahead=1))
    seen = figures_of(meter.measure(watch_s, settle_s=SETTLE_S))
    fps, replaced = notebook.page.wait_cell(cell, timeout_s=60).split()
    row.figures.update(fps=round(float(fps), 1), replaced=int(replaced), seen_fps=seen.pop("fps"))
    row.figures.update(seen)
    meter.stop()
