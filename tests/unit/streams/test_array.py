"""`ArrayStream` in the kernel: what may be pushed, what feeds it, how it ends. No page is needed."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipymedia import ArrayStream, Box, HostError, MediaError, ProcessingError, Reason
from ipymedia.frames.flow import Outlet


@pytest.fixture
def stream() -> Iterator[ArrayStream]:
    with ArrayStream() as stream:
        yield stream


def newest(outlet: Outlet) -> np.ndarray[Any, Any]:
    frame = outlet.take(5)
    assert frame is not None
    return frame.picture.image


def wait_for_state(stream: ArrayStream, state: str) -> None:
    changed = threading.Event()
    stream.observe(lambda _: changed.set(), "state")
    while stream.state != state:
        assert changed.wait(10), f"still {stream.state}"
        changed.clear()


def test_what_was_pushed_is_there_for_who_comes_later(stream: ArrayStream) -> None:
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 0] = 255
    stream.push(red)
    red[:] = 0  # it was copied
    assert stream.state == "live"
    assert newest(stream.source().subscribe()).tolist() == [[[255, 0, 0]] * 6] * 4
    assert stream.snapshot(format="bgr24").tolist() == [[[0, 0, 255]] * 6] * 4
    assert next(iter(stream.frames(format="gray"))).shape == (4, 6)


def test_pictures_of_every_kind_and_the_newest_wins(stream: ArrayStream) -> None:
    from PIL import Image

    outlet = stream.source().subscribe()
    for picture in (
        np.ones((4, 4), np.float64),
        np.ones((4, 4), bool),
        np.full((4, 4, 4), 255, np.uint8),
        Image.new("RGB", (4, 4), "white"),
        (np.full((4, 4), 255, np.uint8), Box(0, 0, 2, 2)),
    ):
        stream.push(np.zeros((4, 4), np.uint8))
        stream.push(picture)
        assert newest(outlet).min() == 255
    assert outlet.dropped == 5


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (np.zeros((0, 0, 3), np.uint8), "8192"),
        (np.zeros((2, 9000), np.uint8), "8192"),
        (np.full((2, 2), np.nan), "nan_to_num"),
        (np.zeros((2, 2), np.uint16), "257"),
        ("a picture", "push() takes"),
        (None, "no picture"),
        (Box(0, 0, 1, 1), "no picture"),
    ],
)
def test_what_is_no_picture_is_refused_where_it_was_pushed(
    stream: ArrayStream, given: Any, hint: str
) -> None:
    with pytest.raises(ProcessingError) as refused:
        stream.push(given)
    assert refused.value.reason is Reason.BAD_RESULT
    assert "push() was given" in refused.value.message
    assert hint in refused.value.message


def test_a_closed_stream_takes_nothing(stream: ArrayStream) -> None:
    stream.close()
    with pytest.raises(HostError, match="closed"):
        stream.push(np.zeros((2, 2), np.uint8))


def test_an_iterable_is_paced_and_asked_only_while_somebody_looks() -> None:
    asked: list[float] = []

    def pictures() -> Iterator[np.ndarray[Any, Any]]:
        for shade in range(256):
            asked.append(time.monotonic())
            yield np.full((2, 2), shade, np.uint8)

    with ArrayStream.from_iterable(pictures(), fps=50) as stream:
        time.sleep(0.1)  # that nothing happens has no event
        assert asked == []
        outlet = stream.source().subscribe()
        shades = [int(newest(outlet)[0, 0, 0]) for _ in range(20)]
        assert shades == list(range(20))
        assert 15 < 19 / (asked[19] - asked[0]) < 55
        outlet.close()
        time.sleep(0.1)
        count = len(asked)
        time.sleep(0.2)
        assert len(asked) == count


def test_the_end_of_an_iterable_ends_loops_and_is_no_error() -> None:
    with ArrayStream.from_iterable(
        [np.full((2, 2), shade, np.uint8) for shade in (1, 2, 3)], fps=200
    ) as stream:
        assert [int(image[0, 0, 0]) for image in stream.frames()][-1] == 3
        wait_for_state(stream, "stopped")
        assert stream.error is None
        assert newest(stream.source().subscribe())[0, 0, 0] == 3  # the last picture stays


def test_what_an_iterable_raises_is_shown_and_raised() -> None:
    def pictures() -> Iterator[np.ndarray[Any, Any]]:
        yield np.zeros((2, 2), np.uint8)
        raise ValueError("the disk is full of cats")

    with ArrayStream.from_iterable(pictures(), fps=100) as stream:
        with pytest.raises(MediaError, match="the disk is full of cats"):
            for _ in stream.frames():
                pass
        assert stream.state == "failed"
        assert stream.error is not None
        assert stream.error.reason is Reason.FUNCTION_FAILED


def test_closing_ends_the_feed_and_its_generator() -> None:
    ended = threading.Event()

    def pictures() -> Iterator[np.ndarray[Any, Any]]:
        try:
            for shade in itertools.count():
                yield np.full((2, 2), shade % 256, np.uint8)
        finally:
            ended.set()

    stream = ArrayStream.from_iterable(pictures(), fps=100)
    newest(stream.source().subscribe())
    stream.close()
    assert ended.wait(5)


class Capture:
    """As `cv2.VideoCapture`."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.released = threading.Event()

    def isOpened(self) -> bool:  # noqa: N802 (OpenCV's name)
        return True

    def read(self) -> tuple[bool, np.ndarray[Any, Any] | None]:
        self.left -= 1
        blue = np.zeros((2, 2, 3), np.uint8)
        blue[..., 0] = 255
        return (True, blue) if self.left >= 0 else (False, None)

    def release(self) -> None:
        self.released.set()


