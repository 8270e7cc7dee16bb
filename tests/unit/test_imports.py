"""What `import ipymedia` costs: each notebook pays it, whether it uses the camera or not."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median

import pytest

RUNS = 5
#: The bar is 1.3 in `make bench`; a loaded machine's medians are less sure.
MOST = 1.4

_TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_heavy_modules_wait_until_they_are_needed() -> None:
    loaded = json.loads(run("import sys, json, ipymedia; print(json.dumps(sorted(sys.modules)))"))
    heavy = {
        "av",
        "tornado",
        "cv2",
        "PIL",
        "dask",
        "jupyter_server",
        "cloudpickle",
        "paho",
        "cryptography",
        "amqtt",
    }
    assert not heavy & set(loaded)


def test_the_public_classes_do_not_load_codecs() -> None:
    """`from ipymedia import CameraStream` stands in the first cell; PyAV's libraries come with the first frame."""
    loaded = json.loads(
        run(
            "import sys, json; from ipymedia import CameraStream, Box; print(json.dumps(sorted(sys.modules)))"
        )
    )
    assert "av" not in loaded


@pytest.mark.parametrize(
    ("package", "base"),
    [
        ("import ipymedia", "import anywidget, numpy"),
        # As in a notebook: ipykernel has loaded Tornado.
        (
            "from ipymedia import CameraStream",
            "import anywidget, numpy, tornado.websocket, tornado.httpserver",
        ),
    ],
)
def test_import_time_is_that_of_what_it_stands_on(package: str, base: str) -> None:
    ours, theirs = [], []
    for _ in range(RUNS):  # in turn, so that a load on the machine meets both
        theirs.append(float(run(_TIMED.format(base))))
        ours.append(float(run(_TIMED.format(package))))
    assert median(ours) <= MOST * median(theirs), f"{median(ours):.3f} s, against {median(theirs):.3f} s"
