"""What a page has open: the tracks that `getUserMedia` gave, whether a light is on, and devices that fail."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page

_WATCH = """(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  const ask = media.getUserMedia.bind(media);
  window.__capture = { tracks: [], requests: 0, failure: null };
  media.getUserMedia = async (constraints) => {
    __capture.requests += 1;
    if (__capture.failure) throw new DOMException("Could not start video source", __capture.failure);
    const stream = await ask(constraints);
    __capture.tracks.push(...stream.getTracks());
    return stream;
  };
})()"""
_LIVE = """kind => __capture.tracks.filter(track => track.readyState === "live" && (!kind || track.kind === kind))
  .map(track => ({ kind: track.kind, label: track.label, enabled: track.enabled, ...track.getSettings() }))"""
_DARK = "() => __capture.tracks.every(track => track.readyState === 'ended')"
# A picture that moves: two samples of it differ.
_MOVES = """(element, timeoutMs) => new Promise((resolve, reject) => {
  const endMs = performance.now() + timeoutMs;
  const canvas = new OffscreenCanvas(32, 32);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let first = null;
  const look = () => {
    if (!element.isConnected) return resolve(null);
    const width = element.videoWidth ?? element.width;
    if (width > 0) {
      context.drawImage(element, 0, 0, 32, 32);
      const text = context.getImageData(0, 0, 32, 32).data.join();
      first ??= text;
      if (text !== first) return resolve([width, element.videoHeight ?? element.height]);
    }
    if (performance.now() < endMs) setTimeout(look, 30);
    else reject(new Error(first === null ? `no picture within ${timeoutMs} ms` : "the picture stands still"));
  };
  look();
})"""


def watch_capture(context: BrowserContext) -> None:
    """Note what every page of the context opens from now on."""
    context.add_init_script(_WATCH)


def fail_capture(page: Page, name: str | None) -> None:
    """Let the device of this page fail with a DOMException of this name, or work again; after `watch_capture`."""
    page.evaluate("name => { __capture.failure = name; }", name)


class Capture:
    """What one page has open; its context went through `watch_capture`."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def requests(self) -> int:
        """How many times the page asked for a device since it was loaded."""
        return int(self.page.evaluate("() => __capture.requests"))

    def live(self, kind: str = "") -> list[dict[str, Any]]:
        """Give the open tracks: ``kind``, ``label``, ``enabled``, and their settings."""
        tracks: list[dict[str, Any]] = self.page.evaluate(_LIVE, kind)
        return tracks

    def wait_dark(self, *, timeout_s: float = 10.0) -> None:
        """Wait until no track is open: the light is out."""
        self.page.wait_for_function(_DARK, timeout=timeout_s * 1000, polling=50)

    def wait_video(self, label: str, *, timeout_s: float = 10.0) -> None:
        """Wait until the one open video track is that of the device with this label."""
        self.page.wait_for_function(
            """label => { const live = __capture.tracks.filter(t => t.kind === "video" && t.readyState === "live");
            return live.length === 1 && live[0].label === label; }""",
            arg=label,
            timeout=timeout_s * 1000,
            polling=50,
        )


def shows(picture: Locator, *, timeout_s: float = 20.0) -> tuple[int, int]:
    """Wait until a ``<video>`` or ``<canvas>`` shows pictures that change; give its width and height."""
    while True:
        picture.wait_for(state="attached", timeout=timeout_s * 1000)
        size = picture.evaluate(_MOVES, timeout_s * 1000)
        if size is not None:  # else the cell's new output took the place of the old one
            width, height = size
            return width, height
