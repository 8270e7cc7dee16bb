"""A notebook in classic Notebook (6.5, nbclassic), with what differs there from JupyterLab's."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator

from tests.e2e.harness.notebook import DEFAULT_TIMEOUT_S, NotebookPage

_SCRIPT = (Path(__file__).parent / "classic.js").read_text()


class ClassicPage(NotebookPage):
    """A notebook opened on a ``"classic"`` server, where no command is that only JupyterLab has.

    There are neither subshells nor themes, and the page is not restarted: what needs these is not to be called.
    """

    def wait_until_ready(self, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Wait until the notebook is shown and its kernel connected (also after a reload)."""
        self.page.evaluate(_SCRIPT)
        self._call("ready", timeout_s=timeout_s)

    def output(self, index: int) -> Locator:
        """Give a locator of the cell's output area, scrolled into view; widgets are below it."""
        cell_id = self._call("show", index)
        return self.page.locator(f'[data-test-cell="{cell_id}"] .output_wrapper')
