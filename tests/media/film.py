"""The film that plays the camera.

Chromium's fake camera reads raw ``.y4m``, so what a page captures is, sample for sample, what PyAV decodes from
the film: a test can compare pictures.
"""

from __future__ import annotations

import base64
import io
import wave
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

PROJECT_ROOT = Path(__file__).resolve().parents[2]
SHARED_FILM = PROJECT_ROOT.parent / "shared" / "data" / "big_buck_bunny.mp4"
OWN_FILM_FRAMES = 240
OWN_FILM_SIZE = (640, 356)


def film_path(directory: Path) -> Path:
    """Give the film's path: the shared one, or one of our own, made in `directory` the first time."""
    if SHARED_FILM.exists():
        return SHARED_FILM
    own = directory / "own_film.mp4"
    if not own.exists():
        _make_own_film(own)
    return own


def camera_y4m(
    film: Path,
    target: Path,
    *,
    seconds: float = 8.0,
    size: tuple[int, int] | None = None,
    start_s: float = 0.0,
) -> Path:
    """Write part of `film` as raw 4:2:0 video for ``--use-file-for-fake-video-capture``.

    Parameters
    ----------
    film : Path
        Any file with a video track that PyAV decodes.
    target : Path
        The ``.y4m`` to write; 0.34 MB a frame at 640×356.
    seconds, start_s : float
        Which part. Chromium plays it in a loop.
    size : (width, height), optional
        Scale to this size; by default the film's own, so that the samples stay untouched.
    """
    with av.open(str(film)) as container, target.open("wb") as file:
        stream = container.streams.video[0]
        rate = stream.average_rate or Fraction(24)
        width, height = size or (stream.width, stream.height)
        file.write(
            f"YUV4MPEG2 W{width} H{height} F{rate.numerator}:{rate.denominator} Ip A1:1 C420jpeg\n".encode()
        )
        first, last = round(start_s * rate), round((start_s + seconds) * rate)
        for index, frame in enumerate(container.decode(stream)):
            if index >= last:
                break
            if index >= first:
                _write_planes(file, frame.reformat(width, height, format="yuv420p"))
    return target


def camera_sound(film: Path, target: Path, *, seconds: float = 8.0) -> Path:
    """Write the film's sound as 16-bit mono WAV, 48 kHz, for ``--use-file-for-fake-audio-capture``.

    A film without sound gives a 440 Hz tone.
    """
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes(_sound(film, seconds).tobytes())
    return target


def film_pictures(film: Path, *, count: int = 4, width: int = 960) -> list[str]:
    """Give pictures spread over the film as ``data:image/jpeg`` URLs, `width` pixels wide."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        total = stream.frames or OWN_FILM_FRAMES
        wanted = {total * (index + 1) // (count + 1) for index in range(count)}
        height = round(width * stream.height / stream.width / 2) * 2
        pictures = []
        for index, frame in enumerate(container.decode(stream)):
            if index in wanted:
                image = frame.reformat(width, height, format="rgb24").to_image()
                data = io.BytesIO()
                image.save(data, format="JPEG", quality=90)
                pictures.append("data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode())
            if len(pictures) == count:
                break
    return pictures


def _write_planes(file: BinaryIO, frame: av.VideoFrame) -> None:
    file.write(b"FRAME\n")
    file.write(np.ascontiguousarray(frame.to_ndarray()).tobytes())


def _sound(film: Path, seconds: float) -> NDArray[np.int16]:
    samples = round(seconds * 48_000)
    with av.open(str(film)) as container:
        if container.streams.audio:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
            parts: list[NDArray[np.int16]] = []
            for frame in container.decode(audio=0):
                parts += [out.to_ndarray().reshape(-1) for out in resampler.resample(frame)]
                if sum(part.size for part in parts) >= samples:
                    break
            return np.concatenate(parts)[:samples].astype("<i2")
    tone = 8000 * np.sin(2 * np.pi * 440 * np.arange(samples) / 48_000)
    return tone.astype("<i2")


def _make_own_film(target: Path) -> None:
    """A textured picture that drifts, with a disc that crosses it: motion and detail for an encoder; and a tone."""
    width, height = OWN_FILM_SIZE
    rows, columns = np.mgrid[0 : height * 2, 0 : width * 2].astype(np.float32)
    texture = np.stack(
        [
            127 + 70 * np.sin(columns / 19) * np.cos(rows / 23) + 40 * np.sin((columns * k + rows) / 41)
            for k in (1, 2, 3)
        ],
        axis=-1,
    )
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "18", "preset": "veryfast"}
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        for index in range(OWN_FILM_FRAMES):
            image = (
                texture[index : index + height, 2 * index : 2 * index + width].clip(0, 255).astype(np.uint8)
            )
            distance = np.hypot(
                columns[:height, :width] - (index * 7) % width, rows[:height, :width] - height / 2
            )
            image = np.where(distance[..., None] < 40, np.uint8(230), image)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            times = (index * 2000 + np.arange(2000)) / 48_000
            tone = (0.2 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
            block = av.AudioFrame.from_ndarray(tone[np.newaxis], format="fltp", layout="mono")
            block.sample_rate, block.pts = 48_000, index * 2000
            container.mux(sound.encode(block))
        container.mux(stream.encode())
        container.mux(sound.encode())
