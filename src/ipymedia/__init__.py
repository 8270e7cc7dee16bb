"""Live media for notebooks: cameras, films, arrays and widgets are streams; a Python function works on every frame.

::

    from ipymedia import CameraStream

    camera = CameraStream()

    @camera.map
    def edges(image):                     # (height, width, 3) uint8 RGB in; a picture, a mask or overlays out
        return cv2.Canny(image, 100, 200)

    edges
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .streams import hooks

if TYPE_CHECKING:
    from ipywidgets import Audio as Audio
    from ipywidgets import Image as Image
    from ipywidgets import Video as Video

    from .errors import (
        CaptureError as CaptureError,
    )
    from .errors import (
        CodecError as CodecError,
    )
    from .errors import (
        HostError as HostError,
    )
    from .errors import (
        MediaError as MediaError,
    )
    from .errors import (
        ProcessingError as ProcessingError,
    )
    from .errors import (
        ProtocolError as ProtocolError,
    )
    from .errors import (
        Reason as Reason,
    )
    from .errors import (
        RecordingError as RecordingError,
    )
    from .errors import (
        RoomError as RoomError,
    )
    from .frames.overlays import (
        Box as Box,
    )
    from .frames.overlays import (
        Label as Label,
    )
    from .frames.overlays import (
        Mask as Mask,
    )
    from .frames.overlays import (
        Points as Points,
    )
    from .frames.overlays import (
        Polyline as Polyline,
    )
    from .frames.sound import SoundBlock as SoundBlock
    from .frames.video_frame import VideoFrame as VideoFrame
    from .recorders.audio import AudioRecorder as AudioRecorder
    from .recorders.film import film as film
    from .recorders.film import screenshot as screenshot
    from .recorders.image import ImageRecorder as ImageRecorder
    from .recorders.recorder import Recorder as Recorder
    from .recorders.video import VideoRecorder as VideoRecorder
    from .rooms.chat import chat as chat
    from .rooms.peer import WebRTCPeer as WebRTCPeer
    from .rooms.remote_stream import RemoteStream as RemoteStream
    from .rooms.room import WebRTCRoom as WebRTCRoom
    from .rooms.room_local import WebRTCRoomLocal as WebRTCRoomLocal
    from .rooms.room_mqtt import WebRTCRoomMqtt as WebRTCRoomMqtt
    from .streams.array import ArrayStream as ArrayStream
    from .streams.audio import AudioStream as AudioStream
    from .streams.camera import CameraStream as CameraStream
    from .streams.image import ImageStream as ImageStream
    from .streams.mapped import MappedStream as MappedStream
    from .streams.mapped_audio import MappedAudioStream as MappedAudioStream
    from .streams.media_stream import HasStream as HasStream
    from .streams.media_stream import MediaStream as MediaStream
    from .streams.microphone import MicrophoneStream as MicrophoneStream
    from .streams.pattern import PatternStream as PatternStream
    from .streams.screen import ScreenStream as ScreenStream
    from .streams.stats import Stats as Stats
    from .streams.video import VideoStream as VideoStream
    from .streams.whole_file import Processed as Processed
    from .streams.whole_file import process as process
    from .streams.widget_stream import CaptureMethod as CaptureMethod
    from .streams.widget_stream import WidgetStream as WidgetStream

# Where each public name lives; imported when first used, so that `import ipymedia` costs next to nothing.
_HOMES = {
    **dict.fromkeys(
        [
            "CaptureError",
            "CodecError",
            "HostError",
            "MediaError",
            "ProcessingError",
            "ProtocolError",
            "Reason",
            "RecordingError",
            "RoomError",
        ],
        "errors",
    ),
    **dict.fromkeys(["Box", "Label", "Mask", "Points", "Polyline"], "frames.overlays"),
    "SoundBlock": "frames.sound",
    "VideoFrame": "frames.video_frame",
    "AudioRecorder": "recorders.audio",
    "ImageRecorder": "recorders.image",
    "Recorder": "recorders.recorder",
    "VideoRecorder": "recorders.video",
    "ArrayStream": "streams.array",
    "AudioStream": "streams.audio",
    "CameraStream": "streams.camera",
    "ImageStream": "streams.image",
    "VideoStream": "streams.video",
    "MappedStream": "streams.mapped",
    "MappedAudioStream": "streams.mapped_audio",
    "MicrophoneStream": "streams.microphone",
    "ScreenStream": "streams.screen",
    **dict.fromkeys(["HasStream", "MediaStream"], "streams.media_stream"),
    "Stats": "streams.stats",
    **dict.fromkeys(["Processed", "process"], "streams.whole_file"),
    "PatternStream": "streams.pattern",
    **dict.fromkeys(["CaptureMethod", "WidgetStream"], "streams.widget_stream"),
    **dict.fromkeys(["film", "screenshot"], "recorders.film"),
    "chat": "rooms.chat",
    "WebRTCPeer": "rooms.peer",
    "RemoteStream": "rooms.remote_stream",
    "WebRTCRoom": "rooms.room",
    "WebRTCRoomLocal": "rooms.room_local",
    "WebRTCRoomMqtt": "rooms.room_mqtt",
    "__version__": "_version",
    **dict.fromkeys(["Audio", "Image", "Video"], "ipywidgets"),  # which ipywebrtc's users import from there
}

hooks.register("record", f"{__name__}.recorders.record")

__all__ = sorted(name for name in _HOMES if not name.startswith("_"))  # noqa: PLE0605 (the table is the truth)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(home) if home == "ipywidgets" else import_module(f".{home}", __name__)
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
