"""A real Jupyter server (JupyterLab, Notebook 7, classic Notebook or Voila) that no setting of the user's reaches."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import nbformat
import psutil

HostKind = Literal["lab", "notebook", "classic", "voila"]

START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 15.0

#: Extra arguments for a server on which the page cannot reach the kernel's socket.
WITHOUT_PROXY = ("--ServerApp.jpserver_extensions={'jupyter_server_proxy': False}",)

_USER_SETTINGS: dict[str, dict[str, object]] = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "docmanager-extension/plugin": {"autosave": False},
}


#: Each start of a page would ask whether extensions are to be built, which keeps the server busy for a second.
_PAGE_CONFIG = {"buildCheck": False}


@dataclass(frozen=True)
class JupyterServer:
    """A running server.

    Attributes
    ----------
    kind : {"lab", "notebook", "classic", "voila"}
    port : int
        Where it listens, on 127.0.0.1.
    root : Path
        The folder that it shows; notebooks go here.
    log : Path
        What it and its kernels printed.
    page_port : int
        The port that pages use; a relay's, when `through` was called.
    page_host : str
        The name that pages use; another one when `known_as` was called.
    """

    kind: HostKind
    port: int
    token: str
    root: Path
    log: Path
    pid: int
    base_url: str = "/"
    page_port: int = 0
    page_host: str = "127.0.0.1"
    kernels: tuple[str, ...] = field(default=("python3",))

    @property
    def url(self) -> str:
        """The address that pages use, ending in a slash."""
        return f"http://{self.page_host}:{self.page_port or self.port}{self.base_url}"

    def through(self, port: int) -> JupyterServer:
        """Give the same server as seen through a relay that listens on `port`."""
        return replace(self, page_port=port)

    def known_as(self, host: str) -> JupyterServer:
        """Give the same server under another name; the browser has to be told where that leads.

        (``--host-resolver-rules=MAP host 127.0.0.1``.) The page is not secure then.
        """
        return replace(self, page_host=host)

    def write_notebook(
        self, cells: Sequence[str], name: str | None = None, *, kernel: str = "python3"
    ) -> str:
        """Write a notebook of code cells into the root folder; give its name."""
        name = name or f"nb-{uuid.uuid4().hex[:8]}.ipynb"
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        )
        nbformat.write(notebook, self.root / name)
        return name

    def request(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call the server's REST API directly (never through a relay); give the decoded JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{self.base_url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            data = response.read()
        return json.loads(data) if data else None

    def shut_down_kernel(self, notebook: str) -> None:
        """End the kernel of the notebook, if it has one."""
        if self.kind == "voila":
            return
        for session in self.request("api/sessions"):
            if session["path"] == notebook:
                self.request(f"api/sessions/{session['id']}", method="DELETE")

    def log_tail(self, lines: int = 60) -> str:
        """Give the last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def jupyter_server(
    directory: Path,
    *,
    kind: HostKind = "lab",
    python: str | Path = sys.executable,
    kernels: Mapping[str, str | Path] | None = None,
    extra_args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    base_url: str = "/",
) -> Iterator[JupyterServer]:
    """Start a Jupyter server on a free loopback port, with a token; end it and its kernels at exit.

    Blocks until it answers (some seconds). Raises `RuntimeError`, with its log, when it does not.

    Parameters
    ----------
    directory : Path
        An empty folder: root folder, settings, run-time files and the log are put below it.
    kind : {"lab", "notebook", "classic", "voila"}
        ``python -m jupyterlab``, ``notebook`` (7; classic, 6.5, where `python` has it) or ``voila``. A Voila
        that shares its server with a proxy is had by opening ``voila/render/NAME`` on a ``"lab"`` server (see
        `VoilaPage`).
    python : path
        The interpreter that runs the server and, if `kernels` does not say otherwise, the ``python3`` kernel.
    kernels : mapping of kernel name to interpreter, optional
        Kernels of other environments (say ipykernel 6), which need ipykernel there.
    extra_args : sequence of str
        Such as `WITHOUT_PROXY`.
    """
    root = directory / "root"
    root.mkdir(parents=True)
    environment = _environment(directory, env)
    for name, interpreter in (kernels or {}).items():
        _write_kernelspec(Path(environment["JUPYTER_DATA_DIR"]), name, interpreter)
    token, port, log = secrets.token_hex(16), _free_port(), directory / "server.log"
    command = [str(python), *_arguments(kind, port, token, base_url, root), *extra_args]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=root, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        server = JupyterServer(
            kind, port, token, root, log, process.pid, base_url, kernels=("python3", *(kernels or {}))
        )
        _wait_until_it_answers(process, server)
        yield server
    finally:
        _stop(process)


def _arguments(kind: HostKind, port: int, token: str, base_url: str, root: Path) -> list[str]:
    if kind == "voila":
        return ["-m", "voila", str(root), f"--port={port}", "--no-browser", f"--base_url={base_url}",
                "--Voila.ip=127.0.0.1", "--Voila.port_retries=0", f"--token={token}", "--debug"]  # fmt: skip
    if kind == "classic":
        return ["-m", "notebook", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--port-retries=0",
                f"--NotebookApp.token={token}", f"--NotebookApp.base_url={base_url}", "--NotebookApp.quit_button=False",
                f"--notebook-dir={root}", *_AS_ROOT]  # fmt: skip
    arguments = [
        "-m", {"lab": "jupyterlab", "notebook": "notebook"}[kind],
        "--no-browser", "--expose-app-in-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}",
        f"--ServerApp.base_url={base_url}", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--ServerApp.rate_limit_window=3.0", "--ServerApp.allow_remote_access=True", "--log-level=INFO",
    ]  # fmt: skip
    return [*arguments, *_AS_ROOT]


_AS_ROOT = ("--allow-root",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _environment(directory: Path, extra: Mapping[str, str] | None) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHON", "COVERAGE"))
    }
    folders = {
        "HOME": "home",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    for folder in folders.values():
        (directory / folder).mkdir()
    for plugin, settings in _USER_SETTINGS.items():
        path = directory / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    page_config = directory / "config" / "labconfig" / "page_config.json"
    page_config.parent.mkdir()
    page_config.write_text(json.dumps(_PAGE_CONFIG))
    return {
        **inherited,
        **{variable: str(directory / folder) for variable, folder in folders.items()},
        "PYTHONNOUSERSITE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **(extra or {}),
    }


def _write_kernelspec(data_dir: Path, name: str, python: str | Path) -> None:
    folder = data_dir / "kernels" / name
    folder.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": name, "language": "python"})
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], server: JupyterServer) -> None:
    # The voila application has no status endpoint; its list of notebooks answers when it serves.
    path = "" if server.kind == "voila" else "api/status"
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{server.kind} ended with code {process.returncode}:\n{server.log_tail()}")
        try:
            request = urllib.request.Request(
                f"http://127.0.0.1:{server.port}{server.base_url}{path}",
                headers={"Authorization": f"token {server.token}"},
            )
            with urllib.request.urlopen(request, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError(f"{server.kind} did not answer within {START_DEADLINE_S:.0f} s:\n{server.log_tail()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and its kernels; they lead sessions of their own, so the process group is not enough."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_DEADLINE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for child in family:
        if child.is_running():
            child.kill()
