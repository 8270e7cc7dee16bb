"""Coding sound: Opus by PyAV, or plain 16-bit samples; and other rates made 48 kHz."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from ...errors import CodecError, Reason
from ...protocol.messages import SOUND_RATE

Samples = NDArray[np.float32]
"""``(channels, samples)`` float32 in [-1, 1]."""

_BITS_PER_CHANNEL = 64_000


class SoundEncoder:
    """Makes one packet of each frame of 20 ms."""

    def __init__(self, codec: str, channels: int) -> None:
        self._opus = codec == "opus"
        self.channels = channels
        if self._opus:
            context = av.CodecContext.create("libopus", "w")
            context.sample_rate = SOUND_RATE
            context.layout = _layout(channels)
            context.format = av.AudioFormat("flt")
            context.bit_rate = _BITS_PER_CHANNEL * channels
            context.options = {"frame_duration": "20", "application": "lowdelay"}
            self._context: Any = context
        self._pts = 0

    def encode(self, samples: Samples) -> list[bytes]:
        """The packets of a frame: one, once the codec has begun."""
        if not self._opus:
            return [_to_pcm(samples)]
        interleaved = np.ascontiguousarray(samples.T.reshape(1, -1), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(interleaved, format="flt", layout=_layout(self.channels))
        frame.sample_rate, frame.pts = SOUND_RATE, self._pts
        self._pts += samples.shape[1]
        return [bytes(packet) for packet in self._context.encode(frame)]


class SoundDecoder:
    """Makes samples of packets."""

    def __init__(self, codec: str, channels: int) -> None:
        self._opus = codec == "opus"
        self.channels = channels
        if self._opus:
            context: Any = av.CodecContext.create("opus", "r")
            context.sample_rate = SOUND_RATE
            context.layout = _layout(channels)
            self._context = context

    def decode(self, data: bytes) -> Samples:
        """The samples of a packet.

        Raises
        ------
        CodecError
            ``decode_failed``: it holds no sound.
        """
        if not self._opus:
            whole = len(data) - len(data) % (2 * self.channels)
            return _from_pcm(data[:whole], self.channels)
        try:
            frames = self._context.decode(av.Packet(data))
        except av.FFmpegError as error:
            raise CodecError(
                f"A packet of sound could not be decoded: {error}", Reason.DECODE_FAILED
            ) from error
        parts = [_as_planes(frame) for frame in frames]
        return np.concatenate(parts, axis=1) if parts else np.zeros((self.channels, 0), np.float32)


class Resampler:
    """Makes 48 kHz of another rate, without a seam between the blocks."""

    def __init__(self, rate: int, channels: int) -> None:
        self.rate = rate
        self.channels = channels
        self._resampler = av.AudioResampler(format="fltp", layout=_layout(channels), rate=SOUND_RATE)
        self._pts = 0

    def resample(self, samples: Samples) -> Samples:
        """The samples at 48 kHz; some may come with the next block."""
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples, np.float32), format="fltp", layout=_layout(self.channels)
        )
        frame.sample_rate, frame.pts = self.rate, self._pts
        self._pts += samples.shape[1]
        parts = [_as_planes(part) for part in self._resampler.resample(frame)]
        return np.concatenate(parts, axis=1) if parts else np.zeros((self.channels, 0), np.float32)


def _layout(channels: int) -> str:
    return "mono" if channels == 1 else "stereo"


def _as_planes(frame: av.AudioFrame) -> Samples:
    array = frame.to_ndarray()
    channels = len(frame.layout.channels)
    planes = array if frame.format.is_planar else array.reshape(-1, channels).T
    if planes.dtype == np.int16:
        return (planes.astype(np.float32) / 32768).astype(np.float32)
    return planes.astype(np.float32, copy=False)


def _to_pcm(samples: Samples) -> bytes:
    return (np.clip(samples.T, -1, 1) * 32767).astype("<i2").tobytes()


def _from_pcm(data: bytes, channels: int) -> Samples:
    return (np.frombuffer(data, "<i2").reshape(-1, channels).T.astype(np.float32) / 32768).astype(np.float32)
