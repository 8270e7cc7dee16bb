"""`process` against the same loop written bare in PyAV: decode, to an array, a function, from an array, encode."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.rows import Row
from benchmarks.stage import Stage
from ipymedia import process
from ipymedia.frames.codec.film_writer import ENCODERS
from tests.media import film_path

Picture = NDArray[np.uint8]
TIMES = 3


def identity(image: Picture) -> Picture:
    return image


def edges(image: Picture) -> Picture:
    return cv2.Canny(image, 100, 200)


def bare(source: Path, function: Callable[[Picture], Picture], target: Path) -> int:
    """Give how many pictures were written; the sound is copied, as `process` does."""
    name, options = ENCODERS["h264"]
    count = 0
    with av.open(str(source)) as film, av.open(str(target), "w") as out:
        film.streams.video[0].thread_type = "AUTO"
        video = out.add_stream(name, rate=film.streams.video[0].average_rate, options=dict(options))
        video.width, video.height = film.streams.video[0].width, film.streams.video[0].height
        video.pix_fmt = "yuv420p"
        video.codec_context.time_base = film.streams.video[0].time_base
        sounds = {stream.index: out.add_stream_from_template(stream) for stream in film.streams.audio}
        for packet in film.demux():
            if packet.stream.index in sounds:
                if packet.dts is not None:
                    packet.stream = sounds[packet.stream.index]
                    out.mux(packet)
                continue
            for frame in packet.decode():
                result = function(frame.to_ndarray(format="rgb24"))
                made = av.VideoFrame.from_ndarray(result, format="gray" if result.ndim == 2 else "rgb24")
                made.pts, made.time_base = frame.pts, Fraction(frame.time_base)
                out.mux(video.encode(made))
                count += 1
        out.mux(video.encode(None))
    return count


def measure_films(stage: Stage) -> None:
    """One row for each function: the best of three of each way, taken in turns."""
    film = film_path(stage.folder)
    for name, function in (("identity", identity), ("canny", edges)):
        stage.row(
            f"process: {name}", lambda row, function=function: _compare(stage.folder, row, film, function)
        )


def _compare(folder: Path, row: Row, film: Path, function: Callable[[Picture], Picture]) -> None:
    bare_fps: list[float] = []
    fps: list[float] = []
    for _ in range(TIMES):
        bare_fps.append(_rate(lambda: bare(film, function, folder / "bare.mp4")))
        fps.append(_rate(lambda: process(film, function, folder / "ours.mp4", progress=False).frames))
    row.figures.update(
        fps=round(max(fps), 1),
        bare_pyav_fps=round(max(bare_fps), 1),
        ratio=round(max(fps) / max(bare_fps), 2),
    )


def _rate(work: Callable[[], Any]) -> float:
    began_s = time.monotonic()
    count = work()
    return float(count / (time.monotonic() - began_s))
