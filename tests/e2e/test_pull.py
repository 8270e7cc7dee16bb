"""`snapshot()` and `frames()` in a running cell: the newest picture, how they end, and that nothing is left running."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.harness import Capture, NotebookPage, shows, watch_capture

CAMERA = """
import asyncio, threading, time
import numpy as np
from ipymedia import CameraStream
camera = CameraStream(constraints={'audio': False, 'video': {'width': 640, 'height': 480}})
"""
# The time that is painted on a picture, in ms modulo 2**22, as the bar-code camera codes it.
READ_CODE = """
def age_ms(image):
    height, width = image.shape[:2]
    row = image[round(height * 0.025), :, 1].astype(int)
    blocks = [row[round((column + 0.5) * width / 26)] for column in range(26)]
    level = (blocks[0] + blocks[25]) / 2
    painted = int(''.join('1' if block > level else '0' for block in blocks[1:25]), 2)
    return ((round(time.time() * 4000) - painted + 2**23) % 2**24 - 2**23) / 4
"""
NOTE_FRAMES = """
from ipymedia.frames.hub import get_hub
from ipymedia.protocol.messages import FrameData
came = []
get_hub().link.on(FrameData, lambda page, message, data: came.append(message.time_us))
"""
TAPS = "[t.name for t in __import__('threading').enumerate()].count('ipymedia-tap')"


def nothing_runs(notebook: NotebookPage) -> None:
    """The kernel takes no more pictures, and the camera's light goes out."""
    notebook.wait_for(f"{TAPS} == 0")
    Capture(notebook.page).wait_dark()


@pytest.fixture
def watched(context: BrowserContext) -> BrowserContext:
    watch_capture(context)
    return context


def test_the_first_cell_may_ask_already(open_notebook, watched: BrowserContext) -> None:
    notebook = open_notebook(
        [CAMERA + "image = camera.snapshot(); print(image.shape, image.dtype)"], context=watched
    )
    assert notebook.run_cell(0) == "(356, 640, 3) uint8\n"
    assert notebook.run("for image in camera.frames():\n    print(image.shape); break") == "(356, 640, 3)\n"
    assert notebook.run(
        "print(camera.snapshot(format='gray').shape, camera.snapshot(format='frame').size)"
    ) == ("(356, 640) (640, 356)\n")
    nothing_runs(notebook)


def test_frames_end_in_every_way(open_notebook, watched: BrowserContext) -> None:
    notebook = open_notebook([CAMERA], context=watched)
    notebook.run_cell(0)
    # By break, by for and by async for; indexes rise, frames are the caller's own.
    notebook.run(
        "seen = []\nfor frame in camera.frames(format='frame'):\n    seen.append(frame)\n    if len(seen) == 20: break"
    )
    assert notebook.evaluate("all(b.index > a.index and b.time > a.time for a, b in zip(seen, seen[1:]))")
    nothing_runs(notebook)
    notebook.run(
        "n = 0\nasync for image in camera.frames(size=(320, 320)):\n    n += 1\n    if n == 20: break"
    )
    assert notebook.evaluate("image.shape") == [178, 320, 3]
    notebook.run("del frame")
    nothing_runs(notebook)

    # By an interrupt, at once.
    for loop in (
        "for image in camera.frames(): came.set()",
        "async for image in camera.frames(): came.set()",
    ):
        notebook.run("came = threading.Event()")
        busy = notebook.start(loop)
        notebook.wait_for("came.is_set()", subshell=True)
        assert notebook.is_running(busy)
        notebook.interrupt()
        text = notebook.wait_cell(busy, expect_error=True, timeout_s=5)
        assert "KeyboardInterrupt" in text or "CancelledError" in text, text
        nothing_runs(notebook)

    # By close(), which ends the loop and lets the cell go on.
    notebook.run("came = threading.Event()")
    busy = notebook.start("for image in camera.frames(): came.set()\nprint('went on')")
    notebook.wait_for("came.is_set()", subshell=True)
    notebook.evaluate("camera.close()", subshell=True)
    assert notebook.wait_cell(busy, timeout_s=5) == "went on\n"
    nothing_runs(notebook)


def test_a_slow_loop_gets_the_newest_frame(open_notebook, barcode_context: BrowserContext) -> None:
    notebook = open_notebook([CAMERA + READ_CODE], context=barcode_context)
    notebook.run_cell(0)
    notebook.run(
        "ages = []\nfor image in camera.frames():\n    ages.append(age_ms(image))\n    time.sleep(0.25)\n"
        "    if len(ages) == 24: break"
    )
    ages = notebook.evaluate("ages")
    # A backlog would be older by 0.2 s with each turn.
    first, last = sorted(ages[4:14])[5], sorted(ages[14:])[5]
    assert 0 <= first < 250, ages
    assert last < first + 100, ages


def test_an_unanswered_wait_ends_with_what_hinders(open_notebook, denying_context: BrowserContext) -> None:
    notebook = open_notebook([CAMERA + "camera"], context=denying_context)
    notebook.run_cell(0)
    for call in ("camera.snapshot()", "next(iter(camera.frames()))"):
        text = notebook.run(f"began = time.monotonic()\n{call}", expect_error=True)
        assert "CaptureError" in text
        assert notebook.evaluate("camera.error.reason") == "permission_denied"
        assert notebook.evaluate("time.monotonic() - began") < 8


