"""One recording's chunks: in order, once each, acknowledged when they are written, and kept in every end."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from typing import Any

import pytest

from ipymedia.errors import MediaError, Reason
from ipymedia.protocol.messages import (
    RecorderAck,
    RecorderChunk,
    RecorderResume,
    RecorderStart,
    RecorderStarted,
    RecorderStop,
)
from ipymedia.recorders.take import State, Take, cut_error, disk_error


class Page:
    """Keeps what the kernel says."""

    id = "page"

    def __init__(self) -> None:
        self.said: list[Any] = []

    def send(self, message: Any) -> None:
        self.said.append(message)


class Recording:
    def __init__(self, path: Path) -> None:
        self.page = Page()
        self.ended = threading.Event()
        self.error: MediaError | None = None
        request = RecorderStart(recorder="r", take="t", widget="w", what="film", mime_types=["video/webm"])
        page: Any = self.page
        self.take = Take("r", page, path, request, lambda _: None, self._end)

    def chunk(self, sequence: int, data: bytes, *, last: bool = False) -> None:
        self.take.receive(RecorderChunk(recorder="r", take="t", sequence=sequence, last=last), data)

    def _end(self, _: Take, error: MediaError | None) -> None:
        self.error = error
        self.ended.set()


def test_chunks_are_written_once_in_order_and_acknowledged(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "film")
    recording.take.started(RecorderStarted(recorder="r", take="t", mime_type="video/webm"))
    assert recording.take.state is State.RECORDING
    for sequence, data in ((0, b"a"), (1, b"b"), (1, b"b"), (3, b"early"), (0, b"a"), (2, b"c")):
        recording.chunk(sequence, data)
    recording.take.stop()
    recording.chunk(3, b"", last=True)
    assert recording.ended.wait(5)
    assert recording.error is None
    assert (tmp_path / "film").read_bytes() == b"abc"
    said = recording.page.said
    assert [m.sequence for m in said if isinstance(m, RecorderAck)] == [0, 1, 1, 1, 1, 2, 3]
    assert sum(isinstance(m, RecorderStop) for m in said) == 1
    assert recording.take.state is State.DONE


def test_after_a_loss_the_page_is_told_where_to_go_on(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "film")
    recording.chunk(0, b"a")
    recording.chunk(1, b"", last=True)
    assert recording.ended.wait(5)
    back: Any = Page()
    recording.take.resume(back)
    assert back.said == [RecorderResume(recorder="r", take="t", sequence=2)]


def test_a_cut_keeps_what_came(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "film")
    recording.chunk(0, b"abc")
    recording.take.cut(cut_error("its page was closed"))
    assert recording.ended.wait(5)
    assert recording.error is not None
    assert recording.error.reason is Reason.RECORDING_CUT
    assert (tmp_path / "film").read_bytes() == b"abc"
    assert recording.take.state is State.CUT


def test_a_folder_that_is_not_there_ends_it_with_a_reason(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "no" / "film")
    assert recording.ended.wait(5)
    assert recording.error is not None
    assert recording.error.reason is Reason.NO_FILE


def test_a_full_disk_ends_it_with_a_reason() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    recording = Recording(Path("/dev/full"))
    recording.chunk(0, b"abc")
    assert recording.ended.wait(5)
    assert recording.error is not None
    assert recording.error.reason is Reason.DISK_FULL


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.EACCES, Reason.NOT_WRITABLE), (errno.ENOSPC, Reason.DISK_FULL), (errno.EIO, Reason.NOT_WRITABLE)],
)
def test_what_the_disk_says_is_told_with_the_folder(number: int, reason: Reason) -> None:
    error = disk_error(Path("folder/film.mp4"), OSError(number, "it says so"))
    assert error.reason is reason
    assert "film.mp4" in error.message
