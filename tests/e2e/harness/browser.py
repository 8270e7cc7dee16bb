"""A real Chromium whose camera plays a film, and a record of what its pages complained about."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright, WebError

Permission = Literal["granted", "denied"]

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # Named, so that the JavaScript heap can be read after a forced collection.
    "--js-flags=--expose-gc",
    "--enable-precise-memory-info",
)
# Playwright's defaults that would spare a hidden page what every user's hidden page suffers.
PLAYWRIGHT_DEFAULTS_LEFT_OUT = (
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)


@dataclass(frozen=True)
class Camera:
    """What the browser has for a camera and microphone.

    Attributes
    ----------
    film : Path, optional
        A ``.y4m`` or ``.mjpeg`` that the one camera plays, in a loop; None gives Chromium's own test pictures.
    sound : Path, optional
        A ``.wav`` that the microphone plays.
    count : int
        How many cameras, where `film` is None.
    fps : int
        Their rate, where `film` is None.
    """

    film: Path | None = None
    sound: Path | None = None
    count: int = 1
    fps: int = 30

    def arguments(self) -> list[str]:
        if self.film is None:
            arguments = [f"--use-fake-device-for-media-stream=device-count={self.count},fps={self.fps}"]
        else:
            arguments = [
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={self.film}",
            ]
        if self.sound is not None:
            arguments.append(f"--use-file-for-fake-audio-capture={self.sound}")
        return arguments


@dataclass
class PageLog:
    """What the pages of a context said: console messages and uncaught errors, in order."""

    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)

    def ours(self) -> list[str]:
        """Give the uncaught errors that name ipymedia, or come from a module of anywidget's (a blob)."""
        return [error for error in self.errors if "ipymedia" in error or "blob:" in error]

    def forget_errors(self) -> list[str]:
        """Give the errors so far and clear them: for a test that provokes one."""
        errors, self.errors = self.errors, []
        return errors

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def _on_error(self, error: WebError) -> None:
        cause = error.error
        self.errors.append(f"{cause}\n{cause.stack or ''}" if isinstance(cause, Error) else str(cause))


def chromium_path() -> str:
    """Find the system's Chromium; raises `RuntimeError` that says what to install."""
    for name in _CHROMIUM_NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise RuntimeError(
        f"No Chromium on the PATH (looked for {', '.join(_CHROMIUM_NAMES)}): apt-get install chromium"
    )


def chromium_arguments(camera: Camera | None, extra: Sequence[str] = ()) -> list[str]:
    """Give the command line that every Chromium of the tests gets."""
    return [*_ARGUMENTS, *(camera.arguments() if camera else ()), *extra]


@contextmanager
def chromium(
    playwright: Playwright, *, camera: Camera | None, extra_args: Sequence[str] = (), headless: bool = True
) -> Iterator[Browser]:
    """Launch Chromium; close it at exit.

    Playwright keeps every page "visible" to itself. For a page that is truly hidden see `visibility.py`.

    Parameters
    ----------
    camera : Camera or None
        None is a machine without camera and microphone: `getUserMedia` fails with ``NotFoundError``.
    """
    browser = playwright.chromium.launch(
        executable_path=chromium_path(),
        headless=headless,
        args=chromium_arguments(camera, extra_args),
        ignore_default_args=list(PLAYWRIGHT_DEFAULTS_LEFT_OUT),
    )
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def browser_context(
    browser: Browser,
    *,
    permission: Permission = "granted",
    size: tuple[int, int] = (1280, 900),
    log: PageLog | None = None,
) -> Iterator[BrowserContext]:
    """Open a fresh profile (own cookies, storage and permissions); close it and its pages at exit.

    Parameters
    ----------
    permission : {"granted", "denied"}
        The user's answer to the prompt for camera and microphone: "denied" gives ``NotAllowedError``.
    log : PageLog, optional
        Gets what the pages say.
    """
    permissions = (
        ["camera", "microphone", "clipboard-read", "clipboard-write"] if permission == "granted" else []
    )
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, permissions=permissions, accept_downloads=True
    )
    (log or PageLog()).watch(context)
    context.on("page", _leave_without_asking)
    try:
        yield context
    finally:
        context.close()


def collect_garbage(page: Page) -> int:
    """Force a collection in the page; give its JavaScript heap in bytes afterwards."""
    session = page.context.new_cdp_session(page)
    try:
        session.send("HeapProfiler.collectGarbage")
        return int(session.send("Runtime.getHeapUsage")["usedSize"])
    finally:
        session.detach()


def _leave_without_asking(page: Page) -> None:
    # A notebook with unsaved changes asks before it is left, and an unanswered question blocks the page.
    page.on("dialog", lambda dialog: dialog.accept())
