"""The Jupyter server extension: a broker for the rooms of this user's kernels, from its first use on.

It costs a listening socket and a file until a kernel comes (`embedded_broker`).
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "ipymedia.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Called by jupyter_server when it starts; what goes wrong here must not keep it from starting."""
    from .embedded_broker import EmbeddedBroker

    try:
        broker = EmbeddedBroker(serverapp.log)
        broker.announce()
    except (OSError, RuntimeError) as error:
        serverapp.log.warning(
            "ipymedia: this server runs no broker for rooms, since it could not be set up: %s. Rooms need "
            "server=… or IPYMEDIA_BROKER then.",
            error,
        )
        return
    serverapp.web_app.settings["ipymedia_broker"] = broker
    broker.start_when_called(serverapp.io_loop)
