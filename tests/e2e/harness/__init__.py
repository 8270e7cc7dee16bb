"""What the end-to-end tests and the benchmarks use: real servers, a real browser, latency from pixels.

Fixtures (``tests/e2e/conftest.py``)
    Session: ``lab``, ``lab_without_proxy``, ``notebook7``, ``voila`` (`JupyterServer`); ``browser`` (the film as
    camera), ``browser_with_two_cameras``, ``browser_without_camera``; ``film``, ``camera``, ``pictures``.
    Test: ``context``, ``denying_context``, ``barcode_context``, ``tab_context`` (profiles), ``page_log``,
    ``open_notebook(cells, *, server=lab, context=context, kernel="python3") -> NotebookPage``,
    ``open_voila(cells, *, server=voila, context=context) -> VoilaPage``.
    A test whose page has an uncaught error of ours fails, unless it took it by ``page_log.forget_errors()``.

Servers
    ``jupyter_server(directory, *, kind="lab", python=sys.executable, kernels={name: interpreter}, extra_args=(),
    env=None, base_url="/")``, a context manager; ``server.through(relay.port)`` is the server behind a relay.

Notebook
    ``run_cell(i, wait=True, expect_error=False)``, ``wait_cell(i)``, ``run(source)``, ``start(source) -> i``,
    ``run_all()``, ``set_source``, ``add_cell``, ``outputs(i)``, ``output_text(i)``, ``output(i) -> Locator``,
    ``clear_output(i)``, ``screenshot(path, i)``;
    ``evaluate(expression, subshell=False)`` asks the kernel, by JSON,
    ``wait_for(expression)`` until it
    is true; ``interrupt``, ``restart``, ``wait_idle``; ``reload``, ``second(context)``, ``set_dark``, ``set_size``.

Capture
    ``watch_capture(context)`` before the page is opened; then ``Capture(page)``: ``requests``, ``live(kind="video")``,
    ``wait_dark()``; ``fail_capture(page, name)`` makes the device fail. ``shows(locator)`` waits until it moves.

Latency
    ``install_barcode_camera(context, pictures, width=640, height=480, fps=30, in_step=False)`` before the page is
    opened; then ``Meter(locator).measure(seconds) -> Latency`` (``fps``, ``median_ms``, ``p95_ms``, ``max_gap_ms``,
    ``series`` …), ``take()``, ``wait_for_new_frame()``; ``FirstFrame(page, selector).wait()``;
    ``floor_meter(open_blank_page(context), width=…, height=…, fps=…, bitrate_bps=…)`` is the floor.

Connection
    ``Relay(server.port, delay_ms=80, rate_bps=4e6)``: ``shape(...)``, ``cut("drop" | "stall", only="/proxy/")``,
    ``restore()``, ``carried_bytes``, ``websocket_paths``. ``count_carried(page)``: what a page takes.

Visibility
    Playwright keeps each page visible to itself; ``hide(page)`` in a ``tab_context`` hides one as a tab is hidden.
"""

from tests.e2e.harness.barcode import (
    FirstFrame,
    Latency,
    Meter,
    camera_preview,
    floor_meter,
    install_barcode_camera,
    open_blank_page,
    read_counter,
)
from tests.e2e.harness.browser import Camera, PageLog, browser_context, chromium, collect_garbage
from tests.e2e.harness.capture import Capture, fail_capture, shows, watch_capture
from tests.e2e.harness.carried import count_carried
from tests.e2e.harness.classic import ClassicPage
from tests.e2e.harness.jupyter_server import WITHOUT_PROXY, JupyterServer, jupyter_server
from tests.e2e.harness.notebook import CellError, NotebookPage
from tests.e2e.harness.relay import Relay
from tests.e2e.harness.visibility import chromium_with_true_visibility, hide
from tests.e2e.harness.voila import VoilaPage

__all__ = [
    "WITHOUT_PROXY",
    "Camera",
    "Capture",
    "CellError",
    "ClassicPage",
    "FirstFrame",
    "JupyterServer",
    "Latency",
    "Meter",
    "NotebookPage",
    "PageLog",
    "Relay",
    "VoilaPage",
    "browser_context",
    "camera_preview",
    "chromium",
    "chromium_with_true_visibility",
    "collect_garbage",
    "count_carried",
    "fail_capture",
    "floor_meter",
    "hide",
    "install_barcode_camera",
    "jupyter_server",
    "open_blank_page",
    "read_counter",
    "shows",
    "watch_capture",
]
