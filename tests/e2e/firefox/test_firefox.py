"""The main things in Firefox, which has WebCodecs but neither a track processor nor a track generator."""

from __future__ import annotations

import pytest

from tests.e2e.harness import NotebookPage
from tests.e2e.rooms.people import OTHERS, SMALL_CAMERA, Person

CAMERA = "from ipymedia import CameraStream\ncamera = CameraStream(constraints={'audio': False})\ncamera"
MAPPED = """\
@camera.map
def marked(image):
    image[:, : image.shape[1] // 2] = 0, 160, 40
    return image

marked"""
SNAPSHOT = """\
image = camera.snapshot()
print(image.shape, image.dtype, round(float(image.std()), 1) > 0)"""
FRAMES = """\
times = []
for frame in camera.frames(format="frame"):
    times.append(frame.time)
    if len(times) == 20:
        break
print(frame.size, all(a < b for a, b in zip(times, times[1:])))"""

# The colours of five places of a picture, and whether there is one. In a video its present frame is drawn first.
COLOURS = """([cell]) => {
  const shown = document.querySelector(`[data-test-cell="${cell}"] .ipymedia-picture`);
  if (shown === null) return null;
  const width = shown.videoWidth ?? shown.width, height = shown.videoHeight ?? shown.height;
  if (!width) return null;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(shown, 0, 0);
  const colours = [[0.1, 0.2], [0.4, 0.8], [0.6, 0.2], [0.75, 0.5], [0.9, 0.8]].map(([x, y]) =>
    Array.from(context.getImageData(Math.floor(x * width), Math.floor(y * height), 1, 1).data.slice(0, 3)));
  return { width, height, colours };
}"""
PICTURE = ".ipymedia-picture"
# Waits until the picture holds other pixels than before: it is live.
CHANGES = """async ([cell, times, selector]) => {
  const picture = () => document.querySelector(`[data-test-cell="${cell}"] ${selector}`);
  const context = new OffscreenCanvas(64, 48).getContext("2d", { willReadFrequently: true });
  let last = "", changes = -1;
  const until = performance.now() + 20000;
  while (performance.now() < until) {
    const shown = picture();
    if (shown !== null && (shown.videoWidth ?? shown.width) > 0) {
      context.drawImage(shown, 0, 0, 64, 48);
      const now = context.getImageData(0, 0, 64, 48).data.join();
      if (now !== last && ++changes >= times) return changes;
      last = now;
    }
    await new Promise((resume) => setTimeout(resume, 30));
  }
  return changes;
}"""


def show(notebook: NotebookPage, index: int) -> str:
    return str(notebook._call("show", index))


def colours(notebook: NotebookPage, index: int) -> dict:
    return notebook.page.evaluate(COLOURS, [show(notebook, index)])


def wait_for_changes(notebook: NotebookPage, index: int, times: int = 5, picture: str = PICTURE) -> None:
    changes = notebook.page.evaluate(CHANGES, [show(notebook, index), times, picture])
    assert changes >= times, f"the picture of cell {index} changed {changes} times in 20 s"


def is_green(colour: list[int]) -> bool:
    return all(abs(is_ - should) <= 6 for is_, should in zip(colour, (0, 160, 40), strict=True))


@pytest.mark.timeout(180)
def test_camera_map_snapshot_and_frames(open_in_firefox) -> None:
    notebook = open_in_firefox([CAMERA, MAPPED, SNAPSHOT, FRAMES])
    notebook.run_cell(0)
    wait_for_changes(notebook, 0)
    camera = colours(notebook, 0)
    assert (camera["width"], camera["height"]) == (640, 480)

    notebook.run_cell(1)
    wait_for_changes(notebook, 1)
    mapped = colours(notebook, 1)
    assert (mapped["width"], mapped["height"]) == (640, 480)
    assert all(is_green(colour) for colour in mapped["colours"][:2]), mapped
    assert not any(is_green(colour) for colour in mapped["colours"][2:]), mapped
    assert notebook.evaluate("[camera.state, marked.state, marked.stats.carrier, marked.error is None]") == [
        "live", "live", "socket", True,
    ]  # fmt: skip

    assert notebook.run_cell(2, timeout_s=60) == "(480, 640, 3) uint8 True\n"
    assert notebook.run_cell(3, timeout_s=60) == "(640, 480) True\n"

    notebook.set_source(1, MAPPED.replace("0, 160, 40", "1 / 0"))
    notebook.run_cell(1)
    notebook.page.wait_for_function(
        "([cell]) => document.querySelector(`[data-test-cell='${cell}'] .ipymedia-bar`)?.textContent"
        ".includes('ZeroDivisionError')",
        arg=[show(notebook, 1)],
    )
    notebook.set_source(1, MAPPED)
    notebook.run_cell(1)
    wait_for_changes(notebook, 1)
    assert notebook.evaluate("marked.error is None")


@pytest.mark.timeout(180)
def test_a_call_with_chromium(open_in_firefox, open_notebook) -> None:
    ann = Person(open_notebook([SMALL_CAMERA]), "Ann")
    ann.notebook.run_cell(0)
    ann.join("'two browsers'")
    fox = open_in_firefox(
        [
            "from ipymedia import *\ncamera = CameraStream()",
            "room = chat('two browsers', camera, nickname='Fox')",
        ]
    )
    for cell in (0, 1):
        fox.run_cell(cell)
    ann.waits_for("Fox")
    ann.sees("Fox")
    wait_for_changes(fox, 1, picture=f"{OTHERS} video")
    assert fox.evaluate("[[peer.nickname, peer.connected, peer.relayed] for peer in room.peers]") == [
        ["Ann", True, False]
    ]
    fox.run("room.leave()")
    ann.waits_for()
