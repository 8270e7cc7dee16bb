"""Where the benchmarks run: two Jupyter servers, one Chromium, and a notebook with a stream in it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, BrowserContext, Error, Locator, sync_playwright

from benchmarks.rows import Row, figures_of
from ipymedia.frames.pace import full_bitrate_bps
from tests.e2e.harness import (
    WITHOUT_PROXY,
    Camera,
    JupyterServer,
    Meter,
    NotebookPage,
    PageLog,
    browser_context,
    chromium,
    floor_meter,
    install_barcode_camera,
    jupyter_server,
    open_blank_page,
)
from tests.media import film_path, film_pictures

HOST_NAME = "lab.example"
"""What the page calls the server that has no proxy: on a loopback name it would dial the socket straight."""

READY_S = 20.0


@dataclass(frozen=True)
class Durations:
    """How long to look. The camera's phase repeats every 4 s: see the harness.

    Attributes
    ----------
    watch_s : float
        For a rate or a latency.
    minute_s : float
        For what must not grow over a minute.
    part_s : float
        The part at its beginning that is compared with the part at its end.
    repeats : int
        Of what happens once.
    """

    watch_s: float = 4.0
    minute_s: float = 24.0
    part_s: float = 8.0
    repeats: int = 3


QUICK = Durations()
FULL = Durations(watch_s=16.0, minute_s=60.0, part_s=8.0, repeats=7)


@dataclass(frozen=True)
class Setting:
    """A camera and a way to the kernel.

    Attributes
    ----------
    width, height, fps : int
        Of the camera.
    carrier : {"socket", "comm"}
        Which way the frames take: the server has a proxy, or has none and is on another host as the page sees it.
    in_step : bool
        Whether the camera keeps the display's step: right for rates at 60 fps, wrong for latencies.
    """

    width: int = 640
    height: int = 480
    fps: int = 30
    carrier: str = "socket"

    @property
    def in_step(self) -> bool:
        return self.fps >= 60

    @property
    def picture(self) -> str:
        return f"{self.width}×{self.height} @{self.fps}"

    def __str__(self) -> str:
        return f"{self.picture}, {self.carrier}"


class Notebook:
    """A notebook with a camera in it, and at most one function's stream in view.

    Attributes
    ----------
    page : NotebookPage
    kernel : psutil.Process
    log : PageLog
    """

    def __init__(self, page: NotebookPage, log: PageLog, setting: Setting) -> None:
        self.page = page
        self.log = log
        self.setting = setting
        self.kernel = psutil.Process(page.evaluate("__import__('os').getpid()"))
        self._shown: int | None = None
        size = f"'width': {setting.width}, 'height': {setting.height}, 'frameRate': {setting.fps}"
        page.run(
            "import time\nfrom ipymedia import CameraStream\n"
            f"camera = CameraStream(constraints={{'video': {{{size}}}, 'audio': False}})"
        )

    def show(self, source: str, selector: str, *, wait: bool = True) -> Meter:
        """Run a cell whose last line is a stream, in place of the one shown before; give its meter."""
        self.hide()
        self._shown = self.page.add_cell(source)
        self.page.run_cell(self._shown)
        meter = Meter(self.shown.locator(selector).first)
        if wait:
            meter.wait_for_new_frame(timeout_s=READY_S)
        return meter

    def show_camera(self) -> Meter:
        """Show the camera itself."""
        return self.show("camera", "video")

    def show_function(self, source: str, name: str) -> Meter:
        """Show what a function makes of the camera, once the frames take the way that they should."""
        meter = self.show(f"{source}\nstream = camera.map({name})\nstream", "canvas")
        self.wait_for_carrier(self.setting.carrier)
        return meter

    def wait_for_carrier(self, carrier: str, timeout_s: float = READY_S) -> float:
        """Wait until `stream.stats` names this carrier; give the seconds it took."""
        began_s = time.monotonic()
        while (used := self.page.evaluate("stream.stats.carrier")) != carrier:
            if time.monotonic() - began_s > timeout_s:
                raise AssertionError(f"the frames were to go over the {carrier}, and go over {used!r}")
            self.page.page.wait_for_timeout(30)
        return time.monotonic() - began_s

    @property
    def shown(self) -> Locator:
        """The output that shows the stream."""
        assert self._shown is not None
        return self.page.output(self._shown)

    def hide(self) -> None:
        """Clear what is shown."""
        if self._shown is not None:
            self.page.clear_output(self._shown)
            self._shown = None

    def kernel_cpu_s(self) -> float:
        """Give the CPU time of the kernel's process so far."""
        times = self.kernel.cpu_times()
        return float(times.user + times.system)

    def pass_time(self, seconds: float) -> None:
        """Let the page run."""
        self.page.page.wait_for_timeout(1000 * seconds)


