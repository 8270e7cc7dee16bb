"""The formats of recordings, as data: what a browser is asked to record, and what PyAV makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import Reason, RecordingError


@dataclass(frozen=True)
class Format:
    """One format, known by its name, which is also the ending of its files.

    Attributes
    ----------
    mime_type : str
        Of the finished file.
    recorded : tuple of str
        What a browser is asked for, best first; the codecs are put in their place.
    muxer : str
        FFmpeg's name of the container.
    video_codecs, audio_codecs : tuple of str
        Codecs (FFmpeg's names) that may stand in the container; others are converted to the first. Empty: left out.
    """

    mime_type: str
    recorded: tuple[str, ...]
    muxer: str
    video_codecs: tuple[str, ...] = ()
    audio_codecs: tuple[str, ...] = ()


_WEBM = ("video/webm;codecs=vp8,opus", "video/webm;codecs=vp9,opus", "video/webm", "video/mp4")
_MP4 = (
    "video/mp4;codecs=avc1.42E01F,mp4a.40.2",
    "video/mp4;codecs=avc1.42E01F,opus",
    "video/webm;codecs=h264,opus",
    "video/x-matroska;codecs=avc1,opus",
    *_WEBM,
)
_SOUND = ("audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4", "audio/webm")

FORMATS = {
    "webm": Format("video/webm", _WEBM, "webm", ("vp8", "vp9", "av1"), ("opus", "vorbis")),
    "mp4": Format("video/mp4", _MP4, "mp4", ("h264", "hevc", "av1", "vp9"), ("aac", "mp3")),
    "mkv": Format(
        "video/x-matroska",
        _MP4,
        "matroska",
        ("h264", "vp8", "vp9", "av1", "hevc"),
        ("opus", "vorbis", "aac", "mp3", "flac"),
    ),
    "gif": Format("image/gif", _WEBM, "gif", ("gif",)),
    "wav": Format("audio/wav", _SOUND, "wav", (), ("pcm_s16le",)),
    "mp3": Format("audio/mpeg", _SOUND, "mp3", (), ("mp3",)),
    "ogg": Format("audio/ogg", _SOUND, "ogg", (), ("opus", "vorbis", "flac")),
}

ENCODERS = {
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "h264": "libx264",
    "gif": "gif",
    "opus": "libopus",
    "aac": "aac",
    "mp3": "libmp3lame",
    "pcm_s16le": "pcm_s16le",
}
"""Which of FFmpeg's encoders makes a codec."""

PICTURES = {"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg", "webp": "image/webp"}


def format_of(name: str) -> Format:
    """A format by its name.

    Raises
    ------
    RecordingError
        ``bad_argument``: it is not known.
    """
    found = FORMATS.get(name.lower())
    if found is None:
        raise RecordingError(
            f"There is no format {name!r} for recordings; there are {', '.join(FORMATS)}.",
            Reason.BAD_ARGUMENT,
        )
    return found


def mime_types(name: str, codecs: str, *, sound_only: bool) -> list[str]:
    """What the browser is asked to record for a format; the user's codecs first."""
    wanted = format_of(name).recorded if not sound_only else _SOUND
    if not codecs:
        return list(wanted)
    containers = dict.fromkeys(mime.partition(";")[0] for mime in wanted)
    return [f"{container};codecs={codecs}" for container in containers]


def with_ending(filename: str, format: str) -> Path:
    """The path of a file to save: a name without a dot gets the format as its ending."""
    return Path(filename if "." in Path(filename).name else f"{filename}.{format}")
