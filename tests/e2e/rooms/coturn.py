"""A TURN server, coturn, on a port of its own, with a shared secret."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SECRET = "a secret of the test's"
_START_S = 10.0


@dataclass(frozen=True)
class TurnServer:
    """One that runs."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """For `ice_servers`."""
        return f"turn:127.0.0.1:{self.port}"


@contextmanager
def coturn(folder: Path) -> Iterator[TurnServer]:
    """Start it on the loopback interface; end it at exit."""
    program = shutil.which("turnserver")
    if program is None:
        why = "coturn is not installed (Debian: apt-get install coturn)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "coturn.log"
    command = [
        program, "-n", "--no-cli", "--no-tls", "--no-dtls", "--verbose",
        "--no-stdout-log", "--simple-log", "--log-file", str(log),
        "--pidfile", str(folder / "coturn.pid"), "--db", str(folder / "coturn.db"),
        "--listening-ip", "127.0.0.1", "--listening-port", str(port), "--relay-ip", "127.0.0.1",
        "--allow-loopback-peers", "--realm", "test.example", "--use-auth-secret", "--static-auth-secret", SECRET,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for_tcp(port, process)
        yield TurnServer(port, log)
    finally:
        process.terminate()
        process.wait(10)


def _wait_for_tcp(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"coturn did not start (its status: {process.poll()})")
