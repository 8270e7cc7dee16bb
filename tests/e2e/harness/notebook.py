"""A notebook in a page, used as a person uses it: cells that are run, outputs that are read."""

from __future__ import annotations

import ast
import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page

from tests.e2e.harness.jupyter_server import JupyterServer

DEFAULT_TIMEOUT_S = 30.0
_SCRIPT = (Path(__file__).parent / "notebook.js").read_text()
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class CellError(AssertionError):
    """A cell raised; the text is its traceback."""


class NotebookPage:
    """A notebook opened in JupyterLab or Notebook 7.

    Cells are numbered from 0. Every method blocks, at most for its `timeout_s`, and raises Playwright's `Error`
    when that passes.

    Parameters
    ----------
    context : BrowserContext
        Where the page is opened; two `NotebookPage` of one notebook share its kernel.
    server : JupyterServer
    name : str
        The notebook's file name in the server's root, from `JupyterServer.write_notebook`.

    Attributes
    ----------
    page : playwright.sync_api.Page
    """

    def __init__(
        self,
        context: BrowserContext,
        server: JupyterServer,
        name: str,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        self.server = server
        self.name = name
        self.page: Page = context.new_page()
        # A workspace of its own: JupyterLab would else reopen what other tests had open.
        place = f"lab/workspaces/w{uuid.uuid4().hex[:8]}/tree" if server.kind == "lab" else "notebooks"
        self.page.goto(f"{server.url}{place}/{name}?token={server.token}", wait_until="domcontentloaded")
        self.wait_until_ready(timeout_s=timeout_s)

    def wait_until_ready(self, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Wait until the notebook is shown and its kernel connected (also after a reload)."""
        self.page.wait_for_function("() => window.jupyterapp !== undefined", timeout=timeout_s * 1000)
        self.page.evaluate(_SCRIPT)
        self._call("ready", self.name, timeout_s=timeout_s)

    # Cells

    def run_cell(
        self,
        index: int,
        *,
        wait: bool = True,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        expect_error: bool = False,
    ) -> str:
        """Run a cell as its user does (the application's own command); give `output_text`.

        Parameters
        ----------
        wait : bool
            False returns at once with an empty text: for a cell that is to be busy. See `wait_cell`.
        expect_error : bool
            False raises `CellError` when the cell raised; True raises `AssertionError` when it did not.
        """
        self._call("start", index, timeout_s=timeout_s)
        return self.wait_cell(index, timeout_s=timeout_s, expect_error=expect_error) if wait else ""

    def wait_cell(
        self, index: int, *, timeout_s: float = DEFAULT_TIMEOUT_S, expect_error: bool = False
    ) -> str:
        """Wait until the cell's last run has ended; give its output's text, as `run_cell` does."""
        failed = self._call("finished", index, timeout_s=timeout_s)
        text = self.output_text(index)
        if failed and not expect_error:
            raise CellError(text)
        if expect_error and not failed:
            raise AssertionError(f"cell {index} was to raise, and printed: {text!r}")
        return text

    def run_all(self, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Run every cell in order."""
        for index in range(self.cell_count()):
            self.run_cell(index, timeout_s=timeout_s)

    def run(self, source: str, *, timeout_s: float = DEFAULT_TIMEOUT_S, expect_error: bool = False) -> str:
        """Add a cell at the end, run it, give its output's text."""
        return self.run_cell(self.add_cell(source), timeout_s=timeout_s, expect_error=expect_error)

    def start(self, source: str) -> int:
        """Add a cell at the end and start it without waiting; give its index for `wait_cell`."""
        index = self.add_cell(source)
        self.run_cell(index, wait=False)
        return index

    def add_cell(self, source: str) -> int:
        """Add a code cell at the end; give its index."""
        return int(self._call("addCell", source))

    def set_source(self, index: int, source: str) -> None:
        """Replace a cell's source, as editing it does."""
        self._call("setSource", index, source)

    def cell_count(self) -> int:
        return int(self._call("cellCount"))

    def is_running(self, index: int) -> bool:
        """Say whether the cell shows ``[*]``."""
        return bool(self._call("isRunning", index))

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Give the cell's outputs as the notebook format has them."""
        outputs: list[dict[str, Any]] = self._call("outputs", index)
        return outputs

    def output_text(self, index: int) -> str:
        """Give what the cell printed, its displays' plain text, and tracebacks, without colour codes."""
        return "".join(_as_text(output) for output in self.outputs(index))

    def output(self, index: int) -> Locator:
        """Give a locator of the cell's output area, scrolled into view; widgets are below it."""
        cell_id = self._call("show", index)
        return self.page.locator(f'[data-test-cell="{cell_id}"] .jp-Cell-outputWrapper')

    def clear_output(self, index: int) -> None:
        """Clear the cell's output, as the menu does: its views go."""
        self._call("clearOutput", index)

    def screenshot(self, path: Path, index: int | None = None) -> Path:
        """Write a PNG of the page, or of one cell's output."""
        target = self.page if index is None else self.output(index)
        target.screenshot(path=str(path))
        return path

    # Kernel

    def evaluate(
        self, expression: str, *, subshell: bool = False, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> Any:
        """Evaluate a Python expression in the kernel; give its value, by way of JSON.

        No cell is run and no comm is touched. A busy kernel answers after its cell has ended; with `subshell`, a
        kernel that has subshells (ipykernel ≥ 7) answers while a cell runs. Raises `CellError` when the
        expression does.
        """
        code = f"__import__('json').dumps({expression})"
        reply = self._call("evaluate", code, subshell, timeout_s=timeout_s)
        if reply["status"] != "ok":
            raise CellError(f"{expression}: {reply['ename']}: {reply['evalue']}")
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    def wait_for(
        self, expression: str, *, subshell: bool = False, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> Any:
        """Ask the kernel until the expression's value is true; give it. A kernel's state is no event for a page."""
        began_s = time.monotonic()
        while not (value := self.evaluate(expression, subshell=subshell, timeout_s=timeout_s)):
            waited_s = time.monotonic() - began_s
            if waited_s > timeout_s:
                raise AssertionError(f"{expression} did not become true within {timeout_s:.0f} s")
            # Asking costs the page and the kernel: the longer it lasts, the less a late answer matters.
            self.page.wait_for_timeout(min(500, max(50, 100 * waited_s)))
        return value

    def wait_idle(self, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Wait until the kernel's indicator says idle."""
        self._call("idle", timeout_s=timeout_s)

    def interrupt(self) -> None:
        """Interrupt the kernel, as the stop button does."""
        self._call("interrupt")

    def restart(self, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Restart the kernel and wait until the new one is ready; outputs stay as they were."""
        self._call("restart", timeout_s=timeout_s)

    def shut_down(self) -> None:
        """Close the page and end the kernel."""
        self.page.close()
        self.server.shut_down_kernel(self.name)

    # Page

    def reload(self, *, save: bool = True, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Save the notebook, reload the page, wait until it is connected again."""
        if save:
            self.save()
        self.page.reload(wait_until="domcontentloaded")
        self.wait_until_ready(timeout_s=timeout_s)

    def save(self) -> None:
        self._call("save")

    def second(self, context: BrowserContext | None = None) -> NotebookPage:
        """Save, and open the same notebook (the same kernel) in a further page; `context` gives another profile."""
        self.save()
        return type(self)(context or self.page.context, self.server, self.name)

    def turn_to(self, name: str) -> None:
        """Open another notebook beside this one, in the same page; what is called next is about that one."""
        self.page.evaluate(
            """async (name) => {
              await jupyterapp.commands.execute("docmanager:open", { path: name, options: { mode: "split-right" } });
            }""",
            name,
        )
        self.name = name
        self._call("ready", name)

    def set_dark(self, dark: bool = True) -> None:
        """Change JupyterLab's theme."""
        self._call("theme", "JupyterLab Dark" if dark else "JupyterLab Light")
        self.page.wait_for_function(
            "dark => (document.body.dataset.jpThemeLight === 'false') === dark", arg=dark
        )
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def set_size(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def _call(self, function: str, *arguments: object, timeout_s: float = DEFAULT_TIMEOUT_S) -> Any:
        return self.page.evaluate(
            "([name, args, ms]) => window.__notebook.call(name, args, ms)",
            [function, list(arguments), timeout_s * 1000],
        )


def _as_text(output: dict[str, Any]) -> str:
    match output["output_type"]:
        case "stream":
            return _joined(output["text"])
        case "error":
            return _ANSI.sub("", "\n".join(output["traceback"])) + "\n"
        case _:
            return _joined(output["data"].get("text/plain", "")) + "\n"


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
