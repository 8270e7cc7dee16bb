"""How many frames may be on the wire, and at which bitrate and size: the sender's side of rule 5.

``window = round trip x frame rate + 1``, at least 2, at most 8. The bitrate falls when acknowledgements come later
than the quickest ones of late did (a queue builds up somewhere), and rises slowly while they do not; when it falls
below what the picture needs, the size follows. A queue gets shorter when less is sent. Where the round trip stays long
although the bitrate fell in six steps to a quarter, the way itself is longer, or a processor is busy: the
bitrate goes back, and the window follows the new round trip. `frontend/src/frames/pace.ts` is the same in TypeScript.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque

from ..protocol.messages import CREDIT_TIMEOUT_S, MAX_IN_FLIGHT, MIN_IN_FLIGHT

BITS_PER_PIXEL = 0.22
"""Of a frame at full quality: 2 Mbit/s at 640x480 and 30 frames a second."""
MIN_BITRATE_BPS = 120_000
QUEUE_HIGH_S = 0.06
QUEUE_LOW_S = 0.035
STEP_S = 0.25
FALL = 0.8
FALLS_TO_JUDGE = 6
STILL_LONG = 0.85
RISE_STEP_S = 0.5
RISE = 1.15
REMEMBERED_S = 10.0
SCALES = (1.0, 0.75, 0.5, 0.375)
POOR_BITS_PER_PIXEL = 0.03


def full_bitrate_bps(width: int, height: int, fps: float) -> int:
    """What a picture of this size and rate is given on a way that carries all; 60 fps need less than twice 30."""
    return max(MIN_BITRATE_BPS, int(BITS_PER_PIXEL * width * height * 30 * (max(fps, 1) / 30) ** 0.7))


class Pace:
    """Flow control of one direction of one stream. All times in seconds of one monotonic clock, given by the caller."""

    def __init__(self, max_bitrate_bps: int) -> None:
        self.max_bitrate_bps = max_bitrate_bps
        self.bitrate_bps = max_bitrate_bps
        self.fps = 30.0
        self.lost = 0
        self.scale = 1.0
        self._in_flight: OrderedDict[int, float] = OrderedDict()
        self._round_trips: deque[tuple[float, float]] = deque()
        self._smooth_s = 0.0
        self._changed_s = 0.0
        self._falls = 0
        self._fell_from_bps = 0
        self._longest_s = 0.0

    @property
    def in_flight(self) -> int:
        """Frames that were sent and not acknowledged."""
        return len(self._in_flight)

    @property
    def round_trip_s(self) -> float:
        """The quickest acknowledgement of the last ten seconds, or since the way became longer."""
        return min((rtt for _, rtt in self._round_trips), default=0.0)

    @property
    def window(self) -> int:
        """How many frames may be on the wire: for a usual round trip, as far as it is no queue's."""
        usual_s = min(self._smooth_s, self.round_trip_s + QUEUE_LOW_S)
        return max(MIN_IN_FLIGHT, min(MAX_IN_FLIGHT, math.ceil(usual_s * self.fps) + 1))

    def may_send(self) -> bool:
        """Whether there is room for another frame."""
        return len(self._in_flight) < self.window

    def sent(self, sequence: int, now_s: float) -> None:
        """Frame `sequence` left."""
        self._in_flight[sequence] = now_s

    def credited(self, sequence: int, now_s: float) -> None:
        """Frame `sequence` was taken in; what was sent before it and not acknowledged was lost or counted late."""
        sent_s = self._in_flight.get(sequence)
        if sent_s is None:
            return
        while self._in_flight:
            oldest, _ = self._in_flight.popitem(last=False)
            if oldest == sequence:
                break
            self.lost += 1
        rtt = now_s - sent_s
        self._round_trips.append((now_s, rtt))
        while self._round_trips[0][0] < now_s - REMEMBERED_S:
            self._round_trips.popleft()
        self._smooth_s = rtt if self._smooth_s == 0.0 else 0.8 * self._smooth_s + 0.2 * rtt
        self._follow(now_s)

    def expire(self, now_s: float) -> bool:
        """Take frames for lost that were not acknowledged in time; True when there were any (a key frame is due)."""
        limit_s = max(CREDIT_TIMEOUT_S, 4 * self._smooth_s)
        late = [sequence for sequence, sent_s in self._in_flight.items() if sent_s < now_s - limit_s]
        for sequence in late:
            del self._in_flight[sequence]
        self.lost += len(late)
        return bool(late)

    def next_expiry_s(self, now_s: float) -> float:
        """How long until the oldest frame on the wire is taken for lost."""
        if not self._in_flight:
            return CREDIT_TIMEOUT_S
        oldest_s = next(iter(self._in_flight.values()))
        return max(0.01, oldest_s + max(CREDIT_TIMEOUT_S, 4 * self._smooth_s) - now_s)

    def reset(self) -> None:
        """Another carrier: what was under way on the old one is gone, and what was learnt about it is worthless."""
        self.lost += len(self._in_flight)
        self._in_flight.clear()
        self._round_trips.clear()
        self._smooth_s = 0.0
        self._judged()
        self.bitrate_bps = self.max_bitrate_bps

    def choose_scale(self, width: int, height: int) -> float:
        """The share of the full size that the bitrate allows; changes with hysteresis."""
        pixels_a_second = max(1.0, width * height * max(self.fps, 1.0))
        current = self.scale
        if self.bitrate_bps < POOR_BITS_PER_PIXEL * pixels_a_second * current**2:
            self.scale = next((s for s in SCALES if s < current), current)
        else:
            larger = next((s for s in reversed(SCALES) if s > current), current)
            if self.bitrate_bps > 2 * POOR_BITS_PER_PIXEL * pixels_a_second * larger**2:
                self.scale = larger
        return self.scale

    def _follow(self, now_s: float) -> None:
        queue_s = self._smooth_s - self.round_trip_s
        since_s = now_s - self._changed_s
        if queue_s > QUEUE_HIGH_S:
            self._longest_s = max(self._longest_s, self._smooth_s)
            if since_s > max(STEP_S, self._smooth_s):
                self._fall(now_s)
            return
        self._judged()
        if queue_s < QUEUE_LOW_S and since_s > RISE_STEP_S and self.bitrate_bps < self.max_bitrate_bps:
            self.bitrate_bps = min(self.max_bitrate_bps, int(self.bitrate_bps * RISE))
            self._changed_s = now_s

    def _fall(self, now_s: float) -> None:
        if self._falls == 0:
            self._fell_from_bps = self.bitrate_bps
        if self._falls >= FALLS_TO_JUDGE and self._smooth_s > STILL_LONG * self._longest_s:
            while self._round_trips[0][0] < self._changed_s:
                self._round_trips.popleft()
            self.bitrate_bps = self._fell_from_bps
            self._judged()
        else:
            self.bitrate_bps = max(MIN_BITRATE_BPS, int(self.bitrate_bps * FALL))
            self._falls += 1
        self._changed_s = now_s

    def _judged(self) -> None:
        self._falls, self._longest_s = 0, 0.0
