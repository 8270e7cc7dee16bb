"""Which STUN and TURN servers a page may use: given by the user, none by default; TURN passwords are made here.

A shared secret with a TURN server stays in the kernel: what a page gets is a name and a password that end with the day
(the REST scheme of coturn, draft-uberti-behave-turn-rest-00).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Reason, RoomError
from ..protocol.messages import IceServer

CREDENTIAL_LIFETIME_S = 24 * 3600
_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")
_MOST_SERVERS = 16
_LONGEST = 256


def ice_servers_of(given: Sequence[Mapping[str, Any] | str], turn_secret: str, name: str) -> list[IceServer]:
    """Check what the user gave, and make passwords.

    Parameters
    ----------
    given
        As W3C's ``RTCConfiguration.iceServers``: ``{"urls": "turn:…", "username": …, "credential": …}``; or an address.
    turn_secret
        Shared with the TURN servers (coturn's ``static-auth-secret``); for those without a user name.
    name
        Who asks; part of the user name, for the server's log.

    Raises
    ------
    RoomError
        ``bad_name``: an address that is none.
    """
    if len(given) > _MOST_SERVERS:
        raise RoomError(f"{len(given)} ICE servers are too many: {_MOST_SERVERS} at most.", Reason.BAD_NAME)
    return [_server(entry, turn_secret, name) for entry in given]


def _server(entry: Mapping[str, Any] | str, turn_secret: str, name: str) -> IceServer:
    fields: Mapping[str, Any] = {"urls": entry} if isinstance(entry, str) else entry
    urls = fields.get("urls", fields.get("url", []))
    urls = [urls] if isinstance(urls, str) else list(urls)
    if not urls or not all(_is_address(url) for url in urls):
        raise RoomError(
            f"ice_servers: {entry!r} is no address of a STUN or TURN server. "
            "Write it as 'stun:host:3478' or {'urls': 'turn:host:3478', 'username': …, 'credential': …}.",
            Reason.BAD_NAME,
        )
    username, credential = str(fields.get("username", "")), str(fields.get("credential", ""))
    if turn_secret and not username and any(url.startswith(("turn:", "turns:")) for url in urls):
        username, credential = short_lived(turn_secret, name)
    return IceServer(urls=urls, username=username, credential=credential)


def _is_address(url: object) -> bool:
    return isinstance(url, str) and len(url) <= _LONGEST and url.lower().startswith(_SCHEMES)


def short_lived(turn_secret: str, name: str) -> tuple[str, str]:
    """User name and password that a TURN server with the same secret takes until `CREDENTIAL_LIFETIME_S` is over."""
    username = f"{int(time.time()) + CREDENTIAL_LIFETIME_S}:{name[:16]}"
    digest = hmac.new(turn_secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()
