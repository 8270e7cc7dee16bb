"""The file that tells a user's kernels where the broker of their Jupyter server is, and its password.

It lies in Jupyter's runtime folder, readable by its user alone from its first byte on. The environment would do
as well for finding it, and is printed by notebooks.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

_PREFIX = "ipymedia-broker-"
_MOST_BYTES = 4096
_CREATED_TOLERANCE_S = 2.0
"""Clocks are set: the time at which a process began is computed from the time of the boot."""


@dataclass(frozen=True)
class BrokerFile:
    """Where a broker listens, on the loopback interface, and who may come in.

    Attributes
    ----------
    pid : int
        The Jupyter server's process.
    created : float
        When that process began, in seconds since the epoch: a process id alone is given again.
    """

    pid: int
    created: float
    host: str
    """The machine: a home, and Jupyter's runtime folder in it, may be shared by several."""
    port: int
    username: str
    password: str = field(repr=False)

    def write(self) -> Path:
        """Write the file in one step: it is there whole, or not at all.

        Raises
        ------
        OSError
            The folder can't be written to.
        RuntimeError
            Its file system does not keep others from reading it.
        """
        from jupyter_core.paths import jupyter_runtime_dir, secure_write

        folder = Path(jupyter_runtime_dir())
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{_PREFIX}{hashlib.sha256(self.host.encode()).hexdigest()[:8]}-{self.pid}.json"
        unfinished = folder / f".{path.name}.{secrets.token_hex(4)}"
        try:
            with secure_write(str(unfinished)) as file:
                file.write(json.dumps(asdict(self)))
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return path


def home_of_brokers() -> str:
    """A name of the place where this user's brokers are found, the same after a restart: 16 hexadecimal digits.

    It tells one user's Jupyter server from another's, to kernels that were given an invite; it opens nothing.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    machine = ""
    with suppress(OSError, UnicodeDecodeError):
        machine = Path("/etc/machine-id").read_text("ascii").strip()
    user = str(os.geteuid()) if os.name == "posix" else ""
    place = "\0".join((platform.node(), machine, user, str(Path(jupyter_runtime_dir()).resolve())))
    return hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def find_broker_files(own_server: int = 0) -> list[BrokerFile]:
    """The brokers of this user's Jupyter servers that run, the one of the process `own_server` first, then the newest.

    Files of servers that ended without a word are removed.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    found = []
    for path in Path(jupyter_runtime_dir()).glob(f"{_PREFIX}*.json"):
        content = _read(path)
        if content is None or content.host != platform.node():
            continue  # of others nobody here can tell whether they run
        if _runs(content):
            found.append(content)
        else:
            with suppress(OSError):
                path.unlink()
    return sorted(found, key=lambda one: (one.pid != own_server, -one.created))


def process_created(pid: int) -> float:
    """When a process began, in seconds since the epoch; 0 when there is none."""
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def _runs(content: BrokerFile) -> bool:
    return abs(process_created(content.pid) - content.created) < _CREATED_TOLERANCE_S


def _read(path: Path) -> BrokerFile | None:
    """What a file says; None when it can't be read, or somebody else may have written it."""
    try:
        about = path.stat(follow_symlinks=False)
        if not stat.S_ISREG(about.st_mode) or about.st_size > _MOST_BYTES:
            return None
        if os.name == "posix" and (about.st_uid != os.geteuid() or about.st_mode & 0o022):
            return None
        content = json.loads(path.read_text("utf-8"))
        return BrokerFile(
            pid=int(content["pid"]),
            created=float(content["created"]),
            host=str(content["host"]),
            port=int(content["port"]),
            username=str(content["username"]),
            password=str(content["password"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
