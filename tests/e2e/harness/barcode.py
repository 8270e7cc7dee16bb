"""Latency from pixels: a camera that paints the time on each frame, and a meter that reads it off the result.

The method needs nothing from the system under test, so it measures any peer as well. Clocks are those of one browser:
`performance.timeOrigin + performance.now()`, in painter and meter alike.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, ElementHandle, JSHandle, Locator, Page

_FOLDER = Path(__file__).parent
BLANK_URL = "http://localhost/blank"
COUNTER_RANGE = 2**16


@dataclass(frozen=True)
class Latency:
    """What a meter saw; times in milliseconds, and one entry for each *new* frame shown.

    Attributes
    ----------
    n : int
        New frames shown.
    fps : float
        New frames in a second, from the first to the last.
    median_ms, p95_ms, max_ms : float
        Age of a frame (now − the time painted on it) at the animation frame in which it first showed.
    max_gap_ms : float
        The longest time without a new frame.
    skipped : int
        Frames painted and never shown, between the first and the last.
    unreadable : int
        Animation frames in which the picture held no valid code, of `looks`.
    read_ms : float
        What reading the code cost, a look.
    size : (width, height)
        Of the picture that the element held.
    series : list of (shown_at_ms_since_1970, latency_ms, counter)
    """

    n: int
    fps: float
    median_ms: float
    p95_ms: float
    max_ms: float
    max_gap_ms: float
    skipped: int
    unreadable: int
    looks: int
    read_ms: float
    size: tuple[int, int]
    series: list[tuple[float, float, int]]

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Latency:
        """Make it of what the page recorded; raises `AssertionError` when fewer than two frames were read."""
        series: list[tuple[float, float, int]] = [(at, age, counter) for at, age, counter in raw["series"]]
        if len(series) < 2:
            raise AssertionError(
                f"read {len(series)} frames in {raw['looks']} looks ({raw['unreadable']} without a valid code) "
                f"off a picture of {raw['size']}"
            )
        shown = [at for at, _, _ in series]
        ages = sorted(age for _, age, _ in series)
        gaps = [later - earlier for earlier, later in pairwise(shown)]
        painted = sum((b[2] - a[2]) % COUNTER_RANGE for a, b in pairwise(series)) + 1
        return cls(
            n=len(series),
            fps=1000 * (len(series) - 1) / (shown[-1] - shown[0]),
            median_ms=statistics.median(ages),
            p95_ms=ages[min(len(ages) - 1, round(0.95 * (len(ages) - 1)))],
            max_ms=ages[-1],
            max_gap_ms=max(gaps),
            skipped=painted - len(series),
            unreadable=raw["unreadable"],
            looks=raw["looks"],
            read_ms=raw["read_ms"],
            size=(raw["size"][0], raw["size"][1]),
            series=series,
        )

    def __str__(self) -> str:
        return (
            f"{self.fps:.1f} fps, {self.median_ms:.1f} ms (p95 {self.p95_ms:.1f}, gap {self.max_gap_ms:.0f}) "
            f"at {self.size[0]}×{self.size[1]}"
        )


class Meter:
    """Reads the bar code off one element (``<video>``, ``<canvas>`` or ``<img>``), at each animation frame.

    Parameters
    ----------
    element : Locator or ElementHandle
        What shows the result, in a page that has the bar-code camera; the locator is resolved once, now. An element in
        an iframe is read in its frame.
    """

    def __init__(self, element: Locator | ElementHandle) -> None:
        self._handle: JSHandle = element.evaluate_handle("element => new __barcode.Meter(element)")

    def measure(self, seconds: float, *, settle_s: float = 1.0) -> Latency:
        """Watch for some time, after `settle_s` that do not count; blocks that long."""
        return Latency.of(
            self._handle.evaluate(
                """async (meter, [settle, watch]) => {
                  const pass = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
                  await pass(settle);
                  meter.clear();
                  await pass(watch);
                  return meter.take();
                }""",
                [settle_s * 1000, seconds * 1000],
            )
        )

    def take(self) -> Latency:
        """Give what was read since the start or the last `take`; for a page that is kept busy in the meantime."""
        return Latency.of(self._handle.evaluate("meter => meter.take()"))

    def wait_for_new_frame(self, *, timeout_s: float = 10.0) -> float:
        """Wait until a further frame shows; give when, in ms since 1970."""
        return float(
            self._handle.evaluate(
                """(meter, ms) => Promise.race([meter.next(), new Promise((_, reject) =>
                  setTimeout(() => reject(new Error(`no new frame within ${ms} ms`)), ms))])""",
                timeout_s * 1000,
            )
        )

    def stop(self) -> None:
        self._handle.evaluate("meter => { meter.running = false; }")
        self._handle.dispose()


class FirstFrame:
    """Notes when the first picture with a bar code shows in a page; start it before what is to make it show.

    Parameters
    ----------
    selector : str
        CSS, such as ``.jp-OutputArea canvas, .jp-OutputArea video``; elements that come later count too.
    """

    def __init__(self, page: Page, selector: str) -> None:
        self._handle = page.evaluate_handle("selector => ({ shown: __barcode.first(selector) })", selector)
        self.started_ms = float(page.evaluate("__barcode.epochNow()"))

    def wait(self, *, timeout_s: float = 15.0) -> float:
        """Give when it showed, in ms since 1970; `started_ms` is when the watch began."""
        return float(
            self._handle.evaluate(
                """({ shown }, ms) => Promise.race([shown, new Promise((_, reject) =>
                  setTimeout(() => reject(new Error(`no bar code was shown within ${ms} ms`)), ms))])""",
                timeout_s * 1000,
            )
        )


def install_barcode_camera(
    context: BrowserContext,
    pictures: Sequence[str],
    *,
    width: int = 640,
    height: int = 480,
    fps: float = 30,
    in_step: bool = False,
) -> None:
    """Give all later pages of the context (and their iframes) the bar-code camera instead of the browser's.

    `width`, `height` and `fps` hold where the page's constraints do not say otherwise. `pictures` are data URLs, see
    `tests.media.film_pictures`; the camera pans over them. A request for sound goes to the browser's microphone.

    The camera's phase moves over one refresh of the display, to and fro, so that latencies of two runs compare; at
    60 fps that costs a frame or two a second, which do not meet a refresh of their own. With `in_step` the phase
    stays: right for frame rates at 60 fps, wrong for latencies.
    """
    options = {
        "width": width,
        "height": height,
        "fps": fps,
        "inStep": in_step,
        "pictures": list(pictures),
        "worker": (_FOLDER / "barcode_worker.js").read_text(),
    }
    context.add_init_script(f"({(_FOLDER / 'barcode.js').read_text()})({json.dumps(options)});")


def open_blank_page(context: BrowserContext) -> Page:
    """Open an empty page that is a secure context, without any server."""
    page = context.new_page()
    page.route(
        BLANK_URL,
        lambda route: route.fulfill(body="<!doctype html><title>blank</title>", content_type="text/html"),
    )
    page.goto(BLANK_URL)
    return page


@contextmanager
def floor_meter(
    page: Page,
    *,
    width: int,
    height: int,
    fps: float = 30,
    bitrate_bps: int = 2_500_000,
    codec: str = "avc1.42E028",
) -> Iterator[Meter]:
    """Run the floor in a page: camera → encode → decode → canvas, no kernel; give its meter."""
    config = {"width": width, "height": height, "fps": fps, "bitrate": bitrate_bps, "codec": codec}
    handle = page.evaluate_handle("config => __barcode.floor(config)", config)
    canvas = handle.get_property("canvas").as_element()
    assert canvas is not None
    meter = Meter(canvas)
    try:
        yield meter
    finally:
        meter.stop()
        handle.evaluate("floor => floor.stop()")


def camera_preview(page: Page, *, width: int, height: int, fps: float = 30) -> Meter:
    """Show the camera in a plain ``<video>`` of the page; give its meter."""
    video = page.evaluate_handle(
        """async ([width, height, frameRate]) => {
          const video = Object.assign(document.createElement("video"), { muted: true });
          video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate } });
          document.body.append(video);
          await video.play();
          return video;
        }""",
        [width, height, fps],
    ).as_element()
    assert video is not None
    return Meter(video)


_COLUMNS = 26
_STRIP = 0.05


def read_counter(gray: NDArray[np.uint8]) -> int | None:
    """The counter of the harness's bar code; None where it can't be read."""
    height, width = gray.shape
    strip = height * _STRIP
    columns = ((np.arange(_COLUMNS) + 0.5) * width / _COLUMNS).astype(int)
    bits = []
    for index in (0, 1):
        middle = round((index + 0.5) * strip)
        light = gray[middle - 2 : middle + 3][:, columns].mean(0) > 125
        if not light[0] or light[-1]:
            return None
        bits.append(int("".join("1" if bit else "0" for bit in light[1:-1]), 2))
    painted, code = bits
    counter = code >> 8
    crc = 0
    for byte in (*painted.to_bytes(3, "big"), *counter.to_bytes(2, "big")):
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 7) & 255 if crc & 128 else crc << 1
    return counter if crc == code & 255 else None