class Stage:
    """All that is opened once for a run."""

    def __init__(self, stack: ExitStack, durations: Durations, *, long: bool = False) -> None:
        self.long = long
        self.durations = durations
        self.rows: list[Row] = []
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        self._pictures = film_pictures(film_path(self.folder))
        self.server = stack.enter_context(jupyter_server(self.folder / "proxy"))
        bare = stack.enter_context(jupyter_server(self.folder / "no_proxy", extra_args=WITHOUT_PROXY))
        self.far_server = bare.known_as(HOST_NAME)
        self.playwright = stack.enter_context(sync_playwright())
        self.browser = stack.enter_context(
            chromium(
                self.playwright,
                camera=Camera(),
                extra_args=[
                    f"--host-resolver-rules=MAP {HOST_NAME} 127.0.0.1",
                    f"--unsafely-treat-insecure-origin-as-secure=http://{HOST_NAME}:{bare.port}",
                ],
            )
        )

    @contextmanager
    def in_browser(self, browser: Browser) -> Iterator[None]:
        """Open what is opened inside of this block in another browser."""
        usual, self.browser = self.browser, browser
        try:
            yield
        finally:
            self.browser = usual

    @contextmanager
    def context(self, setting: Setting, log: PageLog | None = None) -> Iterator[BrowserContext]:
        """Open a fresh profile with the bar-code camera."""
        with browser_context(self.browser, log=log) as context:
            install_barcode_camera(
                context,
                self._pictures,
                width=setting.width,
                height=setting.height,
                fps=setting.fps,
                in_step=setting.in_step,
            )
            yield context

    @contextmanager
    def notebook(
        self, setting: Setting, *, server: JupyterServer | None = None, init_script: str = ""
    ) -> Iterator[Notebook]:
        """Open a fresh notebook; end its kernel afterwards."""
        server = server or (self.server if setting.carrier == "socket" else self.far_server)
        log = PageLog()
        with self.context(setting, log) as context:
            if init_script:
                context.add_init_script(init_script)
            page = NotebookPage(context, server, server.write_notebook([]))
            try:
                yield Notebook(page, log, setting)
            finally:
                page.shut_down()

    def floor(self, setting: Setting) -> None:
        """Measure the way through the page alone: encode, decode, draw; no kernel."""

        def measure(row: Row) -> None:
            with self.context(setting) as context:
                bitrate = full_bitrate_bps(setting.width, setting.height, setting.fps)
                with floor_meter(
                    open_blank_page(context),
                    width=setting.width,
                    height=setting.height,
                    fps=setting.fps,
                    bitrate_bps=bitrate,
                ) as meter:
                    row.figures.update(figures_of(meter.measure(self.durations.watch_s)))

        self.row(f"{setting}: floor", measure)

    def row(self, name: str, measure: Callable[[Row], None]) -> Row:
        """Measure one row; what fails stands in it, and the others go on."""
        row = Row(name)
        self.rows.append(row)
        try:
            measure(row)
        except (Error, AssertionError, OSError, RuntimeError, psutil.Error) as error:
            row.error = f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]
        figures = " ".join(f"{key}={value}" for key, value in row.figures.items())
        print(f"  {name}: {row.error or figures}", flush=True)
        return row
