"""OpenCV's face without a page: pictures, keys, captures, and the patch."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipymedia import ArrayStream, ProcessingError, opencv
from ipymedia.opencv.keys import MAX_WAITING, Keys, code_of
from ipymedia.opencv.windows import _windows, displayable


@pytest.fixture(autouse=True)
def no_windows() -> Iterator[None]:
    yield
    opencv.destroyAllWindows()
    opencv.unpatch()


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("q", 113),
        (" ", 32),
        ("ß", 223),
        ("Enter", 13),
        ("Escape", 27),
        ("ArrowUp", 65362),
        ("F1", 65470),
        ("Shift", None),
    ],
)
def test_keys_have_opencvs_numbers(key: str, code: int | None) -> None:
    assert code_of(key) == code


def test_keys_wait_in_order_and_the_oldest_are_forgotten() -> None:
    keys = Keys()
    for number in range(MAX_WAITING + 3):
        keys.typed(chr(65 + number))
    assert [keys.take(0, lambda: False) for _ in range(2)] == [68, 69]
    keys.forget()
    assert keys.take(0.01, lambda: False) == -1


def test_a_key_ends_the_wait() -> None:
    keys = Keys()
    threading.Timer(0.05, keys.typed, ["x"]).start()
    assert keys.take(None, lambda: False) == ord("x")
    began = time.monotonic()
    assert keys.take(0.1, lambda: False) == -1
    assert 0.08 < time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("mat", "pixel"),
    [
        (np.full((2, 2), 513, np.uint16), 2),
        (np.full((2, 2), -1.0), 0.0),
        (np.full((2, 2), 7.5, np.float32), 1.0),
        (np.full((2, 2), np.nan), 0.0),
        (np.full((2, 2), 9, np.uint8), 9),
    ],
)
def test_imshow_scales_as_opencv_does(mat: Any, pixel: float) -> None:
    assert displayable(mat)[0, 0] == pixel


@pytest.mark.parametrize("mat", [None, np.zeros((0, 0, 3), np.uint8)])
def test_imshow_says_what_is_missing(mat: Any) -> None:
    with pytest.raises(ProcessingError, match="no picture"):
        opencv.imshow("w", mat)


def test_a_window_is_one_stream_for_each_name() -> None:
    opencv.imshow("a", np.zeros((4, 6, 3), np.uint8))
    first = _windows["a"]
    opencv.imshow("a", np.full((4, 6, 3), (255, 0, 0), np.uint8))
    opencv.namedWindow("b")
    assert _windows["a"] is first
    assert first.snapshot()[0, 0].tolist() == [0, 0, 255]
    assert opencv.getWindowProperty("a", 4) == 1
    opencv.destroyWindow("a")
    assert opencv.getWindowProperty("a", 4) == 0
    assert opencv.waitKey(1) == opencv.pollKey() == -1


def test_waiting_without_a_window_does_not_hang() -> None:
    assert opencv.waitKey(0) == -1


def test_a_capture_of_a_stream() -> None:
    with ArrayStream() as stream:
        stream.push(np.full((4, 6, 3), (1, 2, 3), np.uint8))
        capture = opencv.VideoCapture(stream)
        assert (capture.get(3), capture.get(4)) == (6, 4)
        ok, image = capture.read()
        assert ok
        assert image is not None
        assert image[0, 0].tolist() == [3, 2, 1]
        assert not capture.set(3, 100)
        capture.release()
        capture.release()
        assert not capture.isOpened()
        assert capture.read() == (False, None)
        assert stream.comm is not None  # it is not the capture's own


def test_a_capture_of_a_film_gives_every_picture(film: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    ours, theirs = opencv.VideoCapture(film), cv2.VideoCapture(str(film))
    for prop in (3, 4, 5, 7):
        assert ours.get(prop) == pytest.approx(theirs.get(prop), rel=0.01)
    for _ in range(30):
        mine, other = ours.read()[1], theirs.read()[1]
    assert mine is not None
    assert np.abs(mine.astype(int) - other.astype(int)).mean() < 3
    assert ours.get(1) == theirs.get(1) == 30
    assert ours.get(0) == pytest.approx(theirs.get(0), abs=1)
    ours.release()


def test_a_capture_refuses_what_is_no_source() -> None:
    with pytest.raises(ProcessingError, match="a stream, the number of a camera"):
        opencv.VideoCapture(3.5)  # type: ignore[arg-type]


def test_the_patch_is_put_in_and_taken_out(film: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    before = {name: getattr(cv2, name, None) for name in opencv.__all__}
    with opencv.patch(), opencv.patch():
        assert cv2.imshow is opencv.imshow
        own = cv2.VideoCapture(str(film))
        assert isinstance(own, before["VideoCapture"])  # type: ignore[arg-type]
        assert own.read()[0]
        with ArrayStream() as stream:
            stream.push(np.zeros((4, 6), np.uint8))
            patched = cv2.VideoCapture(stream)
            assert isinstance(patched, opencv.VideoCapture)
            assert isinstance(patched, cv2.VideoCapture)
            assert patched.read()[0]
            patched.release()
    assert {name: getattr(cv2, name, None) for name in opencv.__all__} == before
    opencv.unpatch()
