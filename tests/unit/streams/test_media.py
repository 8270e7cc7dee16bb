"""Films that are to be turned, and servers that say nothing."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ipymedia import ArrayStream, HostError, process


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the film")
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_film_is_given_upright_as_ffmpeg_turns_it(tmp_path: Path, degrees: int) -> None:
    plain, turned, wanted = (tmp_path / name for name in ("plain.mp4", "turned.mp4", "wanted.png"))
    run = ["ffmpeg", "-v", "error", "-y"]
    subprocess.run(
        [*run, "-f", "lavfi", "-i", "testsrc=s=64x32:d=0.2", "-pix_fmt", "yuv420p", plain], check=True
    )
    metadata = ["-metadata:s:v:0", f"rotate={degrees}"]
    done = subprocess.run([*run, "-i", plain, "-c", "copy", *metadata, turned], check=False)
    subprocess.run([*run, "-i", turned, "-frames:v", "1", wanted], check=True)
    expected = np.asarray(Image.open(wanted).convert("RGB")).astype(int)
    shape = (32, 64, 3) if degrees == 180 else (64, 32, 3)
    if done.returncode or expected.shape != shape:
        pytest.skip("this ffmpeg can't turn films so")
    for film in (turned, process(turned, lambda image: image, tmp_path / "out.mp4").path):
        with ArrayStream.from_media(film) as stream:
            shown = stream.snapshot().astype(int)
        assert shown.shape == shape
        assert np.abs(shown - expected).mean() < 10


def test_a_camera_that_does_not_answer_is_told_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"rtsp://user:secret@127.0.0.1:{silent.getsockname()[1]}/live"
        with ArrayStream.from_media(address, timeout=0.5) as stream:
            began_s = time.monotonic()
            with pytest.raises(HostError, match=r"nothing came for 0.5 s") as raised:
                stream.snapshot(timeout=5)
            assert time.monotonic() - began_s < 4
            assert raised.value.reason == "timed_out"
            assert "secret" not in raised.value.message
