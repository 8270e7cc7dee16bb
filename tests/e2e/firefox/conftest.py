"""Fixtures for the tests in Firefox."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.e2e.firefox.browser import Firefox, firefox, firefox_path
from tests.e2e.harness import JupyterServer, NotebookPage


@pytest.fixture(scope="session")
def firefox_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Firefox with a fake camera; skips where there is none, but never in continuous integration."""
    if firefox_path() is None and not os.environ.get("CI"):
        pytest.skip("no Firefox here: apt-get install firefox-esr")
    with firefox(tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


@pytest.fixture
def open_in_firefox(lab: JupyterServer, firefox_browser: Firefox) -> Iterator[Callable[..., NotebookPage]]:
    """``open_in_firefox(cells)``: a new notebook in JupyterLab; closed, and its kernel ended, after the test."""
    opened: list[NotebookPage] = []

    def open_in_firefox(cells: Sequence[str]) -> NotebookPage:
        notebook = NotebookPage(firefox_browser, lab, lab.write_notebook(cells), timeout_s=60)
        opened.append(notebook)
        return notebook

    yield open_in_firefox
    for notebook in opened:
        errors = [line for line in notebook.page.said() if line.startswith("uncaught")]
        notebook.shut_down()
        ours = [line for line in errors if "ipymedia" in line or "blob:" in line]
        assert not ours, "uncaught errors in the page:\n" + "\n".join(ours)
