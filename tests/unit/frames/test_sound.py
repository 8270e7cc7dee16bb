"""Sound in the kernel: coding, cutting into blocks, functions over it, what an outlet keeps."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from ipymedia.errors import CodecError, MediaError, ProcessingError, Reason
from ipymedia.frames.codec.media_reader import read_media
from ipymedia.frames.codec.sound import Resampler, SoundDecoder, SoundEncoder
from ipymedia.frames.flow import OutletClosedError
from ipymedia.frames.pushed_sound import PushedSound
from ipymedia.frames.sound import SoundBlock, SoundSource
from ipymedia.frames.sound_processor import Cutter, SoundProcessor, as_sound, checked_samples
from ipymedia.protocol.messages import SOUND_FRAME_SAMPLES, SOUND_RATE


def tone(seconds: float, *, channels: int = 2, rate: int = SOUND_RATE, hz: float = 440) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * hz * times)
    return np.stack([wave / (1 + channel) for channel in range(channels)]).astype(np.float32)


@pytest.mark.parametrize("codec", ["opus", "pcm"])
@pytest.mark.parametrize("channels", [1, 2])
def test_coded_sound_is_the_same_sound(codec: str, channels: int) -> None:
    encoder, decoder = SoundEncoder(codec, channels), SoundDecoder(codec, channels)
    sent = tone(1.0, channels=channels)
    cut = range(0, sent.shape[1], SOUND_FRAME_SAMPLES)
    packets = [packet for at in cut for packet in encoder.encode(sent[:, at : at + SOUND_FRAME_SAMPLES])]
    got = np.concatenate([decoder.decode(packet) for packet in packets], axis=1)
    assert got.dtype == np.float32
    assert got.shape == sent.shape
    inner = slice(4800, 38400)
    # A codec delays by some samples: the best fit of a period.
    errors = [np.abs(got[:, 4800 + d : 38400 + d] - sent[:, inner]).mean() for d in range(130)]
    assert min(errors) < 0.02
    if codec == "opus":
        assert sum(map(len, packets)) < 40_000


def test_what_is_no_sound_is_an_error() -> None:
    with pytest.raises(CodecError) as error:
        SoundDecoder("opus", 2).decode(b"\xff" * 7)
    assert error.value.reason is Reason.DECODE_FAILED


def test_another_rate_becomes_48_khz_without_a_seam() -> None:
    resampler = Resampler(44_100, 1)
    given = tone(1.0, channels=1, rate=44_100)
    parts = [resampler.resample(given[:, at : at + 1000]) for at in range(0, 44_100, 1000)]
    got = np.concatenate(parts, axis=1)
    assert abs(got.shape[1] - SOUND_RATE) < 100
    spectrum = np.abs(np.fft.rfft(got[0, 1000:47_000] * np.hanning(46_000)))
    peak = spectrum.argmax()
    assert abs(peak * SOUND_RATE / 46_000 - 440) < 2
    assert spectrum[[*range(peak - 8), *range(peak + 9, len(spectrum))]].max() < 0.01 * spectrum[peak]


def test_blocks_are_of_one_length_and_follow_each_other() -> None:
    cutter = Cutter()
    whole = np.arange(10_000, dtype=np.float32)[np.newaxis] / 10_000
    blocks = []
    for at in range(0, 10_000, 960):
        cutter.put(SoundBlock(whole[:, at : at + 960], SOUND_RATE, 5 + at / SOUND_RATE))
        while (block := cutter.take(0.05)) is not None:
            blocks.append(block)
    assert [block.samples.shape for block in blocks] == [(1, 2400)] * 4
    np.testing.assert_array_equal(np.concatenate([b.samples for b in blocks], axis=1), whole[:, :9600])
    assert [round(block.time - 5, 6) for block in blocks] == [0, 0.05, 0.1, 0.15]
    # A source that becomes stereo: what waits is adapted.
    cutter.put(SoundBlock(np.ones((2, 2400), np.float32), SOUND_RATE, 6))
    block = cutter.take(0.05)
    assert block is not None
    assert block.samples.shape == (2, 2400)


class Pushed(SoundSource):
    started = stopped = 0

    def _start(self) -> None:
        self.started += 1

    def _stop(self) -> None:
        self.stopped += 1


def block(value: float, at: int = 0) -> SoundBlock:
    return SoundBlock(np.full((1, 960), value, np.float32), SOUND_RATE, at * 0.02)


def test_an_outlet_keeps_the_order_and_a_bounded_time() -> None:
    source = Pushed()
    outlet, other = source.subscribe(kept_s=0.1), source.subscribe()
    for index in range(10):
        source.emit(block(index, index))
    taken = [outlet.take(0) for _ in range(5)]
    assert [b.samples[0, 0] for b in taken if b] == [5, 6, 7, 8, 9]
    assert outlet.take(0) is None
    assert outlet.dropped_s == pytest.approx(0.1)
    assert (other.dropped_s, source.started, source.stopped) == (0, 1, 0)
    outlet.close()
    with pytest.raises(OutletClosedError):
        outlet.take(None)
    other.close()
    other.close()
    assert (source.started, source.stopped, source.used) == (1, 1, False)


def test_an_end_ends_loops_only_and_a_close_ends_all() -> None:
    source = Pushed()
    loop, speaker = source.subscribe(), source.subscribe()
    loop.on_finish = loop.end
    source.emit(block(1))
    source.finish()
    assert loop.take(0) is not None, "what is there can still be taken"
    with pytest.raises(OutletClosedError):
        loop.take(0)
    assert speaker.take(0) is not None
    source.close_outlets()
    with pytest.raises(OutletClosedError):
        speaker.take(None)


def run(function: object, blocks: list[SoundBlock]) -> tuple[list[SoundBlock], list[MediaError | None]]:
    source, told = Pushed(), []
    processor = SoundProcessor(lambda: source, function, 0.02, told.append, contextlib.nullcontext)  # type: ignore[arg-type]
    outlet = processor.subscribe()
    for each in blocks:
        source.emit(each)
    results = [outlet.take(5) for _ in blocks]
    outlet.close()
    assert not source.used
    return [result for result in results if result], told


def test_a_function_makes_other_sound() -> None:
    seen: list[tuple[tuple[int, ...], int, str]] = []

    def louder(samples: np.ndarray, rate: int) -> np.ndarray:
        seen.append((samples.shape, rate, str(samples.dtype)))
        samples *= 2  # its own copy
        return samples

    given = [block(0.25, index) for index in range(3)]
    results, told = run(louder, given)
    assert [result.samples[0, 0] for result in results] == [0.5] * 3
    assert [result.time for result in results] == [0, 0.02, 0.04]
    assert seen == [((1, 960), SOUND_RATE, "float32")] * 3
    assert given[0].samples[0, 0] == 0.25
    assert told == [None] * 3


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda samples, rate: 1 / 0, "ZeroDivisionError"),
        (lambda samples, rate: samples[:, 1:], "returned ndarray of shape \\(1, 959\\)"),
        (lambda samples, rate: "sound", "returned str"),
    ],
)
def test_a_function_that_fails_is_silence_and_an_error(function: object, says: str) -> None:
    results, told = run(function, [block(0.5)])
    assert results[0].samples.tolist() == np.zeros((1, 960)).tolist()
    assert told[0] is not None
    assert says.replace("\\", "") in told[0].message


def test_what_is_taken_for_sound() -> None:
    assert as_sound(np.array([0.5, np.nan, 2.0])).tolist() == [[0.5, 0.0, 1.0]]  # type: ignore[union-attr]
    assert as_sound(np.array([16384], np.int16)).tolist() == [[0.5]]  # type: ignore[union-attr]
    for wrong in (np.zeros((3, 10)), np.zeros((1, 2, 3)), np.array([1, 2]), "a", None):
        assert as_sound(wrong) is None


def test_the_end_of_a_film_reaches_loops_over_what_a_function_makes_of_its_sound() -> None:
    source = Pushed()
    processor = SoundProcessor(
        lambda: source, lambda s, r: s, 0.02, lambda error: None, contextlib.nullcontext
    )
    outlet = processor.subscribe()
    outlet.on_finish = outlet.end
    source.finish()
    with pytest.raises(OutletClosedError):
        outlet.take(5)
    outlet.close()


def test_a_worker_ends_with_its_last_listener() -> None:
    before = threading.active_count()
    run(lambda samples, rate: None, [block(1)])
    for thread in threading.enumerate():
        if thread.name == "ipymedia-sound-function":
            thread.join(5)
    assert threading.active_count() <= before


def test_pushed_sound_is_played_in_time_and_in_order() -> None:
    sound = PushedSound()
    outlet = sound.subscribe(kept_s=10)
    began_s = time.monotonic()
    ramp = np.linspace(-1, 1, 24_000, dtype=np.float32)[np.newaxis]
    for at in range(0, 24_000, 1000):
        sound.push(ramp[:, at : at + 1000], SOUND_RATE)
    got = np.zeros((1, 0), np.float32)
    while got.shape[1] < 24_000:
        part = outlet.take(5)
        assert part is not None
        got = np.concatenate([got, part.samples], axis=1)
    np.testing.assert_array_equal(got, ramp)
    assert 0.4 < time.monotonic() - began_s < 0.8, "half a second of sound takes half a second"
    assert sound.waiting_s == 0
    with pytest.raises(ProcessingError) as error:
        sound.push(np.zeros((1, 61 * SOUND_RATE), np.float32), SOUND_RATE)
    assert error.value.reason is Reason.TOO_LARGE
    sound.push(np.zeros((1, 30 * 44_100), np.float32), 44_100)
    assert 29 < sound.waiting_s <= 30
    sound.close_outlets()
    assert sound.waiting_s == 0
    for thread in threading.enumerate():
        if thread.name == "ipymedia-pushed-sound":
            thread.join(5)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        ("sound", 48_000),
        (np.zeros((3, 9)), 48_000),
        (np.zeros(9, int), 48_000),
        (np.zeros(9), 0),
        (np.zeros(9), 4.5),
    ],
)
def test_what_is_no_sound_is_not_pushed(samples: object, rate: object) -> None:
    with pytest.raises(ProcessingError, match=r"push_audio|rate=") as error:
        checked_samples(samples, rate)
    assert error.value.reason is Reason.BAD_ARGUMENT


def test_a_films_sound_comes_with_its_pictures(film: Path) -> None:
    seen = list(
        itertools.islice(read_media(str(film), loop=False, timeout_s=10, options={}, sound=True), 200)
    )
    sounds = [(each, at_s) for each, at_s in seen if isinstance(each, SoundBlock)]
    pictures = [at_s for each, at_s in seen if not isinstance(each, SoundBlock)]
    assert len(sounds) > 20
    assert len(pictures) > 20
    for (before, at_s), (_, next_s) in itertools.pairwise(sounds[2:]):
        assert next_s - at_s == pytest.approx(before.seconds, abs=0.005)
    # In step: a picture never comes long before the sound of its time.
    times = [at_s for _, at_s in seen]
    assert max(before - after for before, after in itertools.pairwise(times)) < 0.3
