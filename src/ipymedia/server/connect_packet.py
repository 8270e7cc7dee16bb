"""The first packet of an MQTT client (MQTT 3.1.1, section 3.1), read before anything else is done for it."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass

MOST_BYTES = 4096
"""Of the whole packet: those of kernels have 200."""

REFUSED_VERSION = 1
REFUSED_LOGIN = 4
REFUSED = 5

_CONNECT = 0x10
_LEVEL = 4
_CLEAN, _WILL, _PASSWORD, _USER = 0x02, 0x04, 0x40, 0x80


class NotAllowed(Exception):  # noqa: N818 (it is a verdict on who came, not a failure)
    """The client is not let in.

    Attributes
    ----------
    code : int
        What it is told (section 3.2.2.3); 0: nothing, as it does not speak MQTT.
    """

    def __init__(self, code: int = 0) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ConnectPacket:
    """What a client says of itself.

    Attributes
    ----------
    content : bytes
        The packet, with a keep-alive of 0: who reads it is not to watch the time.
    """

    keepalive_s: int
    username: bytes
    password: bytes
    content: bytes

    def __repr__(self) -> str:
        return "ConnectPacket()"


async def read_connect(reader: asyncio.StreamReader) -> ConnectPacket:
    """Read the first packet.

    Raises
    ------
    NotAllowed
        It is none, or is of another version; or its session is to outlive the connection: a broker keeps messages for
        such a one, without a bound.
    asyncio.IncompleteReadError, ConnectionError
        The client is gone.
    """
    head = await reader.readexactly(2)
    if head[0] != _CONNECT:
        raise NotAllowed
    length, shift = head[1] & 0x7F, 7
    while head[-1] & 0x80:
        head += await reader.readexactly(1)
        length |= (head[-1] & 0x7F) << shift
        shift += 7
        if length > MOST_BYTES:
            raise NotAllowed
    body = await reader.readexactly(length)
    try:
        return _parse(head, body)
    except (struct.error, IndexError):
        raise NotAllowed from None


def refusal(code: int) -> bytes:
    """The answer to a client that is not let in (CONNACK)."""
    return bytes((0x20, 2, 0, code))


def _parse(head: bytes, body: bytes) -> ConnectPacket:
    name, rest = _field(body)
    if name != b"MQTT":
        raise NotAllowed
    level, flags, keepalive_s = struct.unpack_from(">BBH", rest)
    if level != _LEVEL:
        raise NotAllowed(REFUSED_VERSION)
    if not flags & _CLEAN:
        raise NotAllowed(REFUSED)
    at = len(body) - len(rest) + 2
    content = head + body[:at] + b"\0\0" + body[at + 2 :]
    _, rest = _field(rest[4:])
    if flags & _WILL:
        _, rest = _field(rest)
        _, rest = _field(rest)
    username = password = b""
    if flags & _USER:
        username, rest = _field(rest)
    if flags & _PASSWORD:
        password, rest = _field(rest)
    return ConnectPacket(keepalive_s, username, password, content)


def _field(content: bytes) -> tuple[bytes, bytes]:
    """A field after its length, and what follows it."""
    (length,) = struct.unpack_from(">H", content)
    if len(content) < 2 + length:
        raise IndexError
    return content[2 : 2 + length], content[2 + length :]
