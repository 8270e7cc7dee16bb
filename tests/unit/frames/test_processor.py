"""The worker of a mapped stream: newest frame in, result out; functions that change, fail, and are slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from ipymedia.errors import MediaError, ProcessingError, Reason
from ipymedia.frames.flow import Bounds, Flowing, FrameSource, Origin, Outlet
from ipymedia.frames.function import Caller
from ipymedia.frames.overlays import Box
from ipymedia.frames.processor import Processor
from ipymedia.frames.video_frame import VideoFrame

ORIGIN = Origin("page", "stream", 1)
LONG_S = 10.0


class Source(FrameSource):
    """Emits what the test gives it."""

    def __init__(self) -> None:
        super().__init__()
        self.running = False

    def _start(self) -> None:
        self.running = True

    def _stop(self) -> None:
        self.running = False

    def give(self, index: int) -> None:
        """A picture whose pixels are its number."""
        image = np.full((4, 6, 3), index, np.uint8)
        self.emit(Flowing(VideoFrame(image, time=index / 30, index=index), index, index * 33_333, ORIGIN))


@contextmanager
def nowhere() -> Iterator[None]:
    yield


class Mapped:
    """A processor, what it reports, and an outlet of it."""

    def __init__(
        self, function: Callable[[Any], Any], *, format: str = "rgb24", executor: Any = None
    ) -> None:
        self.source = Source()
        self.reports: list[MediaError | None] = []
        self.reported = threading.Event()
        self.processor = Processor(
            lambda: self.source, Caller(function, executor), format, Bounds(), self._report, nowhere
        )
        self.outlet: Outlet = self.processor.subscribe()

    def _report(self, error: MediaError | None) -> None:
        self.reports.append(error)
        self.reported.set()

    def result_of(self, index: int) -> Flowing:
        """Give a frame and wait for its result."""
        self.source.give(index)
        result = self.outlet.take(LONG_S)
        assert result is not None
        return result

    def failure_of(self, index: int) -> MediaError | None:
        self.reported.clear()
        self.source.give(index)
        assert self.reported.wait(LONG_S)
        return self.reports[-1]


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ipymedia-map"]


def wait_for_end(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(LONG_S)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    before = set(workers())
    yield
    wait_for_end([thread for thread in workers() if thread not in before])


@pytest.fixture
def make() -> Iterator[Callable[..., Mapped]]:
    made: list[Mapped] = []

    def make(function: Callable[[Any], Any], **options: Any) -> Mapped:
        made.append(Mapped(function, **options))
        return made[-1]

    yield make
    for mapped in made:
        mapped.outlet.close()


def test_results_keep_the_number_and_the_time_of_their_frame(make: Callable[..., Mapped]) -> None:
    mapped = make(lambda image: 255 - image)
    result = mapped.result_of(5)
    assert (result.index, result.time_us) == (5, 5 * 33_333)
    assert result.origin is None, "the page does not have this picture"
    assert (result.picture.image == 250).all()


def test_nothing_runs_while_nobody_looks(make: Callable[..., Mapped]) -> None:
    mapped = make(lambda image: image)
    assert mapped.source.running
    assert len(workers()) == 1
    threads = workers()
    mapped.outlet.close()
    assert not mapped.source.running
    wait_for_end(threads)
    mapped.outlet = mapped.processor.subscribe()
    assert mapped.result_of(1).index == 1


def test_overlays_alone_and_none_stay_on_the_pages_own_frame(make: Callable[..., Mapped]) -> None:
    box = Box(1, 2, 3, 4)
    result = make(lambda image: box).result_of(3)
    assert (result.origin, result.overlays) == (ORIGIN, (box,))
    result = make(lambda image: None).result_of(3)
    assert (result.origin, result.overlays) == (ORIGIN, ())
    result = make(lambda image: (image, [box])).result_of(3)
    assert (result.origin, result.overlays) == (None, (box,))


def test_a_chain_does_not_lose_the_overlays_before_it(make: Callable[..., Mapped]) -> None:
    boxes = Box(1, 1, 1, 1), Box(2, 2, 2, 2)
    first = make(lambda _: boxes[0])
    second = Processor(
        lambda: first.processor, Caller(lambda _: boxes[1], None), "rgb24", Bounds(), first._report, nowhere
    )
    first.outlet.close()
    first.outlet = second.subscribe()
    result = first.result_of(1)
    assert result.overlays == boxes
    assert result.origin == ORIGIN


def test_a_function_that_fails_is_reported_and_the_worker_goes_on(make: Callable[..., Mapped]) -> None:
    def picky(image: Any) -> Any:
        if image[0, 0, 0] == 1:
            raise ValueError("no ones")
        return image

    mapped = make(picky)
    failure = mapped.failure_of(1)
    assert isinstance(failure, ProcessingError)
    assert failure.reason is Reason.FUNCTION_FAILED
    assert failure.message.endswith("ValueError: no ones")
    assert mapped.result_of(2).index == 2
    assert mapped.reports[-1] is None, "it works again"
    assert len(workers()) == 1


@pytest.mark.parametrize("result", ["text", 7, np.zeros((0, 0, 3), np.uint8), np.full((2, 2), np.nan)])
def test_a_bad_result_is_reported(make: Callable[..., Mapped], result: object) -> None:
    failure = make(lambda image: result).failure_of(1)
    assert failure is not None
    assert failure.reason is Reason.BAD_RESULT


def test_a_slow_function_skips_frames_and_does_not_queue_them(make: Callable[..., Mapped]) -> None:
    began, go_on = threading.Event(), threading.Event()

    def slow(image: Any) -> Any:
        began.set()
        assert go_on.wait(LONG_S)
        return image

    mapped = make(slow)
    mapped.source.give(0)
    assert began.wait(LONG_S)
    for index in range(1, 10):
        mapped.source.give(index)
    go_on.set()
    indices = []
    while not indices or indices[-1] != 9:
        result = mapped.outlet.take(LONG_S)
        assert result is not None
        indices.append(result.index)
    assert indices in ([0, 9], [9])  # the outlet may have had both before it was asked
    assert mapped.processor.dropped == 8


def test_the_function_is_replaced_in_the_running_worker(make: Callable[..., Mapped]) -> None:
    mapped = make(lambda image: image)
    mapped.result_of(1)
    thread = workers()
    mapped.processor.replace(Caller(lambda image: 255 - image, None), "rgb24", Bounds(), nowhere)
    assert (mapped.result_of(1).picture.image == 254).all()
    assert workers() == thread


def test_other_bounds_reach_the_source(make: Callable[..., Mapped]) -> None:
    mapped = make(lambda image: image)
    mapped.processor.replace(Caller(lambda image: image, None), "rgb24", Bounds(320, 240, 10), nowhere)
    assert mapped.source.bounds() == Bounds(320, 240, 10)
    assert mapped.result_of(1).index == 1


def test_surroundings_are_entered_by_the_worker(make: Callable[..., Mapped]) -> None:
    entered: list[str] = []

    @contextmanager
    def here() -> Iterator[None]:
        entered.append(threading.current_thread().name)
        yield
        entered.append("left")

    mapped = make(lambda image: image)
    mapped.processor.replace(Caller(lambda image: image, None), "rgb24", Bounds(), here)
    mapped.result_of(1)
    mapped.result_of(2)
    assert entered == ["ipymedia-map"]
    mapped.processor.replace(Caller(lambda image: image, None), "rgb24", Bounds(), nowhere)
    mapped.result_of(3)
    assert entered == ["ipymedia-map", "left"]


def test_an_error_of_the_source_is_passed_on(make: Callable[..., Mapped]) -> None:
    mapped = make(lambda image: image)
    mapped.source.fail(MediaError("The camera fell.", Reason.DEVICE_LOST))
    with pytest.raises(MediaError, match="The camera fell"):
        mapped.outlet.take(LONG_S)
    assert mapped.result_of(2).index == 2


def test_the_end_of_the_source_is_the_end_of_the_worker(make: Callable[..., Mapped]) -> None:
    mapped = make(lambda image: image)
    mapped.result_of(1)
    threads = workers()
    mapped.source.close_outlets()
    wait_for_end(threads)
    failure = mapped.reports[-1]
    assert failure is not None
    assert failure.reason is Reason.CLOSED


def test_an_executor_works_on_several_frames_and_results_stay_in_order(make: Callable[..., Mapped]) -> None:
    busy, most, lock = [0], [0], threading.Lock()

    def slow(image: Any) -> Any:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.03 if image[0, 0, 0] % 3 else 0.06)
        with lock:
            busy[0] -= 1
        return image

    with ThreadPoolExecutor(3) as pool:
        mapped = make(slow, executor=pool)
        indices: list[int] = []
        for index in range(1, 41):
            mapped.source.give(index)
            result = mapped.outlet.take(0.02)
            if result is not None:
                indices.append(result.index)
        mapped.outlet.close()
        wait_for_end(workers())
    assert len(indices) > 5
    assert indices == sorted(set(indices))
    assert 1 < most[0] <= 3


def test_an_executor_that_was_shut_down_is_reported(make: Callable[..., Mapped]) -> None:
    pool = ThreadPoolExecutor(1)
    mapped = make(lambda image: image, executor=pool)
    pool.shutdown()
    failure = mapped.failure_of(1)
    assert failure is not None
    assert failure.reason is Reason.EXECUTOR_FAILED
    assert "The executor refused a frame" in failure.message
