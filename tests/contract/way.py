"""A simulated way between two ends, to see how `Pace` gets on with it.

``python -m tests.contract.way`` writes `pace.json`: a series of what happened on such a way, and what Python made of
it, for TypeScript to be compared with.
"""

from __future__ import annotations

import heapq
import json
import random
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ipymedia.frames.pace import Pace, full_bitrate_bps

SERIES = Path(__file__).parent / "pace.json"
COMMAND = "python -m tests.contract.way"
OVERHEAD_BITS = 3000
KEY_FRAME_FACTOR = 5
TIMES_LATE_S = (0.005, 0.010, 0.030)


@dataclass(frozen=True)
class Stretch:
    """How the way is for some time."""

    seconds: float
    round_trip_s: float
    rate_bps: float


@dataclass(frozen=True)
class Second:
    """What one second brought."""

    frames: int
    median_s: float
    worst_s: float
    bitrate_bps: int
    window: int
    scale: float


class RecordingPace(Pace):
    """Notes each call, and the state after it."""

    def __init__(self, max_bitrate_bps: int) -> None:
        super().__init__(max_bitrate_bps)
        self.series: list[list[Any]] = []

    def _note(self, name: str, *arguments: float) -> None:
        state = [self.bitrate_bps, self.window, self.in_flight, self.lost, self.scale]
        self.series.append([name, list(arguments), state])

    def sent(self, sequence: int, now_s: float) -> None:
        super().sent(sequence, now_s)
        self._note("sent", sequence, now_s)

    def credited(self, sequence: int, now_s: float) -> None:
        super().credited(sequence, now_s)
        self._note("credited", sequence, now_s)

    def expire(self, now_s: float) -> bool:
        late = super().expire(now_s)
        if late:
            self._note("expire", now_s)
        return late

    def choose_scale(self, width: int, height: int) -> float:
        scale = super().choose_scale(width, height)
        self._note("chooseScale", width, height)
        return scale

    def reset(self) -> None:
        super().reset()
        self._note("reset")


class Way:
    """Frames of 30 a second, sent as `pace` allows, over a way that changes; acknowledgements come back a bit late."""

    def __init__(self, pace: Pace, stretches: list[Stretch], *, seed: int = 1, losses: float = 0.0) -> None:
        self.pace = pace
        self._stretches = stretches
        self._random = random.Random(seed)
        self._losses = losses
        self._free_s = 0.0
        self._sequence = 0
        self._credits: list[tuple[float, int]] = []
        self._waiting_s: float | None = None
        self._encodes_bps = float(pace.bitrate_bps)
        self._need_key = True
        self._arrived: list[tuple[float, float]] = []

    def run(self, fps: float = 30.0) -> list[Second]:
        """Give what each second brought."""
        self.pace.fps = fps
        end_s = sum(stretch.seconds for stretch in self._stretches)
        seconds, due_s = [], 0.0
        while due_s < end_s:
            if self._credits and self._credits[0][0] <= due_s:
                now_s, sequence = heapq.heappop(self._credits)
                self.pace.credited(sequence, now_s)
            else:
                now_s, due_s = due_s, due_s + 1 / fps
                self._waiting_s = now_s
                if int(due_s) > int(now_s):
                    seconds.append(self._second(int(due_s)))
            self._send(now_s, fps)
        return seconds

    def _send(self, now_s: float, fps: float) -> None:
        if self.pace.expire(now_s):
            self._need_key = True
        if self._waiting_s is None or not self.pace.may_send():
            return
        stretch = self._stretch(now_s)
        self._encodes_bps += 0.15 * (self.pace.bitrate_bps - self._encodes_bps)  # encoders follow slowly
        bits = self._encodes_bps / fps * self._random.uniform(0.6, 1.5) + OVERHEAD_BITS
        if self._need_key:
            bits, self._need_key = bits * KEY_FRAME_FACTOR, False
        if self._sequence % 8 == 0:
            self.pace.choose_scale(640, 480)
        self.pace.sent(self._sequence, now_s)
        self._free_s = max(self._free_s, now_s) + bits / stretch.rate_bps
        arrives_s = self._free_s + stretch.round_trip_s / 2
        if self._random.random() >= self._losses:
            credit_s = arrives_s + stretch.round_trip_s / 2 + self._random.choice(TIMES_LATE_S)
            heapq.heappush(self._credits, (credit_s, self._sequence))
            self._arrived.append((arrives_s, arrives_s - self._waiting_s))
        self._sequence, self._waiting_s = self._sequence + 1, None

    def _stretch(self, now_s: float) -> Stretch:
        for stretch in self._stretches:
            if now_s < stretch.seconds:
                return stretch
            now_s -= stretch.seconds
        return self._stretches[-1]

    def _second(self, end_s: int) -> Second:
        took_s = [took for at, took in self._arrived if end_s - 1 <= at < end_s]
        return Second(
            frames=len(took_s),
            median_s=median(took_s) if took_s else 0.0,
            worst_s=max(took_s, default=0.0),
            bitrate_bps=self.pace.bitrate_bps,
            window=self.pace.window,
            scale=self.pace.scale,
        )


def series() -> dict[str, Any]:
    """Near, far, thin, lossy and back; then another carrier."""
    pace = RecordingPace(full_bitrate_bps(640, 480, 30))
    stretches = [Stretch(2, 0.002, 1e9), Stretch(5, 0.08, 4e6), Stretch(5, 0.08, 3e5), Stretch(2, 0.002, 1e9)]
    Way(pace, stretches, losses=0.01).run()
    pace.reset()
    full = [
        [size, full_bitrate_bps(*size)]
        for size in ((640, 480, 30), (1280, 720, 60), (16, 16, 0), (1920, 1080, 24.5))
    ]
    return {"max_bitrate_bps": pace.max_bitrate_bps, "fps": pace.fps, "series": pace.series, "full": full}


if __name__ == "__main__":
    SERIES.write_text(json.dumps(series(), separators=(",", ":")).replace('],["', '],\n["') + "\n")
