"""How alike a captured picture is to what the browser shows."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator
from skimage.metrics import structural_similarity

Picture = NDArray[np.uint8]

#: Python for a kernel: an array as text.
AS_TEXT = (
    "(lambda picture: __import__('base64').b64encode(__import__('ipymedia.frames.codec.still', "
    "fromlist=['still']).encode_still(picture)).decode())"
)

_ALIGN = """element => {
  const { style } = element.parentElement;
  style.padding = "0";
  const { left, top } = element.getBoundingClientRect();
  style.paddingTop = `${(1 - (top % 1)) % 1}px`;
  style.paddingLeft = `${(1 - (left % 1)) % 1}px`;
}"""


def view_of(output: Locator) -> Locator:
    """The element of the widget that an output shows."""
    return output.locator(".jp-OutputArea-output").last.locator("xpath=./*").first


def true_picture(view: Locator) -> Picture:
    """What the browser shows, on whole pixels: text between two of them is drawn otherwise."""
    view.scroll_into_view_if_needed()
    view.evaluate(_ALIGN)
    view.page.mouse.move(2, 2)
    return from_png(view.screenshot(animations="allow"))


def from_png(data: bytes) -> Picture:
    """The pixels of an image file, as RGB."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def from_text(text: str) -> Picture:
    """The pixels of an image in base64."""
    return from_png(base64.b64decode(text))


def likeness(true: Picture, captured: Picture) -> float:
    """The structural similarity (SSIM), 1 where they are the same; a size that differs by a pixel's rounding is cut.

    Source: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment", IEEE Trans. Image Processing 13 (2004).
    """
    height, width = np.minimum(true.shape[:2], captured.shape[:2])
    if max(abs(true.shape[0] - captured.shape[0]), abs(true.shape[1] - captured.shape[1])) > 2:
        return 0.0
    window = min(7, height, width)
    return float(
        structural_similarity(
            true[:height, :width],
            captured[:height, :width],
            channel_axis=2,
            win_size=window - (window + 1) % 2,
        )
    )