def test_a_capture_gives_bgr_and_is_released_at_its_end() -> None:
    capture = Capture(3)
    with ArrayStream.from_capture(capture, fps=100) as stream:
        assert newest(stream.source().subscribe())[0, 0].tolist() == [0, 0, 255]
        assert capture.released.wait(5)
        wait_for_state(stream, "stopped")


def test_a_film_is_shown_in_its_own_time(film: Path) -> None:
    import av

    with av.open(str(film)) as container:
        expected = next(container.decode(video=0)).to_ndarray(format="rgb24")
    with ArrayStream.from_media(film) as stream:
        began_s = time.monotonic()
        frames = []
        for frame in stream.frames(format="frame"):
            frames.append(frame)
            if len(frames) == 24:
                break
        assert np.abs(frames[0].image.astype(int) - expected).mean() < 4
        assert 0.8 < time.monotonic() - began_s < 2.5  # 24 pictures a second


@pytest.mark.parametrize(
    ("source", "reason"),
    [("no/such/film.mp4", Reason.NO_FILE), (__file__, Reason.DECODE_FAILED)],
)
def test_what_is_no_film_says_so(source: str, reason: Reason) -> None:
    with ArrayStream.from_media(source) as stream:
        with pytest.raises(MediaError) as failed:
            next(iter(stream.frames()))
        assert failed.value.reason is reason
        assert stream.error is not None
        assert stream.error.reason is reason


def test_a_server_that_says_nothing_times_out() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://user:secret@127.0.0.1:{server.getsockname()[1]}/film.mp4"
        with ArrayStream.from_media(address, timeout=0.5) as stream:
            with pytest.raises(HostError) as failed:
                next(iter(stream.frames()))
            assert failed.value.reason is Reason.TIMED_OUT
            assert "secret" not in failed.value.message


@pytest.mark.parametrize("fps", [0, -1, 1e9, "fast"])
def test_a_rate_that_is_none_is_refused(fps: Any) -> None:
    with pytest.raises(ProcessingError, match="fps="):
        ArrayStream.from_iterable([], fps=fps)


def test_drained_returns_at_once_where_nobody_watches(stream: ArrayStream) -> None:
    stream.push(np.zeros((2, 2), np.uint8))
    stream.drained(timeout=0.1)
