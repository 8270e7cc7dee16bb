"""Which codecs this build of PyAV really has: each one is tried once, since builds leave parts out."""

from __future__ import annotations

from base64 import b64decode
from functools import cache
from typing import Final

from ipymedia.errors import CodecError
from ipymedia.frames.codec.decoder import Decoder
from ipymedia.frames.codec.encoder import Encoder
from ipymedia.protocol.messages import CODECS

_GRAY_64X64: Final = {
    "h264": ("AAAAAWdC0AvaEJpqAhoMgAAAAwCAAAAeR4kTUAAAAAFozjyAAAAAAWWIhAaomKAAIIsnJyddddddddddddeA"),
    "vp9": ("g0mDQmAD8APwGOCQcGDoAACAQABrOPemmwBOCSA="),
    "vp8": ("UAMAnQEqQABAADkNAAQcJAwsLETMJEAwAAAzgeFudRcS2ERg/mgA"),
    "av1": ("EgAKDQAAAAKv/4lfIgIaDAgyDRAAgoAAAAABAAAFaoQ="),
    "jpeg": (
        "/9j//gAQTGF2YzYyLjI4LjEwMgD/2wBDAAgICAkICQsLCwsLCw0MDQ0NDQ0NDQ0NDQ0ODg4REREODg4NDQ4OEBARERITEhER"
        "ERETExQUFBgYFxccHB0iIin/xABLAAEAAAAAAAAAAAAAAAAAAAAAAQEBAAAAAAAAAAAAAAAAAAAAARABAAAAAAAAAAAAAAAA"
        "AAAAABEBAAAAAAAAAAAAAAAAAAAAAP/AABEIAEAAQAMBIgACEQADEQD/2gAMAwEAAhEDEQA/AACIAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAA//2Q=="
    ),
}
"""A gray key frame of 64×64 px in each codec."""


def decodable() -> list[str]:
    """Give the names of the codecs that this kernel decodes, the preferred one first."""
    return list(_decodable())


def encodable() -> list[str]:
    """Give the names of the codecs that this kernel encodes, the preferred one first."""
    return list(_encodable())


@cache
def _decodable() -> tuple[str, ...]:
    return tuple(codec for codec in CODECS if _decodes(codec))


@cache
def _encodable() -> tuple[str, ...]:
    return tuple(codec for codec in CODECS if _encodes(codec))


def _decodes(codec: str) -> bool:
    try:
        with Decoder(codec) as decoder:
            return decoder.decode(b64decode(_GRAY_64X64[codec])) is not None
    except CodecError:
        return False


def _encodes(codec: str) -> bool:
    import av

    frame = av.VideoFrame(64, 64, "gray")
    try:
        with Encoder(codec, 64, 64, 30, 100_000) as encoder:
            return encoder.encode(frame).key
    except CodecError:
        return False
