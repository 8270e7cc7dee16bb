"""A real Jupyter server in a process of its own, which finds the extension by the file that the wheel ships."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import ipymedia

_START_S = 60
_SHIPPED = Path(ipymedia.__file__).parent / "server/jupyter_server_config.json"


class JupyterServer:
    """jupyter_server alone, on a free port; kernels' environment variables of this process point to its folders.

    Attributes
    ----------
    runtime : pathlib.Path
        Jupyter's runtime folder.
    log : list of str
        What the server wrote, line by line.
    """

    def __init__(self, folder: Path, environment: pytest.MonkeyPatch) -> None:
        self.runtime = folder / "runtime"
        self.log: list[str] = []
        self._config = folder / "config"
        (self._config / "jupyter_server_config.d").mkdir(parents=True)
        shutil.copy(_SHIPPED, self._config / "jupyter_server_config.d/ipymedia.json")
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        environment.setenv("JUPYTER_RUNTIME_DIR", str(self.runtime))
        environment.delenv("IPYMEDIA_BROKER", raising=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def files(self) -> list[Path]:
        """The files that tell of brokers."""
        return sorted(self.runtime.glob("ipymedia-broker-*"))

    def start(self) -> None:
        """Start it; returns once it serves."""
        command = [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--ServerApp.port=0", "--allow-root"),
            f"--ServerApp.root_dir={self._config}",
        ]
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(self._config),
            "PYTHONPATH": str(Path(ipymedia.__file__).parents[1]),
        }
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
        )
        serving = threading.Event()
        threading.Thread(target=self._read, args=(self._process, serving), daemon=True).start()
        if not serving.wait(_START_S):
            self.kill()
            pytest.fail("Jupyter server did not start:\n" + "\n".join(self.log))
        self._environment.setenv("JPY_PARENT_PID", str(self.pid))

    def stop(self) -> None:
        """Ask it to end, as a terminal or a hub does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def kill(self) -> None:
        """End it without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def content(self) -> dict[str, object]:
        """What the file says."""
        (path,) = self.files
        said: dict[str, object] = json.loads(path.read_text())
        return said

    def _read(self, process: subprocess.Popen[str], serving: threading.Event) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.log.append(line.rstrip())
            if "is running at" in line:
                serving.set()
