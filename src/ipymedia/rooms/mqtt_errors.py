"""What is told when a broker is not reached, does not let this side in, or can't prove who it is."""

from __future__ import annotations

import socket
import ssl

from ..errors import Reason, RoomError
from .broker import Broker

_RESTART = "Restart the Jupyter server."
_TRY = "Check the address and the port, and whether a firewall is between."


def connect_error(broker: Broker, problem: BaseException) -> RoomError:
    """The error for what went wrong while the connection was made."""
    if isinstance(problem, RoomError):
        return problem
    if isinstance(problem, ssl.SSLCertVerificationError):
        return certificate_error(broker, problem.verify_message or str(problem))
    if isinstance(problem, ssl.SSLError):
        why, what = (
            f"it does not speak TLS there ({problem.reason or problem})",
            "Check the port; mqtt:// and ws:// are without TLS.",
        )
    elif isinstance(problem, socket.gaierror):
        why, what = f"the name {broker.host} is not known", "Check the address."
    elif isinstance(problem, ConnectionRefusedError):
        why, what = f"nothing listens at {broker.host}, port {broker.port}", _TRY
    elif isinstance(problem, (TimeoutError, socket.timeout)):
        why, what = f"nothing at {broker.host}, port {broker.port}, answered in time", _TRY
    elif "WebSocket" in str(problem) or "Websocket" in type(problem).__name__:
        why, what = (
            f"no MQTT broker answers to WebSockets at {broker.path}",
            "Check the address, its path too.",
        )
    else:
        why, what = str(problem) or type(problem).__name__, _TRY
    return _unreachable(broker, why, what)


def silence(broker: Broker, within_s: float) -> RoomError:
    """The error for a broker that did not answer."""
    why = (
        f"nothing that speaks MQTT answered at {broker.host}, port {broker.port}, within {within_s:g} seconds"
    )
    return _unreachable(broker, why, _TRY)


def refusal(broker: Broker, answer: str) -> RoomError:
    """The error for a broker that answered that this side may not come in."""
    if "unavailable" in answer.lower():
        return _unreachable(broker, "it says that it is not available now", "Try again later.")
    who = f"as “{broker.username}”" if broker.username else "without a user name"
    what = (
        _RESTART if broker.embedded else "Give username= and password=, or set them in the broker's address."
    )
    return RoomError(
        f"The room was not joined: {broker} was asked to let this side in {who}, and answered “{answer}”. {what}",
        Reason.BROKER_REFUSED,
    )


def certificate_error(broker: Broker, why: str) -> RoomError:
    """The error for a broker that can't prove who it is."""
    return RoomError(
        f"The room was not joined: {broker} was called, and could not prove that it is {broker.host}: {why}. It is not "
        "trusted. Have its certificate mended; for an authority of your own give ca=, the path of its certificate.",
        Reason.BAD_CERTIFICATE,
    )


def _unreachable(broker: Broker, why: str, what: str) -> RoomError:
    return RoomError(
        f"The room was not joined: {broker} was called and not reached: {why}. {_RESTART if broker.embedded else what}",
        Reason.BROKER_UNREACHABLE,
    )
