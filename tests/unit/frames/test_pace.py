"""Flow control: rule 5 of the live path, on simulated ways."""

from __future__ import annotations

import pytest

from ipymedia.frames.pace import MIN_BITRATE_BPS, SCALES, Pace, full_bitrate_bps
from ipymedia.protocol.messages import CREDIT_TIMEOUT_S, MAX_IN_FLIGHT, MIN_IN_FLIGHT
from tests.contract.way import Second, Stretch, Way

FULL_BPS = full_bitrate_bps(640, 480, 30)
NEAR = Stretch(4, 0.002, 1e9)
SEEDS = range(6)


def run(*stretches: Stretch, seed: int = 1, losses: float = 0.0) -> list[Second]:
    return Way(Pace(FULL_BPS), list(stretches), seed=seed, losses=losses).run()


def acknowledged(pace: Pace, round_trip_s: float, count: int, *, from_s: float = 0.0) -> float:
    """Send and acknowledge `count` frames one by one; give the time after it."""
    now_s = from_s
    for sequence in range(count):
        pace.sent(sequence, now_s)
        now_s += round_trip_s
        pace.credited(sequence, now_s)
    return now_s


@pytest.mark.parametrize(
    ("round_trip_s", "fps", "window"),
    [(0.001, 30, 2), (0.08, 30, 4), (0.1, 60, 7), (2.0, 30, 8), (0.5, 5, 4)],
)
def test_window_holds_a_round_trip_and_one(round_trip_s: float, fps: float, window: int) -> None:
    pace = Pace(FULL_BPS)
    pace.fps = fps
    assert pace.window == MIN_IN_FLIGHT
    acknowledged(pace, round_trip_s, 5)
    assert pace.window == window
    assert pace.round_trip_s == pytest.approx(round_trip_s)


def test_no_more_is_sent_than_the_window_holds() -> None:
    pace = Pace(FULL_BPS)
    for sequence in range(MIN_IN_FLIGHT):
        assert pace.may_send()
        pace.sent(sequence, 0.0)
    assert not pace.may_send()
    pace.credited(0, 0.01)
    assert pace.may_send()


def test_a_credit_for_a_later_frame_counts_the_ones_before_it_as_lost() -> None:
    pace = Pace(FULL_BPS)
    for sequence in range(4):
        pace.sent(sequence, 0.0)
    pace.credited(2, 0.01)
    assert (pace.lost, pace.in_flight) == (2, 1)
    pace.credited(0, 0.02)  # after all: not counted twice
    pace.credited(99, 0.02)
    assert (pace.lost, pace.in_flight) == (2, 1)


def test_lost_credit_comes_back_by_time_out() -> None:
    pace = Pace(FULL_BPS)
    pace.sent(0, 0.0)
    pace.sent(1, 0.5)
    assert not pace.expire(CREDIT_TIMEOUT_S - 0.01)
    assert pace.next_expiry_s(0.4) == pytest.approx(CREDIT_TIMEOUT_S - 0.4)
    assert pace.expire(CREDIT_TIMEOUT_S + 0.01)
    assert (pace.lost, pace.in_flight) == (1, 1)
    assert not pace.expire(CREDIT_TIMEOUT_S + 0.01)


def test_a_slow_way_gets_more_time_before_frames_are_taken_for_lost() -> None:
    pace = Pace(FULL_BPS)
    now_s = acknowledged(pace, 1.5, 3)
    pace.sent(10, now_s)
    assert not pace.expire(now_s + 5.9)
    assert pace.expire(now_s + 6.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_near_way_carries_all_at_the_full_bitrate(seed: int) -> None:
    seconds = run(NEAR, NEAR, seed=seed)
    assert all(second.bitrate_bps == FULL_BPS and second.scale == 1 for second in seconds[2:])
    assert all(second.frames >= 29 for second in seconds[1:])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_way_that_becomes_longer_is_no_queue(seed: int) -> None:
    """80 ms more, and room enough: full rate and bitrate are back within seconds."""
    seconds = run(NEAR, Stretch(12, 0.08, 4e6), seed=seed)
    for second in seconds[-6:]:
        assert second.bitrate_bps == FULL_BPS
        assert second.frames >= 28


@pytest.mark.parametrize("rate_bps", [1e6, 5e5])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_thin_way_is_followed_and_latency_does_not_grow(seed: int, rate_bps: float) -> None:
    seconds = run(NEAR, Stretch(10, 0.08, 4e6), Stretch(40, 0.08, rate_bps), seed=seed)
    steady = seconds[-30:]
    assert all(second.frames >= 15 for second in steady)
    assert all(second.worst_s < 0.6 for second in steady)
    early, late = (sum(second.median_s for second in part) for part in (steady[:10], steady[-10:]))
    assert late < 1.3 * early
    mean_bps = sum(second.bitrate_bps for second in steady) / len(steady)
    assert 0.5 * rate_bps < mean_bps < rate_bps


def test_the_bitrate_comes_back_with_the_room() -> None:
    seconds = run(NEAR, Stretch(10, 0.08, 5e5), Stretch(30, 0.08, 1e8))
    assert min(second.bitrate_bps for second in seconds) < 6e5
    assert seconds[-1].bitrate_bps == FULL_BPS


def test_size_follows_a_bitrate_that_is_too_low_and_not_to_and_fro() -> None:
    pace = Pace(FULL_BPS)
    assert pace.choose_scale(640, 480) == 1.0
    pace.bitrate_bps = MIN_BITRATE_BPS
    chosen = [pace.choose_scale(640, 480) for _ in range(6)]
    assert chosen[0] == SCALES[1]
    assert chosen == sorted(chosen, reverse=True)
    assert len(set(chosen[-3:])) == 1, "it settles"
    pace.bitrate_bps = FULL_BPS
    assert [pace.choose_scale(640, 480) for _ in range(4)][-1] == 1.0


def test_losses_are_counted_and_do_not_stop_the_flow() -> None:
    way = Way(Pace(FULL_BPS), [Stretch(10, 0.02, 1e9)], losses=0.05)
    assert all(second.frames >= 15 for second in way.run()[1:])
    assert way.pace.lost > 5
    assert way.pace.in_flight <= MAX_IN_FLIGHT


def test_another_carrier_begins_anew() -> None:
    pace = Pace(FULL_BPS)
    acknowledged(pace, 0.4, 5)
    pace.bitrate_bps = MIN_BITRATE_BPS
    pace.sent(100, 3.0)
    pace.reset()
    assert (pace.window, pace.in_flight, pace.lost, pace.round_trip_s) == (MIN_IN_FLIGHT, 0, 1, 0.0)
    assert pace.bitrate_bps == FULL_BPS
    pace.credited(100, 3.1)  # from the old carrier
    assert pace.round_trip_s == 0.0
