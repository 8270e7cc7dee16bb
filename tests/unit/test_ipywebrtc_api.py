"""What `ipywebrtc` 0.6.0 offered, row by row: names, traits with their defaults, methods. Rooms are not here yet.

What needs a page is in `tests/e2e/test_ipywebrtc_api.py`; streams of files are in `test_ipywebrtc_files.py`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
from traitlets import TraitError

import ipymedia
from ipymedia import (
    AudioRecorder,
    CameraStream,
    ImageRecorder,
    MediaStream,
    Recorder,
    VideoRecorder,
)

RECORDERS = [
    (ImageRecorder, "image", ipywidgets.Image, "png", "jpeg"),
    (VideoRecorder, "video", ipywidgets.Video, "webm", "mp4"),
    (AudioRecorder, "audio", ipywidgets.Audio, "webm", "ogg"),
]
each = pytest.mark.parametrize(
    ("cls", "child", "player", "format", "other"), RECORDERS, ids=[row[1] for row in RECORDERS]
)


def test_names() -> None:
    streams = "MediaStream HasStream ImageStream VideoStream AudioStream CameraStream"
    for name in f"{streams} Recorder ImageRecorder VideoRecorder AudioRecorder".split():
        assert issubclass(getattr(ipymedia, name), ipywidgets.DOMWidget), name
    assert ipymedia.HasStream is MediaStream
    for name in ("Video", "Image", "Audio"):
        assert getattr(ipymedia, name) is getattr(ipywidgets, name)


def test_media_stream_is_a_base_that_others_subclass() -> None:
    for name in ("ImageStream", "VideoStream", "AudioStream", "CameraStream"):
        assert issubclass(getattr(ipymedia, name), MediaStream)


def test_camera_stream() -> None:
    with CameraStream() as camera:
        assert camera.constraints == {"audio": True, "video": True}
    given: dict[str, Any] = {"video": True}
    for made, mode in ((CameraStream.facing_user, "user"), (CameraStream.facing_environment, "environment")):
        with made(audio=False, constraints=given) as camera:
            assert camera.constraints == {"audio": False, "video": {"facingMode": mode}}
        with made() as camera:
            assert camera.constraints == {"audio": True, "video": {"facingMode": mode}}
    assert given == {"video": True}, "what was given is completed in a copy"


def test_camera_stream_takes_the_often_copied_facing_mode() -> None:
    with pytest.warns(UserWarning, match="facingMode"):
        camera = CameraStream(constraints={"facing_mode": "user", "audio": False})
    assert camera.constraints == {"audio": False, "video": {"facingMode": "user"}}
    camera.close()


def test_recorder() -> None:
    assert issubclass(Recorder, ipywidgets.DOMWidget)
    for name, default in {
        "stream": None,
        "filename": "record",
        "format": "webm",
        "recording": False,
        "autosave": False,
    }.items():
        trait = getattr(Recorder, name)
        assert trait.metadata["sync"], name
        assert trait.default() == default, name


@each
def test_recorders(cls: Any, child: str, player: type, format: str, other: str) -> None:
    assert issubclass(cls, Recorder)
    with CameraStream() as camera:
        recorder = cls(stream=camera, format=format, filename="mine", recording=False, autosave=False)
        assert (recorder.format, recorder.filename, recorder.stream) == (format, "mine", camera)
        recorder.close()
    recorder = cls()
    assert recorder.format == format
    assert recorder.stream is None
    inner = getattr(recorder, child)
    assert isinstance(inner, player)
    assert inner.format == format
    if cls is not ImageRecorder:
        assert inner.controls is True
        assert recorder.codecs == ""
    recorder.format = other
    assert inner.format == other, "a change of the format updates the player"
    recorder.close()


@each
def test_save_without_a_recording(cls: Any, child: str, player: type, format: str, other: str) -> None:
    recorder = cls()
    with pytest.raises(ValueError, match=r"^No data, did you record anything\?$"):
        recorder.save()
    with pytest.raises(ValueError, match="No data"):
        recorder.download()
    recorder.close()


@each
def test_save_writes_the_childs_bytes(
    cls: Any, child: str, player: type, format: str, other: str, tmp_path: Path
) -> None:
    recorder = cls(filename=str(tmp_path / "record"))
    getattr(recorder, child).value = b"bytes"
    assert recorder.save() is None
    assert (tmp_path / f"record.{format}").read_bytes() == b"bytes", "a name without a dot gets the format"
    recorder.save(str(tmp_path / f"named.{format}"))
    assert (tmp_path / f"named.{format}").read_bytes() == b"bytes"
    recorder.close()


def test_every_widget_takes_a_layout_and_stands_in_boxes() -> None:
    with CameraStream(layout={"width": "300px"}) as camera:
        recorder = ImageRecorder(stream=camera, layout=ipywidgets.Layout(width="50%"))
        box = ipywidgets.HBox([camera, recorder, recorder.image])
        assert (camera.layout.width, recorder.layout.width) == ("300px", "50%")
        assert len(box.children) == 3
        recorder.close()


def test_close_all() -> None:
    camera, recorder = CameraStream(), VideoRecorder()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ipywidgets.Widget.close_all()
    assert (camera.comm, recorder.comm, camera.state) == (None, None, "stopped")


def test_a_recorder_takes_widgets_only() -> None:
    with pytest.raises(TraitError):
        VideoRecorder(stream="camera")
