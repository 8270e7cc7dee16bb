"""A recording that ends is saved by itself, each time, and the recorder is through."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipymedia import Reason, VideoRecorder


def ended(recorder: VideoRecorder, data: bytes) -> None:
    """What the take's thread does with a finished file."""
    finished = recorder._kept.new_path().with_suffix(".webm")
    finished.write_bytes(data)
    recorder.state = "saving"
    recorder._publish(finished, None)


def test_each_recording_is_saved_when_it_ends(tmp_path: Path) -> None:
    recorder = VideoRecorder(filename=str(tmp_path / "film"), autosave=True)
    for data in (b"the first", b"the second"):
        ended(recorder, data)
        recorder.wait(1)
        assert recorder.state == "done"
        assert (tmp_path / "film.webm").read_bytes() == data
        assert bytes(recorder.video.value) == data


def test_what_can_not_be_saved_is_said_and_kept(tmp_path: Path) -> None:
    recorder = VideoRecorder(filename=str(tmp_path / "no" / "film"), autosave=True)
    ended(recorder, b"film")
    with pytest.raises(Exception, match="was not written") as refused:
        recorder.wait(1)
    assert getattr(refused.value, "reason", None) is Reason.NO_FILE
    assert recorder.state == "failed"
    assert bytes(recorder.video.value) == b"film"
