"""Recording for a minute, and stills: what is lost, what it costs, how long a picture takes."""

from __future__ import annotations

import base64
import io
import statistics
import time

import av

from benchmarks.rows import Row
from benchmarks.stage import Notebook, Setting, Stage
from tests.e2e.harness import read_counter

HD = Setting(1280, 720)
SNAPSHOTS = 40
SNAPSHOT = """import time
def takes():
    for _ in range({count}):
        began = time.perf_counter()
        image = camera.snapshot({options})
        yield 1000 * (time.perf_counter() - began)
camera.snapshot()
print(sorted(takes()))"""


def measure_recordings(stage: Stage) -> None:
    """A film of 1280×720 for a minute."""
    with stage.notebook(HD) as notebook:
        stage.row(f"{HD}: recording", lambda row: _record(stage, notebook, row))


def measure_snapshots(stage: Stage) -> None:
    """Stills in a running cell: as a PNG, and as a JPEG."""
    setting = Setting()
    with stage.notebook(setting) as notebook:
        notebook.show_camera()
        notebook.page.run("camera.snapshot()")
        for name, options in (("snapshot", ""), ("snapshot, JPEG", "lossless=False")):
            stage.row(f"{setting}: {name}", lambda row, options=options: _snapshots(notebook, row, options))


def _record(stage: Stage, notebook: Notebook, row: Row) -> None:
    seconds = stage.durations.minute_s
    meter = notebook.show_camera()
    notebook.page.run(
        "from ipymedia import VideoRecorder\nrecorder = VideoRecorder(stream=camera)\nrecorder.recording = True"
    )
    notebook.page.wait_for("recorder.state == 'recording' and recorder.seconds > 1")
    memory = []
    began_s = time.monotonic()
    while time.monotonic() - began_s < seconds:
        notebook.pass_time(1)
        memory.append(notebook.kernel.memory_info().rss)
    took_s = notebook.page.run(
        "began = time.monotonic()\nrecorder.recording = False\nrecorder.wait(timeout=60)\n"
        "print(time.monotonic() - began)"
    )
    meter.stop()
    data = base64.b64decode(
        notebook.page.evaluate("__import__('base64').b64encode(recorder.video.value).decode()")
    )
    third = max(1, len(memory) // 3)
    row.figures.update(
        _frames(data),
        stop_to_file_s=round(float(took_s), 2),
        kernel_rss_ratio=round(statistics.median(memory[-third:]) / statistics.median(memory[:third]), 3),
        megabytes=round(len(data) / 1e6, 1),
    )


def _frames(data: bytes) -> dict[str, float | int]:
    """How many of the camera's frames are in a film, by the counter that is painted on them."""
    counters, times = [], []
    with av.open(io.BytesIO(data)) as file:
        for frame in file.decode(video=0):
            times.append(float(frame.time or 0))
            counter = read_counter(frame.to_ndarray(format="gray"))
            if counter is not None:
                counters.append(counter)
    there = set(counters)
    # Counters are of 16 bits: a minute does not go round more than once.
    first = counters[0]
    passed = [(counter - first) % 65536 for counter in counters]
    expected = max(passed) + 1
    return {
        "fps": round((len(times) - 1) / (times[-1] - times[0]), 2),
        "seconds": round(times[-1], 1),
        "frames": len(times),
        "unread": len(times) - len(counters),
        "lost_percent": round(100 * (expected - len(there)) / expected, 2),
    }


def _snapshots(notebook: Notebook, row: Row, options: str) -> None:
    source = SNAPSHOT.format(count=SNAPSHOTS, options=options)
    taken = [float(each) for each in notebook.page.run(source, timeout_s=60).strip(" []\n").split(",")]
    row.figures.update(
        median_ms=round(statistics.median(taken), 1), p95_ms=round(taken[round(0.95 * len(taken)) - 1], 1)
    )
