"""Fixtures for the tests in a real browser.

One server and one browser serve all tests; pages and kernels are a test's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.e2e.harness import (
    WITHOUT_PROXY,
    Camera,
    ClassicPage,
    JupyterServer,
    NotebookPage,
    PageLog,
    VoilaPage,
    browser_context,
    chromium,
    chromium_with_true_visibility,
    install_barcode_camera,
    jupyter_server,
)
from tests.media import camera_sound, camera_y4m, film_pictures

OpenNotebook = Callable[..., NotebookPage]
_LOG = pytest.StashKey[PageLog]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show what the pages and the server said, when a test failed."""
    report = yield
    if report.failed:
        log = item.stash.get(_LOG, None)
        if log is not None:
            report.sections.append(("page console", "\n".join(log.console[-60:])))
            report.sections.append(("page errors", "\n".join(log.errors)))
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, JupyterServer):
                report.sections.append((f"log of server {name}", value.log_tail()))
    return report


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def camera(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Camera:
    """The film as a 640×356 camera at 24 fps, its sound as the microphone."""
    folder = tmp_path_factory.mktemp("camera")
    return Camera(
        film=camera_y4m(film, folder / "camera.y4m"), sound=camera_sound(film, folder / "microphone.wav")
    )


@pytest.fixture(scope="session")
def browser(playwright: Playwright, camera: Camera) -> Iterator[Browser]:
    """Chromium with the film as its camera."""
    with chromium(playwright, camera=camera) as browser:
        yield browser


@pytest.fixture(scope="session")
def browser_with_two_cameras(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with two cameras of 30 fps, which show Chromium's own test pictures."""
    with chromium(playwright, camera=Camera(count=2)) as browser:
        yield browser


@pytest.fixture(scope="session")
def browser_without_camera(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright, camera=None) as browser:
        yield browser


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab, with whatever server extensions the environment has (jupyter-server-proxy is one)."""
    with jupyter_server(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def lab_without_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with jupyter_server(tmp_path_factory.mktemp("lab_without_proxy"), extra_args=WITHOUT_PROXY) as server:
        yield server


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with jupyter_server(tmp_path_factory.mktemp("notebook7"), kind="notebook") as server:
        yield server


@pytest.fixture(scope="session")
def voila(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Voila's stand-alone application."""
    with jupyter_server(tmp_path_factory.mktemp("voila"), kind="voila") as server:
        yield server


@pytest.fixture
def page_log(request: pytest.FixtureRequest) -> Iterator[PageLog]:
    """What the test's pages say.

    An uncaught error of ours fails the test; `forget_errors()` is for provoked ones.
    """
    log = request.node.stash[_LOG] = PageLog()
    yield log
    assert not log.ours(), "uncaught errors in the page:\n" + "\n".join(log.ours())


@pytest.fixture
def context(browser: Browser, page_log: PageLog) -> Iterator[BrowserContext]:
    """A fresh profile whose user allows camera and microphone."""
    with browser_context(browser, log=page_log) as context:
        yield context


@pytest.fixture(scope="session")
def pictures(film: Path) -> list[str]:
    """Pictures of the film, for the bar-code camera to pan over."""
    return film_pictures(film)


@pytest.fixture
def barcode_context(context: BrowserContext, pictures: list[str]) -> BrowserContext:
    """A fresh profile whose camera paints the time on each frame; 640×480 at 30 fps by default."""
    install_barcode_camera(context, pictures)
    return context


@pytest.fixture
def tab_context(playwright: Playwright, page_log: PageLog, tmp_path: Path) -> Iterator[BrowserContext]:
    """A profile whose pages are tabs of one window, so that `hide(page)` hides one; its camera is Chromium's own."""
    profile = tmp_path / "profile"
    with chromium_with_true_visibility(playwright, profile, camera=Camera()) as browser:
        context = browser.contexts[0]
        context.grant_permissions(["camera", "microphone"])
        page_log.watch(context)
        yield context


@pytest.fixture
def denying_context(browser: Browser, page_log: PageLog) -> Iterator[BrowserContext]:
    """A fresh profile whose user denies camera and microphone."""
    with browser_context(browser, permission="denied", log=page_log) as context:
        yield context


@pytest.fixture
def open_notebook(request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """``open_notebook(cells, *, server=lab, context=context, kernel="python3")``: a new notebook, opened.

    It is closed, and its kernel ended, after the test. What is not given comes from the fixtures `lab` and `context`.
    """
    opened: list[NotebookPage] = []

    def open_notebook(
        cells: Sequence[str] = (),
        *,
        server: JupyterServer | None = None,
        context: BrowserContext | None = None,
        kernel: str = "python3",
    ) -> NotebookPage:
        server = server or request.getfixturevalue("lab")
        context = context or request.getfixturevalue("context")
        page = ClassicPage if server.kind == "classic" else NotebookPage
        notebook = page(context, server, server.write_notebook(cells, kernel=kernel))
        opened.append(notebook)
        return notebook

    yield open_notebook
    for notebook in opened:
        notebook.shut_down()


@pytest.fixture
def open_voila(request: pytest.FixtureRequest) -> Callable[..., VoilaPage]:
    """``open_voila(cells, *, server=voila, context=context)``: a notebook rendered by Voila."""

    def open_voila(
        cells: Sequence[str], *, server: JupyterServer | None = None, context: BrowserContext | None = None
    ) -> VoilaPage:
        server = server or request.getfixturevalue("voila")
        return VoilaPage(context or request.getfixturevalue("context"), server, server.write_notebook(cells))

    return open_voila
