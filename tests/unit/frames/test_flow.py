"""Sources and outlets: newest wins, nothing queues."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from ipymedia.frames.flow import Bounds, Flowing, FrameSource, OutletClosedError
from ipymedia.frames.video_frame import VideoFrame

PICTURE = VideoFrame(np.zeros((2, 2, 3), np.uint8), time=0.0, index=0)


def frame(index: int, time_us: int | None = None) -> Flowing:
    return Flowing(PICTURE, index, index * 33_333 if time_us is None else time_us)


class Source(FrameSource):
    """Notes what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def _start(self) -> None:
        self.told.append("start")

    def _stop(self) -> None:
        self.told.append("stop")

    def _bounds_changed(self) -> None:
        self.told.append("bounds")


def test_a_source_runs_from_its_first_outlet_to_its_last() -> None:
    source = Source()
    first = source.subscribe()
    second = source.subscribe()
    first.close()
    first.close()
    assert source.used
    second.close()
    assert not source.used
    assert source.told == ["start", "bounds", "bounds", "stop"]


def test_an_outlet_holds_the_newest_frame_and_counts_the_others() -> None:
    source = Source()
    outlet = source.subscribe()
    for index in range(5):
        source.emit(frame(index))
    taken = outlet.take(0)
    assert taken is not None
    assert taken.index == 4
    assert outlet.dropped == 4
    assert outlet.take(0) is None


def test_every_outlet_gets_every_frame() -> None:
    source = Source()
    outlets = [source.subscribe() for _ in range(3)]
    source.emit(frame(7))
    assert [outlet.take(0) for outlet in outlets] == [frame(7)] * 3


def test_take_waits_for_a_frame() -> None:
    source = Source()
    outlet = source.subscribe()
    threading.Timer(0.05, source.emit, (frame(1),)).start()
    assert outlet.take(10) == frame(1)


@pytest.mark.parametrize("by", ["outlet", "source"])
def test_closing_ends_a_waiting_take(by: str) -> None:
    source = Source()
    outlet = source.subscribe()
    threading.Timer(0.05, outlet.close if by == "outlet" else source.close_outlets).start()
    with pytest.raises(OutletClosedError):
        outlet.take(10)
    assert outlet.closed
    assert not source.used
    outlet.put(frame(1))
    with pytest.raises(OutletClosedError):
        outlet.check()


def test_a_failure_is_raised_once_by_the_next_take() -> None:
    source = Source()
    outlet = source.subscribe()
    source.fail(RuntimeError("the camera fell"))
    with pytest.raises(RuntimeError, match="the camera fell"):
        outlet.take(1)
    source.emit(frame(1))
    assert outlet.take(0) == frame(1)


def test_listeners_hear_of_frames_failures_and_the_end() -> None:
    source = Source()
    outlet = source.subscribe()
    heard: list[int] = []
    outlet.listen(lambda: heard.append(1))
    source.emit(frame(1))
    source.fail(RuntimeError())
    outlet.close()
    assert len(heard) == 3


@pytest.mark.parametrize(
    ("max_fps", "count"), [(0.0, 300), (30.0, 300), (15.0, 150), (10.0, 100), (7.0, 70), (1.0, 10)]
)
def test_max_fps_keeps_the_mean_rate(max_fps: float, count: int) -> None:
    outlet = Source().subscribe(Bounds(max_fps=max_fps))
    taken = 0
    for index in range(300):  # ten seconds
        outlet.put(frame(index))
        taken += outlet.take(0) is not None
    assert taken == pytest.approx(count, rel=0.03, abs=1)
    assert outlet.dropped == 0


def test_a_clock_that_jumps_does_not_stop_a_bounded_outlet() -> None:
    """Another page captures: its clock may be hours behind."""
    outlet = Source().subscribe(Bounds(max_fps=10))
    for start_us in (10**12, 10**9, 2 * 10**12):
        outlet.put(frame(0, start_us))
        assert outlet.take(0) is not None


@pytest.mark.parametrize(
    ("many", "expected"),
    [
        ([], Bounds()),
        ([Bounds(640, 480, 15, 1000)], Bounds(640, 480, 15, 1000)),
        ([Bounds(640, 480, 15, 1000), Bounds(320, 960, 30, 500)], Bounds(640, 960, 30, 1000)),
        ([Bounds(640, 480, 15, 1000), Bounds()], Bounds()),
    ],
)
def test_bounds_over_many_satisfy_all(many: list[Bounds], expected: Bounds) -> None:
    assert Bounds.over(many) == expected


def test_threads_may_come_and_go_while_frames_flow() -> None:
    source = Source()
    ended = threading.Event()

    def come_and_go() -> None:
        for _ in range(200):
            outlet = source.subscribe()
            outlet.take(0.001)
            outlet.close()

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    index = 0
    while any(thread.is_alive() for thread in threads) and not ended.wait(0.0005):
        source.emit(frame(index))
        index += 1
    assert not source.used
    assert source.told.count("start") == source.told.count("stop")


def test_the_end_of_a_source_ends_loops_and_leaves_others_waiting() -> None:
    source = Source()
    loop, view = source.subscribe(), source.subscribe()
    loop.on_finish = loop.end
    source.emit(frame(1))
    source.finish()
    assert loop.take(1) == view.take(1) == frame(1)  # the last one is not lost
    with pytest.raises(OutletClosedError):
        loop.take(1)
    source.emit(frame(2))  # a film may be played again
    assert view.take(1) == frame(2)


def test_a_lost_frame_is_offered_again_unless_a_newer_one_waits() -> None:
    outlet = Source().subscribe()
    outlet.put_again(frame(1))
    assert outlet.take(0) == frame(1)
    outlet.put(frame(2))
    outlet.put_again(frame(1))
    assert outlet.take(0) == frame(2)


def test_an_outlet_gives_no_larger_pictures_than_it_asked_for() -> None:
    source = Source()
    small, whole = source.subscribe(Bounds(width=320, height=320)), source.subscribe()
    rows, columns = np.mgrid[0:480, 0:640]
    image = np.stack([rows * 255 / 480, columns * 255 / 640, rows * 0], axis=2).astype(np.uint8)
    for format in ("rgb24", "yuv420p"):
        picture = VideoFrame(VideoFrame(image).av_frame().reformat(format=format), time=3.0, index=7)
        source.emit(Flowing(picture, 7, 3_000_000))
        taken = small.take(0)
        assert taken is not None
        assert (taken.index, taken.picture.index, taken.picture.time) == (7, 7, 3.0)
        assert taken.picture.size == (320, 240)
        assert np.abs(taken.picture.image.astype(int) - image[::2, ::2]).max() < 12
        untouched = whole.take(0)
        assert untouched is not None
        assert untouched.picture is picture
