"""What Python gets is what the camera saw, and what a page shows is what Python gave: by pixels."""

from __future__ import annotations

import io
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from tests.e2e.harness import JupyterServer
from tests.e2e.harness.pixels import install_still_camera, psnr_db, wait_for_pixels

CAMERA = "from ipymedia import CameraStream\ncamera = CameraStream(constraints={'audio': False})\ncamera"
SAVE_FRAMES = """
import numpy as np
kept = []
for image in camera.frames():
    kept.append(image)
    if len(kept) == 90:
        break
np.save('frames.npy', np.stack(kept))
"""
SAVE_STILLS = """
np.save('lossless.npy', np.stack([camera.snapshot() for _ in range(3)]))
np.save('jpeg.npy', np.stack([camera.snapshot(lossless=False) for _ in range(3)]))
"""


@pytest.fixture(scope="module")
def film_images(film: Path) -> NDArray[np.uint8]:
    """What the fake camera plays, decoded: (n, height, width, 3) RGB."""
    with av.open(str(film)) as container:
        return np.stack(
            [frame.to_ndarray(format="rgb24") for frame in islice(container.decode(video=0), 192)]
        )


def best_match(image: NDArray[np.uint8], film: NDArray[np.uint8]) -> tuple[int, float]:
    """Find the picture of the film that an image is, by content; give its index and the PSNR in dB."""
    small = image[::8, ::8].astype(np.int32)
    distances = np.abs(film[:, ::8, ::8].astype(np.int32) - small).mean(axis=(1, 2, 3))
    candidates = np.argsort(distances)[:4]
    return max(
        ((int(index), psnr_db(image, film[index])) for index in candidates), key=lambda found: found[1]
    )


def test_python_gets_the_film(open_notebook, lab: JupyterServer, film_images: NDArray[np.uint8]) -> None:
    notebook = open_notebook([CAMERA])
    notebook.run_cell(0)
    notebook.run(SAVE_FRAMES)
    found = [best_match(image, film_images) for image in np.load(lab.root / "frames.npy")]
    qualities = [quality for _, quality in found]
    # Where the film begins again, and where the stream does, an encoder takes some frames to catch up.
    assert np.percentile(qualities, 10) >= 32, found
    assert min(qualities) >= 27, found
    steps = [(later - earlier) % len(film_images) for (earlier, _), (later, _) in pairwise(found)]
    assert max(steps) < len(film_images) / 2, f"frames came in another order: {found}"

    notebook.run(SAVE_STILLS)
    lossless, jpeg = (np.load(lab.root / name) for name in ("lossless.npy", "jpeg.npy"))
    # PNG loses nothing; what is left is the way in which browser and PyAV interpolate the colour of 4:2:0 pictures.
    assert min(best_match(image, film_images)[1] for image in lossless) >= 44
    assert min(best_match(image, film_images)[1] for image in jpeg) >= 38


# Bars and steps of gray: what a wrong matrix, a wrong range or swapped planes show at once.
BARS = [
    (191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0),
    (191, 0, 191), (191, 0, 0), (0, 0, 191), (16, 16, 16),
]  # fmt: skip
IDENTITY = """
camera = CameraStream(constraints={{'audio': False}}, codec={codec!r})
latest = None
def identity(image):
    global latest
    latest = image.copy()
    return image
shown = camera.map(identity, codec={codec!r})
shown.badge = True
shown
"""
NOTE_CODECS = """
import numpy as np
from ipymedia import CameraStream
from ipymedia.frames.hub import get_hub
from ipymedia.protocol.messages import FrameData
came = []
get_hub().link.on(FrameData, lambda page, message, data: came.append(message.codec))
"""


def colour_bars(width: int, height: int) -> NDArray[np.uint8]:
    bars = np.zeros((height, width, 3), np.uint8)
    half = height // 2 // 16 * 16
    for index, color in enumerate(BARS):
        bars[:half, index * width // 8 : (index + 1) * width // 8] = color
    bars[half:] = np.linspace(0, 255, width).astype(np.uint8)[None, :, None]
    return bars


def test_colour_bars_there_and_back_in_each_codec(
    context: BrowserContext, open_notebook, lab: JupyterServer
) -> None:
    bars = colour_bars(640, 480)
    png = io.BytesIO()
    Image.fromarray(bars).save(png, "PNG")
    install_still_camera(context, png.getvalue())
    notebook = open_notebook([NOTE_CODECS, ""], context=context)
    notebook.run_cell(0)
    for codec in ("h264", "vp9", "vp8", "av1", "jpeg"):
        # The same cell run again: the codec changes in the running stream.
        notebook.set_source(1, IDENTITY.format(codec=codec))
        notebook.run_cell(1)
        output = notebook.output(1)
        expect(output.locator(".ipymedia-badge")).to_contain_text(f", {codec}", timeout=20_000)
        notebook.wait_for(f"came[-1] == {codec!r}")
        back = wait_for_pixels(
            output.locator("canvas.ipymedia-picture"),
            lambda seen: seen.shape == bars.shape and mean_error(seen, bars) <= 4,
        )
        notebook.evaluate("np.save('there.npy', latest)")
        there = np.load(lab.root / "there.npy")
        assert mean_error(there, bars) <= 4, codec
        assert mean_error(back, bars) <= 4, codec


def mean_error(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(np.int32) - other.astype(np.int32)).mean())
