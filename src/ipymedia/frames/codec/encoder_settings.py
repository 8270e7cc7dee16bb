"""How each encoder is told to be quick: nothing held back, no key frame unasked, no frame that fills the way.

Measured on 2 cores with a film, ms a frame at 640×480 / 1920×1080, decode beside it: x264 1.0 / 5 (0.2 /
1.1), VP9 1.7 / 11 (0.8 / 4.4), VP8 1.0 / 6.9 (0.6 / 3.9), SVT-AV1 3.7 / 10 (0.5 / 3.2), JPEG 1.0 / 5.6 (0.5 /
2.8).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

VBV_S: Final = 0.25
"""A frame takes at most what the connection carries in this time: a key frame must not hold others up."""

QUICK_PIXELS: Final = 1280 * 720
"""Up to here x264 looks for motion between pixels, for 2.5 dB more at 0.25 ms a frame (640×480)."""


@dataclass(frozen=True)
class EncoderSettings:
    """One codec's encoder.

    Attributes
    ----------
    name
        FFmpeg's name of the encoder.
    options
        From (width, height, bitrate_bps) to FFmpeg's options.
    min_side
        Smaller pictures are enlarged.
    live_bitrate
        Whether the encoder takes another bitrate while it runs.
    """

    name: str
    options: Callable[[int, int, int], dict[str, str]]
    min_side: int = 16
    live_bitrate: bool = False


def encoder_threads(codec: str, width: int, height: int) -> int:
    """Say how many threads share one frame: below 0.5 megapixels handing over costs more than it saves."""
    if codec == "jpeg" or width * height < 500_000:
        return 1
    return min(4, os.cpu_count() or 1)


def _bucket(bitrate_bps: int) -> dict[str, str]:
    return {"maxrate": str(bitrate_bps), "bufsize": str(max(1, round(bitrate_bps * VBV_S)))}


def _h264(width: int, height: int, bitrate_bps: int) -> dict[str, str]:
    quick = "subme=1:" if width * height <= QUICK_PIXELS else ""
    return {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        # Constant bitrate (maxrate = bitrate) is the mode in which x264 follows a new bitrate within a few
        # frames; its average mode did not follow within two seconds.
        **_bucket(bitrate_bps),
        "x264-params": f"{quick}keyint=infinite:scenecut=0:repeat-headers=1",
    }


def _vpx(bitrate_bps: int) -> dict[str, str]:
    return {
        "deadline": "realtime",
        "lag-in-frames": "0",
        "auto-alt-ref": "0",
        "error-resilient": "default",
        "minrate": str(bitrate_bps),
        **_bucket(bitrate_bps),
    }


def _vp8(width: int, height: int, bitrate_bps: int) -> dict[str, str]:
    return {**_vpx(bitrate_bps), "cpu-used": "12" if width * height <= QUICK_PIXELS else "16"}


def _vp9(width: int, height: int, bitrate_bps: int) -> dict[str, str]:  # noqa: ARG001
    return {**_vpx(bitrate_bps), "cpu-used": "8", "row-mt": "1", "tile-columns": "2"}


def _av1(width: int, height: int, bitrate_bps: int) -> dict[str, str]:  # noqa: ARG001
    # pred-struct=1 is low delay, rc=2 constant bitrate: each frame comes out at once.
    return {
        "preset": "12",
        "svtav1-params": "pred-struct=1:rc=2:lookahead=0:keyint=-1:force-key-frames=1:rtc=1",
    }


def _jpeg(width: int, height: int, bitrate_bps: int) -> dict[str, str]:  # noqa: ARG001
    return {}


ENCODERS: Final = {
    "h264": EncoderSettings("libx264", _h264, live_bitrate=True),
    "vp9": EncoderSettings("libvpx-vp9", _vp9),
    "vp8": EncoderSettings("libvpx", _vp8),
    "av1": EncoderSettings("libsvtav1", _av1, min_side=64),
    "jpeg": EncoderSettings("mjpeg", _jpeg),
}
