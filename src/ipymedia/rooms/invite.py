"""Invites: a text to hand to others, which names a room's broker and carries the secret that opens the room.

``ipymedia-room:`` and then, in base64url without padding: version (1 byte), secret (16), the broker and the
room's name (each UTF-8 after its length in 2 bytes), and the first 4 bytes of the SHA-256 of all that. The broker is a
URL, or, where it is the one of a Jupyter server, which only that server's own user reaches, ``jupyter:`` and a name
of that user's place. The broker's password is never in it: who is invited has, or is given, their own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
import struct
import unicodedata
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit

from ..errors import Reason, RoomError

SECRET_BYTES = 16
MOST_NAME_CHARACTERS = 64
BROKER_SCHEMES = ("mqtt", "mqtts", "ws", "wss")

_PREFIX = "ipymedia-room:"
_EMBEDDED = re.compile(r"jupyter:[0-9a-f]{16}")
_VERSION = 1
_CHECK_BYTES = 4
_MOST_TEXT = 4000
_LENGTH = struct.Struct(">H")


@dataclass(frozen=True)
class Invite:
    """What somebody needs to come into a room, beside an account at its broker.

    Attributes
    ----------
    broker : str
        The broker's URL, without user and password; or ``jupyter:`` and the name of a place, see `of_home`.
    room : str
        The room's name, for people to read: it does not open the room.
    secret : bytes
        128 random bits, from which all keys and topics of the room are derived.
    """

    broker: str
    room: str
    secret: bytes = field(repr=False)

    @classmethod
    def new(cls, broker: str, room: str) -> Invite:
        """Make the invite to a new room.

        Parameters
        ----------
        broker
            The broker's URL, in which a user and a password are left out; or what `of_home` gave.
        room
            The room's name; see `check_room_name`.
        """
        return cls(without_user(broker), check_room_name(room), secrets.token_bytes(SECRET_BYTES))

    @staticmethod
    def looks_like(text: str) -> bool:
        """Tell whether a text is meant as an invite, be it whole or not; anything else is the name of a room."""
        return text.lstrip(" \t\r\n\"'`<").startswith(_PREFIX)

    @classmethod
    def parse(cls, text: str) -> Invite:
        """Read an invite, as it was copied: spaces, line breaks and quotes that a mail put around or into it are fine.

        Raises
        ------
        RoomError
            ``bad_invite``: it is none, a part is missing, or a character is wrong. ``other_version``: a newer ipymedia
            made it.
        """
        bare = "".join(text.split()).strip("\"'`<>")
        if not bare.startswith(_PREFIX):
            _refuse("it does not begin with “ipymedia-room:”")
        if len(bare) > _MOST_TEXT:
            _refuse(f"it is longer than {_MOST_TEXT} characters")
        try:
            code = bare[len(_PREFIX) :].encode("ascii")
            raw = base64.b64decode(code + b"=" * (-len(code) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            _refuse("characters are missing or wrong")
        body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
        if not body or check != _check_of(body):
            _refuse("characters are missing or wrong")
        if body[0] != _VERSION:
            raise RoomError(
                "The invite was not read: another version of ipymedia made it. Update ipymedia on both sides.",
                Reason.OTHER_VERSION,
            )
        return cls._of_body(body)

    @classmethod
    def _of_body(cls, body: bytes) -> Invite:
        secret, rest = body[1 : 1 + SECRET_BYTES], body[1 + SECRET_BYTES :]
        texts = []
        # The checksum is no proof of who made it: what is in it is checked as anything from outside.
        for _ in range(2):
            if len(rest) < _LENGTH.size:
                _refuse("its content is cut off")
            (length,) = _LENGTH.unpack_from(rest)
            part, rest = rest[_LENGTH.size : _LENGTH.size + length], rest[_LENGTH.size + length :]
            if len(part) != length:
                _refuse("its content is cut off")
            try:
                texts.append(part.decode())
            except UnicodeDecodeError:
                _refuse("its content is no text")
        broker, room = texts
        if rest:
            _refuse("there is more in it than belongs there")
        try:
            is_broker = is_embedded(broker) or (
                without_user(broker) == broker and _scheme_of(broker) in BROKER_SCHEMES
            )
            is_room = check_room_name(room) == room
        except (ValueError, RoomError):
            is_broker = is_room = False
        if not (is_broker and is_room):
            _refuse("it names a broker or a room that can't be")
        return cls(broker, room, secret)

    def __str__(self) -> str:
        """The text to hand on; who has it can join."""
        texts = b"".join(
            _LENGTH.pack(len(part)) + part for part in (self.broker.encode(), self.room.encode())
        )
        body = bytes([_VERSION]) + self.secret + texts
        return _PREFIX + base64.urlsafe_b64encode(body + _check_of(body)).rstrip(b"=").decode()


def of_home(home: str) -> str:
    """What an invite says instead of a broker's URL, where the broker is that of a Jupyter server."""
    return f"jupyter:{home}"


def is_embedded(broker: str) -> bool:
    """Tell whether `broker`, of an invite, is what `of_home` gives."""
    return _EMBEDDED.fullmatch(broker) is not None


def check_room_name(name: str) -> str:
    """Check a room's name, and return it as it is used: without spaces around it, in Unicode's form NFC.

    People who type what looks the same are to meet, so what can't be seen or typed is refused, and two ways to write
    one letter are one. ``/``, ``#`` and ``+`` are fine: topics are derived from keys, names never stand in them.

    Raises
    ------
    RoomError
        ``bad_name``: empty, over 64 characters, or with control characters (a line break, too).
    """
    if not isinstance(name, str):
        raise RoomError(
            f"The room was not made: its name is to be a text, not {type(name).__name__}.", Reason.BAD_NAME
        )
    if len(name) > 10 * MOST_NAME_CHARACTERS:  # before any work on a text of megabytes
        _refuse_name(f"its name has {len(name)} characters, at most {MOST_NAME_CHARACTERS} are allowed")
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        _refuse_name("its name is empty")
    if len(name) > MOST_NAME_CHARACTERS:
        _refuse_name(f"its name has {len(name)} characters, at most {MOST_NAME_CHARACTERS} are allowed")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in name):
        _refuse_name("its name has control characters, which nobody could see or type")
    return name


def without_user(url: str) -> str:
    """A URL without user and password."""
    address = urlsplit(url)
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()


def _scheme_of(url: str) -> str:
    return urlsplit(url).scheme


def _check_of(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_CHECK_BYTES]


def _refuse(why: str) -> NoReturn:
    raise RoomError(
        f"The invite was not read: {why}. Copy it again, whole: it is what `room.invite` shows.",
        Reason.BAD_INVITE,
    )


def _refuse_name(why: str) -> NoReturn:
    raise RoomError(f"The room was not made: {why}. Choose another name.", Reason.BAD_NAME)
