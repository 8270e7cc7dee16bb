"""Pixels of what a page shows: read off the element that shows it, as a screenshot would, but of its own size."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, Locator

_READ = """async (element) => {
  // In an animation frame, after those of the player: the picture is whole.
  await new Promise((resolve) => requestAnimationFrame(resolve));
  const width = element.videoWidth ?? element.width;
  const height = element.videoHeight ?? element.height;
  if (!width || !height) return { width: 0, height: 0, data: "" };
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(element, 0, 0);
  const bytes = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return { width, height, data: btoa(text) };
}"""

_STILL_CAMERA = """(url) => {
  navigator.mediaDevices.getUserMedia = async () => {
    const bitmap = await createImageBitmap(await (await fetch(url)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    const track = new MediaStreamTrackGenerator({ kind: "video" });
    const writer = track.writable.getWriter();
    const timer = setInterval(() => {
      if (track.readyState === "ended") return clearInterval(timer);
      const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
      writer.write(frame).catch(() => frame.close());
    }, 1000 / 30);
    return new MediaStream([track]);
  };
}"""


def pixels(picture: Locator) -> NDArray[np.uint8]:
    """Give what a ``<canvas>`` or ``<video>`` holds, (height, width, 3) uint8 RGB; (0, 0, 3) before its first one."""
    read = picture.evaluate(_READ)
    data = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
    return data.reshape(read["height"], read["width"], 4)[:, :, :3].copy()


def wait_for_pixels(
    picture: Locator, accept: Callable[[NDArray[np.uint8]], bool], *, timeout_s: float = 20.0
) -> NDArray[np.uint8]:
    """Look until the picture is as `accept` wants it; give it. Raises `AssertionError` with some of its pixels."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        seen = pixels(picture)
        if seen.size and accept(seen):
            return seen
        if time.monotonic() > deadline_s:
            probes = seen[:: max(1, len(seen) // 4), :: max(1, seen.shape[1] // 4)].tolist()
            raise AssertionError(
                f"the picture of {seen.shape} was not as expected within {timeout_s:.0f} s: {probes}"
            )
        picture.page.wait_for_timeout(60)


def install_still_camera(context: BrowserContext, png: bytes) -> None:
    """Give all later pages of the context a camera of 30 fps that shows one picture, instead of the browser's."""
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    context.add_init_script(f"({_STILL_CAMERA})({url!r});")


def psnr_db(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio of two pictures of the same size."""
    error = np.mean((one.astype(np.float32) - other.astype(np.float32)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
