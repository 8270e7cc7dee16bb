"""Finished files, of every format: checked by reading them to the end; also from recordings that were cut."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from ipymedia.errors import Reason, RecordingError
from ipymedia.recorders.container.convert import convert
from ipymedia.recorders.container.picture import convert_picture

CODECS = {
    "webm": ["vp8", "opus"],
    "mkv": ["vp8", "opus"],
    "mp4": ["h264", "aac"],
    "gif": ["gif"],
    "wav": ["pcm_s16le"],
    "mp3": ["mp3"],
    "ogg": ["opus"],
}
SECONDS = 2.0


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as a browser records it: VP8 and Opus, without a duration."""
    import numpy as np

    path = tmp_path_factory.mktemp("recorded") / "recorded.part"
    with path.open("wb") as file, av.open(file, "w", format="webm", options={"live": "1"}) as made:
        picture, sound = made.add_stream("libvpx", rate=25), made.add_stream("libopus", rate=48_000)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
        sound.layout = "mono"
        for number in range(round(25 * SECONDS)):
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), 5 * number, np.uint8), format="rgb24")
            frame.pts = number
            made.mux(picture.encode(frame))
            tone = np.sin(np.arange(1920) / 10).astype(np.float32)[None] * 0.3
            block = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            block.sample_rate, block.pts = 48_000, 1920 * number
            made.mux(sound.encode(block))
        made.mux(picture.encode(None))
        made.mux(sound.encode(None))
    return path


def content(path: Path) -> tuple[list[str], float, int]:
    with av.open(str(path)) as file:
        names = [stream.codec_context.codec.canonical_name for stream in file.streams]
        duration_s = (file.duration or 0) / 1e6
        frames = sum(1 for packet in file.demux() for _ in packet.decode())
    return names, duration_s, frames


@pytest.mark.parametrize("format", CODECS)
def test_every_format_is_whole(recorded: Path, tmp_path: Path, format: str) -> None:
    shares: list[float] = []
    target = tmp_path / f"made.{format}"
    convert(recorded, target, format, progress=shares.append)
    names, duration_s, frames = content(target)
    assert names == CODECS[format]
    assert abs(duration_s - SECONDS) < 0.15
    assert frames > 20
    assert shares == sorted(shares)
    assert shares[-1] > 0.8
    assert [path.name for path in tmp_path.iterdir()] == [target.name]  # nothing else is left


@pytest.mark.parametrize("format", ["webm", "mp4"])
def test_what_was_cut_plays_up_to_the_cut(recorded: Path, tmp_path: Path, format: str) -> None:
    cut = tmp_path / "cut.part"
    data = recorded.read_bytes()
    cut.write_bytes(data[: len(data) * 2 // 3])
    convert(cut, tmp_path / f"made.{format}", format)
    _, duration_s, _ = content(tmp_path / f"made.{format}")
    assert 0.4 * SECONDS < duration_s < SECONDS


@pytest.mark.parametrize("data", [b"", b"no film at all" * 100])
def test_nothing_is_said_to_be_nothing(tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "nothing.part"
    source.write_bytes(data)
    with pytest.raises(RecordingError) as refused:
        convert(source, tmp_path / "made.webm", "webm")
    assert refused.value.reason is Reason.NOTHING_RECORDED
    assert not (tmp_path / "made.webm").exists()


def test_an_unknown_format_is_refused(recorded: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="webm, mp4"):
        convert(recorded, tmp_path / "made.exe", "exe")


@pytest.mark.parametrize(
    ("format", "magic"), [("png", b"\x89PNG"), ("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")]
)
def test_pictures_change_their_format(tmp_path: Path, format: str, magic: bytes) -> None:
    from PIL import Image

    Image.new("RGB", (20, 10), "red").save(tmp_path / "given.png")
    convert_picture(tmp_path / "given.png", tmp_path / "made", format)
    assert (tmp_path / "made").read_bytes().startswith(magic)
    with Image.open(tmp_path / "made") as made:
        red = made.convert("RGB").getpixel((5, 5))
        assert made.size == (20, 10)
    assert isinstance(red, tuple)
    assert red[0] > 240
    assert red[1] < 16
