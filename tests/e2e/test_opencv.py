"""Loops that were written for a desktop, in a notebook's cell: the browser's camera, windows, keys."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import BrowserContext, expect

from tests.e2e.harness import Capture, NotebookPage, shows, watch_capture
from tests.e2e.harness.pixels import wait_for_pixels

# As in OpenCV's own tutorial; nothing in it knows of a notebook.
SCRIPT = """
import cv2
cap = cv2.VideoCapture(0)
if not cap.isOpened():
    raise SystemExit("cannot open camera")
count = 0
while True:
    ok, frame = cap.read()
    if not ok:
        break
    count += 1
    gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    cv2.imshow("edges", cv2.Canny(gray, 100, 200))
    cv2.imshow("frame", frame)
    if cv2.waitKey(1) & 0xFF == ord("q"):
        break
size = cap.get(cv2.CAP_PROP_FRAME_WIDTH), cap.get(cv2.CAP_PROP_FRAME_HEIGHT)
cap.release()
cv2.destroyAllWindows()
print("ended", size, count > 5)
"""


def window(notebook: NotebookPage, index: int, name: str):
    return notebook.output(index).locator(".ipymedia-player", has_text=name)


def test_a_desktop_loop_runs_unchanged_and_ends_by_a_key(open_notebook, context: BrowserContext) -> None:
    watch_capture(context)
    notebook = open_notebook(["import ipymedia.opencv; ipymedia.opencv.patch()", SCRIPT], context=context)
    notebook.run_cell(0)
    for _ in range(2):  # the second time as the first
        notebook.run_cell(1, wait=False)
        edges, frame = (window(notebook, 1, name) for name in ("edges", "frame"))
        for player in (edges, frame):
            assert shows(player.locator(".ipymedia-picture")) == (640, 356)
        assert notebook.is_running(1)
        colours = wait_for_pixels(edges.locator(".ipymedia-picture"), lambda seen: seen.max() > 200)
        assert ((colours < 60) | (colours > 195)).mean() > 0.8
        # The player's own keys (here: figures) are the program's too; then the one that ends the loop.
        edges.click(position={"x": 200, "y": 150})
        expect(edges.locator(".ipymedia-window-hint")).to_be_hidden()
        notebook.page.keyboard.press("i")
        expect(edges.locator(".ipymedia-badge")).to_be_hidden()
        notebook.page.keyboard.press("q")
        assert notebook.wait_cell(1).endswith("ended (640.0, 356.0) True\n")
        expect(notebook.output(1).locator(".ipymedia-player")).to_have_count(0)
        Capture(notebook.page).wait_dark()
    restored = notebook.run(
        "ipymedia.opencv.unpatch(); print(cv2.VideoCapture, cv2.imshow is ipymedia.opencv.imshow)"
    )
    assert restored == "<class 'cv2.VideoCapture'> False\n"


WINDOWS = """
import numpy as np
from ipymedia import opencv as cv
picture = np.zeros((200, 300, 3), np.uint8)
picture[:, :150] = 255, 0, 0      # blue, in OpenCV's order
cv.imshow("one", picture)
key = cv.waitKey(0)
cv.imshow("two", np.full((200, 300), 60000, np.uint16))
print(chr(key), cv.waitKey(50), cv.pollKey(), cv.waitKeyEx(10_000), cv.waitKey(0), cv.getWindowProperty("one", 4))
"""


def test_windows_and_keys(open_notebook, film) -> None:
    notebook = open_notebook([WINDOWS])
    notebook.run_cell(0, wait=False)
    one = window(notebook, 0, "one")

    def is_blue_left(seen: np.ndarray) -> bool:
        left, right = seen[100, 70].astype(int), seen[100, 230].astype(int)
        return seen.shape == (200, 300, 3) and left[2] > 200 and left[0] < 60 and right.max() < 40

    wait_for_pixels(one.locator(".ipymedia-picture"), is_blue_left)
    one.click(position={"x": 100, "y": 100})
    notebook.page.keyboard.press("Shift+A")
    two = window(notebook, 0, "two")
    wait_for_pixels(two.locator(".ipymedia-picture"), lambda seen: bool((seen > 225).all()))
    two.click(position={"x": 100, "y": 100})
    notebook.page.wait_for_timeout(300)  # waitKey(50) is to see nothing
    notebook.page.keyboard.press("ArrowLeft")
    notebook.page.keyboard.press("Escape")
    assert notebook.wait_cell(0).endswith(f"A -1 -1 {0xFF51} 27 1.0\n")

    # waitKey(0) ends where no key can come any more, and by an interrupt.
    notebook.run("cv.destroyAllWindows(); print(cv.waitKey(0))")
    waiting = notebook.start("cv.imshow('one', picture); print('waits'); cv.waitKey(0)")
    shows_picture = window(notebook, waiting, "one").locator(".ipymedia-picture")
    wait_for_pixels(shows_picture, is_blue_left)
    notebook.interrupt()
    assert "KeyboardInterrupt" in notebook.wait_cell(waiting, expect_error=True)

    # A film gives each of its pictures; a stream its newest.
    counted = notebook.run(
        f"cap = cv.VideoCapture({str(film)!r})\nn = 0\nwhile n < 50 and cap.read()[0]: n += 1\n"
        "print(n, cap.get(1), cap.get(0) > 1900, cap.get(7) > 100)"
    )
    assert counted == "50 50.0 True True\n"
