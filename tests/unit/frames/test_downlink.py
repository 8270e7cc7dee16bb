"""The kernel's end of a download: a picture that stays is sent again, and one that was lost."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ipymedia.frames import downlink as module
from ipymedia.frames.array_source import ArraySource
from ipymedia.frames.downlink import STILL_REPEATS, Downlink
from ipymedia.frames.flow import Bounds
from ipymedia.frames.video_frame import VideoFrame
from ipymedia.protocol.messages import Capabilities, FrameCredit, FrameData, FrameKeyRequest


class Page:
    """Stands in for the link's end: keeps what it is sent."""

    id = "page"
    capabilities = Capabilities(encode=[], decode=["h264"])

    def __init__(self) -> None:
        self.came: queue.Queue[FrameData] = queue.Queue()

    def send(self, message: Any, buffer: Any = None, *, lazy: bool = False) -> None:
        assert buffer
        assert not lazy
        self.came.put(message)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ArraySource, Page, Downlink]]:
    monkeypatch.setattr(module, "STILL_AFTER_S", 0.05)
    monkeypatch.setattr(module, "AGAIN_AFTER_S", 0.0)
    source, page = ArraySource(), Page()
    downlink = Downlink("s", source, page, bounds=Bounds(), codec="h264", on_gone=lambda _: None)  # type: ignore[arg-type]
    yield source, page, downlink
    downlink.close()


def push(source: ArraySource) -> None:
    source.push(VideoFrame(np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)))


def credit(downlink: Downlink, message: FrameData) -> None:
    downlink.credit(FrameCredit(stream="s", epoch=message.epoch, sequence=message.sequence))


def test_a_picture_that_stays_is_sent_again_some_times(ends: tuple[ArraySource, Page, Downlink]) -> None:
    source, page, downlink = ends
    push(source)
    came = []
    for _ in range(1 + STILL_REPEATS):
        came.append(page.came.get(timeout=5))
        credit(downlink, came[-1])
    assert [message.index for message in came] == [0] * (1 + STILL_REPEATS)
    assert [message.key for message in came] == [True, False, False, False]
    assert all(later.time_us - earlier.time_us > 30_000 for earlier, later in pairwise(came))
    with pytest.raises(queue.Empty):
        page.came.get(timeout=0.3)
    assert downlink.rate.total == 1
    push(source)
    assert page.came.get(timeout=5).index == 1


def test_a_page_that_cannot_decode_the_last_picture_gets_it_anew(
    ends: tuple[ArraySource, Page, Downlink],
) -> None:
    source, page, downlink = ends
    push(source)
    for _ in range(1 + STILL_REPEATS):
        message = page.came.get(timeout=5)
        credit(downlink, message)
    time.sleep(0.1)
    downlink.key_request(FrameKeyRequest(stream="s", epoch=message.epoch))
    again = page.came.get(timeout=5)
    assert (again.index, again.key) == (0, True)


def test_the_last_picture_is_sent_over_the_new_carrier(ends: tuple[ArraySource, Page, Downlink]) -> None:
    source, page, downlink = ends
    push(source)
    for _ in range(1 + STILL_REPEATS):
        credit(downlink, page.came.get(timeout=5))
    downlink.carrier_changed()
    again = page.came.get(timeout=5)
    assert (again.index, again.key) == (0, True)
    assert downlink.shown_index == 0
