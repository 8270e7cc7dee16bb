"""`stream.record(path)`: what is refused before anything is recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipymedia import CameraStream, HostError, MicrophoneStream, Reason, RecordingError
from ipymedia.recorders.audio import AudioRecorder
from ipymedia.recorders.image import ImageRecorder
from ipymedia.recorders.record import recorder_for
from ipymedia.recorders.video import VideoRecorder


def test_the_ending_says_what_records() -> None:
    with CameraStream() as camera, MicrophoneStream() as microphone:
        for ending in ("webm", "mp4", "mkv", "gif"):
            assert recorder_for(camera, Path(f"a.{ending.upper()}")) == (VideoRecorder, ending)
        for ending in ("wav", "mp3", "ogg"):
            assert recorder_for(camera, Path(f"a.{ending}")) == (AudioRecorder, ending)
            assert recorder_for(microphone, Path(f"a.{ending}")) == (AudioRecorder, ending)
        for ending in ("png", "jpeg", "jpg", "webp"):
            assert recorder_for(camera, Path(f"a.{ending}")) == (ImageRecorder, ending)
        assert recorder_for(microphone, Path("a.webm")) == (AudioRecorder, "webm")


@pytest.mark.parametrize(
    ("path", "options", "reason"),
    [
        ("film.avi", {}, Reason.BAD_ARGUMENT),
        ("film", {}, Reason.BAD_ARGUMENT),
        ("film.mp4", {"seconds": 0}, Reason.BAD_ARGUMENT),
        ("film.mp4", {"seconds": -1.0}, Reason.BAD_ARGUMENT),
        ("still.png", {"seconds": 2}, Reason.BAD_ARGUMENT),
        ("no/folder/film.mp4", {}, Reason.NO_FILE),
        ("folder.mp4", {}, Reason.NOT_WRITABLE),
    ],
)
def test_what_can_not_be_written_is_refused_at_once(
    tmp_path: Path, path: str, options: dict, reason: Reason
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    with CameraStream() as camera, pytest.raises(RecordingError) as error:
        camera.record(tmp_path / path, **options)
    assert error.value.reason is reason
    assert sorted(tmp_path.iterdir()) == [tmp_path / "folder.mp4"]


def test_without_a_page_it_says_so(tmp_path: Path) -> None:
    kept = tmp_path / "film.mp4"
    kept.write_bytes(b"before")
    with CameraStream() as camera, pytest.raises(HostError) as error:
        camera.record(kept, timeout=0.1)
    assert error.value.reason is Reason.NO_PAGE
    assert kept.read_bytes() == b"before"


def test_a_stream_without_a_picture_makes_no_film(tmp_path: Path) -> None:
    with MicrophoneStream() as microphone:
        for name in ("a.gif", "a.png"):
            with pytest.raises(RecordingError, match="no picture"):
                microphone.record(tmp_path / name)
