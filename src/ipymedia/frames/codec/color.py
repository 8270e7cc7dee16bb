"""What the numbers of a YUV picture mean, in the browser's words and in FFmpeg's.

The words are those of WebCodecs' VideoColorSpaceInit (https://www.w3.org/TR/webcodecs/#videocolorspace), the
numbers those of ITU-T H.273, which FFmpeg's AVColorSpace and AVColorRange repeat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ipymedia.protocol.messages import Color

if TYPE_CHECKING:
    import av

MATRIX_UNSPECIFIED: Final = 2
MATRIX_BT601: Final = 6
PRIMARIES_BT709: Final = 1
TRANSFER_SRGB: Final = 13
RANGE_LIMITED: Final = 1
RANGE_FULL: Final = 2

SWS_BT601: Final = 5
"""SWS_CS_ITU601: libswscale counts its matrices in its own way."""

_MATRICES: Final = {"bt709": 1, "bt470bg": 5, "smpte170m": MATRIX_BT601, "bt2020-ncl": 9}


def encoded_color(codec: str) -> Color:
    """Say how the encoders of this package stamp their pictures.

    The primaries and the transfer are sRGB's, so that a browser applies the matrix and nothing else: from
    those of SMPTE 170M, which go with this matrix by habit, it would map the colours to the screen's.
    """
    return Color(primaries="bt709", transfer="iec61966-2-1", matrix="smpte170m", full_range=codec == "jpeg")


_HD_HEIGHT: Final = 720


def stamp(frame: av.VideoFrame, color: Color | None) -> None:
    """Write into a decoded frame what its numbers mean.

    What the page says about its encoder comes first, since VP8 can't say it itself; then the bit stream's own
    word; where neither knows, BT.601 limited.
    """
    if frame.format.is_rgb:
        return
    matrix = _MATRICES.get(color.matrix) if color is not None else None
    if color is not None and matrix is not None:
        frame.colorspace = matrix
        frame.color_range = RANGE_FULL if color.full_range else RANGE_LIMITED
        return
    if frame.colorspace == MATRIX_UNSPECIFIED:
        frame.colorspace = MATRIX_BT601
    if frame.color_range not in (RANGE_LIMITED, RANGE_FULL):
        frame.color_range = RANGE_FULL if frame.format.name.startswith("yuvj") else RANGE_LIMITED


def stamp_film(frame: av.VideoFrame) -> None:
    """Write into a frame of a film what its numbers mean: where it does not say, large pictures are BT.709."""
    if frame.colorspace == MATRIX_UNSPECIFIED and not frame.format.is_rgb and frame.height >= _HD_HEIGHT:
        frame.colorspace = _MATRICES["bt709"]
    stamp(frame, None)


def stamp_encoded(frame: av.VideoFrame, *, full_range: bool) -> None:
    """Write into a frame that goes to an encoder what `encoded_color` tells the page."""
    frame.colorspace = MATRIX_BT601
    frame.color_range = RANGE_FULL if full_range else RANGE_LIMITED
    frame.color_primaries = PRIMARIES_BT709
    frame.color_trc = TRANSFER_SRGB
