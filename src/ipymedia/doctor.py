"""What works on this installation, and why not: what ``python -m ipymedia doctor`` tells.

It looks at the environment of the interpreter that runs it: run it with the kernel's. Where the Jupyter server has
another one, what it says of the server's packages holds for that one only when it is run there too.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from ._version import __version__

Verdict = Literal["fine", "note", "wrong"]

SUBSHELLS_SINCE = (7, 0)
LAB_WITH_SUBSHELLS_SINCE = (4, 4)
_MARKS: dict[Verdict, str] = {"fine": "ok  ", "note": "note", "wrong": "FAIL"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    subject : str
    verdict : {"fine", "note", "wrong"}
        ``note``: it works, with less; ``wrong``: it does not work.
    what : str
        What was found.
    remedy : str
        What to do; empty where nothing is to be done.
    """

    subject: str
    verdict: Verdict
    what: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def examine() -> list[Finding]:
    """Look at everything; takes about a second, since each codec is tried."""
    return [*_versions(), _front_end(), *_codecs(), *_host(), _proxy(), _rooms()]


def as_text(findings: list[Finding]) -> str:
    """For people: one line for each finding, and one below it that says what to do."""
    width = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.verdict]}  {finding.subject:{width}}  {finding.what}")
        if finding.remedy:
            lines.append(f"{'':{width + 8}}→ {finding.remedy}")
    wrong = sum(finding.verdict == "wrong" for finding in findings)
    lines.append("")
    lines.append("All that is needed works." if wrong == 0 else f"{wrong} of these must be mended.")
    return "\n".join(lines)


def version_of(distribution: str) -> str | None:
    """The version of an installed distribution, or None."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


def _versions() -> Iterator[Finding]:
    yield Finding("ipymedia", "fine", __version__)
    yield Finding("Python", "fine", f"{platform.python_version()} in {sys.prefix}")
    for name in ("anywidget", "ipywidgets", "msgspec", "tornado"):
        found = version_of(name)
        if found is None:
            yield Finding(name, "wrong", "not installed", f"pip install {name}")
        else:
            yield Finding(name, "fine", found)


def _front_end() -> Finding:
    static = Path(__file__).parent / "static"
    missing = [name for name in ("runtime.js", "stub.js") if not (static / name).is_file()]
    if missing:
        return Finding(
            "front end",
            "wrong",
            f"{', '.join(missing)} not built",
            "pip install ., or make build, in the checkout",
        )
    return Finding("front end", "fine", f"built, {(static / 'runtime.js').stat().st_size / 1000:.0f} kB")


def _codecs() -> Iterator[Finding]:
    found = version_of("av")
    try:
        from .frames.codec.available import decodable, encodable

        decode, encode = decodable(), encodable()
    except ImportError as error:
        yield Finding("PyAV", "wrong", f"does not load: {error}", "pip install --force-reinstall av")
        return
    yield Finding("PyAV", "fine", found or "of unknown version")
    for subject, codecs in (("decodes", decode), ("encodes", encode)):
        if not codecs:
            yield Finding(subject, "wrong", "no video codec", "pip install --force-reinstall av")
        elif "h264" not in codecs:
            remedy = "pip install --force-reinstall --only-binary av av: this build lacks H.264, the fastest"
            yield Finding(subject, "note", ", ".join(codecs), remedy)
        else:
            yield Finding(subject, "fine", ", ".join(codecs))


def _host() -> Iterator[Finding]:
    kernel = version_of("ipykernel")
    if kernel is None:
        remedy = "pip install ipykernel, where kernels are to run in this environment"
        yield Finding("ipykernel", "note", "not installed", remedy)
    else:
        yield Finding("ipykernel", "fine", kernel)
    for name in ("jupyterlab", "notebook", "voila", "jupyter-server"):
        found = version_of(name)
        if found is not None:
            yield Finding(name, "fine", found)
    if kernel is not None:
        yield _subshells(kernel, version_of("jupyterlab"))


def _subshells(kernel: str, lab: str | None) -> Finding:
    without = "while a cell runs, frames come by the socket only"
    if _parts(kernel) < SUBSHELLS_SINCE:
        return Finding(
            "subshells", "note", f"ipykernel {kernel} has none: {without}", "pip install 'ipykernel>=7'"
        )
    if lab is not None and _parts(lab) < LAB_WITH_SUBSHELLS_SINCE:
        return Finding(
            "subshells",
            "note",
            f"JupyterLab {lab} does not use them: {without}",
            "pip install 'jupyterlab>=4.4'",
        )
    return Finding("subshells", "fine", "the kernel has them; JupyterLab uses them since 4.4")


def _proxy() -> Finding:
    subject = "socket"
    proxy = version_of("jupyter-server-proxy")
    slower = "frames take the kernel's comm, which is slower and in some hosts stops while a cell runs"
    if version_of("jupyter-server") is None:
        where = "the Jupyter server runs in another environment than this kernel"
        return Finding(
            subject,
            "note",
            f"{where}: whether it has jupyter-server-proxy is not to be seen from here",
            "run `pip install jupyter-server-proxy` where jupyter-server is installed, and restart the server; without "
            f"it {slower}",
        )
    if proxy is None:
        return Finding(
            subject,
            "note",
            f"jupyter-server-proxy is not installed: {slower}",
            f"{sys.executable} -m pip install jupyter-server-proxy, and restart the Jupyter server",
        )
    if not _is_enabled("jupyter_server_proxy"):
        return Finding(
            subject,
            "note",
            f"jupyter-server-proxy {proxy} is switched off: {slower}",
            "jupyter server extension enable jupyter_server_proxy, and restart the Jupyter server",
        )
    return Finding(
        subject, "fine", f"jupyter-server-proxy {proxy}, enabled, beside jupyter-server in {sys.prefix}"
    )


def _rooms() -> Finding:
    subject = "rooms"
    without = "rooms of several kernels need server=… or IPYMEDIA_BROKER, rooms of one kernel need nothing"
    if version_of("jupyter-server") is None:
        return Finding(
            subject,
            "note",
            f"the Jupyter server runs in another environment: whether it has a broker is not to be seen here; without "
            f"one {without}",
            "run `pip install ipymedia` where jupyter-server is installed, and restart the server",
        )
    if not _is_enabled("ipymedia.server"):
        return Finding(
            subject,
            "note",
            f"the Jupyter server's broker is switched off: {without}",
            "jupyter server extension enable ipymedia.server, and restart the server",
        )
    return Finding(subject, "fine", "the Jupyter server runs a broker for them when one is needed")


def _is_enabled(extension: str) -> bool:
    """Whether a Jupyter server of this environment loads an extension; the first file that speaks of it says."""
    from jupyter_core.paths import jupyter_config_path

    for folder in jupyter_config_path():
        for path in _config_files(Path(folder)):
            said = _said_of(extension, path)
            if said is not None:
                return said
    return False


def _config_files(folder: Path) -> list[Path]:
    # The user's own file overrules those that packages put beside it; of these the last one counts.
    parts = sorted((folder / "jupyter_server_config.d").glob("*.json"), reverse=True)
    return [path for path in (folder / "jupyter_server_config.json", *parts) if os.access(path, os.R_OK)]


def _said_of(extension: str, path: Path) -> bool | None:
    try:
        config = json.loads(path.read_text("utf-8"))
        said = config.get("ServerApp", {}).get("jpserver_extensions", {}).get(extension)
    except (ValueError, AttributeError):
        return None  # a broken file of somebody else's: the server says so itself
    return said if isinstance(said, bool) else None
