"""What the end-to-end tests and the benchmarks use: real servers, a real browser, notebooks, latency from pixels.

Fixtures are in ``tests/e2e/conftest.py``.
"""

from tests.e2e.harness.browser import Camera, PageLog, browser_context, chromium, collect_garbage
from tests.e2e.harness.jupyter_server import WITHOUT_PROXY, JupyterServer, jupyter_server
from tests.e2e.harness.notebook import CellError, NotebookPage
from tests.e2e.harness.voila import VoilaPage

__all__ = [
    "WITHOUT_PROXY",
    "Camera",
    "CellError",
    "JupyterServer",
    "NotebookPage",
    "PageLog",
    "VoilaPage",
    "browser_context",
    "chromium",
    "collect_garbage",
    "jupyter_server",
]
