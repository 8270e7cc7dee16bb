"""Sound, both ways: coded in frames of 20 ms, numbered, at 48 kHz."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from .base import Count, Message, Short

SOUND_RATE = 48_000
"""Samples a second of all sound on the wire: Opus's own rate."""

SOUND_FRAME_SAMPLES = 960
"""Samples of one frame: 20 ms."""

SoundCodec = Literal["opus", "pcm"]
Channels = Annotated[int, Meta(ge=1, le=2)]


class SoundStart(Message, tag="sound.start", kw_only=True):
    """The kernel wants a page's sound."""

    stream: Short
    epoch: Count


class SoundStop(Message, tag="sound.stop", kw_only=True):
    """The kernel wants it no more; from a page: the stream has no sound."""

    stream: Short
    epoch: Count


class SoundData(Message, tag="sound.data", kw_only=True):
    """A frame of sound. Buffer: an Opus packet, or `pcm`: 16-bit samples, little-endian, channels interleaved."""

    stream: Short
    epoch: Count
    sequence: Count
    codec: SoundCodec
    channels: Channels
    time_us: Count
    """When its first sample was captured."""


class SoundWatch(Message, tag="sound.watch", kw_only=True):
    """A page hears, or records, a stream's sound that comes from the kernel; or does so no more."""

    stream: Short
    watch: bool
    codec: SoundCodec = "opus"