def test_closing_ends_a_waiting_snapshot(open_notebook, context: BrowserContext) -> None:
    # A camera that never starts: the user does not answer the browser's question.
    context.add_init_script(
        "if (isSecureContext) navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"
    )
    notebook = open_notebook([CAMERA + "waits = threading.Event()", ""])
    notebook.run_cell(0)
    busy = notebook.start("began = time.monotonic()\nwaits.set()\ncamera.snapshot(timeout=60)")
    notebook.wait_for("waits.is_set()", subshell=True)
    notebook.page.wait_for_timeout(300)
    notebook.evaluate("camera.close()", subshell=True)
    assert "closed" in notebook.wait_cell(busy, expect_error=True, timeout_s=8)
    # And an interrupt.
    notebook.run(CAMERA)
    busy = notebook.start("camera.snapshot(timeout=60)")
    notebook.page.wait_for_timeout(500)
    notebook.interrupt()
    assert "KeyboardInterrupt" in notebook.wait_cell(busy, expect_error=True, timeout_s=5)
    text = notebook.run("camera.snapshot(timeout=1)", expect_error=True, timeout_s=8)
    assert "HostError" in text
    assert "did not come within" in text


def test_many_users_cost_one_upload(open_notebook, barcode_context: BrowserContext) -> None:
    notebook = open_notebook(
        [
            CAMERA + NOTE_FRAMES,
            "@camera.map\ndef one(image):\n    return image[::-1]\none",
            "@camera.map\ndef two(image):\n    return 255 - image\ntwo",
        ],
        context=barcode_context,
    )

    def rate() -> float:
        """Bits a second from page to kernel."""
        notebook.page.wait_for_timeout(1500)
        before = notebook.evaluate("[one.stats.received_bytes, time.monotonic()]", subshell=True)
        notebook.page.wait_for_timeout(3000)
        after = notebook.evaluate("[one.stats.received_bytes, time.monotonic()]", subshell=True)
        return float(8 * (after[0] - before[0]) / (after[1] - before[1]))

    notebook.run_cell(0)
    notebook.run_cell(1)
    shows(notebook.output(1).locator("canvas.ipymedia-picture"))
    alone = rate()
    notebook.run_cell(2)
    shows(notebook.output(2).locator("canvas.ipymedia-picture"))
    loop = notebook.start("n = 0\nfor image in camera.frames():\n    n += 1")
    notebook.wait_for("n > 3", subshell=True)
    together = rate()
    shows(notebook.output(1).locator("canvas.ipymedia-picture"))
    shows(notebook.output(2).locator("canvas.ipymedia-picture"))
    # Each picture came once. Three uploads would be three times the bytes; a loaded machine makes the two rates differ.
    assert notebook.evaluate("len(came) > 100 and len(came) == len(set(came))", subshell=True)
    assert 0 < together < 1.7 * alone, (alone, together)
    assert notebook.evaluate(TAPS, subshell=True) == 1
    assert notebook.page.evaluate("__barcode.openCameras()") == 1
    # The loop is a user of its own: when the views go, it goes on; when it ends, all ends.
    notebook.clear_output(1)
    notebook.clear_output(2)
    notebook.wait_for("[t.name for t in threading.enumerate()].count('ipymedia-map') == 0", subshell=True)
    n = notebook.evaluate("n", subshell=True)
    notebook.wait_for(f"n > {n} + 5", subshell=True)
    notebook.interrupt()
    assert "KeyboardInterrupt" in notebook.wait_cell(loop, expect_error=True, timeout_s=5)
    notebook.wait_for(f"{TAPS} == 0")
    notebook.page.wait_for_function("__barcode.openCameras() === 0")


def test_mapped_streams_are_pulled_too(open_notebook, watched: BrowserContext) -> None:
    notebook = open_notebook(
        [
            CAMERA
            + "@camera.map(size=(160, 160))\ndef gray(image):\n    return np.full(image.shape[:2], 90, np.uint8)"
        ],
        context=watched,
    )
    notebook.run_cell(0)
    text = notebook.run("image = gray.snapshot()\nprint(image.shape, abs(int(image.mean()) - 90) <= 2)")
    # In this cell nobody shows the stream: the loop itself makes the worker run.
    assert text.endswith(", 160, 3) True\n"), text
    notebook.run("for image in gray.frames(format='gray'):\n    assert image.ndim == 2; break")
    nothing_runs(notebook)
    notebook.wait_for("[t.name for t in threading.enumerate()].count('ipymedia-map') == 0")


def test_a_wrong_format_is_refused_at_once(open_notebook) -> None:
    notebook = open_notebook([CAMERA])
    notebook.run_cell(0)
    for call in ("snapshot", "frames"):
        text = notebook.run(f"camera.{call}(format='yuv')", expect_error=True)
        assert "ProcessingError" in text
        assert "'rgb24'" in text
