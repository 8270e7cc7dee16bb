"""The main things (camera, map, snapshot) in other hosts: no proxy, an old kernel, Notebook 7, Voila."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Playwright

from tests.e2e.harness import (
    Camera,
    JupyterServer,
    NotebookPage,
    PageLog,
    browser_context,
    chromium,
    jupyter_server,
    shows,
)

CAMERA = "from ipymedia import CameraStream\ncamera = CameraStream()\ncamera"
MAP = "negative = camera.map(lambda image: 255 - image)\nnegative"
SNAPSHOT = "print(camera.snapshot().shape)"
FRAME = "print(next(iter(negative.frames())).shape)"
FULL_SIZE = "(356, 640, 3)\n"


def picture(output: Locator) -> Locator:
    return output.locator(".ipymedia-picture")


def check_main(notebook: NotebookPage, *, carrier: str) -> None:
    """Run camera and map; pictures go there and back, and come into running cells."""
    notebook.run_cell(0)
    notebook.run_cell(1)
    for cell in (0, 1):
        assert shows(picture(notebook.output(cell))) == (640, 356)
    notebook.wait_for(f"negative.stats.carrier == {carrier!r} and negative.stats.fps > 0")
    assert notebook.run(SNAPSHOT) == FULL_SIZE
    assert notebook.run(FRAME) == FULL_SIZE
    assert notebook.evaluate("camera.error is None and negative.error is None")


def test_without_the_proxy_on_this_machine(lab_without_proxy: JupyterServer, open_notebook) -> None:
    check_main(open_notebook([CAMERA, MAP], server=lab_without_proxy), carrier="socket")


def test_without_the_proxy_on_another_machine(
    playwright: Playwright,
    camera: Camera,
    lab_without_proxy: JupyterServer,
    page_log: PageLog,
    open_notebook,
) -> None:
    server = lab_without_proxy.known_as("lab.example")
    arguments = [
        "--host-resolver-rules=MAP lab.example 127.0.0.1",
        # As if it were served by https, which is what lets such a page use the camera.
        f"--unsafely-treat-insecure-origin-as-secure=http://lab.example:{server.port}",
    ]
    with (
        chromium(playwright, camera=camera, extra_args=arguments) as browser,
        browser_context(browser, log=page_log) as context,
    ):
        notebook = open_notebook([CAMERA, MAP], server=server, context=context)
        assert notebook.page.evaluate("isSecureContext")
        check_main(notebook, carrier="comm")


@pytest.fixture(scope="module")
def lab_with_old_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab with a kernel `old`: ipykernel 6, which handles no message while a cell runs."""
    python = os.environ.get("IPYMEDIA_KERNEL6_PYTHON")
    if not python:
        pytest.skip("IPYMEDIA_KERNEL6_PYTHON names no interpreter with ipykernel 6; `make test` makes one")
    with jupyter_server(tmp_path_factory.mktemp("old_kernel"), kernels={"old": python}) as server:
        yield server


TRY_SNAPSHOT = """
import time
from ipymedia import CameraStream, HostError
camera = CameraStream()
began = time.monotonic()
try:
    camera.snapshot()
except HostError as error:
    print(error.reason.value, time.monotonic() - began < 1, "in a later one" in str(error))
"""


def test_an_old_kernel(lab_with_old_kernel: JupyterServer, open_notebook) -> None:
    notebook = open_notebook([CAMERA, MAP], server=lab_with_old_kernel, kernel="old")
    # Nothing could ever arrive in the first cell: an error at once, not a time-out.
    assert notebook.run(TRY_SNAPSHOT) == "blocked_while_running True True\n"
    check_main(notebook, carrier="socket")
    notebook.run("import ipymedia.link.socket as socket; socket.IDLE_SOCKET_TIMEOUT_S = 1.0")
    for cell in (0, 1):
        notebook.clear_output(cell)
    notebook.wait_for(
        "[p.carrier for p in __import__('ipymedia.frames.hub').frames.hub.get_hub().link.pages] == ['comm']",
        timeout_s=60,
    )
    # The socket was idle and is closed: the kernel offers it again from within the running cell.
    assert notebook.run(SNAPSHOT) == FULL_SIZE


def test_notebook_7(notebook7: JupyterServer, open_notebook) -> None:
    notebook = open_notebook([CAMERA, MAP], server=notebook7)
    check_main(notebook, carrier="socket")
    notebook.reload()
    for cell in (0, 1):
        shows(picture(notebook.output(cell)))


def test_voila(open_voila) -> None:
    page = open_voila([CAMERA, MAP])
    for cell in (0, 1):
        assert shows(picture(page.output(cell))) == (640, 356)


def test_voila_beside_the_proxy(lab: JupyterServer, open_voila) -> None:
    page = open_voila([CAMERA, MAP], server=lab)
    for cell in (0, 1):
        assert shows(picture(page.output(cell))) == (640, 356)
