"""Mosquitto, on a port of its own, as Debian's package brings it: plain, with a password, with TLS, over WebSocket."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from .certificates import Certificate

USER, PASSWORD = "ada", "a password, with % and @ in it"
_START_S = 20


def need_mosquitto() -> str:
    """The program; without it the test is skipped, and in continuous integration fails."""
    # Debian puts it where only root looks.
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        why = "Mosquitto is not installed (Debian: apt-get install mosquitto)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


class Mosquitto:
    """A broker, with one listener on the loopback interface.

    Attributes
    ----------
    port : int
        The same after a restart.
    """

    def __init__(
        self,
        folder: Path,
        *,
        password: bool = False,
        certificate: Certificate | None = None,
        websocket: bool = False,
    ) -> None:
        self._program = need_mosquitto()
        folder.mkdir()
        self.port = _free_port()
        self.certificate = certificate
        scheme = ("wss" if certificate else "ws") if websocket else ("mqtts" if certificate else "mqtt")
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        lines = ["persistence false", "log_dest stderr", "log_type all", f"listener {self.port} 127.0.0.1"]
        if os.name == "posix" and os.geteuid() == 0:
            lines.insert(0, "user root")  # another user could not read the test's folder
        if websocket:
            # Mosquitto 2.0.11, Debian 12's, takes itself for one without a listener when that is its only one.
            lines[-1:] = [f"listener {_free_port()} 127.0.0.1", lines[-1], "protocol websockets"]
        if certificate is not None:
            lines += [f"certfile {certificate.certificate}", f"keyfile {certificate.key}"]
        if password:
            passwords = folder / "passwords"
            subprocess.run(
                ["mosquitto_passwd", "-b", "-c", str(passwords), USER, PASSWORD],
                check=True,
                capture_output=True,
            )
            lines.append(f"password_file {passwords}")
        lines.append(f"allow_anonymous {'false' if password else 'true'}")
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Start it; returns once it listens."""
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._config)], stderr=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._process.stderr is not None
        kill = threading.Timer(_START_S, self._process.kill)
        kill.start()
        said = []
        for line in self._process.stderr:
            said.append(line)
            if "running" in line:
                break
        else:
            pytest.fail(f"Mosquitto did not start: {''.join(said)}")
        kill.cancel()
        # Nobody may block it by not reading.
        threading.Thread(target=self._process.stderr.read, daemon=True).start()

    def stop(self) -> None:
        """Kill it: clients hear nothing of it but the end of their connections."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
