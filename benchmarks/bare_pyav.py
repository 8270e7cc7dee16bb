"""Decode, convert to an array and back, and encode a file of frames, with PyAV alone: what a frame costs at least.

``python -m benchmarks.bare_pyav FILE WIDTH HEIGHT FPS SKIP`` prints the CPU time of a frame, in ms, as JSON: flat out,
and with the pauses of a camera between the frames, which cost a processor its warm caches and its clock.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
from av.codec.context import Flags

from ipymedia.frames.codec.encoder_settings import ENCODERS, encoder_threads
from ipymedia.frames.pace import full_bitrate_bps


def cost_ms(frames: list[bytes], width: int, height: int, fps: int, skip: int, *, in_step: bool) -> float:
    """Give the CPU time of a frame in ms, of those after the first `skip`."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_type = "SLICE"
    decoder.thread_count = 2
    decoder.flags |= Flags.low_delay
    encoder = _encoder(width, height, fps)
    began_s = 0.0
    next_s = time.monotonic()
    for index, data in enumerate(frames):
        if index == skip:
            began_s = time.process_time()
        if in_step and index >= skip:
            next_s = max(next_s + 1 / fps, time.monotonic() - 1 / fps)
            time.sleep(max(0.0, next_s - time.monotonic()))
        for frame in decoder.decode(av.Packet(data)):
            array = frame.to_ndarray(format="rgb24")
            result = av.VideoFrame.from_ndarray(array, format="rgb24").reformat(
                width, height, format="yuv420p"
            )
            result.pts = index
            encoder.encode(result)
    return 1000 * (time.process_time() - began_s) / (len(frames) - skip)


def _encoder(width: int, height: int, fps: int) -> av.VideoCodecContext:
    settings = ENCODERS["h264"]
    encoder = av.CodecContext.create(settings.name, "w")
    bitrate = full_bitrate_bps(width, height, fps)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(fps), Fraction(1, fps)
    encoder.bit_rate, encoder.gop_size, encoder.max_b_frames = bitrate, 1_000_000, 0
    encoder.thread_count = encoder_threads("h264", width, height)
    encoder.options = settings.options(width, height, bitrate)
    return encoder


if __name__ == "__main__":
    path, *numbers = sys.argv[1:]
    recorded = pickle.loads(Path(path).read_bytes())
    size = [int(number) for number in numbers]
    print(
        json.dumps(
            {
                "flat_out_ms": cost_ms(recorded, *size, in_step=False),
                "in_step_ms": cost_ms(recorded, *size, in_step=True),
            }
        )
    )
