"""A film whose flashes and beeps coincide, and how far apart they are in a recording of it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

SIZE = (320, 240)
RATE = 30
SOUND_RATE = 48_000
ON_S = 0.25


def flash_film(target: Path, seconds: int) -> Path:
    """Write a film that is white and beeps for the first quarter of each second, and is black and silent otherwise."""
    with av.open(str(target), "w") as file:
        video = file.add_stream("libx264", rate=RATE, options={"crf": "18", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        sound = file.add_stream("aac", rate=SOUND_RATE, layout="mono")
        each = SOUND_RATE // RATE
        for index in range(seconds * RATE):
            on = index % RATE < ON_S * RATE
            image = np.full((SIZE[1], SIZE[0], 3), 255 if on else 0, np.uint8)
            image[-16:, (3 * index) % SIZE[0] :][:, :4] = (
                128  # so that every picture differs from the one before
            )
            file.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            times = (index * each + np.arange(each)) / SOUND_RATE
            tone = (0.5 * np.sin(2 * np.pi * 1000 * times) * (times % 1 < ON_S)).astype(np.float32)
            block = av.AudioFrame.from_ndarray(tone[np.newaxis], format="fltp", layout="mono")
            block.sample_rate, block.pts = SOUND_RATE, index * each
            file.mux(sound.encode(block))
        file.mux(video.encode())
        file.mux(sound.encode())
    return target


@dataclass(frozen=True)
class Offsets:
    """How long after each flash its beep begins, in milliseconds; negative where it begins before.

    Attributes
    ----------
    each_ms : list of float
        One for each flash but the first, which the recording may have begun in.
    """

    each_ms: list[float]

    @property
    def median_ms(self) -> float:
        return statistics.median(self.each_ms)

    @property
    def end_ms(self) -> float:
        """At the end: the median of the last five."""
        return statistics.median(self.each_ms[-5:])

    @property
    def growth_ms(self) -> float:
        """From the beginning to the end."""
        return self.end_ms - statistics.median(self.each_ms[:5])


def read_offsets(recorded: Path) -> Offsets:
    """Read a recording of a flashing film to its end."""
    flashes, beeps = _flashes_s(recorded), _beeps_s(recorded)
    # The file ends somewhere: a flash whose beep is not in it any more counts for nothing.
    pairs = [(flash, min(beeps, key=lambda beep: abs(beep - flash))) for flash in flashes[1:]]
    return Offsets(
        [round(float(1000 * (beep - flash)), 1) for flash, beep in pairs if abs(beep - flash) < 0.5]
    )


def _flashes_s(recorded: Path) -> list[float]:
    flashes, on = [], True
    with av.open(str(recorded)) as file:
        for frame in file.decode(video=0):
            lit = frame.to_ndarray(format="gray")[:-32].mean() > 128
            if lit and not on:
                flashes.append(float(frame.time or 0))
            on = lit
    return flashes


def _beeps_s(recorded: Path) -> list[float]:
    beeps, loud_until_s = [], 0.4
    with av.open(str(recorded)) as file:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
        for decoded in file.decode(audio=0):
            for frame in resampler.resample(decoded):
                samples = frame.to_ndarray()[0]
                for at in np.flatnonzero(np.abs(samples) > 0.05):
                    time_s = float(frame.time or 0) + at / SOUND_RATE
                    if time_s > loud_until_s:
                        beeps.append(time_s)
                    loud_until_s = time_s + 0.4
    return beeps
