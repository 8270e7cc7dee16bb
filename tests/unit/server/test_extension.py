"""The extension in a real Jupyter server: there from its start, started by its first use, gone with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path

import psutil
import pytest

from ipymedia.errors import RoomError
from ipymedia.rooms.broker import find_broker
from ipymedia.rooms.exchange import open_exchange
from tests.unit.rooms.people import run

from .jupyter import JupyterServer


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JupyterServer]:
    server = JupyterServer(tmp_path, monkeypatch)
    server.start()
    yield server
    server.stop()


def threads_of(pid: int) -> int:
    return psutil.Process(pid).num_threads()


async def visit() -> None:
    exchange = await open_exchange(find_broker())
    await exchange.close()


def test_it_waits_for_its_first_use_and_goes_with_the_server(server: JupyterServer) -> None:
    (path,) = server.files
    content = server.content()
    assert content["pid"] == server.pid
    assert len(str(content["password"])) == 32
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not any("amqtt" in item.path for item in psutil.Process(server.pid).memory_maps())
    before = threads_of(server.pid)
    run(visit())
    assert threads_of(server.pid) >= before + 1
    run(visit())
    server.stop()
    assert not path.exists()
    with pytest.raises(RoomError):
        find_broker()
    assert str(content["password"]) not in "\n".join(server.log)


def test_its_log_stays_quiet(server: JupyterServer) -> None:
    async def many() -> None:
        for _ in range(10):
            await visit()

    before = len(server.log)
    run(many())
    server.stop()
    said = [
        line for line in server.log[before:] if "ipymedia" in line or "amqtt" in line or "Traceback" in line
    ]
    assert len(said) == 1, said
    assert "the broker for rooms runs" in said[0]


def test_two_servers_have_a_broker_each_and_a_killed_ones_file_is_cleared(
    server: JupyterServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = JupyterServer(tmp_path / "other", monkeypatch)
    other.runtime = server.runtime
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.runtime))
    other.start()
    assert len(server.files) == 2
    ports = {}
    for one in (server, other):
        monkeypatch.setenv("JPY_PARENT_PID", str(one.pid))
        ports[one] = find_broker().port
        run(visit())
    assert ports[server] != ports[other]
    other.kill()
    assert find_broker().port == ports[server]
    assert len(server.files) == 1


def test_a_kernel_of_the_server_finds_it_by_itself(server: JupyterServer) -> None:
    """As jupyter_client starts one: the parent's process id is all that it is told."""
    code = (
        "import asyncio; from ipymedia.rooms.broker import find_broker; "
        "from ipymedia.rooms.exchange import open_exchange\n"
        "async def main():\n"
        "    exchange = await open_exchange(find_broker()); await exchange.close(); print('met')\n"
        "asyncio.run(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "met\n"


def test_a_folder_that_can_not_be_written_to_keeps_no_server_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ipymedia.server import _load_jupyter_server_extension, embedded_broker

    said = []

    class App:
        class log:  # noqa: N801
            warning = staticmethod(lambda *what: said.append(what))

    def refuse(self: object) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr(embedded_broker.BrokerFile, "write", refuse)
    before = threading.active_count()
    _load_jupyter_server_extension(App())
    assert "IPYMEDIA_BROKER" in said[0][0]
    assert threading.active_count() == before


def test_the_installation_switches_it_on() -> None:
    """The file that jupyter_server reads is a part of the package that is installed, and goes with it."""
    shipped = [file for file in files("ipymedia") or [] if file.name == "ipymedia.json"]
    assert len(shipped) == 1
    content = json.loads(Path(str(shipped[0].locate())).read_text())
    assert content == {"ServerApp": {"jpserver_extensions": {"ipymedia.server": True}}}
    assert str(shipped[0]).replace("\\", "/").endswith("etc/jupyter/jupyter_server_config.d/ipymedia.json")
