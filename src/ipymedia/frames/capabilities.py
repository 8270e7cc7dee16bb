"""What this kernel can encode and decode, as it tells the pages."""

from __future__ import annotations

from ..errors import CodecError, ProcessingError, Reason
from ..protocol.messages import CODECS, Capabilities


def kernel_capabilities() -> Capabilities:
    """The codecs that this kernel's PyAV can, in the order of preference."""
    from .codec.available import decodable, encodable

    return Capabilities(encode=encodable(), decode=decodable())


def check_codec(codec: str) -> str:
    """Give a codec's name back, or say which there are.

    Raises
    ------
    ProcessingError
        ``bad_argument``: an unknown name.
    """
    if codec != "auto" and codec not in CODECS:
        known = ", ".join(repr(name) for name in ("auto", *CODECS))
        raise ProcessingError(f"codec={codec!r} is not known; use one of {known}.", Reason.BAD_ARGUMENT)
    return codec


def choose_codec(sender: list[str], receiver: list[str], wanted: str = "auto") -> str:
    """The codec for one direction: the first of `CODECS` that both sides can, or the one that the user wants.

    Raises
    ------
    CodecError
        With reason ``no_codec`` when there is none.
    """
    shared = [codec for codec in CODECS if codec in sender and codec in receiver]
    if wanted != "auto":
        if wanted in shared:
            return wanted
        raise CodecError(
            f"The codec {wanted!r} can't be used: the browser and the kernel share {', '.join(shared) or 'none'}. "
            "Leave it at codec='auto'.",
            Reason.NO_CODEC,
        )
    if not shared:
        raise CodecError(
            "The browser and the kernel share no video codec. Update the browser; `python -m ipymedia doctor` lists "
            "what the kernel has.",
            Reason.NO_CODEC,
        )
    return shared[0]
