"""Whether a mark that a function made of a frame stands on that frame, read from pixels."""

from __future__ import annotations

from benchmarks.rows import Figure
from benchmarks.stage import Notebook

# The bar code and the mark are read in one task, so of one picture. The mark is one of sixteen places, see `functions`.
_WATCH = """async (canvas, ms) => {
  const pad = new OffscreenCanvas(64, 1).getContext("2d", { willReadFrequently: true });
  const place = () => {
    pad.drawImage(canvas, 0, canvas.height * 0.5, canvas.width, 2, 0, 0, 64, 1);
    const pixels = pad.getImageData(0, 0, 64, 1).data;
    for (let slot = 0; slot < 16; slot += 1) {
      const at = (slot * 4 + 2) * 4;
      if (pixels[at] > 200 && pixels[at + 1] < 60 && pixels[at + 2] > 200) return slot;
    }
    return null;
  };
  const seen = { looks: 0, right: 0, wrong: 0, absent: 0, frames: 0 };
  let last = -1;
  for (const end = performance.now() + ms; performance.now() < end;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const reading = __barcode.read(canvas);
    const slot = place();
    const code = await reading;
    if (code === null || code.counter === last) continue;
    last = code.counter;
    seen.frames += 1;
    if (slot === null) seen.absent += 1;
    else if (slot === code.counter % 16) seen.right += 1;
    else seen.wrong += 1;
  }
  return seen;
}"""


def measure_overlay(notebook: Notebook, seconds: float) -> dict[str, Figure]:
    """Watch the shown canvas; give how many frames had their own mark, as a share, and how many another's or none."""
    seen = notebook.shown.locator("canvas").first.evaluate(_WATCH, seconds * 1000)
    return {
        "overlay_right": round(seen["right"] / max(1, seen["frames"]), 4),
        "overlay_wrong": seen["wrong"],
        "overlay_absent": seen["absent"],
    }
