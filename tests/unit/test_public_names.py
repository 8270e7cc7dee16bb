"""The public names: a change here is a change for users."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version

import pytest

import ipymedia

ALIASES = {"HasStream": "MediaStream"}
NAMES = [
    "ArrayStream",
    "Audio",
    "AudioRecorder",
    "AudioStream",
    "Box",
    "CameraStream",
    "CaptureError",
    "CaptureMethod",
    "CodecError",
    "HasStream",
    "HostError",
    "Image",
    "ImageRecorder",
    "ImageStream",
    "Label",
    "MappedAudioStream",
    "MappedStream",
    "Mask",
    "MediaError",
    "MediaStream",
    "MicrophoneStream",
    "PatternStream",
    "Points",
    "Polyline",
    "Processed",
    "ProcessingError",
    "ProtocolError",
    "Reason",
    "Recorder",
    "RecordingError",
    "RemoteStream",
    "RoomError",
    "ScreenStream",
    "SoundBlock",
    "Stats",
    "Video",
    "VideoFrame",
    "VideoRecorder",
    "VideoStream",
    "WebRTCPeer",
    "WebRTCRoom",
    "WebRTCRoomLocal",
    "WebRTCRoomMqtt",
    "WidgetStream",
    "chat",
    "film",
    "process",
    "screenshot",
]


def test_the_public_names_are_these() -> None:
    assert [name for name in ipymedia.__all__ if not name.startswith("_")] == NAMES
    assert set(NAMES) <= set(dir(ipymedia))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_documented_and_at_home_where_it_says(name: str) -> None:
    public = getattr(ipymedia, name)
    assert public.__doc__
    assert public.__name__ == ALIASES.get(name, name)
    assert getattr(importlib.import_module(public.__module__), public.__name__) is public


def test_the_version_is_that_of_the_distribution() -> None:
    try:
        installed = version("ipymedia")
    except PackageNotFoundError:
        pytest.skip("runs from a checkout on the path: there is no distribution")
    assert ipymedia.__version__ == installed


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Camera'"):
        ipymedia.Camera  # noqa: B018
    with pytest.raises(ImportError):
        exec("from ipymedia import Camera")


def test_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from ipymedia import *", names)
    assert set(NAMES) <= names.keys()
