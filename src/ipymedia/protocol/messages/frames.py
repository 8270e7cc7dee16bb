"""Encoded pictures, both ways, and what keeps their pace."""

from __future__ import annotations

from msgspec import Struct

from .base import Count, Message, Rate, Short, Side
from .overlays import Shapes

MIN_IN_FLIGHT = 2
MAX_IN_FLIGHT = 8
"""Bounds of the frames on the wire: round trip x frame rate + 1, at least and at most."""

CREDIT_TIMEOUT_S = 1.0
"""A frame that was not acknowledged for so long is taken for lost."""

CODECS = ("h264", "vp9", "vp8", "av1", "jpeg")
"""In the order of preference; the first one that both sides can is taken."""


class Color(Struct, kw_only=True):
    """How the numbers of a YUV picture mean colours (WebCodecs' VideoColorSpaceInit)."""

    primaries: Short = ""
    transfer: Short = ""
    matrix: Short = ""
    full_range: bool = False


class TapStart(Message, tag="tap.start", kw_only=True):
    """The kernel wants the frames of a stream that this page captures; again with other bounds changes them."""

    stream: Short
    epoch: Count
    codec: Short
    width: Side = 0
    """The largest width; 0 means the stream's own."""
    height: Side = 0
    max_fps: Rate = 0
    """0 means the stream's own."""
    bitrate_bps: Count = 0
    """The upper bound; 0 means what the picture's size and rate ask for."""


class TapStop(Message, tag="tap.stop", kw_only=True):
    """Nobody in the kernel uses these frames any more."""

    stream: Short
    epoch: Count


class FrameData(Message, tag="frame.data", kw_only=True):
    """One encoded picture, either way. Buffer: the encoded bytes (Annex B for H.264), then the masks' bits."""

    stream: Short
    epoch: Count
    """Counts the encoders of one direction: a frame of an old one is dropped."""
    sequence: Count
    """Counts the frames that were sent: a gap means loss."""
    index: Count
    """Counts the pictures of the source; what was dropped before it was sent leaves a gap."""
    time_us: Count
    """When the picture was captured, in the capturing page's clock."""
    key: bool
    codec: Short
    codec_string: Short = ""
    """What WebCodecs calls it, such as ``avc1.42E01F``; from the kernel only."""
    width: Side
    height: Side
    color: Color | None = None
    shapes: Shapes | None = None


class FrameCredit(Message, tag="frame.credit", kw_only=True):
    """The receiver took frame `sequence` in: there is room for another one."""

    stream: Short
    epoch: Count
    sequence: Count


class FrameKeyRequest(Message, tag="frame.key_request", kw_only=True):
    """The receiver can't decode: the next frame shall be a key frame."""

    stream: Short
    epoch: Count


class FrameShapes(Message, tag="frame.shapes", kw_only=True):
    """A function returned overlays alone, or nothing: draw them on the page's own frame `index` of `source`.

    Buffer: the masks' bits (`Shapes.mask_bytes` of them).
    """

    stream: Short
    source: Short
    epoch: Count
    tap: Count
    """The epoch of the upload whose frame is meant."""
    sequence: Count
    index: Count
    time_us: Count
    shapes: Shapes
