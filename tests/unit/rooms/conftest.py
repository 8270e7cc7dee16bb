"""Real brokers: the embedded one in a real Jupyter server, and Mosquitto in each way in which it is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from ipymedia.rooms.broker import Broker, find_broker
from tests.unit.server.jupyter import JupyterServer

from .certificates import certify
from .mosquitto import PASSWORD, USER, Mosquitto


@dataclass
class RunningBroker:
    """A broker of a test's, and how to reach, end and start it again."""

    find: Callable[[], Broker]
    stop: Callable[[], None]
    start: Callable[[], None]


MOSQUITTOS = ["mosquitto", "mosquitto with password", "mosquitto with tls", "mosquitto by websocket"]


@pytest.fixture(scope="module")
def jupyter_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A Jupyter server with the extension, as it is after `pip install`; its runtime folder is the test's own."""
    with pytest.MonkeyPatch.context() as environment:
        server = JupyterServer(tmp_path_factory.mktemp("jupyter"), environment)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module", params=["embedded", *MOSQUITTOS])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningBroker]:
    """Each kind of broker in turn."""
    kind: str = request.param
    if kind == "embedded":
        server: JupyterServer = request.getfixturevalue("jupyter_server")
        yield RunningBroker(find_broker, server.kill, server.start)
        return
    folder = tmp_path_factory.mktemp("mosquitto")
    tls = certify(folder / "certificates") if "tls" in kind or "websocket" in kind else None
    mosquitto = Mosquitto(
        folder / "broker", password="password" in kind, certificate=tls, websocket="websocket" in kind
    )
    login = (USER, PASSWORD) if "password" in kind else ("", "")
    try:
        found = Broker(mosquitto.url, *login, ca=str(tls.authority) if tls else "")
        yield RunningBroker(lambda: found, mosquitto.stop, mosquitto.start)
    finally:
        mosquitto.stop()


@pytest.fixture
def broker(running: RunningBroker) -> Broker:
    """Where to connect to, now: the embedded one has another port after each start."""
    return running.find()
