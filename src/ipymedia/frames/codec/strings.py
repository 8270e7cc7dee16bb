"""The codec strings that a page's VideoDecoder is configured with.

Formats: RFC 6381 with ITU-T H.264 Annex A for ``avc1``, the WebM project's VP9 binding for ``vp09``, the AV1
ISOBMFF binding for ``av01``. A level too low makes a browser refuse; so the level is that of the size and
rate, from the tables.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple


class _Level(NamedTuple):
    code: int
    picture: int
    """The largest picture: macroblocks for H.264, luma samples for VP9 and AV1."""
    rate: int
    """The most of them in a second."""


_H264: Final = (
    # From 3.1, which every decoder has: lower levels save nothing.
    _Level(0x1F, 3_600, 108_000),
    _Level(0x20, 5_120, 216_000),
    _Level(0x28, 8_192, 245_760),
    _Level(0x2A, 8_704, 522_240),
    _Level(0x32, 22_080, 589_824),
    _Level(0x33, 36_864, 983_040),
    _Level(0x34, 36_864, 2_073_600),
    _Level(0x3C, 139_264, 4_177_920),
    _Level(0x3D, 139_264, 8_355_840),
    _Level(0x3E, 139_264, 16_711_680),
)
_VP9: Final = (
    _Level(10, 36_864, 829_440),
    _Level(11, 73_728, 2_764_800),
    _Level(20, 122_880, 4_608_000),
    _Level(21, 245_760, 9_216_000),
    _Level(30, 552_960, 20_736_000),
    _Level(31, 983_040, 36_864_000),
    _Level(40, 2_228_224, 83_558_400),
    _Level(41, 2_228_224, 160_432_128),
    _Level(50, 8_912_896, 311_951_360),
    _Level(51, 8_912_896, 588_251_136),
    _Level(52, 8_912_896, 1_176_502_272),
    _Level(60, 35_651_584, 1_176_502_272),
    _Level(61, 35_651_584, 2_353_004_544),
    _Level(62, 35_651_584, 4_706_009_088),
)
_AV1: Final = (
    _Level(0, 147_456, 4_423_680),
    _Level(1, 278_784, 8_363_520),
    _Level(4, 665_856, 19_975_680),
    _Level(5, 1_065_024, 31_950_720),
    _Level(8, 2_359_296, 70_778_880),
    _Level(9, 2_359_296, 141_557_760),
    _Level(12, 8_912_896, 267_386_880),
    _Level(13, 8_912_896, 534_773_760),
    _Level(14, 8_912_896, 1_069_547_520),
    _Level(16, 35_651_584, 1_069_547_520),
    _Level(17, 35_651_584, 2_139_095_040),
    _Level(18, 35_651_584, 4_278_190_080),
)


def codec_string(codec: str, width: int, height: int, fps: float) -> str:
    """Give the string for ``VideoDecoder.configure``.

    Parameters
    ----------
    codec : str
        A name of `ipymedia.protocol.messages.CODECS`.
    width, height : int
        The coded size in px.
    fps : float
        Frames a second.

    Returns
    -------
    str
        Empty for JPEG, which no VideoDecoder takes.
    """
    if codec == "h264":
        macroblocks = math.ceil(width / 16) * math.ceil(height / 16)
        return f"avc1.42E0{_level(_H264, macroblocks, fps):02X}"
    if codec == "vp9":
        return f"vp09.00.{_level(_VP9, width * height, fps)}.08"
    if codec == "av1":
        return f"av01.0.{_level(_AV1, width * height, fps):02d}M.08"
    return {"vp8": "vp8"}.get(codec, "")


def _level(levels: tuple[_Level, ...], picture: int, fps: float) -> int:
    for level in levels:
        if picture <= level.picture and picture * fps <= level.rate:
            return level.code
    return levels[-1].code
