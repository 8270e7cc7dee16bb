"""How one message and its buffer become bytes on a socket, and back.

``uint32 length of the header (little endian) | header, JSON in UTF-8 | buffer``. On the comm the header is the comm's
``data`` and the buffer its only buffer. What is too large for one message crosses as pieces of its frame.
"""

from __future__ import annotations

import struct
from typing import Any, Union, cast

import msgspec

from ..errors import ProtocolError, Reason
from .messages import (
    MAX_ASSEMBLED_BYTES,
    MAX_HEADER_BYTES,
    MAX_MESSAGE_BYTES,
    LinkPiece,
    Message,
    message_types,
)

Buffer = bytes | bytearray | memoryview

_LENGTH = struct.Struct("<I")
_ANY_MESSAGE: Any = Union[tuple(message_types().values())]  # noqa: UP007 (made at run time)
_decoder = msgspec.json.Decoder(_ANY_MESSAGE)
_encoder = msgspec.json.Encoder()


def header_of(message: Message) -> bytes:
    """The JSON text of a message."""
    return _encoder.encode(message)


def parse_header(header: Buffer) -> Message:
    """Read and validate the JSON text of a message.

    Raises
    ------
    ProtocolError
        With reason ``malformed`` or ``too_large``; names the field at fault.
    """
    if len(header) > MAX_HEADER_BYTES:
        raise ProtocolError(
            f"A message's header of {len(header)} bytes was refused: at most {MAX_HEADER_BYTES} are allowed.",
            Reason.TOO_LARGE,
        )
    try:
        return cast(Message, _decoder.decode(header))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"A message was refused: {error}. Reload the page.", Reason.MALFORMED) from error


def parse_object(content: object) -> Message:
    """Validate a message that already is a JSON object (as the comm delivers it), as strictly as its text.

    Python's own JSON reader lets NaN, lone surrogates and texts of any size through.
    """
    try:
        header = _encoder.encode(content)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ProtocolError(f"A message was refused: {error}. Reload the page.", Reason.MALFORMED) from error
    return parse_header(header)


def join(message: Message, buffer: Buffer | None = None) -> bytes:
    """The frame of a message."""
    header = header_of(message)
    return b"".join((_LENGTH.pack(len(header)), header, buffer or b""))


def split(frame: Buffer) -> tuple[Message, memoryview]:
    """Message and buffer of a frame; the buffer is a view, not a copy.

    Raises
    ------
    ProtocolError
        When the frame is shorter than it says, or its header is refused.
    """
    view = memoryview(frame)
    if len(view) < _LENGTH.size:
        raise ProtocolError("A message was refused: it has no header. Reload the page.", Reason.MALFORMED)
    (length,) = _LENGTH.unpack_from(view)
    end = _LENGTH.size + length
    if end > len(view):
        raise ProtocolError("A message was refused: it ends too early. Reload the page.", Reason.MALFORMED)
    return parse_header(view[_LENGTH.size : end]), view[end:]


def pieces(number: int, frame: bytes) -> list[tuple[LinkPiece, memoryview]]:
    """Cut the frame of a large message."""
    room = MAX_MESSAGE_BYTES - 1024
    count = -(-len(frame) // room)
    view = memoryview(frame)
    return [
        (LinkPiece(message=number, index=i, count=count), view[i * room : (i + 1) * room])
        for i in range(count)
    ]


class Assembler:
    """Puts pieces together again: one message at a time, in order, bounded."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._number = -1

    def add(self, piece: LinkPiece, buffer: Buffer) -> tuple[Message, memoryview] | None:
        """Take one piece; return the message when it was the last.

        Raises
        ------
        ProtocolError
            Out of order, or larger than `MAX_ASSEMBLED_BYTES`; what was held is let go.
        """
        if piece.index == 0:
            self._parts, self._size, self._number = [], 0, piece.message
        if piece.message != self._number or piece.index != len(self._parts) or piece.count < 1:
            self._parts, self._size, self._number = [], 0, -1
            raise ProtocolError("Part of a message came out of order; it was dropped.", Reason.OUT_OF_ORDER)
        self._size += len(buffer)
        if self._size > MAX_ASSEMBLED_BYTES:
            self._parts, self._size, self._number = [], 0, -1
            raise ProtocolError(
                f"A message of over {MAX_ASSEMBLED_BYTES >> 20} MiB was refused.", Reason.TOO_LARGE
            )
        self._parts.append(bytes(buffer))
        if len(self._parts) < piece.count:
            return None
        frame = b"".join(self._parts)
        self._parts, self._size, self._number = [], 0, -1
        message, rest = split(frame)
        if isinstance(message, LinkPiece):
            raise ProtocolError("A piece inside of a piece was refused.", Reason.MALFORMED)
        return message, rest
