"""Whole films: every picture, its time, the sound; in order with an executor; nothing half-done left behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import ipywidgets
import numpy as np
import pytest

from ipymedia import Box, CodecError, HostError, Mask, ProcessingError, process

FRAMES = 60


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 60 pictures whose gray says their number, at a rate that varies, with a tone of two seconds."""
    path = tmp_path_factory.mktemp("films") / "numbered.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30, options={"crf": "10", "bf": "0"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = Fraction(1, 600)
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 4 * index, np.uint8), format="rgb24")
            frame.pts, frame.time_base = pts_of(index), Fraction(1, 600)
            container.mux(video.encode(frame))
        tone = (0.3 * np.sin(np.arange(96_000) * 0.05)).astype(np.float32)[None]
        block = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        block.rate = 48_000
        container.mux(sound.encode(block))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path


def pts_of(index: int) -> int:
    return 20 * index + (7 if index % 3 == 1 else 0)


def read(path: Path) -> tuple[list[float], list[int], float, set[str]]:
    """Times and grays of the pictures, seconds of sound, and the codecs."""
    with av.open(str(path)) as container:
        codecs = {stream.codec_context.name for stream in container.streams}
        times: list[float] = []
        grays: list[int] = []
        samples = 0.0
        for frame in container.decode(*container.streams):
            if isinstance(frame, av.VideoFrame):
                times.append(float(frame.time or 0))
                grays.append(int(frame.to_ndarray(format="gray")[4:-4, 4:-4].mean()))
            elif isinstance(frame, av.AudioFrame):
                samples += frame.samples / frame.rate
    return times, grays, samples, codecs


@pytest.mark.parametrize(
    ("name", "codecs", "step_s"),
    [
        ("out.mp4", {"h264", "aac"}, 0.0001),
        ("out.mkv", {"h264", "aac"}, 0.001),
        ("out.webm", {"libvpx-vp9", "vp9", "opus", "libopus"}, 0.001),
    ],
)
def test_pictures_times_and_sound_are_kept(
    numbered: Path, tmp_path: Path, name: str, codecs: set[str], step_s: float
) -> None:
    made = process(numbered, lambda image: 255 - image, tmp_path / name)
    assert made.frames == FRAMES
    assert os.fspath(made) == str(tmp_path / name)
    times, grays, sound_s, found = read(made.path)
    before, _, sound_before_s, _ = read(numbered)
    assert times == pytest.approx(before, abs=step_s)
    assert grays == pytest.approx([255 - 4 * index for index in range(FRAMES)], abs=4)
    assert sound_s == pytest.approx(sound_before_s, abs=0.03)
    assert found <= codecs
    assert os.listdir(tmp_path) == [name]


def test_a_copied_sound_is_the_same_to_the_byte(numbered: Path, tmp_path: Path) -> None:
    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    assert packets(process(numbered, lambda _: None, tmp_path / "out.mp4").path) == packets(numbered)


def test_an_executor_keeps_every_picture_in_order(numbered: Path, tmp_path: Path) -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def slow(image: Any) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.004 if image[0, 0, 0] % 8 else 0.02)
        with lock:
            at_once -= 1
        return image

    with ThreadPoolExecutor(4) as pool:
        made = process(numbered, slow, tmp_path / "out.mp4", executor=pool)
    assert made.frames == FRAMES
    assert read(made.path)[1] == pytest.approx([4 * index for index in range(FRAMES)], abs=4)
    assert 2 <= most <= 4


def test_overlays_are_drawn_in_and_the_size_may_change(numbered: Path, tmp_path: Path) -> None:
    def draw(image: Any) -> Any:
        half = np.zeros((1, 2), bool)
        half[0, 1] = True
        return (
            np.zeros((96, 129, 3), np.uint8),
            Box(8, 8, 40, 40, fill="#ff0000"),
            Mask(half, color="lime", opacity=1),
        )

    made = process(numbered, draw, tmp_path / "out.mp4")
    with av.open(str(made.path)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape == (96, 128, 3)
    assert np.abs(picture[28, 28].astype(int) - (255, 0, 0)).max() < 30
    assert np.abs(picture[80, 100].astype(int) - (0, 255, 0)).max() < 30


def test_a_film_in_a_widget_and_in_memory(numbered: Path, tmp_path: Path) -> None:
    video = ipywidgets.Video.from_file(str(numbered))
    url = ipywidgets.Video.from_url(str(numbered))
    for source in (video, url, numbered.read_bytes()):
        assert process(source, lambda image: image, tmp_path / "out.mp4").frames == FRAMES
    with numbered.open("rb") as file:
        assert process(file, lambda image: image, tmp_path / "out.mp4").frames == FRAMES


def test_progress_is_told(numbered: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    process(
        numbered,
        lambda _: None,
        tmp_path / "out.mp4",
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [*((done, FRAMES) for done in range(1, FRAMES + 1)), (FRAMES, FRAMES)]


def test_a_failure_names_the_picture_and_leaves_nothing(numbered: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    target.write_text("what was there")

    def broken(frame: Any) -> Any:
        if frame.index == 30:
            raise ValueError("too gray")

    with pytest.raises(ProcessingError, match=r"ValueError: too gray \(picture 30, at 1\.00 s\)"):
        process(numbered, broken, target, format="frame")
    assert target.read_text() == "what was there"
    assert os.listdir(tmp_path) == ["out.mp4"]
    assert not [
        thread for thread in threading.enumerate() if thread.name in ("ipymedia-read", "ipymedia-write")
    ]


def test_an_interrupt_leaves_nothing(numbered: Path, tmp_path: Path) -> None:
    def interrupt(frame: Any) -> None:
        if frame.index == 20:
            signal.raise_signal(signal.SIGINT)

    # As a kernel has it; what a shell runs in the background ignores the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            process(numbered, interrupt, tmp_path / "out.mp4", format="frame")
    finally:
        signal.signal(signal.SIGINT, before)
    assert os.listdir(tmp_path) == []


def test_what_cannot_be(numbered: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no film")
    for source, path, expected, said in (
        ("/no/such.mp4", "a.mp4", HostError, "no such file"),
        (text, "a.mp4", CodecError, "text.mp4 was not read"),
        (numbered, "a.avi", ProcessingError, "must end in one of"),
        (numbered, "none/a.mp4", ProcessingError, "no such folder"),
        (3, "a.mp4", ProcessingError, "was given int"),
    ):
        with pytest.raises(expected, match=said):
            process(source, lambda image: image, tmp_path / path)
    with pytest.raises(ProcessingError, match="codec='mpeg1' is not known"):
        process(numbered, lambda image: image, tmp_path / "a.mp4", codec="mpeg1")
    with pytest.raises(ProcessingError, match=r"can't be shown.*picture 0"):
        process(numbered, lambda _: "text", tmp_path / "a.mp4")
    with pytest.raises(CodecError, match="was not written"):
        process(
            numbered, lambda image: image, tmp_path / "a.mp4", options={"profile": "baseline", "crf": "0"}
        )
    assert os.listdir(tmp_path) == ["text.mp4"]
