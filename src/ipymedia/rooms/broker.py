"""Where the broker is: what the caller says, else the environment, else the one of the user's own Jupyter server."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import Reason, RoomError
from .invite import BROKER_SCHEMES, is_embedded, of_home, without_user

ENVIRONMENT = "IPYMEDIA_BROKER"

_PORTS = {"mqtt": 1883, "mqtts": 8883, "ws": 80, "wss": 443}
_OWN_SERVER = "JPY_PARENT_PID"
"""Set by jupyter_client in each kernel: the process that started it."""


@dataclass(frozen=True)
class Broker:
    """An MQTT broker, and how to come in.

    Attributes
    ----------
    url : str
        ``mqtt``, ``mqtts``, ``ws`` or ``wss``, without user and password.
    username, password : str
        Empty: none.
    ca : str
        Path of the certificates that are trusted instead of the system's, as PEM; or the PEM text itself. Empty: the
        system's.
    embedded : bool
        It is the one of the user's own Jupyter server, which has another address after each start.
    """

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""
    embedded: bool = False

    @property
    def host(self) -> str:
        """Its name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The one in the URL, or the scheme's usual one."""
        address = urlsplit(self.url)
        return address.port or _PORTS[address.scheme]

    @property
    def path(self) -> str:
        """The path of a WebSocket; brokers listen at ``/mqtt`` where nothing else is said."""
        address = urlsplit(self.url)
        path = address.path if address.path not in {"", "/"} else "/mqtt"
        return f"{path}?{address.query}" if address.query else path

    @property
    def is_websocket(self) -> bool:
        """Whether MQTT goes over a WebSocket there."""
        return urlsplit(self.url).scheme in {"ws", "wss"}

    @property
    def is_encrypted(self) -> bool:
        """Whether it goes over TLS."""
        return urlsplit(self.url).scheme in {"mqtts", "wss"}

    def __str__(self) -> str:
        return "this Jupyter server's own broker" if self.embedded else f"the broker {self.url}"


def find_broker(server: str = "", *, username: str = "", password: str = "", ca: str = "") -> Broker:
    """Tell which broker to use.

    Parameters
    ----------
    server
        Its URL, such as ``mqtts://broker.example`` or ``wss://broker.example/mqtt``; may hold user and password. Empty:
        the environment's ``IPYMEDIA_BROKER``, else the one of the user's own Jupyter server.
    username, password
        Count more than those in the URL.
    ca
        Path of the certificates that are trusted instead of the system's, as PEM; or the PEM text itself.

    Raises
    ------
    RoomError
        ``no_broker``: there is none, or the URL can't be one.
    """
    url = server or os.environ.get(ENVIRONMENT, "")
    if not url:
        return find_embedded() or _no_broker()
    address = _split(url.strip())
    return Broker(
        url=without_user(url.strip()),
        username=username or unquote(address.username or ""),
        password=password or unquote(address.password or ""),
        ca=ca,
    )


def find_invited(broker: str, *, username: str = "", password: str = "", ca: str = "") -> Broker:
    """Tell how to reach the broker that an invite names; an invite holds no password, the environment may.

    Raises
    ------
    RoomError
        ``no_broker``: the invite is to a room of one Jupyter server, and this kernel runs under another one, or under
        none that has a broker.
    """
    if is_embedded(broker):
        if broker != own_home():
            _not_reached(
                "another Jupyter server (or of this one, before it was set up anew), whose broker only its own user's "
                "notebooks reach"
            )
        return find_embedded() or _not_reached(
            "one Jupyter server, and this kernel runs under no server with ipymedia's broker"
        )
    named = os.environ.get(ENVIRONMENT, "").strip()
    own = named if named and without_user(named) == broker else broker
    return find_broker(own, username=username, password=password, ca=ca)


def own_home() -> str:
    """What invites say of the embedded brokers of this user."""
    from ..server.broker_file import home_of_brokers

    return of_home(home_of_brokers())


def find_embedded() -> Broker | None:
    """The broker of the Jupyter server that this kernel belongs to, or of another one of the same user."""
    from ..server.broker_file import find_broker_files

    own_server = os.environ.get(_OWN_SERVER, "")
    found = find_broker_files(int(own_server) if own_server.isdigit() else 0)
    if not found:
        return None
    return Broker(
        url=f"mqtt://127.0.0.1:{found[0].port}",
        username=found[0].username,
        password=found[0].password,
        embedded=True,
    )


def _split(url: str) -> SplitResult:
    # The URL may hold a password: no message shows more of it than its scheme.
    try:
        address = urlsplit(url)
        host, _ = address.hostname, address.port
    except ValueError:
        _refuse("its address can't be read")
    if address.scheme not in BROKER_SCHEMES:
        said = (
            f"begins with “{address.scheme}:”"
            if "://" in url and len(address.scheme) < 20
            else "has no scheme"
        )
        _refuse(f"its address {said}")
    if not host:
        _refuse("its address names no host")
    return address


def _refuse(why: str) -> NoReturn:
    raise RoomError(
        f"The room's broker is not known: {why}. Write it as mqtts://broker.example, or with mqtt, ws or wss, and with "
        "a port where it is not the usual one.",
        Reason.NO_BROKER,
    )


def _not_reached(of: str) -> NoReturn:
    raise RoomError(
        f"The room was not joined: the invite is to a room of {of}. People on several servers meet by a broker that "
        f'all reach: chat(server="mqtts://…"), or {ENVIRONMENT}.',
        Reason.NO_BROKER,
    )


def _no_broker() -> NoReturn:
    raise RoomError(
        "The room has no broker: none was named, and no Jupyter server of this user runs one. Give "
        f'server="mqtts://…", or set {ENVIRONMENT}; or install ipymedia where jupyter-server is installed, and restart '
        "the server. Rooms within one kernel need no broker: WebRTCRoomLocal.",
        Reason.NO_BROKER,
    )
